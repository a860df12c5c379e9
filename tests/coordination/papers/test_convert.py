"""Three ways to PDF/A-1b, each judged by our own reader; what is lost in each way is tested too."""

from __future__ import annotations

import io
import shutil

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from coordination.papers import ghostscript, pdfa
from coordination.papers.analysis import Analysis
from coordination.papers.apart import to_pdf_a_apart
from coordination.papers.convert import ConversionError, ConversionPolicy, Converted, to_pdf_a
from coordination.papers.opening import open_paper
from coordination.papers.pdfium import open_pages
from coordination.papers.reading import analyse
from coordination.papers.specimen_texts import Kind
from coordination.papers.specimen_variants import joined, scanned, turned, without_pdf_a
from tests.papers_fixtures import LIMITS, make

IMAGES_ONLY = ConversionPolicy(use_ghostscript=False)
needs_ghostscript = pytest.mark.skipif(shutil.which("gs") is None, reason="Ghostscript is not installed (optional)")


def convert(data: bytes, policy: ConversionPolicy = IMAGES_ONLY) -> Converted:
    return to_pdf_a(open_paper(data, limits=LIMITS), qr_prescription=read(data).qr_prescription, policy=policy)


def read(data: bytes) -> Analysis:
    return analyse(data, limits=LIMITS, accept_production_ins=False)


def transparent(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(without_pdf_a(data))) as pdf:
        page = pdf.pages[0]
        page.Resources.ExtGState = Dictionary(G=Dictionary(Type=Name.ExtGState, ca=0.5))
        page.contents_add(b"q /G gs 1 0 0 rg 50 50 100 100 re f Q")
        output = io.BytesIO()
        pdf.save(output)
        return output.getvalue()


def test_a_pdf_a_is_left_untouched() -> None:
    data = make()
    converted = convert(data)
    assert converted.pdf_a is data and converted.method == "unchanged" and converted.conforms


@pytest.mark.parametrize(
    "data",
    [
        without_pdf_a(make()),
        transparent(make()),
        scanned(make()),
        turned(without_pdf_a(make()), 90),
        joined([make(), make(Kind.CRA)]),
    ],
    ids=["pdf-1.7", "transparent", "scan", "turned", "two-pages"],
)
@pytest.mark.parametrize("way", ["images", pytest.param("ghostscript", marks=needs_ghostscript)])
def test_each_way_gives_pdf_a_with_the_same_code_and_words(data: bytes, way: str) -> None:
    converted = convert(data, ConversionPolicy(use_ghostscript=way == "ghostscript"))
    assert converted.conforms
    assert pdfa.check(converted.pdf_a) == []
    before, after = read(data), read(converted.pdf_a)
    assert after.identities == before.identities and after.identities
    assert after.page_count == before.page_count
    assert (after.type and after.type.type_code) == (before.type and before.type.type_code)
    with open_pages(data) as one, open_pages(converted.pdf_a) as other:
        assert one.text(1).split() == other.text(1).split()
        assert [round(side) for side in one.size(1)] == [round(side) for side in other.size(1)]


@needs_ghostscript
def test_ghostscript_is_used_unless_it_loses_the_words() -> None:
    """It turns a transparent page into an image without text: page images over their text are better."""
    assert convert(without_pdf_a(make()), ConversionPolicy()).method == "ghostscript"
    assert convert(turned(without_pdf_a(make()), 90), ConversionPolicy()).method == "ghostscript"
    assert convert(transparent(make()), ConversionPolicy()).method == "images"


def test_page_images_say_what_they_are_and_are_the_same_each_time() -> None:
    data = without_pdf_a(make())
    converted = convert(data)
    assert [warning.code for warning in converted.warnings] == ["AS_IMAGES"]
    assert convert(data).pdf_a == converted.pdf_a


def test_the_searchable_text_is_under_the_image_not_over_it() -> None:
    """No transparency in PDF/A-1: the text is hidden because the opaque image is painted last."""
    with pikepdf.open(io.BytesIO(convert(without_pdf_a(make())).pdf_a)) as pdf:
        operators = [str(instruction.operator) for instruction in pikepdf.parse_content_stream(pdf.pages[0])]
    assert max(n for n, name in enumerate(operators) if name in ("Tj", "TJ")) < operators.index("Do")


def test_a_colour_page_keeps_its_colours() -> None:
    with open_pages(convert(transparent(make())).pdf_a) as pages:
        image = pages.image(1, dpi=72, grayscale=False)
    red, green, blue = image.getpixel((100, image.height - 100))  # type: ignore[misc]
    assert red > 220 and 90 < green < 160 and 90 < blue < 160


def test_a_prescription_with_a_qr_code_keeps_its_bytes_and_says_so() -> None:
    data = without_pdf_a(make(Kind.MEDICINES, with_qr=True))
    kept = convert(data)
    assert kept.pdf_a == data and kept.method == "unchanged" and not kept.conforms
    assert [warning.code for warning in kept.warnings] == ["QR_KEPT"]
    other = convert(data, ConversionPolicy(use_ghostscript=False, keep_qr_prescriptions=False))
    assert other.method == "images" and other.conforms


def test_without_ghostscript_the_product_still_converts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert convert(without_pdf_a(make()), ConversionPolicy()).method == "images"


@needs_ghostscript
def test_ghostscript_too_slow_or_a_page_lost_falls_back_to_images() -> None:
    data = without_pdf_a(make())
    assert ghostscript.to_pdf_a(data, seconds=0.01, page_count=1) is None
    assert ghostscript.to_pdf_a(data, seconds=60, page_count=2) is None
    assert ghostscript.to_pdf_a(b"nonsense", seconds=60, page_count=1) is None
    assert convert(data, ConversionPolicy(ghostscript_seconds=0.01)).method == "images"


@needs_ghostscript
def test_ghostscript_may_not_read_the_machine() -> None:
    """A PostScript run through the PDF entry must not reach another file (-dSAFER)."""
    hostile = b"%!PS\n(/etc/hostname) (r) file 100 string readstring pop show showpage"
    assert ghostscript.to_pdf_a(hostile, seconds=30, page_count=1) is None


def test_a_child_process_converts_the_same() -> None:
    data = without_pdf_a(make())
    paper = open_paper(data, limits=LIMITS)
    assert to_pdf_a_apart(paper, qr_prescription=False, policy=IMAGES_ONLY) == to_pdf_a(
        paper, qr_prescription=False, policy=IMAGES_ONLY
    )
    good = open_paper(make(), limits=LIMITS)
    assert to_pdf_a_apart(good, qr_prescription=False).pdf_a is good.data


def test_a_conversion_that_takes_too_long_is_an_error_with_a_sentence() -> None:
    paper = open_paper(without_pdf_a(make()), limits=LIMITS)
    with pytest.raises(ConversionError) as caught:
        to_pdf_a_apart(paper, qr_prescription=False, seconds=0.02)
    assert "Rien n'a été envoyé" in caught.value.message_fr


def test_form_values_are_in_the_image() -> None:
    with pikepdf.open(io.BytesIO(without_pdf_a(make()))) as pdf:
        appearance = pikepdf.Stream(
            pdf, b"0 0 0 rg 0 0 100 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 20]
        )
        field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="a", F=4, Rect=Array([60, 60, 160, 80]))
        field.AP = Dictionary(N=pdf.make_indirect(appearance))
        field = pdf.make_indirect(field)
        pdf.pages[0].Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))
        output = io.BytesIO()
        pdf.save(output)
    with open_pages(convert(output.getvalue()).pdf_a) as pages:
        image = pages.image(1, dpi=72)
    assert image.getpixel((100, image.height - 70)) < 60  # type: ignore[operator]


@needs_ghostscript
def test_a_ghostscript_copy_whose_words_changed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Ghostscript 10.0 does with ligatures; here it gives back another good document."""
    other = make(Kind.CRA)
    monkeypatch.setattr(ghostscript, "to_pdf_a", lambda data, *, seconds, page_count: other)
    assert convert(without_pdf_a(make()), ConversionPolicy()).method == "images"
