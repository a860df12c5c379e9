"""A readable document: PDF/A-1b, French, the code top right, and data that can never act as markup."""

from __future__ import annotations

from datetime import date

import zxingcpp

from coordination.papers import pdfa
from coordination.papers.codes import read_page
from coordination.papers.pdfium import open_pages
from coordination.papers.synthesis import PatientBlock, readable, render, spaced_matricule
from perinat.standards import datamatrix, oids
from tests.papers_fixtures import MOTHER, WRITTEN_AT

CODE = datamatrix.write(MOTHER.claims)  # type: ignore[arg-type]
PATIENT = PatientBlock("SPECIMEN", "CAMILLE ROSE", date(1991, 3, 14), "F", ins_code=CODE)


def document(value: str = "37,2 °C", **options: object) -> bytes:
    arguments = {"written_at": WRITTEN_AT, "issuer": ["Cabinet fictif", "1 rue du Test"], "patient": PATIENT, **options}
    return render("Visite à domicile", [("Mère", [("Température", value), ("", "Bon état général.")])], **arguments)  # type: ignore[arg-type]


def words(data: bytes) -> str:
    with open_pages(data) as pages:
        return " ".join(pages.text(1).split())


def test_it_is_pdf_a_and_the_same_each_time() -> None:
    data = document()
    assert pdfa.check(data) == []
    assert document() == data


def test_what_is_written_is_read() -> None:
    text = words(
        document(signature=["Lucie Inventée, sage-femme"], footer="Pied", banner="SPÉCIMEN", subtitle="Le 5 mars")
    )
    for expected in (
        "Visite à domicile", "Nom de naissance SPECIMEN", "Température 37,2 °C", "Bon état général.", "Sexe Féminin",
        "Lucie Inventée, sage-femme", "Pied", "SPÉCIMEN", "Le 5 mars", "Page 1 sur 1", "INS à scanner",
    ):  # fmt: skip
        assert expected in text


def test_the_code_is_top_right_and_readable() -> None:
    """EXI DIF 02: upper right of the first page, quiet zone of one module at least."""
    with open_pages(document()) as pages:
        (identity,) = read_page(pages, 1, accept_production_ins=False).identities
        image = pages.image(1, dpi=216)
    assert identity.family_name == "SPECIMEN"
    (symbol,) = zxingcpp.read_barcodes(image)
    assert symbol.position.top_left.x > image.width * 0.7
    assert symbol.position.bottom_left.y < image.height * 0.2


def test_without_code_nor_patient() -> None:
    assert "INS à scanner" not in words(document(patient=None))
    assert "Nom de naissance" not in words(document(patient=None))


def test_data_is_never_markup() -> None:
    attack = '#eval("1+1") *gras* $x^2$ <etiquette> @ref `code` \\ #import "autre.typ"'
    data = document(attack)
    assert pdfa.check(data) == []
    text = words(data)
    for piece in ('#eval("1+1")', "*gras*", "$x^2$", "<etiquette>", "@ref", "`code`", '#import "autre.typ"'):
        assert piece in text


def test_french_spacing_and_stray_characters() -> None:
    assert readable("Bilan : « oui » ; non ?") == "Bilan\u00a0: «\u00a0oui\u00a0»\u00a0; non\u00a0?"
    assert readable("e\u0301te\u0301\x07\u200b\r\nsuite") == "été\nsuite"
    assert pdfa.check(document("李 مريم 😀 \x00 \ufeff")) == []


def test_long_content_goes_over_pages() -> None:
    rows = [(f"Ligne {n}", "valeur " * 30) for n in range(60)]
    data = render("Long", [("Suite", rows)], written_at=WRITTEN_AT, issuer=["Cabinet"], patient=PATIENT)
    with open_pages(data) as pages:
        assert pages.count > 1
        assert f"Page {pages.count} sur {pages.count}" in " ".join(pages.text(pages.count).split())


def test_the_matricule_is_shown_with_its_nature() -> None:
    assert spaced_matricule("291037864600195").replace("\u00a0", " ") == "2 91 03 78 646 001 95"
    assert spaced_matricule("x") == "x"
    block = PatientBlock("A", "B", date(1991, 3, 14), "U", matricule="291037864600195", oid=oids.INS_NIA)
    assert ("Sexe", "Non renseigné") in block.rows()
    assert block.rows()[-1][0] == "Matricule INS (NIA)"
    assert (
        PatientBlock("A", "B", date(1991, 3, 14), "F", matricule="1", oid=oids.INS_NIR_TEST)
        .rows()[-1][0]
        .endswith("(NIR)")
    )
