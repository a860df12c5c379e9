"""The text of a letter as lines and sections. A section runs from its heading to the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coordination.papers.words import Line

_TREATED = r"(?:TRAITEMENTS?|MEDICAMENTS?|PRESCRIPTIONS?|ORDONNANCES?)(?: MEDICAMENTEU(?:X|SES?))?"
HEADINGS = {
    "stopped": rf"{_TREATED} (?:ARRETE|INTERROMPU|SUPPRIME|SUSPENDU)\w*"
    r"(?: (?:PENDANT|DURANT|AU COURS DU?) \w+[ '\w]*)?",
    "treatments": rf"{_TREATED}(?: PRESCRITE?S?)? (?:DE|A LA|LORS DE LA) SORTIE|SORTIE : TRAITEMENTS?",
    "pending": r"(?:RESULTATS?|EXAMENS?|BILANS?)(?: D'EXAMENS?)?(?: BIOLOGIQUES?)? (?:EN ATTENTE|ATTENDUS?|EN COURS)",
    "follow_up": r"SUITES? A DONNER|(?:CONDUITE|SOINS|ACTES) A (?:TENIR|PREVOIR)|"
    r"SUIVI(?: (?:PREVU|PROPOSE|POST[- ]?NATAL|APRES LA SORTIE|A DOMICILE))?"
    r"|PLAN(?:IFICATION)? DES? SOINS(?: A LA SORTIE)?|RENDEZ[- ]?VOUS(?: PREVUS?| PRIS)?|RDV|CONSIGNES(?: DE SORTIE)?",
    "reason": r"MOTIFS?(?: (?:D'|DE L'|DE |DU |DE LA )?(?:HOSPITALISATION|ADMISSION|SEJOUR|VENUE|ENTREE))?",
    "synthesis": r"SYNTHESE(?: MEDICALE)?(?: DU SEJOUR| DE L'HOSPITALISATION)?|RESUME(?: DU SEJOUR)?"
    r"|HISTOIRE DE LA MALADIE|(?:EVOLUTION|DEROULEMENT)(?: DU SEJOUR| DANS LE SERVICE)?"
    r"|ACCOUCHEMENT ET SUITES DE COUCHES",
    "allergies": r"ALLERGIES?(?: ET INTOLERANCES?)?",
    "devices": r"DISPOSITIFS?(?: MEDICA(?:L|UX))?(?: IMPLANT\w*)?",
    "history": r"ANTECEDENTS?(?: \w+)*",
    "stay": r"(?:DATES DU )?SEJOUR|HOSPITALISATION",
    "child": r"(?:L')?ENFANT|NOUVEAU[- ]?NEE?",
    "other": r"BIOLOGIE|EXAMEN CLINIQUE|EXAMENS COMPLEMENTAIRES|CONCLUSION|SURVEILLANCE|INFORMATIONS?"
    r"|TRAITEMENT HABITUEL|REMISE",
}
_HEADED = {
    name: re.compile(rf"(?:(?:[IVX]+|\d{{1,2}}|[A-F])[.)/ -]+|[-•*·] ?)?(?:{words})(?P<end> ?(?:[:.]|$))")
    for name, words in HEADINGS.items()
}


@dataclass(frozen=True, slots=True)
class Part:
    """One section: its heading's line, and its lines (those of the heading's own line after « : » included)."""

    name: str
    heading: Line
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    lines: tuple[Line, ...]
    parts: tuple[Part, ...]

    def part(self, name: str) -> Iterator[Part]:
        return (part for part in self.parts if part.name == name)


def letter_of(lines: Sequence[Line]) -> Letter:
    parts: list[Part] = []
    for line in lines:
        found = heading_of(line)
        if found is not None:
            name, end = found
            rest = Line(line.page, line.text[end:].strip(" :."), line.folded[end:].strip(" :."))
            parts.append(Part(name, line, (rest,) if rest.text else ()))
        elif parts:
            last = parts[-1]
            parts[-1] = Part(last.name, last.heading, (*last.lines, line))
    return Letter(tuple(lines), tuple(parts))


def is_heading(folded: str) -> bool:
    """The line is a heading and nothing else."""
    return any(match and match.end() == len(folded) for match in (one.match(folded) for one in _HEADED.values()))


def heading_of(line: Line) -> tuple[str, int] | None:
    """(section, where its heading ends) when this line begins one."""
    for name, pattern in _HEADED.items():
        match = pattern.match(line.folded)
        if match:
            return name, match.end()
    return None
