"""Sentences as wards write them, beside those that say the contrary: to whom, who and when, which medicines, whose."""

from __future__ import annotations

import copy

import pytest

from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.report import State
from tests.coordination.papers.letter_check.test_letter_case import check, whole
from tests.coordination.papers.letter_check.test_letter_text import one

C = Criterion
DRUGS = "Traitements à la sortie\n"
AFTER = "Suites à donner\n"
TREATMENTS = {
    "Paracétamol 1 g pendant 5 jours / Fer / Lovenox": False,
    "Paracétamol 1 g pendant 5 jours\nFer\nLovenox": False,
    "Paracétamol 1 g pendant 5 jours, fer et Lovenox": False,
    "Paracétamol 1 g pendant 5 jours. Fer. Vitamine D.": False,
    "1) Paracétamol 1 g, 5 jours\n2) Vitamine D": False,
    "Paracétamol 1 g si besoin, Lovenox 4000 UI par jour": False,
    "Anticoagulation préventive pendant 6 semaines": False,
    "Paracétamol 1 g pendant 5 jours / Fer 80 mg pendant 3 mois / Lovenox 4000 UI pendant 10 jours": True,
    "Paracétamol 1 g, 1 cp / jour, voie orale, pendant 5 jours\nBas de contention\nContraception : à discuter": True,
    "- Énoxaparine (Lovenox) 4 000 UI\n  1 injection par jour\n  pendant 10 jours\n- Fer 80 mg\n  3 mois": True,
    "Spécialité Dose Durée\nParacétamol 1 g 5 jours": True,
    "Elle repart avec le traitement suivant :\nFer 80 mg par jour pendant 1 mois": True,
    "Vitamine D 100 000 UI, une ampoule en dose unique": True,
    "Uvedose 100 000 UI, une ampoule unique": True,
    "Énoxaparine 4000 UI/j SC pendant 7 jours, NFS-plaquettes une fois par semaine": True,
    "Paracétamol : 1 g toutes les 6 h, 5 j ; Kétoprofène : 100 mg x 2/j": False,
    "TARDYFERON 80 mg 1/j pendant 3 mois, DOLIPRANE 1 g": False,
    "Pas de traitement particulier sauf Lovenox 4000 UI": False,
    "Pas de traitement particulier hormis Lovenox 4000 UI": False,
    "Aucun traitement, mais Lovenox 4000 UI par jour": False,
    "Aucun traitement prescrit excepté le fer": False,
    "Néant en dehors de Lovenox 4000 UI": False,
    "Aucun\nSauf Lovenox": False,
    "Pas de traitement particulier\nLovenox 4000 UI": False,
    "Pas de traitement pour l'enfant, fer pour la mère": False,
    "Pas de traitement particulier sauf Lovenox 4000 UI pendant 10 jours": True,
    "Pas de traitement particulier": True,
    "Pas de traitement à la sortie": True,
}
HANDED_OVER = {
    "Lettre remise au père à la sortie": False,
    "Document remis ce jour au conjoint": False,
    "Lettre remise en main propre au mari": False,
    "Lettre remise à Madame Fictive, sage-femme": False,
    "Lettre remise à la mère de la patiente": False,
    "La lettre a été remise à la sage-femme et non à la patiente": False,
    "Copie de la lettre adressée au médecin traitant, ordonnances remises à la patiente": False,
    "Copie de l'ordonnance remise à la patiente": False,
    "Document d'information remis à la patiente": False,
    "Remise des ordonnances à la patiente": False,
    "La patiente a reçu une copie de l'ordonnance": False,
    "La lettre n'a pas encore été remise à la patiente": False,
    "Aucun exemplaire remis à la patiente": False,
    "Lettre remise à la patiente le jour de la sortie : non": False,
    "Date de remise à la patiente : ........": False,
    "Lettre de liaison à remettre, carnet de santé remis aux parents": False,
    "La lettre de liaison lui a été remise": True,
    "La lettre est signée. Elle a été remise à la patiente.": True,
    "Lettre de liaison, ordonnances et carnet de santé remis à la patiente": True,
    "Lettre adressée au médecin traitant, copie remise à la patiente": True,
    "Lettre remise à la patiente, ordonnances remises au conjoint": True,
    "Lettre remise au médecin traitant et à la patiente": True,
    "Lettre remise à Mme SPECIMEN par la sage-femme": True,
    "Cette lettre vous est remise ce jour en main propre": True,
    "Date de remise à la patiente : 05/03/2026": True,
}
FOLLOW_UP = {
    "Sage-femme libérale : coordonnées remises en main propre": False,
    "Sage-femme libérale, tél. en main": False,
    "Sage-femme libérale. Bébé né à J+0": False,
    "Sage-femme libérale. Bébé né à J+2": False,
    "Sage-femme : non trouvée. Grossesse de 9 mois": False,
    "Sage-femme : non trouvée. Reprise du travail dans 10 semaines": False,
    "Sage-femme libérale\nRepos\nBoire\nRetour à domicile\nTravail dans 10 semaines": False,
    "Suivi par une sage-femme à trouver, dans les 48 heures": False,
    "Sage-femme de garde joignable 24h/24": False,
    "Consulter un médecin en cas de fièvre dans les 8 jours": False,
    "La sage-femme a posé la sonde à J1": False,
    "Sage-femme : en attente de réponse. Ordonnance pour 3 mois": False,
    "Ablation des agrafes J8 par IDE à domicile": True,
    "Sage-femme libérale. Demain matin": True,
    "Sage-femme libérale : Mme Fictive\nPremière visite à J5": True,
    "RDV sage-femme le 9 mars à la maternité": True,
    "Sage-femme : Mme Fictive, lundi prochain": True,
    "Visite de la sage-femme dans les 48 heures, ou avant en cas de fièvre": True,
    "Visite de la sage-femme après la sortie : J5": True,
    "Passage de la sage-femme pendant 5 jours": True,
    "La patiente n'a pas de sage-femme libérale. La PMI passera le 07/03/2026.": True,
}
WHOSE = {
    ("Le nouveau-né n'a pas été transfusé", C.BLOOD): False,
    ("L'enfant, né à terme, n'a pas été transfusé", C.BLOOD): False,
    ("Non transfusée lors de la grossesse précédente", C.BLOOD): False,
    ("Pas d'antécédent de transfusion", C.BLOOD): False,
    ("L'enfant va bien, elle n'a pas été transfusée", C.BLOOD): True,
    ("Accouchement d'un enfant vivant, sans transfusion", C.BLOOD): True,
    ("Allergie au pollen chez le père", C.ALLERGIES): False,
    ("Allergies\nPollen chez la sœur", C.ALLERGIES): False,
    ("Allergie : ne sait pas", C.ALLERGIES): False,
    ("Allergies\nLa patiente ne sait pas", C.ALLERGIES): False,
    ("Allergies : amoxicilline ; pollen chez le père", C.ALLERGIES): True,
    ("Antécédents : allergie à la pénicilline en 2018", C.ALLERGIES): True,
    ("Aucun événement indésirable chez l'enfant", C.ADVERSE_EVENTS): False,
    ("Le 20 novembre 2026", C.DATED): True,
    ("Sortie le 05/03/2026\nLe 05/03/2026", C.DATED): True,
    ("Sortie le 05/03/2026\nLe 06/03/2026", C.DATED): False,
    ("Née\nLe 14/03/1991", C.DATED): False,
    ("Transfusion : non", C.BLOOD): True,
    ("Administration de produits sanguins ou dérivés du sang : non", C.BLOOD): True,
    ("Produits dérivés du sang : non", C.BLOOD): False,
}
ROWS = [
    *((DRUGS + text, C.TREATMENTS, met) for text, met in TREATMENTS.items()),
    *((text, C.HANDED_OVER, met) for text, met in HANDED_OVER.items()),
    *((AFTER + text, C.FOLLOW_UP, met) for text, met in FOLLOW_UP.items()),
    *((text, criterion, met) for (text, criterion), met in WHOSE.items()),
    ("Aucun traitement à la sortie, hormis Lovenox 4000 UI", C.TREATMENTS, False),
    ("NFS de contrôle à J2 : hémoglobine 10,2 g/dL, visite du pédiatre", C.FOLLOW_UP, False),
    ("Elle a été vue en consultation à 6 mois", C.FOLLOW_UP, False),
    ("Elle sera revue en consultation à 6 semaines par le Dr Fictif", C.FOLLOW_UP, True),
]


@pytest.mark.parametrize(("text", "criterion", "met"), ROWS)
def test_what_a_sentence_says(text: str, criterion: Criterion, met: bool) -> None:
    assert (one(text, criterion)[0] == State.MET) is met


@pytest.mark.parametrize(("told", "met"), [("transfusion", True), ("blood_derivatives", False)])
def test_a_structured_letter_is_asked_the_transfusion_as_a_pdf_is(told: str, met: bool) -> None:
    body = copy.deepcopy(whole())
    for name in {"transfusion", "blood_derivatives"} - {told}:
        del body["synthesis"][name]
    assert (C.BLOOD not in {found.criterion for found in check(body).gaps}) is met
