"""Each value of each structured document: what the card says of it, and that it comes from its entry alone.

A row: field, words shown, key, section, the entry. With the entry changed or taken away, the value is no more said.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from coordination.papers.brief.case import read_case
from coordination.papers.brief.fields import Field
from coordination.papers.brief.values import Found
from tests.conformance.cases import CASES

F = Field
NB, NN = "\u00a0", "\u202f"
BODY = {volet: cases["maximal"]["body"] for volet, cases in CASES.items()}

ROWS: list[tuple[str, Field, str, str, str, str]] = [
    ("LDL-SES", F.TREATMENTS, "1 comprimé, 1 fois par jour", "SOME", "10183-2", "discharge_treatments.items"),
    ("LDL-SES", F.ALLERGIES, "Amoxicilline", "SOME", "48765-2", "allergies.items"),
    ("LDL-SES", F.ALERTS, "transfusion : oui", "TRANSFUSION=YES", "42545-4", "synthesis.transfusion"),
    ("LDL-SES", F.ALERTS, "dérivés du sang : oui", "TRANSFUSION=YES", "42545-4", "synthesis.blood_derivatives"),
    ("LDL-SES", F.ALERTS, "Entérobactérie", "TRANSFUSION=YES", "42545-4", "synthesis.mdro_found"),
    ("LDL-SES", F.ALERTS, "Hémorragie du post-partum", "TRANSFUSION=YES", "42545-4", "synthesis.adverse_events"),
    ("LDL-SES", F.BLOOD_LOSS, f"800{NB}mL", "800", "42545-4", "synthesis.adverse_events"),
    ("LDL-SES", F.FOLLOW_UP, "21/11/2026", "", "18776-5", "follow_up"),
    ("LDL-SES", F.FOLLOW_UP, "résultats attendus : Examen", "", "30954-2", "pending_results"),
    ("OBP-SAP", F.BLOOD_GROUP, "groupe sanguin A positif", "A+", "18717-9", "immunohaematology.results.blood_group"),
    ("OBP-SAP", F.ALLERGIES, "amoxicilline", "SOME", "48765-2", "allergies.items"),
    ("OBP-SAP", F.ALERTS, "Menace d'accouchement prématuré", "", "11450-4", "problems.false_labour"),
    ("OBP-SAP", F.ALERTS, "Diabète sucré survenant", "", "11450-4", "problems.maternal"),
    ("OBP-SAP", F.ALERTS, "fœtus : Faible poids", "", "11450-4", "problems.foetal"),
    ("OBP-SAP", F.ALERTS, "antécédents : Néphrite", "", "11348-0", "medical_history.problems"),
    ("OBP-SAP", F.ALERTS, "antécédent transfusionnel : Deux culots", "", "56836-0", "transfusions"),
    ("OBP-SAP", F.ALERTS, "suivi psychosocial : Puéricultrice", "", "18776-5", "psychosocial_follow_up"),
    ("OBP-SAP", F.ALERTS, "tabac en début de grossesse : 0,5 paquet par jour", "", "29762-2", "habits.tobacco"),
    ("OBP-SAP", F.ALERTS, "alcool en début de grossesse : 0,25 verre par jour", "", "29762-2", "habits.alcohol"),
    ("OBP-SAP", F.ALERTS, "substance psychoactive", "", "29762-2", "habits.drugs"),
    ("OBP-SAP", F.PREGNANCY_TREATMENTS, "Nicardipine LP 50 mg", "", "18610-6", "treatments.maternal"),
    ("OBP-SNM", F.TERM, "41 SA + 5 j", "41+5", "57074-7", "labour.events.gestational_age"),
    ("OBP-SNM", F.PERINEUM, "deuxième degré", "TEAR2", "57074-7", "labour.events.perineum"),
    ("OBP-SNM", F.ALERTS, "transfusion : oui", "TRANSFUSION=YES", "57074-7", "labour.acts.transfusion"),
    ("OBP-SNM", F.ALERTS, "Fièvre pendant", "TRANSFUSION=YES", "57074-7", "labour.events.labour_pathologies"),
    ("OBP-SNM", F.ALERTS, "Délivrance artificielle", "TRANSFUSION=YES", "57074-7", "labour.acts.postpartum_acts"),
    ("OBP-SNM", F.ALERTS, "sortie : transfert", "TRANSFUSION=YES", "57074-7", "labour.events.exit.mode"),
    ("OBP-SNM", F.BLOOD_LOSS, "hémorragies du postpartum", "", "57074-7", "labour.events.postpartum_pathologies"),
    ("OBP-SNM", F.FOLLOW_UP, "biologie, avant le 25/11/2026", "", "18776-5", "requests.biology"),
    ("OBP-SNE", F.BORN_AT, f"à 4{NB}h{NB}12", "2026-11-18T04:12", "57074-7", "labour.events.birth_rank.born_at"),
    ("OBP-SNE", F.MODE, "voie basse", "INSTRUMENTAL", "57074-7", "labour.acts.birth.mode"),
    ("OBP-SNE", F.BIRTH_WEIGHT, f"1{NN}240{NB}g", "1240", "57075-4", "newborn.exam.vital_signs.measures.weight"),
    ("OBP-SNE", F.CHILD_ALERTS, "réanimation : assistance respiratoire", "", "57075-4", "newborn.acts.resuscitation"),
    ("OBP-SNE", F.CHILD_ALERTS, "atrésie des choanes", "", "57075-4", "newborn.exam.ent"),
    ("OBP-SCM", F.BLOOD_LOSS, "hémorragies du postpartum", "", "42545-4", "events.problems"),
    ("OBP-SCM", F.BLOOD_LOSS, f"750{NB}mL", "750", "42545-4", "events.problems"),
    ("OBP-SCM", F.ALERTS, "Hématome d'une plaie", "", "42545-4", "events.problems"),
    ("OBP-SCM", F.ALERTS, "acte : Révision de la cavité", "", "29554-3", "acts.acts"),
    ("OBP-SCM", F.ALERTS, "sortie : transfert", "", "42545-4", "events.exit.mode"),
    ("OBP-SEM", F.GUTHRIE, "fait le 20/11/2026", "YES", "29554-3", "acts.guthrie"),
    ("OBP-SEM", F.HEARING, "anormal à droite", "ABNORMAL", "29545-1", "screening.hearing"),
    ("OBP-SEM", F.OTHER_SCREENING, "Hanches : stables", "", "29545-1", "screening.other"),
    ("OBP-SEM", F.VACCINES, "BCG : fait le 20/11/2026", "HEPB=NO BCG=YES", "11369-6", "vaccinations.bcg"),
    ("OBP-SEM", F.VACCINES, "hépatite B : non fait", "HEPB=NO BCG=YES", "11369-6", "vaccinations.hepatitis_b"),
    ("OBP-SEM", F.JAUNDICE, "Ictère du nouveau-né", "SOME", "42545-4", "events.jaundice"),
    ("OBP-SEM", F.CHILD_ALERTS, "Escherichia coli (Amoxicilline et gentamicine, 5 jours.), avec antibiotique", "",
     "42545-4", "events.infections"),
    ("OBP-SEM", F.CHILD_ALERTS, "sortie : transfert", "DEATH=NO", "42545-4", "events.exit.mode"),
    ("OBP-SEM", F.CHILD_ALERTS, "Échographie transfontanellaire", "", "29554-3", "acts.other"),
    ("OBP-SEM", F.FEEDING, "mixte", "MIXED", "47420-5", "feeding.kind"),
    ("OBP-SEM", F.CHILD_FOLLOW_UP, "Pesée à domicile à 48 h", "", "18776-5", "follow_up"),
    ("CSE-CS8", F.TERM, "39 SA", "39", "57074-7", "labour.events.gestational_age"),
    ("CSE-CS8", F.MODE, "Césarienne programmée", "CAESAREAN", "57074-7", "labour.events.birth_mode"),
    ("CSE-CS8", F.BIRTH_WEIGHT, f"3{NN}420{NB}g", "3420", "57075-4", "newborn.exam.vital_signs.measures.weight"),
    ("CSE-CS8", F.FEEDING, "mixte", "MIXED", "29762-2", "habits.feeding"),
    ("CSE-CS8", F.HEARING, "Audition à recontrôler, test du 20/11/2026", "ABNORMAL", "57075-4", "newborn.acts.hearing"),
    ("CSE-CS8", F.VACCINES, "BCG : non fait", "BCG=NO HEPB=YES", "11369-6", "vaccinations.bcg"),
    ("CSE-CS8", F.VACCINES, "VRS (anticorps) : fait le 19/11/2026", "RSV=YES HBIG=YES", "57075-4",
     "newborn.treatments.rsv_immunisation"),
    ("CSE-CS8", F.CHILD_ALERTS, "détresse respiratoire", "", "57075-4", "newborn.first_week.respiratory_distress"),
    ("CSE-CS8", F.CHILD_ALERTS, "Hypoglycémie transitoire", "", "57075-4", "newborn.first_week.other"),
    ("CSE-CS8", F.CHILD_ALERTS, "transfert : immédiat", "", "57075-4", "newborn.transfer"),
    ("CSE-CS8", F.CHILD_FOLLOW_UP, "PMI", "", "18776-5", "plan.pmi"),
    ("CSE-MDE", F.LAST_WEIGHT, f"420{NB}g, le 20/11/2026", "3420@2026-11-20", "8716-3", "vital_signs.measures.weight"),
]  # fmt: skip
IDS = [f"{row[0]}-{row[1]}-{row[5]}-{rank}" for rank, row in enumerate(ROWS)]


def said(volet: str, body: Any, field: Field, words: str) -> list[Found]:
    return [one for one in read_case(volet, body) if one.field == field and words in one.value]


def without(body: Any, path: str) -> Any:
    left = copy.deepcopy(dict(body))
    *steps, last = path.split(".")
    inner = left
    for step in steps:
        inner = inner[step]
    del inner[last]
    return left


@pytest.mark.parametrize(("volet", "field", "words", "key", "section", "path"), ROWS, ids=IDS)
def test_the_value_comes_from_its_entry(
    volet: str, field: Field, words: str, key: str, section: str, path: str
) -> None:
    (one,) = said(volet, BODY[volet], field, words)
    assert (one.key, one.section) == (key, section) and one.heading
    assert said(volet, without(BODY[volet], path), field, words) == []


def test_every_volet_and_every_field_is_tried() -> None:
    assert {row[0] for row in ROWS} == set(CASES)
    coded = {row[1] for row in ROWS}
    in_words_only = {F.SCAR, F.ANTI_D, F.EXIT_WEIGHT, F.LOSS}  # no entry of the eight volets carries them: below
    assert coded | in_words_only == set(Field)


OTHERWISE: list[tuple[str, str, Any, Field, str]] = [
    ("OBP-SAP", "immunohaematology.results.blood_group", "278154007", F.BLOOD_GROUP, "AB-"),
    ("OBP-SNM", "labour.events.perineum", "289854007", F.PERINEUM, "INTACT"),
    ("OBP-SNM", "labour.acts.transfusion", {"done": False}, F.ALERTS, "TRANSFUSION=NO"),
    ("OBP-SNM", "labour.acts.labour_onset.mode", "11466000", F.MODE, "CAESAREAN"),
    ("OBP-SNE", "labour.acts.birth.mode", "MED-1254", F.MODE, "CAESAREAN"),
    ("OBP-SNE", "labour.acts.birth.interventions", [], F.MODE, "VAGINAL"),
    ("OBP-SNE", "labour.events.alive", False, F.CHILD_ALERTS, "DEATH=YES"),
    ("OBP-SEM", "acts.guthrie", {"done": False}, F.GUTHRIE, "NO"),
    ("OBP-SEM", "screening.hearing.result", "164746007", F.HEARING, "NOT_DONE"),
    ("OBP-SEM", "screening.hearing.result", "275727004", F.HEARING, "NORMAL"),
    ("OBP-SEM", "feeding.kind", "MED-1258", F.FEEDING, "FORMULA"),
    ("OBP-SEM", "events.exit.mode", "419620001", F.CHILD_ALERTS, "DEATH=YES"),
    ("CSE-CS8", "newborn.acts.hearing", {"done": False}, F.HEARING, "NOT_DONE"),
    ("CSE-CS8", "newborn.acts.hearing.result", "MED-178", F.HEARING, "NORMAL"),
    ("CSE-CS8", "labour.events.birth_mode", "236974004", F.MODE, "INSTRUMENTAL"),
    ("CSE-CS8", "labour.events.birth_mode", "700000006", F.MODE, "VAGINAL"),
    ("CSE-CS8", "vaccinations.bcg", {"done": True}, F.VACCINES, "BCG=YES HEPB=YES"),
]


def changed(body: Any, path: str, value: Any) -> Any:
    left = copy.deepcopy(dict(body))
    *steps, last = path.split(".")
    inner = left
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return left


@pytest.mark.parametrize(("volet", "path", "value", "field", "key"), OTHERWISE)
def test_another_answer_says_otherwise(volet: str, path: str, value: Any, field: Field, key: str) -> None:
    assert key in [one.key for one in read_case(volet, changed(BODY[volet], path, value)) if one.field == field]
    assert key not in [one.key for one in read_case(volet, BODY[volet]) if one.field == field]


WORDS: list[tuple[str, str, str, Field, str]] = [
    ("LDL-SES", "synthesis.summary.text", "Rhésus : négatif. Anti-D : injecté le 19/11/2026.", F.ANTI_D, "YES"),
    ("LDL-SES", "synthesis.summary.text", "Groupe sanguin : O négatif.", F.BLOOD_GROUP, "O-"),
    ("LDL-SES", "synthesis.summary.text", "Césarienne. Cicatrice : propre et sèche.", F.SCAR, "propre et sèche"),
    ("LDL-SES", "synthesis.summary.text", "Périnée : déchirure du premier degré.", F.PERINEUM, "TEAR1"),
    ("LDL-SES", "synthesis.summary.text", "Enfant\nPoids de sortie : 3 180 g", F.EXIT_WEIGHT, "3180"),
    ("OBP-SEM", "follow_up", "Poids de sortie : 3 180 g.\nPesée à 48 h.", F.EXIT_WEIGHT, "3180"),
    ("OBP-SEM", "follow_up", "Perte de poids : 7 %\nPesée à 48 h.", F.LOSS, "7.0"),
]  # fmt: skip


@pytest.mark.parametrize(("volet", "path", "text", "field", "expected"), WORDS)
def test_words_tell_what_no_entry_carries(volet: str, path: str, text: str, field: Field, expected: str) -> None:
    found = [one for one in read_case(volet, changed(BODY[volet], path, text)) if one.field == field]
    assert [one.key or one.value for one in found] == [expected] and found[0].section and not found[0].page
    assert not [one for one in read_case(volet, BODY[volet]) if one.field == field and expected in (one.key, one.value)]


def test_an_opened_scar_is_told_as_such() -> None:
    body = copy.deepcopy(dict(BODY["OBP-SCM"]))
    body["events"]["problems"].append({"problem": {"code": "O90.0", "label": "Rupture d'une suture de césarienne"}})
    (one,) = [one for one in read_case("OBP-SCM", body) if one.field == F.SCAR]
    assert one.value == "Rupture d'une suture de césarienne"


def test_what_is_denied_is_no_alert() -> None:
    body = copy.deepcopy(dict(BODY["LDL-SES"]))
    for words, shown in (("Aucun accident.", False), ("Pas de fièvre, mais un frisson.", True)):
        body["synthesis"]["transfusion_accidents"] = words
        assert bool(said("LDL-SES", body, F.ALERTS, "accident transfusionnel")) == shown


def test_nothing_of_the_mother_stands_in_her_child_s_values() -> None:
    """The certificate says a lot of her; the card reads none of it there."""
    for volet in ("OBP-SNE", "OBP-SEM", "CSE-CS8", "CSE-MDE"):
        for one in read_case(volet, BODY[volet]):
            assert not re.search(r"tabac|alcool|hypertension|diabète|caisse|profession\b", one.value, re.IGNORECASE)
            assert one.field in {F.BORN_AT, F.TERM, F.MODE} | {field for field in Field if field in CHILDS}


CHILDS = {F.BIRTH_WEIGHT, F.EXIT_WEIGHT, F.LAST_WEIGHT, F.LOSS, F.FEEDING, F.JAUNDICE, F.GUTHRIE, F.OTHER_SCREENING}
CHILDS |= {F.HEARING, F.VACCINES, F.CHILD_ALERTS, F.CHILD_FOLLOW_UP}
