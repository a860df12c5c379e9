"""System checks of INSi, tag « channels »: nothing is called."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

TAG = "channels"
CONNECTOR = "perinat.connectors.insi."


def register_all() -> None:
    """Called once, when the app is ready."""
    register(TAG)(check_connector)


def check_connector(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Nothing to say when INSi is not asked, or on sandboxes."""
    if not settings.IDENTITY_SERVICE.startswith(CONNECTOR) or getattr(settings, "SANDBOX", False):
        return []
    return [
        Error(
            "IDENTITY_SERVICE : ce connecteur INSi ne sait pas s'authentifier (certificat INSI-AUTO). "
            "Il ne parle qu'au bac à sable ; laissez IDENTITY_SERVICE vide sur une installation réelle.",
            id="insi.E001",
        )
    ]
