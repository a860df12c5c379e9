"""When « this mother is mine » opens nothing: the follow-up is over, or is somebody else's."""

from __future__ import annotations

from coordination.lifecycles import HandoverStatus
from coordination.models import AuditEntry, CareRole, CareTeamMember, Handover, Professional, User

ENDED = "care_team.ended"


class ClaimNotOpenError(Exception):
    """This mother is not to be claimed by this midwife; `message_fr` says whom to ask. `followed`: by another one."""

    def __init__(self, message_fr: str, *, followed: bool = False) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr
        self.followed = followed


def require_open_to(handover: Handover, professional: Professional) -> None:
    """Raises ClaimNotOpenError: the follow-up is over, hers was ended, or another midwife follows this mother."""
    if handover.status in (HandoverStatus.CLOSED, HandoverStatus.DECLINED_BY_MOTHER):
        raise ClaimNotOpenError("Ce suivi a pris fin. La maternité peut vous déclarer pour cette patiente.")
    lines = CareTeamMember.objects.filter(stay=handover.stay, role=CareRole.MIDWIFE)
    if lines.filter(ended_at__isnull=True).exclude(professional=professional).exists():
        raise ClaimNotOpenError("Une autre sage-femme suit déjà cette mère. Demandez à la maternité.", followed=True)
    hers = list(lines.filter(professional=professional).values_list("ended_at", flat=True))
    if hers and None not in hers and not _she_ended_it(handover, professional):
        raise ClaimNotOpenError(
            "Votre suivi de cette mère a pris fin. La maternité peut vous déclarer de nouveau pour elle."
        )


def _she_ended_it(handover: Handover, professional: Professional) -> bool:
    """Whether the last end of her access is her own act."""
    ends = AuditEntry.objects.filter(action=ENDED, subject="Stay", subject_id=str(handover.stay_id))
    last = ends.filter(data__professional=str(professional.pk)).order_by("-at").first()
    who = last.by_id if last else None
    return who is not None and User.objects.filter(pk=who, professional=professional).exists()
