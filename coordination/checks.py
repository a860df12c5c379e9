"""System checks of the core: what must be true before the product starts."""

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string


@register()
def blob_keys(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without key files the papers could not be read; production never invents a key."""
    folder = Path(settings.BLOB_KEYS_DIR)
    if settings.SANDBOX or (folder.is_dir() and any(folder.glob("*.key"))):
        return []
    return [Error("BLOB_KEYS_DIR ne contient aucune clé.", id="perinat.E001")]


@register("channels")
def document_source(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """DOCUMENT_SOURCE names nothing (nobody consults), or a class that exists."""
    try:
        if settings.DOCUMENT_SOURCE:
            import_string(settings.DOCUMENT_SOURCE)
    except ImportError:
        return [Error("DOCUMENT_SOURCE ne désigne aucune classe.", id="perinat.E002")]
    return []


@register("channels")
def national_rules(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if settings.ANS_PACK and Path(settings.ANS_PACK).is_dir():
        return []
    return [
        Warning(
            "ANS_PACK n'est pas renseigné : seuls nos propres contrôles s'appliquent aux documents.",
            id="perinat.W001",
        )
    ]
