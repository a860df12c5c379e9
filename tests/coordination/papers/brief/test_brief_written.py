"""The words of a value as they are shown: what a document wrote, with nothing that changes its sense taken away."""

from __future__ import annotations

import pytest

from coordination.papers.brief.fields import Field
from coordination.papers.brief.text import read_text

F = Field
NB, NN = "\u00a0", "\u202f"


def told(text: str, field: Field, *, about_child: bool) -> list[tuple[str, str]]:
    return [(one.value, one.key) for one in read_text([text], about_child=about_child) if one.field == field]


@pytest.mark.parametrize(
    ("text", "value", "key"),
    [
        ("Groupe sanguin : A-", "A-", "A-"),
        ("Groupe sanguin : A\u2212", "A\u2212", "A-"),
        ("Groupe sanguin : O -", "O -", "O-"),
        ("Groupe A Rh -", "A Rh -", "A-"),
        ("Groupe A Rh -. Pertes : 250 mL", "A Rh -", "A-"),
        ("Groupe sanguin : A (-)", "A (-)", "A-"),
        ("Groupe sanguin : A+", "A+", "A+"),
        ("Groupe sanguin - A+", "A+", "A+"),
        ("Rhésus - positif", "positif", "+"),
        ("Rhésus : +", "Rh +", "+"),
        ("Groupe sanguin : AB Rh - RAI négatives", "AB Rh - RAI négatives", "AB-"),
    ],
)
def test_a_blood_group_keeps_its_sign(text: str, value: str, key: str) -> None:
    assert told(text, F.BLOOD_GROUP, about_child=False) == [(value, key)]


@pytest.mark.parametrize("text", ["Groupe sanguin : -", "Rhésus : -", "Groupe sanguin : A - RAI négatives"])
def test_a_hyphen_that_may_be_no_sign_is_no_group(text: str) -> None:
    assert told(text, F.BLOOD_GROUP, about_child=False) == []


@pytest.mark.parametrize(
    ("text", "field", "value", "key"),
    [
        ("Pertes sanguines : 500-600 mL", F.BLOOD_LOSS, "500-600 mL", ""),
        ("Pertes : 500 à 600 mL", F.BLOOD_LOSS, "500 à 600 mL", ""),
        ("Pertes : moins de 500 mL", F.BLOOD_LOSS, "moins de 500 mL", ""),
        ("Hémorragie supérieure à 500 mL", F.BLOOD_LOSS, "supérieure à 500 mL", ""),
        ("Pertes : 500 mL", F.BLOOD_LOSS, f"500{NB}mL", "500"),
        ("Périnée non intact", F.PERINEUM, "non intact", ""),
        ("Périnée intact, épisiotomie non faite", F.PERINEUM, "intact, épisiotomie non faite", "INTACT"),
        ("Épisiotomie médio-latérale droite", F.PERINEUM, "Épisiotomie médio-latérale droite", "EPISIOTOMIE"),
        ("Périnée : déchirure du 1er degré.\nÉpisiotomie", F.PERINEUM, "déchirure du 1er degré ; Épisiotomie",
         "EPISIOTOMIE+TEAR1"),
        ("Forceps", F.MODE, "Forceps", "INSTRUMENTAL"),
        ("Accouchement voie basse.\nForceps de Tarnier", F.MODE, "voie basse ; Forceps de Tarnier", "INSTRUMENTAL"),
        ("Accouchement : césarienne.\nForceps en échec", F.MODE, "césarienne ; Forceps en échec", "CAESAREAN"),
        ("Accouchement par voie basse sans forceps", F.MODE, "par voie basse sans forceps", "VAGINAL"),
    ],
)  # fmt: skip
def test_of_the_mother(text: str, field: Field, value: str, key: str) -> None:
    assert told(text, field, about_child=False) == [(value, key)]


@pytest.mark.parametrize(
    ("text", "field"),
    [("Épisiotomie : non", F.PERINEUM), ("Forceps : non", F.MODE), ("Antécédents : forceps en 2019", F.MODE)],
)
def test_what_is_denied_or_earlier_is_not_told(text: str, field: Field) -> None:
    assert told(text, field, about_child=False) == []


@pytest.mark.parametrize(
    ("text", "field", "value", "key"),
    [
        ("Perte de poids maximale : 7 %", F.LOSS, "maximale : 7 %", ""),
        ("Perte de poids à J2 : 6 %", F.LOSS, "à J2 : 6 %", ""),
        ("Perte de poids : 7 %", F.LOSS, "7 %", "7.0"),
        ("Perte de poids : 5 à 6 %", F.LOSS, "5 à 6 %", ""),
        ("Poids de sortie : 3 230 g (− 5 %)", F.LOSS, f"5{NB}%", "5.0"),
        ("Poids à J3 : 3 180 g", F.LAST_WEIGHT, f"3{NN}180{NB}g à J3", "3180@J3"),
        ("Poids J3 980 g", F.LAST_WEIGHT, f"980{NB}g à J3", "980@J3"),
        ("Poids de naissance : 3 320 g, poids de sortie : 3 180 g", F.BIRTH_WEIGHT, f"3{NN}320{NB}g", "3320"),
        ("Poids de naissance : 3 320 g, poids de sortie : 3 180 g", F.EXIT_WEIGHT, f"3{NN}180{NB}g", "3180"),
        ("Alimentation : arrêt de l'allaitement maternel, biberons", F.FEEDING,
         "arrêt de l'allaitement maternel, biberons", "FORMULA"),
        ("Allaitement maternel sans complément", F.FEEDING, "maternel sans complément", "BREAST"),
    ],
)  # fmt: skip
def test_of_the_child(text: str, field: Field, value: str, key: str) -> None:
    assert told(text, field, about_child=True) == [(value, key)]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Poids à J3 : 3 180 g", F.EXIT_WEIGHT),
        ("Sevrage de l'allaitement maternel, biberons", F.FEEDING),
        ("Arrêt de l'allaitement maternel", F.FEEDING),
        ("Pas d'allaitement maternel", F.FEEDING),
        ("Poids de naissance / sortie : 3 320 g / 3 180 g", F.BIRTH_WEIGHT),
    ],
)
def test_what_is_not_said_is_not_told(text: str, field: Field) -> None:
    assert told(text, field, about_child=True) == []


def test_long_words_are_cut_between_two_and_it_is_said() -> None:
    ((value, _),) = told(f"Allergies : {'pollens ' * 60}", F.ALLERGIES, about_child=False)
    assert value.endswith("pollens… (suite dans le document)")
