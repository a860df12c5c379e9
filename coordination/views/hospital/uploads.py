"""The dropzone: 1 to 50 files, each bounded; a bad file gets its own sentence and the others stay."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from coordination.models import HOSPITAL_ROLES, Stay
from coordination.services import deposits
from coordination.views.guard import SignedRequest, act, back, page

DRAINED_AT_ONCE = 1024 * 1024


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}".replace(".", ",").removesuffix(",0")


# The size of the request is read before its body, and its token after: hence the order of the guards.
@csrf_exempt
@require_POST
@page(*HOSPITAL_ROLES)
def deposit(request: SignedRequest) -> HttpResponse:
    """Receive what was dropped; nothing of a request that is too large is kept."""
    most = settings.DEPOSIT_MAX_FILES * settings.DEPOSIT_MAX_BYTES
    if int(request.headers.get("Content-Length") or 0) > most:
        return _refuse(request, f"Le dépôt pèse plus de {_megabytes(most)} Mo. Déposez les papiers en plusieurs fois.")
    try:
        request.FILES  # noqa: B018  (parsing happens here)
    except TooManyFilesSent:
        _drain(request)
        return _refuse(
            request,
            f"Plus de {settings.DEPOSIT_MAX_FILES} fichiers à la fois : aucun n'a été gardé. "
            "Déposez-les en plusieurs fois.",
        )
    except MultiPartParserError:
        return _refuse(request, "Le dépôt a été interrompu : aucun fichier n'a été gardé. Déposez-les à nouveau.")
    return _receive(request)


def _refuse(request: SignedRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("discharge_list")


def _drain(request: SignedRequest) -> None:
    """Read what the browser is still sending: it shows our answer only once it has sent everything."""
    while request.read(DRAINED_AT_ONCE):
        pass


@csrf_protect
@act(*HOSPITAL_ROLES)
def _receive(request: SignedRequest) -> HttpResponse:
    stay_id = request.POST.get("sejour")
    stay = get_object_or_404(Stay.objects.visible_to(request.user), pk=stay_id) if stay_id else None
    files = request.FILES.getlist("papiers")
    if not files:
        messages.error(request, "Aucun fichier n'a été choisi. Choisissez un ou plusieurs PDF.")
    for file in files:
        sentence = refusal_of(file)
        if sentence:
            messages.error(request, sentence)
            continue
        deposits.receive([(file.name or "papier.pdf", file.read())], by=request.user, stay=stay)
    return back(request, "discharge_list")


def refusal_of(file: UploadedFile) -> str:
    """French sentence for a file that is not even received; the reading says the rest."""
    if not file.size:
        return f"« {file.name} » est vide : il n'a pas été gardé. Enregistrez-le à nouveau, puis déposez-le."
    if file.size > settings.DEPOSIT_MAX_BYTES:
        return (
            f"« {file.name} » pèse {_megabytes(file.size)} Mo ; la limite est de "
            f"{_megabytes(settings.DEPOSIT_MAX_BYTES)} Mo. Il n'a pas été gardé. Réduisez la résolution de la "
            "numérisation ou séparez les documents."
        )
    return ""
