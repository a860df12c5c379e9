"""The one-time code of the sheet handed over: it opens these papers to one professional, for 72 hours (ADR 0022).

65 bits drawn at random, shown once, kept as an HMAC. Whoever signs in with her own account and types it first is the
only one it opens to. A wrong, old, revoked or used code is answered by one and the same sentence; tries are counted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import AuditEntry, DocumentVersion, PaperCode, PaperDelivery, Professional, ReadingVia, User
from coordination.services import fallback, paper_deliveries, readings
from coordination.services.claims import CODE_SYMBOLS
from perinat.standards.fallback import policy

LENGTH, GROUP = 13, 5  # 5 bits a symbol
FAILED = "paper_code.failed"
REFUSED = (
    "Ce code n'ouvre rien : il est inexact, périmé, déjà utilisé ou annulé. Vérifiez chaque caractère, ou demandez à "
    "la maternité une nouvelle feuille."
)
TOO_MANY = (
    "Trop d'essais sans résultat : la saisie d'un code est suspendue pour une heure. Appelez la maternité, elle peut "
    "vous remettre les papiers."
)
NO_CODE = "Ces papiers ne s'ouvrent pas avec un code : remettez-les vous-même à la professionnelle."
NOBODY = "Seul un professionnel inscrit au RPPS, avec son propre compte, peut ouvrir des papiers avec un code."


class CodeRefusedError(Exception):
    """The code opens nothing; `message_fr` never says whether it exists."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def may_have_one(paper: PaperDelivery) -> bool:
    """Not for a sensitive paper nor a prescription, and only while its recipient may receive what it carries."""
    living = paper.status in paper_deliveries.LIVING
    return living and fallback.allowed_for(paper.shipment).code and fallback.is_still_for(paper.shipment)


@transaction.atomic
def issue(paper: PaperDelivery, *, by: User) -> tuple[PaperCode, str]:
    """A new code, in clear for the sheet alone; the one before it opens nothing any more. Raises CodeRefusedError."""
    PaperDelivery.objects.select_for_update(no_key=True, of=("self",)).get(pk=paper.pk)
    if not may_have_one(paper):
        raise CodeRefusedError(NO_CODE)
    revoke(paper, by=by)
    now = timezone.now()
    drawn = "".join(secrets.choice(CODE_SYMBOLS) for _ in range(LENGTH))
    code = PaperCode.objects.create(
        paper=paper, digest=_digest(drawn), created_by=by, created_at=now, expires_at=now + policy().code_lives
    )
    audit.record("paper_code.issued", by=by, subject=code, paper=str(paper.pk))
    return code, "-".join(drawn[i : i + GROUP] for i in range(0, LENGTH, GROUP))


@transaction.atomic
def revoke(paper: PaperDelivery, *, by: User) -> int:
    """The code opens nothing any more, even to who has used it. Returns how many were living."""
    living = list(paper.codes.filter(revoked_at__isnull=True))
    for code in living:
        PaperCode.objects.filter(pk=code.pk).update(revoked_at=timezone.now())
        audit.record("paper_code.revoked", by=by, subject=code, paper=str(paper.pk))
    return len(living)


def redeem(typed: str, *, by: User) -> PaperCode:
    """The code, bound to who types it first. Raises CodeRefusedError; a failure is audited before."""
    if not by.is_town_carer or by.professional is None:
        raise CodeRefusedError(NOBODY)
    code = _bound(typed, by, by.professional)
    if code is None:
        raise CodeRefusedError(REFUSED)
    return code


@transaction.atomic
def _bound(typed: str, by: User, professional: Professional) -> PaperCode | None:
    User.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)  # tries are counted one by one
    since = timezone.now() - policy().tries_per
    if AuditEntry.objects.filter(by_id=by.pk, action=FAILED, at__gt=since).count() >= policy().most_tries:
        raise CodeRefusedError(TOO_MANY)
    code = _living(typed, professional)
    if code is None:
        audit.record(FAILED, by=by)
        return None
    if code.used_at is None:
        code.used_by, code.used_at = professional, timezone.now()
        code.save(update_fields=["used_by", "used_at"])
        audit.record("paper_code.used", by=by, subject=code, paper=str(code.paper_id))
    return code


def _living(typed: str, professional: Professional) -> PaperCode | None:
    """The code as it was typed, whatever its case, spaces and hyphens; O, I, L read as 0, 1, 1."""
    plain = "".join(typed.upper().replace("-", " ").split()).translate(str.maketrans("OIL", "011"))
    rows = PaperCode.objects.select_for_update(no_key=True, of=("self",)).select_related("paper__shipment")
    code = rows.filter(digest=_digest(plain), revoked_at__isnull=True, expires_at__gt=timezone.now()).first()
    if code is None or code.used_by_id not in (None, professional.pk) or not may_have_one(code.paper):
        return None
    return code


def _digest(plain: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"paper-code:" + plain.encode(), hashlib.sha256).hexdigest()


def papers_of(code: PaperCode) -> list[DocumentVersion]:
    """What the code opens now: nothing once the follow-up ended, a paper was taken back, masked or replaced."""
    if not may_have_one(code.paper):
        return []
    rows = code.paper.shipment.versions.select_related("document__person", "document__organisation", "readable")
    return list(rows.defer("frozen").order_by("document__created_at"))


@transaction.atomic
def open_version(code: PaperCode, version_id: UUID, *, by: User) -> bytes | None:
    """The readable bytes of one of its papers, recorded as a reading; None when it is none. Raises BlobError."""
    version = next((one for one in papers_of(code) if one.pk == version_id), None)
    if version is None:
        return None
    data = readings.open_version(version, by=by, via=ReadingVia.CODE)
    paper_deliveries.opened(code.paper, by=by)
    return data
