"""What the shell of every page shows: who is signed in, what waits, whether a channel is a sandbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: cheap, no query for anonymous pages."""
    return {"sandbox": settings.SANDBOX}
