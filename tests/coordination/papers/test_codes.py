"""The INS datamatrix is read wherever it stands; a wrong one is told, a real person's one is refused."""

from __future__ import annotations

import io
import time

import pikepdf
import pytest
from PIL import ImageOps

from coordination.papers.codes import PageCodes, read_page
from coordination.papers.pdfium import open_pages
from coordination.papers.specimen_texts import Kind
from coordination.papers.specimen_variants import scanned, turned
from perinat.standards import datamatrix, oids
from tests.papers_fixtures import MOTHER, NEWBORN, OTHER_MOTHER, Person, claims, make

CODE = datamatrix.write(MOTHER.claims)  # type: ignore[arg-type]


def read(data: bytes, *, accept_production_ins: bool = False) -> PageCodes:
    with open_pages(data) as pages:
        return read_page(pages, 1, accept_production_ins=accept_production_ins)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_page_turned_any_way(degrees: int) -> None:
    found = read(turned(make(), degrees))
    assert [identity.family_name for identity in found.identities] == ["SPECIMEN"]
    assert found.errors == ()


@pytest.mark.parametrize("tilt", [-6.0, 1.2, 3.0, 92.0, 180.0, 271.0])
def test_a_scan_at_150_dpi_however_it_was_laid(tilt: float) -> None:
    found = read(scanned(make(), dpi=150, tilt=tilt))
    assert [identity.matricule for identity in found.identities] == [MOTHER.claims.ins.matricule]  # type: ignore[union-attr]


def test_poor_scans_still_read() -> None:
    for dpi, quality, seed in ((100, 60, 1), (150, 25, 2), (200, 15, 3)):
        assert read(scanned(make(), dpi=dpi, quality=quality, seed=seed)).identities


def test_all_traits_are_given() -> None:
    (identity,) = read(make()).identities
    assert identity.given_names == "CAMILLE ROSE"
    assert identity.birth_date.isoformat() == "1991-03-14"
    assert (identity.sex, identity.birth_place_cog, identity.oid) == ("F", "78646", oids.INS_NIR_TEST)


def test_no_code_is_no_error() -> None:
    assert read(make(Kind.CHILD_EXAM, person=NEWBORN)) == PageCodes()


def test_a_wrong_key_is_told_with_its_page() -> None:
    matricule = MOTHER.claims.ins.matricule  # type: ignore[union-attr]
    wrong = CODE.replace(matricule, matricule[:-2] + f"{(int(matricule[-2:]) + 1) % 97:02d}")
    found = read(make(code=wrong))
    assert found.identities == ()
    assert [error.code for error in found.errors] == ["CODE_INVALID"]
    assert found.errors[0].message_fr.startswith("Page 1, code refusé : la clé")
    assert matricule[:6] not in found.errors[0].message_fr


def test_a_real_persons_code_is_refused_outside_production() -> None:
    real = datamatrix.write(claims(oid=oids.INS_NIR))
    found = read(make(code=real))
    assert found.identities == ()
    assert [error.code for error in found.errors] == ["CODE_PRODUCTION"]
    assert read(make(code=real), accept_production_ins=True).identities


def test_another_datamatrix_is_ignored() -> None:
    assert read(make(code="0103400930000000172303311012345")) == PageCodes()


def test_a_qr_code_is_seen_beside_the_datamatrix() -> None:
    found = read(make(Kind.MEDICINES, with_qr=True))
    assert found.has_qr and len(found.identities) == 1
    assert not read(make(Kind.MEDICINES)).has_qr


def test_a_light_code_on_a_dark_page() -> None:
    with open_pages(make()) as pages:
        negative = ImageOps.invert(pages.image(1, dpi=200))
    output = io.BytesIO()
    negative.save(output, "PDF", resolution=200)
    assert read(output.getvalue()).identities


@pytest.mark.parametrize("scan", [False, True])
def test_two_codes_on_one_page_are_both_read(scan: bool) -> None:
    """A label of another person stuck on a page, its code 12 mm wide: neither must hide the other."""
    with pikepdf.open(io.BytesIO(make())) as page, pikepdf.open(io.BytesIO(make(person=OTHER_MOTHER))) as other:
        page.pages[0].add_overlay(other.pages[0], pikepdf.Rectangle(40, 40, 440, 600))
        output = io.BytesIO()
        page.save(output)
    data = scanned(output.getvalue(), dpi=200) if scan else output.getvalue()
    assert {identity.family_name for identity in read(data).identities} == {"SPECIMEN", "MODELE"}


def test_a_long_name_makes_a_denser_code_that_still_reads() -> None:
    person = Person.of(
        claims(family_name="DE LA TRES LONGUE FAMILLE D'EXEMPLE", given_names="MARIE ANNE " * 5 + "ROSE"), "1"
    )
    assert read(make(person=person)).identities
    assert read(scanned(make(person=person), dpi=200)).identities


def test_two_seconds_a_page_at_worst() -> None:
    """A page without code goes through every pass."""
    data = scanned(make(code=""), dpi=200)
    began = time.process_time()
    assert read(data) == PageCodes()
    assert time.process_time() - began < 2.0
