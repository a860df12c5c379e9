"""What looks like an answer and is none, what is one and does not look so: sentence by sentence."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.report import State
from tests.coordination.papers.letter_check.test_letter_case import check, whole
from tests.coordination.papers.letter_check.test_letter_text import one

C = Criterion
NOT_MET = [
    ("Lettre remise ce jour à la patiente : non", C.HANDED_OVER),
    ("Lettre remise à la patiente : ☐ oui ☐ non", C.HANDED_OVER),
    ("Lettre remise à la patiente : ............", C.HANDED_OVER),
    ("Remise prévue demain à la patiente", C.HANDED_OVER),
    ("La patiente n'a pas reçu d'exemplaire de cette lettre.", C.HANDED_OVER),
    ("La lettre n'a pas pu être remise à la patiente.", C.HANDED_OVER),
    ("Consultation le 01/03/2026 aux urgences, médecin de garde.\nSortie le 05/03/2026", C.FOLLOW_UP),
    ("Pas de rendez-vous avec la sage-femme dans les 48 heures.", C.FOLLOW_UP),
    ("Suites à donner\nAucun suivi à J8 par la sage-femme", C.FOLLOW_UP),
    ("Suites à donner\nSage-femme : ......... le .........", C.FOLLOW_UP),
    ("Traitements à la sortie\nParacétamol 1 g, pendant ......", C.TREATMENTS),
    ("Traitements à la sortie\nParacétamol 1 g : 5 jours\nÉnoxaparine 4 000 UI par jour", C.TREATMENTS),
    ("Traitements à la sortie\nParacétamol\nPas de traitement anticoagulant", C.TREATMENTS),
    ("Traitement arrêté : ........", C.STOPPED),
    ("Arrêt du tabac conseillé", C.STOPPED),
    ("Fait à Versailles, le ../../....", C.DATED),
    ("Née à Versailles, le 14/03/1991", C.DATED),
    ("Née le 14/03/1991\nMédecin traitant : Dr .........\nDr Anne Fictive, RPPS 89900000129", C.IDENTITIES),
    ("Date de naissance : ........\nMédecin traitant : Dr Modèle\nDr Anne Fictive, RPPS 89900000129", C.IDENTITIES),
    ("Docteur MODELE\nNée le 14/03/1991\nMédecin traitant : Dr Modèle\nSuite\nSuite\nSuite\nRPPS : ....", C.IDENTITIES),
    ("Entrée le 02/03/2026 : ☐ domicile ☐ transfert\nSortie le 05/03/2026 : ☐ domicile ☐ HAD", C.STAY),
    ("Motif : ..........", C.REASON),
    ("Motif d'hospitalisation", C.REASON),
    ("Synthèse médicale\nÀ compléter par le médecin du service", C.SYNTHESIS),
    ("Synthèse médicale", C.SYNTHESIS),
    ("En cas d'événement indésirable, appelez la maternité.", C.ADVERSE_EVENTS),
    ("Déclaration d'événement indésirable : voir le livret", C.ADVERSE_EVENTS),
    ("Prévention des BMR : lavage des mains", C.RESISTANT_GERMS),
    ("Refus de transfusion signé le 01/03/2026", C.BLOOD),
    ("Accord pour une transfusion : document joint", C.BLOOD),
    ("Transfusion : ☐ oui", C.BLOOD),
    ("Contraception : implant\nRDV à 6 semaines", C.DEVICES),
    ("Risque d'allergie expliqué", C.ALLERGIES),
    ("Allergies : non renseigné", C.ALLERGIES),
    ("Allergies", C.ALLERGIES),
    ("Résultats en attente : ......", C.PENDING),
]
MET = [
    ("La patiente a reçu un exemplaire de cette lettre.", C.HANDED_OVER),
    ("La patiente est repartie avec la lettre de liaison.", C.HANDED_OVER),
    ("Lettre remise à la patiente : [X] oui [ ] non", C.HANDED_OVER),
    ("Lettre remise à la patiente : oui, le 05/03/2026", C.HANDED_OVER),
    ("Suites à donner\nVisite de la sage-femme à domicile dans les 48 heures", C.FOLLOW_UP),
    ("Sortie le 05/03/2026.\nRDV le 16/04/2026 avec le Dr Modèle", C.FOLLOW_UP),
    ("Traitements à la sortie\nParacétamol 1 g\n1 comprimé matin et soir pendant 5 jours", C.TREATMENTS),
    ("Traitements à la sortie\nParacétamol 1 g si besoin\nFer 80 mg : 1 par jour, 3 mois", C.TREATMENTS),
    ("Traitements à la sortie : aucun traitement médicamenteux", C.TREATMENTS),
    ("Traitement habituel poursuivi sans changement.", C.STOPPED),
    ("Les traitements n'ont pas été arrêtés.", C.STOPPED),
    ("Hospitalisée du 02/03 au 05/03/2026.\nFait le 05/03/2026", C.DATED),
    ("Date de naissance\n14/03/1991\nMédecin traitant : aucun\nDr Anne Fictive, RPPS 89900000129", C.IDENTITIES),
    ("Entrée le 02/03/2026 : ☒ domicile ☐ transfert\nSortie le 05/03/2026 : ☒ domicile ☐ HAD", C.STAY),
    ("Madame a accouché le 2 mars par voie basse d'un enfant vivant, suites de couches simples, allaitement "
     "maternel bien installé.", C.SYNTHESIS),
    ("Recherche de BMR\nNégative", C.RESISTANT_GERMS),
    ("Elle n'a pas été transfusée.", C.BLOOD),
    ("Tous les résultats d'examens sont revenus.", C.PENDING),
]  # fmt: skip


@pytest.mark.parametrize(("text", "criterion"), NOT_MET)
def test_it_looks_like_an_answer_and_is_none(text: str, criterion: Criterion) -> None:
    assert one(text, criterion)[0] != State.MET


@pytest.mark.parametrize(("text", "criterion"), MET)
def test_it_is_an_answer(text: str, criterion: Criterion) -> None:
    assert one(text, criterion)[0] == State.MET


def test_each_criterion_is_doubted() -> None:
    assert {criterion for _, criterion in NOT_MET} == set(Criterion)


EMPTY: list[tuple[Criterion, tuple[str, ...], Any]] = [
    (C.REASON, ("reason",), "....."),
    (C.REASON, ("reason",), "à compléter"),
    (C.SYNTHESIS, ("synthesis", "summary", "text"), "À compléter par le médecin du service"),
    (C.ADVERSE_EVENTS, ("synthesis", "adverse_events"), "……"),
    (C.PENDING, ("pending_results",), "à préciser"),
    (C.ALLERGIES, ("allergies",), {"items": []}),
    (C.DEVICES, ("devices",), {"none": False}),
    (C.TREATMENTS, ("discharge_treatments", "items"), [{"name": "Fer", "comment": "À distance du thé."}]),
    (C.TREATMENTS, ("discharge_treatments", "items"), [{"name": "Fer", "comment": "1 comprimé le matin."}]),
]


@pytest.mark.parametrize(("criterion", "path", "value"), EMPTY)
def test_an_entry_without_content_is_no_answer(criterion: Criterion, path: tuple[str, ...], value: Any) -> None:
    body = copy.deepcopy(whole())
    inner: Any = body
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    missing = {found.criterion for found in check(body).gaps}
    assert criterion in missing and missing <= {criterion, C.HANDED_OVER}


def test_words_beside_a_medicine_tell_dose_and_duration() -> None:
    body = whole()
    body["discharge_treatments"]["items"] = [{"name": "Fer 80 mg", "comment": "1 comprimé par jour pendant 3 mois."}]
    assert check(body).gaps == ()


def test_allergies_told_in_the_synthesis_alone_are_told() -> None:
    body = whole()
    del body["allergies"], body["devices"]
    body["synthesis"]["summary"]["text"] += "\nPas d'allergie connue. Aucun dispositif implanté."
    assert check(body).gaps == ()
