"""What the check of one letter says: a state for each criterion, and where it was seen. No word of the letter."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coordination.papers.letter_check.criteria import DESCRIPTIONS, TABLE, Criterion


class State(enum.StrEnum):
    """UNKNOWN: perinat cannot tell; a person has to look."""

    MET = "MET"
    MISSING = "MISSING"
    UNKNOWN = "UNKNOWN"


class Why(enum.StrEnum):
    """What makes a criterion missing or impossible to tell, when there is more to say."""

    NOTHING = ""
    SCAN = "SCAN"
    PART_SCAN = "PART_SCAN"
    EMPTY = "EMPTY"
    BOXES = "BOXES"
    COLUMNS = "COLUMNS"
    NOT_YET = "NOT_YET"
    OTHER_DAY = "OTHER_DAY"
    NO_MODE = "NO_MODE"
    NO_DOSE = "NO_DOSE"
    NO_WHEN = "NO_WHEN"
    ELSEWHERE = "ELSEWHERE"
    NO_PLACE = "NO_PLACE"
    NO_SECTION = "NO_SECTION"
    NO_DOCTOR = "NO_DOCTOR"


WORDS = {
    Why.NOTHING: "Rien n'a été trouvé dans la lettre.",
    Why.SCAN: "La lettre est une image sans texte : ce critère ne peut pas être dit. À vérifier à la lecture.",
    Why.PART_SCAN: "Une page est une image sans texte : ce critère ne peut pas être dit. À vérifier à la lecture.",
    Why.EMPTY: "L'intitulé est là, sans réponse lisible à côté.",
    Why.BOXES: "Les cases oui et non sont là : laquelle est cochée ne peut pas être dit.",
    Why.COLUMNS: "La réponse ne peut pas être reliée à son intitulé : tableau ou colonnes.",
    Why.NOT_YET: "La lettre dit que cela reste à faire.",
    Why.OTHER_DAY: "La date de la lettre n'est pas celle de la sortie.",
    Why.NO_MODE: "Les dates, ou d'où elle vient et où elle va, ne sont pas toutes dites.",
    Why.NO_DOSE: "Les traitements sont là, sans dose ou sans durée.",
    Why.NO_WHEN: "Le suivi est là, sans date ni professionnel.",
    Why.ELSEWHERE: "La lettre renvoie à un autre papier (ordonnance).",
    Why.NO_PLACE: "Le modèle national n'a pas de place pour elle : l'écrire dans la synthèse médicale.",
    Why.NO_SECTION: "La rubrique est absente : « aucun » ou oublié, cela ne peut pas être dit.",
    Why.NO_DOCTOR: "Aucun médecin traitant n'est déclaré pour ce séjour.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion. Where: `page` of a PDF (from 1, 0 when nowhere) or `section` of a structured letter."""

    criterion: Criterion
    state: State
    why: Why = Why.NOTHING
    page: int = 0
    section: str = ""

    @property
    def sentence(self) -> str:
        return "" if self.state == State.MET else WORDS[self.why]


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in the order of the table: the three weak criteria first."""

    findings: tuple[Finding, ...]
    table: str = TABLE

    @property
    def met(self) -> int:
        return sum(one.state == State.MET for one in self.findings)

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """What is missing, then what cannot be told."""
        return self._all(State.MISSING) + self._all(State.UNKNOWN)

    def _all(self, state: State) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.state == state)

    @property
    def summary(self) -> str:
        """« 9 critères sur 15 ; manquent : remise à la patiente, traitements de sortie »."""
        unknown = self._all(State.UNKNOWN)
        if len(unknown) == len(self.findings):
            return "lettre sans texte lisible : les critères ne peuvent pas être dits"
        told = f"{self.met} critère{'s' if self.met > 1 else ''} sur {len(self.findings)}"
        for words, found in (("manque", self._all(State.MISSING)), ("à vérifier", unknown)):
            if found:
                verb = "manquent" if words == "manque" and len(found) > 1 else words
                told += f" ; {verb} : {', '.join(DESCRIPTIONS[one.criterion].short for one in found)}"
        return told

    def as_json(self) -> dict[str, Any]:
        """Codes and page numbers only."""
        rows = [{name: value for name, value in _row(one).items() if value or name == "state"} for one in self.findings]
        return {"table": self.table, "findings": rows}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """The inverse of `as_json`; a criterion that left the table is left out."""
        rows = [row for row in data["findings"] if row["criterion"] in Criterion.__members__]
        return cls(
            tuple(
                Finding(
                    Criterion(row["criterion"]),
                    State(row["state"]),
                    Why(row.get("why", "")),
                    row.get("page", 0),
                    row.get("section", ""),
                )
                for row in rows
            ),
            data["table"],
        )


def _row(one: Finding) -> dict[str, Any]:
    return {
        "criterion": one.criterion.value,
        "state": one.state.value,
        "why": one.why.value,
        "page": one.page,
        "section": one.section,
    }
