"""Two people in one file: always blocked; after the cut, nothing of one person is left in the other's part."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from coordination.papers import pdfa
from coordination.papers.analysis import Identity, PageRange, PageReading
from coordination.papers.pdfium import open_pages
from coordination.papers.reading import analyse
from coordination.papers.specimen_texts import Kind
from coordination.papers.specimen_variants import joined, scanned
from coordination.papers.splitting import blocking, cut, distinct_identities, proposed_parts
from tests.papers_fixtures import LIMITS, MOTHER, NEWBORN, OTHER_MOTHER, make

ONE = Identity("291037864600195", "1.2.250.1.213.1.4.10", "SPECIMEN", "CAMILLE", "F", date(1991, 3, 14))
TWO = replace(ONE, matricule="288057864600213", family_name="MODELE")


def pages(*identities: Identity | None) -> list[PageReading]:
    return [PageReading(n, (one,) if one else ()) for n, one in enumerate(identities, start=1)]


def ranges(readings: list[PageReading]) -> list[tuple[str, str]]:
    return [
        (part.pages.label_fr, part.identity.family_name if part.identity else "") for part in proposed_parts(readings)
    ]


def test_one_person_or_none_is_not_blocked() -> None:
    for readings in (pages(None), pages(None, ONE, None), pages(ONE, ONE)):
        assert blocking(readings) is None
    assert distinct_identities(pages(None, ONE, ONE)) == (ONE,)


def test_pages_without_code_follow_the_person_before_them() -> None:
    readings = pages(ONE, None, TWO, None)
    blocked = blocking(readings)
    assert blocked is not None and blocked.code == "TWO_IDENTITIES" and blocked.can_be_cut
    assert ranges(readings) == [("pages 1 à 2", "SPECIMEN"), ("pages 3 à 4", "MODELE")]


def test_pages_before_the_first_code_belong_to_nobody() -> None:
    assert ranges(pages(None, ONE, TWO)) == [("page 1", ""), ("page 2", "SPECIMEN"), ("page 3", "MODELE")]


def test_interleaved_people_make_three_parts() -> None:
    assert [label for label, _ in ranges(pages(ONE, TWO, ONE))] == ["page 1", "page 2", "page 3"]


def test_two_codes_on_one_page_cannot_be_cut() -> None:
    blocked = blocking([PageReading(1, (ONE, TWO))])
    assert blocked is not None and blocked.code == "TWO_IDENTITIES_ONE_PAGE" and not blocked.can_be_cut


def test_one_matricule_with_two_sets_of_traits_is_blocked() -> None:
    blocked = blocking(pages(ONE, replace(ONE, birth_date=date(1991, 3, 15))))
    assert blocked is not None and blocked.code == "TRAITS_DIFFER" and not blocked.can_be_cut


def test_a_file_of_two_mothers_is_cut_and_read_again() -> None:
    pile = joined([make(Kind.LLS), make(Kind.CRA), make(Kind.LLS, person=OTHER_MOTHER)])
    analysis = analyse(pile, limits=LIMITS, accept_production_ins=False)
    assert analysis.blocked is not None and analysis.identity is None and analysis.type is None
    parts = cut(pile, [part.pages for part in analysis.parts])
    read = [analyse(part, limits=LIMITS, accept_production_ins=False) for part in parts]
    assert [part.blocked for part in read] == [None] * 3
    assert [part.identity.family_name for part in read if part.identity] == ["SPECIMEN", "SPECIMEN", "MODELE"]
    assert [part.type.type_code for part in read if part.type] == ["11490-0", "15508-5", "11490-0"]


def test_a_scanned_pile_is_blocked_too() -> None:
    pile = scanned(joined([make(), make(person=OTHER_MOTHER)]))
    analysis = analyse(pile, limits=LIMITS, accept_production_ins=False)
    assert analysis.blocked is not None and len(analysis.parts) == 2


def test_nothing_of_the_other_person_is_left_in_a_part() -> None:
    with pikepdf.open(io.BytesIO(joined([make(), make(person=OTHER_MOTHER)]))) as pdf:
        pdf.docinfo.Title = String("Dossier MODELE")
        pdf.pages[0].Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Link,
                    Rect=Array([0, 0, 9, 9]),
                    Dest=Array([pdf.pages[1].obj, Name.Fit]),
                )
            ]
        )
        output = io.BytesIO()
        pdf.save(output)
    first, second = cut(output.getvalue(), [PageRange(1, 1), PageRange(2, 2)])
    with pikepdf.open(io.BytesIO(first)) as part:
        plain = io.BytesIO()
        part.save(plain, stream_decode_level=pikepdf.StreamDecodeLevel.all, compress_streams=False)
        fonts = len([obj for obj in part.objects if isinstance(obj, Dictionary) and obj.get("/Type") == "/Font"])
    assert b"MODELE" not in plain.getvalue()
    with pikepdf.open(io.BytesIO(output.getvalue())) as whole:
        assert fonts < len(
            [obj for obj in whole.objects if isinstance(obj, Dictionary) and obj.get("/Type") == "/Font"]
        )
    with open_pages(first) as left, open_pages(second) as right:
        assert "MODELE" not in left.text(1) and "MODELE" in right.text(1)


def test_a_form_value_stays_visible_and_stays_with_its_page() -> None:
    with pikepdf.open(io.BytesIO(joined([make(), make(person=OTHER_MOTHER)]))) as pdf:
        fields = []
        for page, value in zip(pdf.pages, ("VALEURUNE", "VALEURDEUX"), strict=True):
            field = pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String(value), V=String(value), F=4,
                    Rect=Array([300, 60, 500, 80]), DA=String("/Helv 12 Tf 0 g"),
                )
            )  # fmt: skip
            page.Annots = Array([field])
            fields.append(field)
        helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.Root.AcroForm = Dictionary(Fields=Array(fields), DR=Dictionary(Font=Dictionary(Helv=helvetica)))
        output = io.BytesIO()
        pdf.save(output)
    first, second = cut(output.getvalue(), [PageRange(1, 1), PageRange(2, 2)])
    with open_pages(first) as left, open_pages(second) as right:
        assert "VALEURUNE" in left.text(1) and "VALEURDEUX" in right.text(1)
    assert b"VALEURDEUX" not in first


def test_the_parts_of_a_pdf_a_are_pdf_a() -> None:
    original = make()
    (part,) = cut(original, [PageRange(1, 1)])
    assert pdfa.check(part) == []
    assert cut(original, [PageRange(1, 1)]) == [part]


@pytest.mark.parametrize(
    "wrong", [[PageRange(0, 1)], [PageRange(2, 1)], [PageRange(1, 3)], [PageRange(1, 2), PageRange(2, 2)]]
)
def test_impossible_ranges_are_refused(wrong: list[PageRange]) -> None:
    with pytest.raises(ValueError, match="range"):
        cut(joined([make(), make()]), wrong)


def test_several_titles_of_one_person_give_a_possible_cut_without_blocking() -> None:
    analysis = analyse(joined([make(Kind.LLS), make(Kind.CRA)]), limits=LIMITS, accept_production_ins=False)
    assert analysis.blocked is None and analysis.identity is not None
    assert [part.type_code for part in analysis.parts] == ["11490-0", "15508-5"]
    assert MOTHER.claims is not None and NEWBORN.claims is None
