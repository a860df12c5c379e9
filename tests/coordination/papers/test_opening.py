"""What is refused at the door, each with its sentence; and hostile bytes, which must never crash the reader."""

from __future__ import annotations

import io
import random
import time
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from coordination.papers import streams
from coordination.papers.opening import Limits, PaperError, open_paper
from coordination.papers.specimen_variants import joined, scanned, without_pdf_a
from tests.papers_fixtures import LIMITS, make


@pytest.fixture(scope="module")
def good() -> bytes:
    return make()


def changed(data: bytes, change: Callable[[Pdf], object], **options: object) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        output = io.BytesIO()
        pdf.save(output, **options)  # type: ignore[arg-type]
        return output.getvalue()


def refusal(data: bytes, limits: Limits = LIMITS) -> PaperError:
    with pytest.raises(PaperError) as caught:
        open_paper(data, limits=limits)
    return caught.value


def notices(data: bytes) -> list[str]:
    return [notice.code for notice in open_paper(data, limits=LIMITS).notices]


def test_a_good_paper_opens_untouched(good: bytes) -> None:
    paper = open_paper(good, limits=LIMITS)
    assert (paper.data, paper.page_count, paper.version, paper.notices) == (good, 1, "1.4", ())
    assert notices(scanned(good)) == notices(without_pdf_a(good)) == []


def test_empty_and_foreign_files(good: bytes) -> None:
    assert refusal(b"").code == "EMPTY"
    assert refusal(b"PK\x03\x04 a Word file").code == "NOT_PDF"
    assert refusal(b"\xff\xd8\xff an image").code == "NOT_PDF"
    assert refusal(good[: len(good) // 2]).code == "TRUNCATED"
    assert refusal(b"%PDF-1.4\nnothing here\n%%EOF").code == "UNREADABLE"


def test_a_cut_file_that_pretends_to_end_is_refused(good: bytes) -> None:
    for share in (0.2, 0.5, 0.8, 0.95):
        assert refusal(good[: int(len(good) * share)] + b"\n%%EOF").code == "UNREADABLE"


def test_limits_of_weight_and_pages_are_said(good: bytes) -> None:
    error = refusal(good, Limits(max_bytes=10_000))
    assert error.code == "TOO_HEAVY" and "la limite est de 10 ko" in error.message_fr
    assert "la limite est de 1,5 Mo" in refusal(good + bytes(2_000_000), Limits(max_bytes=1_500_000)).message_fr
    error = refusal(joined([good] * 3), Limits(max_pages=2))
    assert error.code == "TOO_MANY_PAGES" and "3 pages" in error.message_fr and "2" in error.message_fr


def test_a_password_is_refused_but_a_print_lock_is_only_told(good: bytes) -> None:
    locked = changed(good, lambda pdf: None, encryption=pikepdf.Encryption(user="secret", owner="owner"))
    assert refusal(locked).code == "PASSWORD"
    restricted = changed(good, lambda pdf: None, encryption=pikepdf.Encryption(user="", owner="owner"))
    assert open_paper(restricted, limits=LIMITS).encrypted
    assert notices(restricted) == ["RESTRICTED"]


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def annotation(pdf: Pdf, **entries: object) -> None:
    pdf.pages[0].Annots = Array([pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=Array([0, 0, 1, 1]), **entries))])


ACTIVE: list[tuple[str, Callable[[Pdf], object]]] = [
    ("JAVASCRIPT", lambda pdf: pdf.Root.__setattr__("OpenAction", script())),
    ("JAVASCRIPT", lambda pdf: pdf.pages[0].__setattr__("AA", Dictionary(O=script()))),
    ("JAVASCRIPT", lambda pdf: pdf.Root.__setattr__("X", Array([Array([Array([script()])])]))),
    (
        "JAVASCRIPT",
        lambda pdf: pdf.Root.__setattr__(
            "Names", Dictionary(JavaScript=Dictionary(Names=Array([String("a"), pdf.make_indirect(script())])))
        ),
    ),
    ("LAUNCH", lambda pdf: annotation(pdf, Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("cmd.exe")))),
    ("LAUNCH", lambda pdf: annotation(pdf, Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F=String("http://x")))),
    ("EMBEDDED_FILE", lambda pdf: pdf.attachments.__setitem__("a.exe", b"MZ")),
    ("EMBEDDED_FILE", lambda pdf: annotation(pdf, Subtype=Name.FileAttachment)),
    ("RICH_MEDIA", lambda pdf: annotation(pdf, Subtype=Name.RichMedia)),
    ("RICH_MEDIA", lambda pdf: pdf.Root.__setattr__("AcroForm", Dictionary(Fields=Array(), XFA=Stream(pdf, b"<x/>")))),
]


@pytest.mark.parametrize(("kind", "change"), ACTIVE)
def test_active_content_is_refused(good: bytes, kind: str, change: Callable[[Pdf], object]) -> None:
    error = refusal(changed(good, change))
    assert error.code == f"ACTIVE_{kind}"
    assert "Par sécurité" in error.message_fr


def test_inert_leftovers_and_links_are_accepted(good: bytes) -> None:
    empty_tree = Dictionary(Names=Array([]))
    assert notices(changed(good, lambda pdf: pdf.Root.__setattr__("Names", Dictionary(EmbeddedFiles=empty_tree)))) == []
    link = Dictionary(S=Name.URI, URI=String("https://example.org"))
    assert notices(changed(good, lambda pdf: annotation(pdf, Subtype=Name.Link, A=link))) == []


def test_a_damaged_index_is_repaired_only_when_nothing_is_lost(good: bytes) -> None:
    start = good.rindex(b"startxref")
    assert notices(good[:start] + b"startxref\n123\n%%EOF") == ["REPAIRED"]


def test_damaged_page_content_is_never_silent(good: bytes) -> None:
    with pikepdf.open(io.BytesIO(good)) as pdf:
        raw = pdf.pages[0].Contents.read_raw_bytes()
    start = good.index(raw)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        at = start + int(len(raw) * share)
        assert refusal(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]).code == "UNREADABLE"


def test_a_file_that_inflates_without_end_is_refused(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_DECODED_BYTES", 10_000_000)
    bomb = zlib.compress(bytes(20_000_000), 9)
    data = changed(
        good, lambda pdf: pdf.Root.__setattr__("X", pdf.make_indirect(Stream(pdf, bomb, Filter=Name.FlateDecode)))
    )
    assert len(data) < 200_000
    assert refusal(data).code == "TOO_COMPLEX"


def test_a_page_that_its_tree_lost_is_refused(good: bytes) -> None:
    two = joined([good, good])
    assert two.count(b"/Count 2") == 1
    assert refusal(two.replace(b"/Count 2", b"/Count 3")).code == "UNREADABLE"


def test_hostile_nesting_and_loops_end(good: bytes) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert refusal(b"%PDF-1.4\n1 0 obj\n" + deep + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF").code == "UNREADABLE"
    loop = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
    assert refusal(loop + b"trailer<</Root 1 0 R>>\n%%EOF").code == "UNREADABLE"
    nested: Array = Array([])
    for _ in range(100):
        nested = Array([nested])
    assert refusal(changed(good, lambda pdf: pdf.Root.__setattr__("X", nested))).code == "UNREADABLE"


def test_mutated_files_open_or_are_refused_and_nothing_else(good: bytes) -> None:
    chance = random.Random(20260305)
    began = time.monotonic()
    outcomes = set()
    for _ in range(150):
        mutant = bytearray(good)
        for _ in range(chance.choice((1, 5, 60, 600))):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        if chance.random() < 0.3:
            mutant = mutant[: chance.randrange(1, len(mutant))] + b"%%EOF"
        try:
            open_paper(bytes(mutant), limits=LIMITS)
            outcomes.add("opened")
        except PaperError as error:
            outcomes.add(error.code)
    assert {"opened", "UNREADABLE"} <= outcomes
    assert time.monotonic() - began < 20


def test_a_refusal_never_repeats_the_content(good: bytes) -> None:
    for data in (b"", b"SPECIMEN CAMILLE", good[:500]):
        assert "SPECIMEN" not in refusal(data).message_fr
        assert "SPECIMEN" not in str(refusal(data))
