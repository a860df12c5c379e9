"""« C'est ma patiente »: a midwife joins the mother who chose her, without browsing anybody else's.

Two ways in, both exact: birth name + birth date + maternity, or the code printed with the discharge
pack. One single match opens the record; nothing is ever listed. Ten wrong tries an hour close the door.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coordination import audit
from coordination.models import AuditEntry, CareTeamMember, Organisation, Professional, Role, Stay, User, WorkItemKind
from coordination.services import claim_rules, handovers, stays, worklist
from perinat.standards.identifiers import IdentifierError

FAILED = "claim.failed"
MOST_FAILURES, PER = 10, timedelta(hours=1)
RECENT = timedelta(weeks=12)  # a stay older than that has no home visit left
CODE_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U to misread
CODE_LENGTH = 10  # 50 bits

NOT_FOUND = (
    "Aucun séjour ne correspond exactement à ces informations. Vérifiez-les, ou saisissez le code imprimé sur le "
    "dossier de sortie. La maternité peut aussi vous déclarer pour cette patiente."
)
TOO_MANY = (
    "Dix essais sans résultat en une heure : la recherche est suspendue pour protéger les patientes. "
    "Appelez la maternité, elle peut vous déclarer pour cette patiente."
)


class ClaimRefusedError(Exception):
    """The claim opens nothing; `message_fr` says what to do. It never says who exists."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class Clue:
    """What she knows: `code` alone, or the three others together."""

    family_name: str = ""
    birth_date: date | None = None
    maternity: Organisation | None = None
    code: str = ""


def stay_code(stay_id: UUID) -> str:
    """The code printed with the pack: « K7QF2-M9T4C », drawn from the stay's id and the site's secret."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"stay-code:" + stay_id.bytes, hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    symbols = "".join(CODE_SYMBOLS[(number >> (5 * i)) & 31] for i in range(CODE_LENGTH))
    return f"{symbols[:5]}-{symbols[5:]}"


def claim(clue: Clue, *, by: User) -> Stay:
    """Open the record of the one stay that `clue` names. Raises ClaimRefusedError; a failure is audited."""
    if by.role != Role.MIDWIFE or by.professional is None:
        raise ClaimRefusedError("Seule une sage-femme inscrite au RPPS peut déclarer un suivi.")
    stay = _only_match(clue, by)  # the audit of a failure is committed before the refusal
    if stay is None:
        raise ClaimRefusedError(NOT_FOUND)
    following = CareTeamMember.objects.filter(stay=stay, professional=by.professional, ended_at__isnull=True)
    if not following.exists():
        _claim(stay, by.professional, by)
    return stay


def _claim(stay: Stay, professional: Professional, by: User) -> None:
    try:
        handovers.claim(stay, professional=professional, by=by)
    except claim_rules.ClaimNotOpenError as error:
        audit.record("claim.refused", by=by, subject=stay, followed=error.followed)
        if error.followed:
            _tell_the_ward(stay, professional)
        raise ClaimRefusedError(error.message_fr) from error


def _tell_the_ward(stay: Stay, professional: Professional) -> None:
    """Two midwives for one mother: the ward asks her, and corrects her care team if need be."""
    worklist.open_item(
        WorkItemKind.MIDWIFE_TO_CONFIRM,
        key=f"{stay.pk}:{professional.pk}",
        organisation=stay.maternity,
        stay=stay,
        message=f"{professional} déclare suivre cette mère, qui a déjà une sage-femme. "
        "Demandez à la mère, puis corrigez la sage-femme déclarée si elle en a changé.",
    )


@transaction.atomic
def _only_match(clue: Clue, by: User) -> Stay | None:
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)  # tries are counted one by one
    if _failures(by) >= MOST_FAILURES:
        raise ClaimRefusedError(TOO_MANY)
    found = _matches(clue)
    if len(found) == 1:
        return found[0]
    audit.record(FAILED, by=by, way="code" if clue.code else "traits")
    return None


def _failures(by: User) -> int:
    return AuditEntry.objects.filter(by_id=by.pk, action=FAILED, at__gt=timezone.now() - PER).count()


def _matches(clue: Clue) -> list[Stay]:
    recent = Stay.objects.filter(admitted_at__gte=timezone.now() - RECENT)
    if clue.code:
        return _by_code(recent, clue.code)
    if not clue.family_name or clue.birth_date is None or clue.maternity is None:
        return []
    same_day = recent.filter(maternity=clue.maternity, mother__birth_date=clue.birth_date).select_related("mother")
    return [stay for stay in same_day if _flat(stay.mother.birth_family_name) == _flat(clue.family_name)]


def _by_code(recent: QuerySet[Stay], typed: str) -> list[Stay]:
    """The stay whose code was typed, whatever its case, spaces and hyphens; O, I, L read as 0, 1, 1."""
    wanted = "".join(typed.upper().replace("-", " ").split()).translate(str.maketrans("OIL", "011")).encode()
    keys = recent.values_list("pk", flat=True)
    found = [pk for pk in keys if hmac.compare_digest(stay_code(pk).replace("-", "").encode(), wanted)]
    return list(Stay.objects.filter(pk__in=found))


def _flat(name: str) -> str:
    """Upper case without accent, hyphen and apostrophe as spaces (EXI ID 10); empty when it is no name."""
    try:
        plain = stays.normalise_name(name)
    except IdentifierError:
        return ""
    return " ".join(plain.replace("-", " ").replace("'", " ").split())
