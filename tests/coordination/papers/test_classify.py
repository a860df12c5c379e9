"""Proposals from the words: right, or none."""

from __future__ import annotations

import pytest

from coordination.papers import title_rules
from coordination.papers.analysis import Subject
from coordination.papers.authors import propose_authors
from coordination.papers.classify import propose_subject, propose_type
from coordination.papers.pdfium import open_pages
from coordination.papers.specimen_texts import TYPE_CODES, Kind
from perinat.standards import codes
from tests.papers_fixtures import MIDWIFE, make


def kind(text: str) -> str:
    proposal = propose_type(text)
    return proposal.type_code if proposal else ""


def words(data: bytes) -> str:
    with open_pages(data) as pages:
        return pages.text(1)


@pytest.mark.parametrize("paper", list(Kind))
def test_each_specimen_is_recognised(paper: Kind) -> None:
    proposal = propose_type(words(make(paper)))
    assert proposal is not None
    assert proposal.type_code == TYPE_CODES[paper]
    assert 1 >= proposal.confidence >= proposal.threshold == title_rules.THRESHOLD
    assert proposal.table == title_rules.TABLE


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("LETTRE DE LIAISON DE SORTIE", codes.LETTRE_DE_LIAISON_SORTIE),
        ("Objet : lettre de liaison à la sortie", codes.LETTRE_DE_LIAISON_SORTIE),
        ("COMPTE-RENDU\nD’ACCOUCHEMENT", codes.CR_ACCOUCHEMENT),
        ("Compte Rendu Opératoire — Césarienne", codes.CR_OPERATOIRE),
        ("CRH du 02/03/2026 au 05/03/2026", codes.CR_HOSPITALIER),
        ("O R D O N N A N C E\nHémogramme, ferritine\nau laboratoire", codes.ORDONNANCE_BIOLOGIE),
        ("Ordonnance\nParacétamol 1 g, 1 comprimé matin et soir", codes.ORDONNANCE_PRODUITS),
        ("Ordonnance\n10 séances de rééducation périnéale par un kinésithérapeute", codes.ORDONNANCE_KINE),
        ("Examen du nouveau-né", codes.CR_EXAMEN_ENFANT),
        ("Compte rendu d'examens biologiques", codes.CR_BIOLOGIE),
        ("Lettre de liaison à l'entrée", codes.LETTRE_DE_LIAISON_ENTREE),
        ("Compte-rendu de consultation pré-anesthésique", codes.CR_PRE_ANESTHESIE),
        ("COMPTE RENDU D'ANESTHÉSIE", codes.CR_ANESTHESIE),
        ("Compte rendu de dépistage auditif", codes.CR_DEPISTAGE),
        ("Compte rendu de grossesse", codes.CR_GROSSESSE),
        ("Synthèse antepartum", codes.SYNTHESE_ANTEPARTUM),
        ("Synthèse salle de naissance mère", codes.SYNTHESE_NAISSANCE_MERE),
        ("Synthèse salle de naissance enfant", codes.SYNTHESE_NAISSANCE_ENFANT),
        ("Synthèse suites de couches mère", codes.SYNTHESE_SUITES_DE_COUCHES),
        ("Synthèse enfant en maternité", codes.SYNTHESE_ENFANT_MATERNITE),
        ("Note de vaccination", codes.NOTE_VACCINATION),
        ("Lettre d’adressage", codes.LETTRE_ADRESSAGE),
        ("Demande d'actes d'imagerie", codes.DEMANDE_IMAGERIE),
        ("Ordonnance d'imagerie médicale", codes.DEMANDE_IMAGERIE),
        ("Avis d'arrêt de travail", codes.ARRET_DE_TRAVAIL),
        ("Prescription d'arrêt de travail", codes.ARRET_DE_TRAVAIL),
        ("Ordonnance de soins infirmiers", codes.ORDONNANCE_SOINS_INFIRMIERS),
        ("Ordonnance de soins à domicile", codes.ORDONNANCE_SOINS),
    ],
)
def test_usual_titles(title: str, expected: codes.DocumentType) -> None:
    assert kind(f"Hôpital fictif\nService de maternité\n{title}\nTexte.") == expected.code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hôpital fictif\nBonjour Madame,\nVeuillez trouver ci-joint votre dossier.",
        "Lettre de liaison à l'issue d'un transfert",
        "Lettre de liaison jointe",
        "PJ : compte rendu d'accouchement",
        "Le compte rendu d'accouchement vous sera envoyé.",
        "Compte rendu d'accouchement\nOrdonnance",
        "Ordonnance\nVoir verso",
        "Ordonnance\nHémogramme au laboratoire\nParacétamol 1 g, 1 comprimé matin",
        "\n".join(["Ligne"] * 40 + ["Compte rendu d'accouchement"]),
        "Compte rendu d'accouchement " + "et beaucoup d'autres choses " * 4,
    ],
)
def test_when_in_doubt_nothing_is_proposed(text: str) -> None:
    assert propose_type(text) is None


@pytest.mark.parametrize("heading", ["Dépistage auditif : normal", "Directives anticipées", "Carnet de vaccination"])
def test_a_heading_of_a_letter_is_no_rival_of_its_title(heading: str) -> None:
    assert kind(f"Lettre de liaison à la sortie\n{heading}\nTexte.") == codes.LETTRE_DE_LIAISON_SORTIE.code


def test_a_section_far_below_the_title_is_no_rival() -> None:
    text = "Compte rendu d'accouchement\n" + "Texte.\n" * 12 + "Compte rendu opératoire\n"
    assert kind(text) == codes.CR_ACCOUCHEMENT.code


def test_mother_or_newborn() -> None:
    assert propose_subject(words(make(Kind.CRA))) is Subject.MOTHER
    assert propose_subject(words(make(Kind.LLS_NEWBORN))) is Subject.NEWBORN
    assert propose_subject("Ordonnance\nNourrisson de 3 kg") is Subject.NEWBORN
    assert propose_subject("Ordonnance\nMadame X et son nouveau-né") is Subject.UNKNOWN
    assert propose_subject("") is Subject.UNKNOWN


def test_authors_with_their_number() -> None:
    (doctor,) = propose_authors([words(make(Kind.LLS))])
    assert (doctor.name, doctor.title_fr, doctor.rpps, doctor.page) == ("Anne Fictive", "Dr", "89900000129", 1)
    (midwife,) = propose_authors([words(make(Kind.CARE, author=MIDWIFE))])
    assert (midwife.name, midwife.title_fr, midwife.rpps) == ("Lucie Inventée", "Sage-femme", "89900000137")


def test_receivers_are_not_authors_and_false_numbers_are_not_rpps() -> None:
    receivers = "Médecin traitant : Dr Paul Traitant\nCher confrère, Dr Jean Lecteur\n"
    text = receivers + "Dossier 12345678901\nSigné : Pr Marie Curieuse"
    assert [(hint.name, hint.rpps) for hint in propose_authors([text])] == [("Marie Curieuse", "")]
    assert propose_authors(["Téléphone 89900000129"]) == ()
    assert [hint.rpps for hint in propose_authors(["N° RPPS 899 0000 0129"])] == ["89900000129"]
    assert propose_authors(["N° RPPS 89900000128"]) == ()


def test_the_one_who_signs_comes_first() -> None:
    first, *_ = propose_authors(
        ["Anesthésie : Dr Alain Endort", "Compte rendu validé par Dr Sylvie Signe\nRPPS 89900000129"]
    )
    assert (first.name, first.page) == ("Sylvie Signe", 2)
