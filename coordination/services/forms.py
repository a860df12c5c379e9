"""The short forms of the home visit and of the postnatal interview: their fields, as data.

Mother and newborn have separate fields: no maternal free text can reach a newborn's document. The
EPDS questions are not here (their text may not be redistributed): only whether it was done, and its
score as the professional read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from coordination.models import EncounterKind


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `choices`: (value, French label); empty for free text or a number.

    `maximum`: longest text, or greatest number when `numeric`.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    numeric: bool = False
    maximum: int = 300

    def shown(self, value: str) -> str:
        return dict(self.choices).get(value, value)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    fields: tuple[Field, ...]


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # no document may hold them
NORMAL = (("normal", "Normal"), ("watch", "À surveiller"), ("act", "Avis demandé"))
YES_NO = (("yes", "Oui"), ("no", "Non"))
FEEDING = (("breast", "Allaitement maternel"), ("mixed", "Allaitement mixte"), ("formula", "Préparation infantile"))

MOTHER_VISIT = (
    Section(
        "État de la mère",
        (
            Field("general", "État général", NORMAL),
            Field("bleeding", "Saignements", NORMAL),
            Field("perineum", "Périnée ou cicatrice", NORMAL),
            Field("breasts", "Seins et lactation", NORMAL),
            Field("mood", "Fatigue et humeur", NORMAL),
        ),
    ),
    Section("Suite", (Field("plan", "Suite prévue", required=False), Field("note", "Remarque", required=False))),
)
NEWBORN_VISIT = (
    Section(
        "État de l'enfant",
        (
            Field("weight", "Poids (grammes)", numeric=True, maximum=9000),
            Field("jaundice", "Ictère", NORMAL),
            Field("feeding", "Alimentation", FEEDING),
            Field("cord", "Cordon", NORMAL),
            Field("stools", "Selles et urines", NORMAL),
        ),
    ),
    Section("Suite", (Field("plan", "Suite prévue", required=False),)),
)
EPNP = (
    Section(
        "Entretien",
        (
            Field("place", "Lieu", (("home", "À domicile"), ("practice", "Au cabinet"))),
            Field("partner", "Co-parent présent", YES_NO),
            Field("epds", "Questionnaire EPDS rempli", YES_NO),
            Field("epds_score", "Score EPDS", required=False, numeric=True, maximum=30),
            Field("epds_reason", "Motif si l'EPDS n'est pas fait", required=False),
        ),
    ),
    Section(
        "Conclusion",
        (
            Field("needs", "Besoins repérés", required=False),
            Field("second", "Second entretien proposé", YES_NO),
            Field("referral", "Avis demandé à un spécialiste", YES_NO),
        ),
    ),
)


def form(kind: EncounterKind, *, about_newborn: bool) -> tuple[Section, ...]:
    """The sections to fill for this kind of encounter and this person."""
    if kind == EncounterKind.EPNP:
        return EPNP
    return NEWBORN_VISIT if about_newborn else MOTHER_VISIT


def problems(kind: EncounterKind, answers: Mapping[str, str], *, about_newborn: bool) -> dict[str, str]:
    """French sentence per faulty field; empty when the form may be closed."""
    found: dict[str, str] = {}
    for section in form(kind, about_newborn=about_newborn):
        for field in section.fields:
            sentence = _problem(field, answers.get(field.name, "").strip())
            if sentence:
                found[field.name] = sentence
    if kind == EncounterKind.EPNP:
        found |= _epds_problems(answers)
    return found


def _problem(field: Field, value: str) -> str:
    if not value:
        return f"« {field.label} » reste à renseigner." if field.required else ""
    if field.choices and value not in dict(field.choices):
        return f"« {field.label} » : choisissez une des réponses proposées."
    if field.numeric:
        valid = value.isascii() and value.isdigit() and int(value) <= field.maximum
        return "" if valid else f"« {field.label} » : indiquez un nombre entre 0 et {field.maximum}."
    if CONTROL.search(value):
        return f"« {field.label} » : un caractère ne se lit pas. Retapez le texte."
    too_long = not field.choices and len(value) > field.maximum
    return f"« {field.label} » : {field.maximum} caractères au plus." if too_long else ""


def kept(kind: EncounterKind, answers: Mapping[str, str], *, about_newborn: bool) -> dict[str, str]:
    """The answers to the questions of this form, and nothing else that came with them."""
    names = [field.name for section in form(kind, about_newborn=about_newborn) for field in section.fields]
    return {name: answers[name].strip() for name in names if name in answers}


def _epds_problems(answers: Mapping[str, str]) -> dict[str, str]:
    """The interview cannot be closed without the EPDS score, or the reason why it was not done."""
    if answers.get("epds") == "yes" and not answers.get("epds_score", "").strip():
        return {"epds_score": "Indiquez le score EPDS."}
    if answers.get("epds") == "no" and not answers.get("epds_reason", "").strip():
        return {"epds_reason": "Indiquez pourquoi l'EPDS n'est pas fait."}
    return {}


def sections(
    kind: EncounterKind, answers: Mapping[str, str], *, about_newborn: bool
) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, rows) of the synthesis; a question left empty says « non renseigné »."""
    return [
        (
            section.title,
            [(f.label, f.shown(answers.get(f.name, "")) or "non renseigné") for f in section.fields],
        )
        for section in form(kind, about_newborn=about_newborn)
    ]
