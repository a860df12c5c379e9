"""What the linter has to say of a mail."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach. `clause`: requirement it breaks. `message_fr` names no person and no identifier."""

    rule: str
    clause: str
    message_fr: str
    severity: str = "error"  # error: refused in strict mode; warning: kept and shown

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    def smtp_text(self) -> str:
        """ASCII, for a reply line: `sandbox:<rule> <clause> <message>`."""
        folded = unicodedata.normalize("NFKD", self.message_fr.replace("’", "'").replace("œ", "oe"))
        text = folded.encode("ascii", "ignore").decode()
        return f"sandbox:{self.rule} [{self.clause}] {' '.join(text.split())}"[:480]


def warning(rule: str, clause: str, message_fr: str) -> Finding:
    return Finding(rule, clause, message_fr, "warning")
