"""What a file of the official code lists gives, whatever its form: the errors and the days they share.

Names: ANS writes the same list JDV_J07_XdsTypeCode_CISIS, JDV_J07-XdsTypeCode-CISIS or with « .tabs »;
perinat drops the suffix _CISIS.
"""

from __future__ import annotations

import re
from datetime import date

from perinat.standards.value_set_files import StoredConcept

MAX_BYTES = 32 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?")


class OfficialFileError(ValueError):
    """The file cannot be taken as it is; `message_fr` says why."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def plain_name(official: str) -> str:
    return official.removesuffix(".tabs").replace("-", "_").removesuffix("_CISIS")


def list_name(official: str) -> str:
    """The plain name of a list, which becomes a file name: letters, digits and _ only."""
    name = plain_name(official)
    if not _NAME.fullmatch(name):
        raise OfficialFileError("le nom de la liste manque ou n'en est pas un.")
    return name


def day(text: str) -> date | None:
    """The day that « 20240910000000 » or « 2024-09-10T00:00:00+01:00 » names, as written; None when empty."""
    compact = _COMPACT.fullmatch(text)
    try:
        if compact:
            return date(*(int(part) for part in compact.groups()))
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise OfficialFileError(f"la date « {text[:30]} » n'en est pas une.") from error


def checked(concepts: list[StoredConcept]) -> tuple[StoredConcept, ...]:
    """Refuse a list without a code (everything would leave) and a code that stands twice in one system."""
    if not concepts:
        raise OfficialFileError("la liste ne contient aucun code.")
    seen: set[tuple[str, str]] = set()
    for concept in concepts:
        key = (concept.code.code, concept.code.system)
        if not all(key) or not concept.code.label:
            raise OfficialFileError(f"le code « {key[0][:40]} » n'a pas son système ou son libellé.")
        if key in seen:
            raise OfficialFileError(f"le code {key[0][:40]} y est deux fois.")
        seen.add(key)
    return tuple(concepts)
