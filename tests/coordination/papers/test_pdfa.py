"""Each rule of PDF/A-1 is broken on purpose, one file per rule, from a file that keeps them all."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from coordination.papers import pdfa
from coordination.papers.pdfa_rules import RULES
from coordination.papers.specimen_variants import scanned, without_pdf_a
from tests.papers_fixtures import make

Change = Callable[[Pdf], object]


@pytest.fixture(scope="module")
def good() -> bytes:
    return make()


def changed(data: bytes, change: Change, **options: object) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        output = io.BytesIO()
        pdf.save(output, **{"force_version": "1.4", "deterministic_id": True, **options})  # type: ignore[arg-type]
        return output.getvalue()


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in pdfa.check(data)]


def draw(pdf: Pdf, instructions: bytes, **resources: Dictionary) -> None:
    """Add drawing instructions and resources to the first page."""
    page = pdf.pages[0]
    for kind, entries in resources.items():
        target = page.Resources.get(f"/{kind}") or Dictionary()
        target.update(entries)
        page.Resources[f"/{kind}"] = target
    page.contents_add(Stream(pdf, b"q " + instructions + b" Q"))


def form(pdf: Pdf, content: bytes = b"", **entries: object) -> Stream:
    return Stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], **entries)


def image(pdf: Pdf, **entries: object) -> Stream:
    basis = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 8, **entries}
    return Stream(pdf, b"\0", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, **basis)


def annotate(pdf: Pdf, **entries: object) -> None:
    basis = {"Type": Name.Annot, "Subtype": Name.Link, "Rect": Array([0, 0, 9, 9]), "F": 4, **entries}
    annotation = pdf.make_indirect(Dictionary(**basis))
    pdf.pages[0].Annots = Array([annotation])
    if annotation.Subtype == Name.Widget:
        pdf.Root.AcroForm = Dictionary(Fields=Array([annotation]))


def show(pdf: Pdf, font: Dictionary, mode: int = 0) -> None:
    draw(pdf, b"BT /F99 9 Tf %d Tr (A) Tj ET" % mode, Font=Dictionary(F99=pdf.make_indirect(font)))


def font_file(pdf: Pdf, **entries: object) -> Dictionary:
    return Dictionary(Type=Name.FontDescriptor, FontName=Name("/ABCDEF+X"), FontFile2=Stream(pdf, b"x"), **entries)


def simple_font(pdf: Pdf, subtype: Name, **entries: object) -> Dictionary:
    widths = {"FirstChar": 65, "LastChar": 65, "Widths": Array([500]), "BaseFont": Name("/ABCDEF+X")}
    return Dictionary(Type=Name.Font, Subtype=subtype, **{**widths, **entries})


def composite_font(pdf: Pdf, encoding: object, **descendant: object) -> Dictionary:
    basis = {"BaseFont": Name("/ABCDEF+X"), "Subtype": Name.CIDFontType2, "CIDToGIDMap": Name.Identity}
    inner = pdf.make_indirect(Dictionary(Type=Name.Font, **{**basis, **descendant}))
    return Dictionary(Type=Name.Font, Subtype=Name.Type0, Encoding=encoding, DescendantFonts=Array([inner]))


def replace_metadata(pdf: Pdf, old: bytes, new: bytes) -> None:
    data = pdf.Root.Metadata.read_bytes()
    assert old in data
    pdf.Root.Metadata.write(data.replace(old, new))


def set_profile(pdf: Pdf, position: int, value: bytes) -> None:
    profile = pdf.Root.OutputIntents[0].DestOutputProfile
    data = profile.read_bytes()
    profile.write(data[:position] + value + data[position + len(value) :])


BROKEN: list[tuple[str, Change]] = [
    ("LAYERS", lambda pdf: pdf.Root.__setattr__("OCProperties", Dictionary())),
    ("TRIGGER", lambda pdf: pdf.Root.__setattr__("AA", Dictionary())),
    ("EMBEDDED_FILE", lambda pdf: pdf.attachments.__setitem__("a.txt", b"x")),
    ("FORM", lambda pdf: pdf.Root.__setattr__("AcroForm", Dictionary(NeedAppearances=True, Fields=Array()))),
    ("OUTPUT_INTENT", lambda pdf: pdf.Root.__delattr__("OutputIntents")),
    ("OUTPUT_INTENT", lambda pdf: pdf.Root.OutputIntents[0].__setattr__("S", Name.GTS_PDFX)),
    ("OUTPUT_PROFILE", lambda pdf: set_profile(pdf, 12, b"spac")),
    ("OUTPUT_PROFILE", lambda pdf: set_profile(pdf, 8, b"\x04")),
    ("OUTPUT_PROFILE", lambda pdf: set_profile(pdf, 16, b"CMYK")),
    ("EXTERNAL_STREAM", lambda pdf: pdf.pages[0].Contents.__setattr__("F", String("else.bin"))),
    ("LIMITS", lambda pdf: pdf.Root.__setattr__("X", pdf.make_indirect(Array([0] * 8192)))),
    ("LIMITS", lambda pdf: pdf.Root.__setattr__("X", pdf.make_indirect(Array([String("a" * 65536)])))),
    ("LIMITS", lambda pdf: draw(pdf, b"q " * 29 + b"Q " * 29)),
    ("FILTER", lambda pdf: draw(pdf, b"", XObject=Dictionary(I=image(pdf, Filter=Name.JPXDecode)))),
    ("IMAGE", lambda pdf: draw(pdf, b"", XObject=Dictionary(I=image(pdf, Interpolate=True)))),
    ("IMAGE", lambda pdf: draw(pdf, b"", XObject=Dictionary(I=image(pdf, Alternates=Array())))),
    ("IMAGE", lambda pdf: draw(pdf, b"", XObject=Dictionary(I=image(pdf, BitsPerComponent=16)))),
    ("RENDERING_INTENT", lambda pdf: draw(pdf, b"", XObject=Dictionary(I=image(pdf, Intent=Name.Vivid)))),
    ("RENDERING_INTENT", lambda pdf: draw(pdf, b"/Vivid ri")),
    ("XOBJECT", lambda pdf: draw(pdf, b"", XObject=Dictionary(X=form(pdf, Ref=Dictionary())))),
    ("XOBJECT", lambda pdf: draw(pdf, b"", XObject=Dictionary(X=form(pdf, Subtype2=Name.PS)))),
    (
        "EXTGSTATE",
        lambda pdf: draw(pdf, b"", ExtGState=Dictionary(G=Dictionary(Type=Name.ExtGState, TR=Name.Identity))),
    ),
    ("OPERATOR", lambda pdf: draw(pdf, b"BX 1 2 invented EX")),
    ("SOFT_MASK", lambda pdf: draw(pdf, b"", XObject=Dictionary(I=image(pdf, SMask=image(pdf))))),
    ("SOFT_MASK", lambda pdf: draw(pdf, b"", ExtGState=Dictionary(G=Dictionary(SMask=Dictionary(S=Name.Alpha))))),
    ("TRANSPARENCY", lambda pdf: draw(pdf, b"/G gs", ExtGState=Dictionary(G=Dictionary(ca=0.5)))),
    ("TRANSPARENCY", lambda pdf: draw(pdf, b"/G gs", ExtGState=Dictionary(G=Dictionary(CA=0.5)))),
    ("BLEND_MODE", lambda pdf: draw(pdf, b"/G gs", ExtGState=Dictionary(G=Dictionary(BM=Name.Multiply)))),
    (
        "TRANSPARENCY_GROUP",
        lambda pdf: draw(pdf, b"/X Do", XObject=Dictionary(X=form(pdf, Group=Dictionary(S=Name.Transparency)))),
    ),
    ("DEVICE_COLOUR", lambda pdf: draw(pdf, b"0 0 0 1 k")),
    ("DEVICE_COLOUR", lambda pdf: draw(pdf, b"/DeviceCMYK cs")),
    ("DEVICE_COLOUR", lambda pdf: draw(pdf, b"/I Do", XObject=Dictionary(I=image(pdf, ColorSpace=Name.DeviceCMYK)))),
    ("DEVICE_COLOUR", lambda pdf: draw(pdf, b"/X Do", XObject=Dictionary(X=form(pdf, b"0 0 0 1 k")))),
    ("DEVICE_COLOUR", lambda pdf: draw(pdf, b"BI /W 1 /H 1 /BPC 8 /CS /CMYK ID abcd EI")),
    (
        "ICC_PROFILE",
        lambda pdf: draw(pdf, b"/S cs", ColorSpace=Dictionary(S=Array([Name.ICCBased, Stream(pdf, b"x", N=3)]))),
    ),
    ("LZW", lambda pdf: draw(pdf, b"BI /W 1 /H 1 /BPC 8 /CS /G /F /LZW ID \x80\x0b\x60\x50\x22 EI")),
    ("FONT_NOT_EMBEDDED", lambda pdf: show(pdf, simple_font(pdf, Name.Type1, BaseFont=Name.Helvetica))),
    ("FONT_TYPE", lambda pdf: show(pdf, Dictionary(Type=Name.Font, Subtype=Name.Odd))),
    (
        "FONT_CMAP",
        lambda pdf: show(
            pdf, composite_font(pdf, Name("/Other-H"), FontDescriptor=font_file(pdf, CIDSet=Stream(pdf, b"\xff")))
        ),
    ),
    (
        "FONT_CMAP",
        lambda pdf: show(
            pdf,
            composite_font(
                pdf,
                Name("/Identity-H"),
                CIDToGIDMap=Name.Odd,
                FontDescriptor=font_file(pdf, CIDSet=Stream(pdf, b"\xff")),
            ),
        ),
    ),
    ("FONT_SUBSET", lambda pdf: show(pdf, composite_font(pdf, Name("/Identity-H"), FontDescriptor=font_file(pdf)))),
    (
        "FONT_ENCODING",
        lambda pdf: show(pdf, simple_font(pdf, Name.TrueType, FontDescriptor=font_file(pdf, Flags=32))),
    ),
    (
        "FONT_ENCODING",
        lambda pdf: show(
            pdf, simple_font(pdf, Name.TrueType, Encoding=Name.WinAnsiEncoding, FontDescriptor=font_file(pdf, Flags=4))
        ),
    ),
    ("ANNOTATION_TYPE", lambda pdf: annotate(pdf, Subtype=Name.Screen)),
    ("ANNOTATION", lambda pdf: annotate(pdf, F=2)),
    ("ANNOTATION", lambda pdf: annotate(pdf, AP=Dictionary(N=form(pdf), D=form(pdf)))),
    ("FORM", lambda pdf: annotate(pdf, Subtype=Name.Widget)),
    ("JAVASCRIPT", lambda pdf: annotate(pdf, A=Dictionary(S=Name.JavaScript, JS=String("x")))),
    ("ACTION", lambda pdf: annotate(pdf, A=Dictionary(S=Name.Launch))),
    ("ACTION", lambda pdf: annotate(pdf, A=Dictionary(S=Name.Named, N=Name.Print))),
    ("TRIGGER", lambda pdf: annotate(pdf, AA=Dictionary())),
    ("METADATA", lambda pdf: pdf.Root.__delattr__("Metadata")),
    ("METADATA_MISMATCH", lambda pdf: pdf.docinfo.__setattr__("Title", String("Autre titre"))),
    ("METADATA_MISMATCH", lambda pdf: pdf.docinfo.__setattr__("CreationDate", String("D:20200101000000Z"))),
    ("PDFA_CLAIM", lambda pdf: replace_metadata(pdf, b"<pdfaid:part>1<", b"<pdfaid:part>2<")),
    ("PDFA_CLAIM", lambda pdf: replace_metadata(pdf, b"<pdfaid:conformance>B<", b"<pdfaid:conformance>U<")),
]


def test_a_file_rewritten_without_change_is_still_pdf_a(good: bytes) -> None:
    assert codes(good) == []
    assert codes(changed(good, lambda pdf: None)) == []


@pytest.mark.parametrize(("rule", "change"), BROKEN, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(BROKEN)])
def test_a_broken_rule_is_found(good: bytes, rule: str, change: Change) -> None:
    assert rule in codes(changed(good, change))


def test_rules_of_the_file_itself(good: bytes) -> None:
    compact = changed(good, lambda pdf: None, force_version="1.5", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert {"XREF_STREAM", "OBJECT_STREAM"} <= set(codes(compact))
    assert "VERSION" in codes(changed(good, lambda pdf: None, force_version="1.5"))
    locked = changed(
        good,
        lambda pdf: None,
        force_version="",
        encryption=pikepdf.Encryption(owner="o", user=""),
        deterministic_id=False,
    )
    assert "ENCRYPTED" in codes(locked)
    assert codes(good + b"more") == ["AFTER_END"]
    assert "HEADER" in codes(b"\n" + good)
    assert "OUTPUT_PROFILE" in codes(changed(good, lambda pdf: set_profile(pdf, 36, b"xxxx")))
    assert "METADATA" in codes(good.replace(b"<rdf:RDF ", b"<rdf:RDX ", 1))
    assert "HEADER" in codes(good.replace(good.splitlines()[1], b"%abcd", 1))
    assert "UNREADABLE" in codes(good[:2000])
    assert "TRAILER_ID" in codes(good.replace(b"/ID", b"/IX", 1))
    assert "LZW" in codes(good.replace(b"/FlateDecode", b"/LZWDecode  ", 1))


def test_the_claim_alone_proves_nothing() -> None:
    """A scan that says it is PDF/A in its metadata is still refused."""
    with pikepdf.open(io.BytesIO(scanned(make()))) as pdf:
        with pdf.open_metadata() as metadata:
            metadata["pdfaid:part"] = "1"
            metadata["pdfaid:conformance"] = "B"
        output = io.BytesIO()
        pdf.save(output, force_version="1.4")
        assert pdf.open_metadata().pdfa_status == "1B"
    assert {"OUTPUT_INTENT", "DEVICE_COLOUR"} <= set(codes(output.getvalue()))


def test_an_unembedded_font_is_allowed_for_invisible_text_only(good: bytes) -> None:
    """The text layer of an OCR scan (ISO 19005-1 §6.3.4)."""
    helvetica = {"BaseFont": Name.Helvetica}
    assert codes(changed(good, lambda pdf: show(pdf, simple_font(pdf, Name.Type1, **helvetica), mode=3))) == []
    unused = changed(good, lambda pdf: draw(pdf, b"", Font=Dictionary(F99=simple_font(pdf, Name.Type1, **helvetica))))
    assert codes(unused) == []


def test_every_rule_is_broken_by_a_test() -> None:
    elsewhere = {
        "UNREADABLE",
        "HEADER",
        "VERSION",
        "TRAILER_ID",
        "ENCRYPTED",
        "AFTER_END",
        "XREF_STREAM",
        "OBJECT_STREAM",
    }
    assert {rule for rule, _ in BROKEN} | elsewhere == set(RULES)


def test_an_ordinary_pdf_is_refused_with_a_sentence_per_rule(good: bytes) -> None:
    findings = pdfa.check(without_pdf_a(good))
    assert [finding.code for finding in findings] == sorted((f.code for f in findings), key=list(RULES).index)
    assert all(finding.message_fr.endswith(".") for finding in findings)


def test_an_independent_reader_agrees(good: bytes) -> None:
    """pikepdf's validator carries the veraPDF rules; each broken file must also displease it.

    It does not know the XMP extension schemas nor the CFF fonts that typst writes: what it already
    says of the good file is left out.
    """
    pytest.importorskip("fontTools", reason="pikepdf[pdfa] needs fontTools, which is not installed")
    oracle = pytest.importorskip("pikepdf.pdfa")

    def remarks(data: bytes) -> set[tuple[str, str]]:
        report = oracle.validate_written(io.BytesIO(data), "1b")
        return {(finding.rule, finding.message) for finding in report.findings}

    usual = remarks(changed(good, lambda pdf: None))
    unseen = [rule for rule, change in BROKEN if not remarks(changed(good, change)) - usual]
    assert unseen == []
