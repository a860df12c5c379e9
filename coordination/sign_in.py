"""Failed sign-ins, counted by django-axes: what closes the door, and to whom. Named in the settings by dotted path."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest

PAIR = ["username", "ip_address"]
IPV6_HOME = 64  # bits: what one subscriber receives, hence may draw addresses from
_WITH_PORT = re.compile(r"\[(?P<bracketed>[^\]]*)\](?::\d+)?|(?P<ipv4>[^:]*):\d+")  # as some proxies write it


def address_of(request: HttpRequest) -> str | None:
    """Whose failures these are: the address before our own proxies, the network of an IPv6 one; None when unknown.

    Only what our proxies wrote is believed: they add to the right of X-Forwarded-For.
    """
    heard = [request.META.get("REMOTE_ADDR", "")]
    if settings.PROXIES_IN_FRONT:
        heard = request.headers.get("X-Forwarded-For", "").split(",")[-settings.PROXIES_IN_FRONT :][:1] + heard
    for text in heard:
        try:
            found = _address(text.strip())
        except ValueError:
            continue
        return str(ip_network((found, IPV6_HOME), strict=False)[0]) if isinstance(found, IPv6Address) else str(found)
    return None


def _address(text: str) -> IPv4Address | IPv6Address:
    """Without its port; an IPv4 address written as an IPv6 one (RFC 4291 §2.5.5.2) is itself. Raises ValueError."""
    port = _WITH_PORT.fullmatch(text)
    found = ip_address((port["bracketed"] or port["ipv4"]) if port else text)
    return getattr(found, "ipv4_mapped", None) or found


def lockout_parameters(request: HttpRequest, credentials: dict[str, Any] | None = None) -> list[Any]:
    """An account from an address; the address alone too, once its failures over all accounts are too many.

    AXES_FAILURE_LIMIT is one number for all parameters: a shared address needs a larger one.
    """
    address = getattr(request, "axes_ip_address", None)
    if address is None:
        return [PAIR]
    recent = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=get_cool_off_threshold(request))
    failures = recent.aggregate(all=Sum("failures_since_start"))["all"] or 0
    return [PAIR, "ip_address"] if failures >= settings.SIGN_IN_FAILURES_PER_ADDRESS else [PAIR]
