"""What a role may do. Who sees which row is in `coordination.models.visibility`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from coordination.models import HOSPITAL_ROLES, REFERENT_ROLES, TOWN_CARE_ROLES, Delegation, Professional, Role, User

DEPOSITORS = HOSPITAL_ROLES
VISITORS = frozenset({Role.MIDWIFE, Role.PMI, Role.HAD})
READERS = HOSPITAL_ROLES | TOWN_CARE_ROLES
CONSULTERS = READERS - {Role.SECRETARY}  # professionals of the RPPS: the DMP opens to them in person
CORRESPONDENTS = HOSPITAL_ROLES | {Role.MIDWIFE}  # who writes to a mother in Mon espace santé
PLACERS = frozenset({Role.COORDINATOR})
REFERENTS = REFERENT_ROLES
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


class AccessDeniedError(Exception):
    """This person may not do this; `message_fr` says why and who can."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def active_delegation(
    professional: Professional, *, organisation_id: UUID, type_code: str, on: date
) -> Delegation | None:
    """The delegation under which a secretary of this site may send this type of paper that day."""
    candidates = Delegation.objects.filter(
        Q(revoked_at__isnull=True),
        professional=professional,
        organisation_id=organisation_id,
        starts_on__lte=on,
        ends_on__gte=on,
    )
    return next((d for d in candidates if not d.type_codes or type_code in d.type_codes), None)


def may_validate(user: User, legal_authenticator: Professional) -> bool:
    """Only the professional whose name stands under the paper validates it herself."""
    return user.is_active and user.professional_id == legal_authenticator.pk
