"""Values of a text: only beside their label, never guessed, never those of somebody else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.papers.brief.fields import RULES, Field
from coordination.papers.brief.text import read_text
from coordination.papers.brief.values import Found, as_json, from_json
from coordination.papers.pdfium import open_pages
from coordination.papers.specimen_texts import Kind
from tests.papers_fixtures import make

F = Field


def mother(text: str) -> dict[Field, list[str]]:
    return _by_field(read_text([text], about_child=False))


def child(text: str) -> dict[Field, list[str]]:
    return _by_field(read_text([text], about_child=True))


def _by_field(found: tuple[Found, ...]) -> dict[Field, list[str]]:
    told: dict[Field, list[str]] = {}
    for one in found:
        told.setdefault(one.field, []).append(one.value if one.field == F.ALERTS else one.key or one.value)
    return told


def specimen(kind: Kind, **options: object) -> tuple[Found, ...]:
    with open_pages(make(kind, **options)) as pages:
        texts = [pages.text(number) for number in range(1, pages.count + 1)]
    return read_text(texts, about_child=kind in (Kind.CHILD_EXAM, Kind.LLS_NEWBORN))


def test_the_letter_of_the_demonstration_says_everything_of_the_mother() -> None:
    found = _by_field(specimen(Kind.LLS))
    assert found[F.BORN_AT] == ["2026-03-02T14:32"] and found[F.TERM] == ["39+4"] and found[F.MODE] == ["VAGINAL"]
    assert found[F.PERINEUM] == ["TEAR1"] and found[F.BLOOD_LOSS] == ["250"] and found[F.BLOOD_GROUP] == ["A+"]
    assert found[F.ANTI_D] == found[F.ALLERGIES] == ["NONE"] and found[F.TREATMENTS] == ["SOME"]
    assert found[F.ALERTS][0].startswith("aucune signalée") and "48 heures" in found[F.FOLLOW_UP][0]


def test_the_child_s_exam_says_everything_of_the_child() -> None:
    found = _by_field(specimen(Kind.CHILD_EXAM))
    assert found[F.BIRTH_WEIGHT] == ["3320"] and found[F.EXIT_WEIGHT] == ["3180"] and found[F.LOSS] == ["4.2"]
    assert found[F.FEEDING] == ["BREAST"] and found[F.JAUNDICE] == ["SOME"] and found[F.GUTHRIE] == ["YES"]
    assert found[F.HEARING] == ["NORMAL"] and F.VACCINES in found and F.CHILD_FOLLOW_UP in found


@pytest.mark.parametrize("label", ["Périnée", "Pertes sanguines", "Groupe sanguin", "Prophylaxie anti-D", "Allergies"])
def test_a_line_taken_away_is_a_value_less(label: str) -> None:
    whole, cut = (_by_field(found) for found in (specimen(Kind.LLS), specimen(Kind.LLS, without={label})))
    assert len(set(whole) - set(cut)) == 1 and {name: whole[name] for name in cut} == cut


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("Date de naissance 14/03/1991", F.BORN_AT, []),
        ("Née le 14/03/1991", F.BORN_AT, []),
        ("Compte rendu d'accouchement\nVersailles, le 05/03/2026", F.BORN_AT, []),
        ("Accouchement le 2 mars 2026 à 4h12", F.BORN_AT, ["2026-03-02T04:12"]),
        ("Échographie à 32 SA normale", F.TERM, []),
        ("Antécédents : césarienne à 34 SA en 2019", F.TERM, []),
        ("Antécédent d'accouchement par forceps", F.MODE, []),
        ("Accouchement à 40 SA et 2 jours", F.TERM, ["40+2"]),
        ("Césarienne après échec de voie basse", F.MODE, []),
        ("Mode d'accouchement : césarienne programmée", F.MODE, ["CAESAREAN"]),
        ("Accouchement par voie basse non instrumentale", F.MODE, ["VAGINAL"]),
        ("Examen du périnée à six semaines", F.PERINEUM, []),
        ("Périnée intact. Suites simples.", F.PERINEUM, ["INTACT"]),
        ("Périnée : épisiotomie suturée", F.PERINEUM, ["EPISIOTOMIE"]),
        ("Périnée : déchirure du 2e degré, pas d'épisiotomie", F.PERINEUM, ["TEAR2"]),
        ("Périnée : intact. Cicatrice : propre, sèche", F.PERINEUM, ["INTACT"]),
        ("Périnée : intact. Cicatrice : propre, sèche", F.SCAR, ["propre, sèche"]),
        ("Pas de pansement sur la cicatrice à domicile", F.SCAR, []),
        ("Pertes sanguines : modérées", F.BLOOD_LOSS, []),
        ("Pertes estimées : 1 200 ml", F.BLOOD_LOSS, ["1200"]),
        ("Pertes : 300 mL puis 450 mL", F.BLOOD_LOSS, []),
        ("Groupe sanguin : O Rh négatif", F.BLOOD_GROUP, ["O-"]),
        ("Rhésus : positif", F.BLOOD_GROUP, ["+"]),
        ("Groupe AB+", F.BLOOD_GROUP, ["AB+"]),
        ("Groupe de parole le lundi", F.BLOOD_GROUP, []),
        ("Anti-D : injecté le 03/03/2026", F.ANTI_D, ["YES"]),
        ("Rhophylac non fait", F.ANTI_D, ["NO"]),
        ("Pas d'allergie connue", F.ALLERGIES, ["NONE"]),
        ("Allergies : pénicilline", F.ALLERGIES, ["SOME"]),
        ("Poids : 72 kg", F.BIRTH_WEIGHT, []),
        ("Poids de naissance : 3,32 kg", F.BIRTH_WEIGHT, []),
        ("Allergies\nTransfusion\nNon", F.ALLERGIES, []),
    ],
)
def test_a_mother_s_text(text: str, field: Field, expected: list[str]) -> None:
    assert mother(text).get(field, []) == expected


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("Poids de naissance : 3,32 kg", F.BIRTH_WEIGHT, ["3320"]),
        ("Poids de naissance : 72 kg", F.BIRTH_WEIGHT, []),
        ("Poids de naissance 2 980 g\nPoids de naissance 2 850 g", F.BIRTH_WEIGHT, ["2980", "2850"]),
        ("Alimentation : à surveiller", F.FEEDING, []),
        ("Allaitement maternel avec compléments", F.FEEDING, ["MIXED"]),
        ("Pas d'ictère", F.JAUNDICE, ["NONE"]),
        ("Guthrie : à faire par la sage-femme", F.GUTHRIE, ["NO"]),
        ("Dépistage néonatal : prélevé à J3", F.GUTHRIE, ["YES"]),
        ("Audition : à refaire à droite", F.HEARING, ["ABNORMAL"]),
        ("Audition : non conclusif", F.HEARING, []),
        ("Vaccins : BCG fait le 04/03/2026", F.VACCINES, ["SOME"]),
    ],
)
def test_a_child_s_text(text: str, field: Field, expected: list[str]) -> None:
    assert child(text).get(field, []) == expected


def test_a_mother_s_paper_gives_her_child_s_values_only_where_it_names_the_child() -> None:
    assert mother("Enfant\nPoids 3 320 g\nTaille 50 cm")[F.BIRTH_WEIGHT] == ["3320"]
    assert mother("Alimentation de l'enfant : maternel exclusif")[F.FEEDING] == ["BREAST"]
    assert F.FEEDING not in mother("Alimentation : allaitement maternel autorisé avec ce traitement")


@pytest.mark.parametrize("twins", ["Grossesse gémellaire.", "Premier jumeau", "Enfant 1", "Enfant 2"])
def test_a_paper_that_names_twins_gives_no_child_value(twins: str) -> None:
    text = f"{twins}\nEnfant\nPoids 2 980 g\nAlimentation de l'enfant : maternel"
    assert not {F.BIRTH_WEIGHT, F.FEEDING} & set(mother(text))


def test_a_child_s_paper_gives_nothing_of_the_mother() -> None:
    text = "Périnée intact\nGroupe sanguin : A positif\nTraitement de sortie\nParacétamol 1 g\nPertes : 300 mL"
    assert child(text) == {}


def test_alerts_say_what_there_is() -> None:
    text = "Transfusion : 2 culots globulaires\nÉvénement indésirable : aucun\nGerme multirésistant : non recherché"
    assert mother(text)[F.ALERTS] == ["transfusion : 2 culots globulaires"]


def test_the_page_of_each_value() -> None:
    found = read_text(["Périnée : intact", "Pertes sanguines : 250 mL"], about_child=False)
    assert {one.field: one.page for one in found} == {F.PERINEUM: 1, F.BLOOD_LOSS: 2}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=400), max_size=3), st.booleans())
def test_any_text_is_read_and_kept(pages: list[str], about_child: bool) -> None:
    found = read_text(pages, about_child=about_child)
    assert from_json(as_json(found)) == found


def test_what_older_rules_found_is_read_again() -> None:
    assert from_json({"rules": "1999-01-01", "found": []}) is None
    assert from_json({"rules": RULES, "found": []}) == ()
