"""Who may open a page, and what a refused act shows.

    @page(Role.SECRETARY)      signed in, this role, else the French 403; never kept by the browser
                               with a temporary password: to the page where she chooses her own
    @act(Role.SECRETARY)       the same for a POST: a refusal of a service becomes a message, and back

Rows are fetched by the view through `.visible_to(request.user)`: another ward's row is a 404.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from coordination.access import AccessDeniedError
from coordination.auth import must_change_password
from coordination.blobs import BlobError
from coordination.models import Role, User
from coordination.selectors.matching import WrongPersonError
from coordination.selectors.patient_letters import LetterRefusedError
from coordination.services.administration import AdministrationRefusedError
from coordination.services.deposits import DepositRefusedError
from coordination.services.documents import DocumentRefusedError
from coordination.services.identities import IdentityRefusedError
from coordination.services.mail_filing import FilingRefusedError
from coordination.services.paper_codes import CodeRefusedError
from coordination.services.stays import StayRefusedError
from coordination.services.transitions import ForbiddenTransitionError, StaleStateError

View = Callable[..., HttpResponse]


class SignedRequest(HttpRequest):
    """What a guarded view receives: somebody is signed in."""

    user: User


PRESENCE_SECONDS = 60
LOST_ENTRY = "perdu"  # told to the login page: a form arrived after the end of the session
MEANWHILE = "Cette ligne a changé entre-temps : voici son état actuel. Rien n'a été fait deux fois."
LOST_FILE = (
    "Le fichier d'un papier est introuvable dans le stockage : rien n'a été fait. Prévenez l'administrateur, "
    "puis déposez ce papier à nouveau."
)
REFUSALS = (
    AccessDeniedError,
    BlobError,
    AdministrationRefusedError,
    CodeRefusedError,
    DepositRefusedError,
    DocumentRefusedError,
    FilingRefusedError,
    ForbiddenTransitionError,
    IdentityRefusedError,
    LetterRefusedError,
    StaleStateError,
    StayRefusedError,
    WrongPersonError,
)


def sentences(refusal: Exception) -> list[str]:
    """What a refusal of a service says on a screen, in French."""
    if isinstance(refusal, StayRefusedError):
        return refusal.problems
    if isinstance(refusal, BlobError):
        return [LOST_FILE]
    return [str(getattr(refusal, "message_fr", MEANWHILE))]


def page(*roles: Role, poll: bool = False, temporary: bool = False) -> Callable[[View], View]:
    """A page for these roles (any signed-in person when none is given).

    `poll`: asked by the page itself, not by a person: it does not keep the session open.
    `temporary`: opens to a temporary password too.
    """

    def guarded(view: View) -> View:
        @wraps(view)
        def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            if not temporary and must_change_password(request):
                return _lead(request, password_url(_where(request)))
            if roles and request.user.role not in roles:
                raise PermissionDenied
            if not poll:
                _stay_present(request)
            try:
                response = view(request, *args, **kwargs)
            except ValidationError as error:  # a posted id that is none: it names no row
                raise Http404 from error
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
            return response

        return open_page

    return guarded


def act(*roles: Role) -> Callable[[View], View]:
    """A POST for these roles. A service that refuses gives its sentence, and the person stays where she was."""

    def guarded(view: View) -> View:
        @wraps(view)
        def do(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except REFUSALS as refusal:
                for sentence in sentences(refusal):
                    messages.error(request, sentence)
                return back(request)

        return require_POST(page(*roles)(do))

    return guarded


def back(request: HttpRequest, default: str = "home") -> HttpResponseRedirect:
    """To the page named by `retour` (an address of this site), else to `default` (a URL name or a path)."""
    target = request.POST.get("retour", "") or request.GET.get("retour", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = resolve_url(default)
    return HttpResponseRedirect(target)


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the login page, then back where the person was; a form that was not kept says so there."""
    address = redirect_to_login(_where(request))["Location"]
    if request.method == "POST" and not _is_fragment(request):
        address += f"&{LOST_ENTRY}=1"
    return _lead(request, address)


def password_url(where: str) -> str:
    """The page where she chooses her own password, then goes on to `where`."""
    return f"{reverse('password')}?{urlencode({'retour': where})}"


def _is_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _where(request: HttpRequest) -> str:
    """The page where the person is: that of the fragment or of the form that is asked."""
    if _is_fragment(request):
        return _path_here(request, request.headers.get("HX-Current-URL", ""))
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return _path_here(request, request.headers.get("Referer", ""))


def _lead(request: HttpRequest, address: str) -> HttpResponse:
    """The whole page goes there, also when one of its fragments asks: no form is shown inside a page."""
    if not _is_fragment(request):
        return HttpResponseRedirect(address)
    reply = HttpResponse(status=204)
    reply["HX-Redirect"] = address
    return reply


def _path_here(request: HttpRequest, url: str) -> str:
    """Path and query of an address of this site; home for any other."""
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        return resolve_url("home")
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _stay_present(request: HttpRequest) -> None:
    """Idle time counts from the last act of a person: the session slides, at most once a minute.

    Saving it moves its end in the database (SESSION_COOKIE_AGE); the cookie itself dies with the browser.
    """
    now = int(timezone.now().timestamp())
    if now - int(request.session.get("present_at", 0)) >= PRESENCE_SECONDS:
        request.session["present_at"] = now
