"""Where the PDF/A-1 checks write what they find."""

from __future__ import annotations

from coordination.papers.analysis import Notice
from coordination.papers.pdfa_rules import RULES


class Report:
    """The rules broken, each once, with the first page where it was seen (0: the whole file)."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {}

    def add(self, rule: str, page: int = 0) -> None:
        self._found.setdefault(rule, page)

    def add_if(self, broken: bool, rule: str, page: int = 0) -> None:
        if broken:
            self.add(rule, page)

    def findings(self) -> list[Notice]:
        """In the order of the standard."""
        return [Notice(rule, RULES[rule][1], self._found[rule]) for rule in RULES if rule in self._found]
