"""What a check of a CDA document answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Level(enum.StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that the document breaks.

    `step`: xml, xsd, ihe, terminologies, modeles, strucmin, ans, volet or own. `message_fr`: a
    sentence for a screen, holding no value of the document. `detail`: the rule's own text, which may
    quote the document: never logged. `where`: path of the element, or « line n » for the XSD.
    """

    step: str
    level: Level
    message_fr: str
    detail: str = ""
    where: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """Outcome for one document. `fired`: rules applied per step; `ms`: milliseconds per step.

    `kind`: N1, N3 or empty; `volet`: model declared by the document, e.g. OBP-SNM_2024.01; `notes`:
    what the rules themselves could not check. A document on which no rule fired is never valid.
    """

    valid: bool
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    fired: dict[str, int] = field(default_factory=dict)
    ms: dict[str, float] = field(default_factory=dict)
    kind: str = ""
    volet: str = ""
    schematron: str = ""
    notes: tuple[str, ...] = ()


class RulesError(Exception):
    """The rules could not be run: pack absent or damaged, cache folder not writable.

    The document was NOT checked. `message_fr` is fit for a screen; the text of the exception is for
    operators (file names of the pack, never content).
    """

    message_fr = "Les règles nationales n'ont pas pu être appliquées à ce document : il n'a pas été contrôlé."
