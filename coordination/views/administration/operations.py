"""What needs somebody, the channels with their stop switch, certificates, state of the service."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone

from coordination.models import Role
from coordination.selectors import administration as selectors
from coordination.selectors import administration_home, service_state
from coordination.selectors import certificates as pki
from coordination.services import administration
from coordination.views.administration.room import show
from coordination.views.guard import SignedRequest, act, back, page


@page(Role.ADMINISTRATOR)
def home(request: SignedRequest) -> HttpResponse:
    return show(request, "coordination/admin_home.html", {"home": administration_home.home(timezone.now())})


@page(Role.ADMINISTRATOR)
def channels(request: SignedRequest) -> HttpResponse:
    return show(request, "coordination/admin_channels.html", {"channels": selectors.channel_lines()})


@act(Role.ADMINISTRATOR)
def stop(request: SignedRequest, name: str) -> HttpResponse:
    administration.stop_channel(name, reason=request.POST.get("motif", ""), by=request.user)
    messages.success(request, "Canal arrêté. Les envois attendent, rien n’est perdu.")
    return back(request, "admin_channels")


@act(Role.ADMINISTRATOR)
def restart(request: SignedRequest, name: str) -> HttpResponse:
    administration.restart_channel(name, by=request.user)
    messages.success(request, "Canal remis en marche. Les envois en attente partent, du plus ancien au plus récent.")
    return back(request, "admin_channels")


@page(Role.ADMINISTRATOR)
def certificates(request: SignedRequest) -> HttpResponse:
    return show(request, "coordination/admin_certificates.html", {"certificates": pki.certificates(timezone.now())})


@page(Role.ADMINISTRATOR)
def state(request: SignedRequest) -> HttpResponse:
    return show(request, "coordination/admin_state.html", {"state": service_state.state(timezone.now())})
