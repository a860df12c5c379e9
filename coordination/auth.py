"""Whose account a verified national identity opens, and what a temporary password opens: one page.

The connectors find `user_of` through a dotted path in the settings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from coordination import audit
from coordination.models import User
from perinat.standards.identifiers import IdentifierError, Rpps

RPPS_PREFIX = "8"  # PS_IdNat: the type digit that stands before an RPPS number (CI-SIS, nomenclatures)
OPENED, REFUSED = "session.opened", "session.refused"
WAY = "psc"
SIGNED_IN_AT = "signed_in_at"


@receiver(user_logged_in, dispatch_uid="coordination.signed_in_at")
def _keep_the_instant(request: HttpRequest, **_: Any) -> None:
    request.session[SIGNED_IN_AT] = timezone.now().isoformat()


def strongly_signed_in_at(request: HttpRequest) -> datetime | None:
    """Since when this session is one of Pro Santé Connect; None for any other."""
    kept = request.session.get(SIGNED_IN_AT)
    strong = request.session.get(BACKEND_SESSION_KEY) in settings.BACKENDS_WITHOUT_PASSWORD
    return datetime.fromisoformat(kept) if strong and kept else None


def must_change_password(request: HttpRequest) -> bool:
    """Whether this session was opened by a password that somebody else knows (not one of Pro Santé Connect)."""
    user = request.user
    if not isinstance(user, User) or not user.password_is_temporary:
        return False
    return request.session.get(BACKEND_SESSION_KEY) not in settings.BACKENDS_WITHOUT_PASSWORD


def user_of(ps_idnat: str, *, profession: str) -> User | None:
    """The active account of the professional with this PS_IdNat (8 + RPPS) and this profession (TRE_G15: 50, 10…).

    None when there is none; nobody is ever created here. Either way the attempt is audited, with the identifier
    that was presented (référentiel IAM.90): it is public, in the Annuaire Santé.
    """
    user, reason = _find(ps_idnat, profession)
    if user is None:
        audit.record(REFUSED, by=None, way=WAY, reason=reason, ps_idnat=ps_idnat[:20], profession=profession[:10])
        return None
    audit.record(OPENED, by=user, subject=user, way=WAY)
    return user


def _find(ps_idnat: str, profession: str) -> tuple[User | None, str]:
    try:
        rpps = Rpps(ps_idnat.removeprefix(RPPS_PREFIX))
    except IdentifierError:
        return None, "not_rpps"
    if rpps.ps_idnat != ps_idnat:
        return None, "not_rpps"
    user = User.objects.select_related("professional").filter(professional__rpps=rpps.number).first()
    if user is None or user.professional is None:
        return None, "no_account"
    if not user.is_active:
        return None, "closed_account"
    if user.professional.profession_code != profession:
        return None, "other_profession"
    return user, ""
