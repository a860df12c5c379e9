"""Whose act a validation is: the professional whose name stands under the paper, or a secretary she delegates to."""

from __future__ import annotations

from django.utils import timezone

from coordination import access
from coordination.models import Delegation, Document, User


def require(document: Document, *, by: User, under: Delegation | None) -> None:
    """The professional whose name it bears, or who acts under her delegation. Raises AccessDeniedError."""
    allowed = access.may_validate(by, document.legal_authenticator) if under is None else _covers(under, document, by)
    if not allowed:
        raise access.AccessDeniedError(
            f"Ce document attend la validation de {document.legal_authenticator}, ou une délégation de sa part."
        )


def _covers(delegation: Delegation, document: Document, by: User) -> bool:
    """Whether this delegation lets this person send this paper today; one that was just revoked does not."""
    if not (by.is_active and by.is_hospital and by.organisation_id == document.organisation_id):
        return False
    today = timezone.localdate()
    current = Delegation.objects.filter(
        pk=delegation.pk,
        professional_id=document.legal_authenticator_id,
        organisation_id=document.organisation_id,
        starts_on__lte=today,
        ends_on__gte=today,
        revoked_at__isnull=True,
    ).first()
    return current is not None and (not current.type_codes or document.type_code in current.type_codes)
