"""Two people in one file: the file is blocked, and the cut is proposed.

A page without code belongs to the person of the page before it. Pages before the first code belong
to nobody until a person says so. After the cut, each part is read again from its own pages: an
identity never leaks from one part to the next.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf

from coordination.papers import pdfa
from coordination.papers.analysis import Blocked, Identity, PageRange, PageReading, Part
from coordination.papers.pdfa_pages import page_annotations


def distinct_identities(pages: Sequence[PageReading]) -> tuple[Identity, ...]:
    """One identity per person, in order of appearance."""
    found: dict[tuple[str, str], Identity] = {}
    for page in pages:
        for identity in page.identities:
            found.setdefault(identity.key, identity)
    return tuple(found.values())


def blocking(pages: Sequence[PageReading]) -> Blocked | None:
    """Why the file cannot be filed as it is, None when it holds one person or none."""
    if any(len({identity.key for identity in page.identities}) > 1 for page in pages):
        return Blocked(
            "TWO_IDENTITIES_ONE_PAGE",
            "Une même page porte les codes de deux personnes. Rien n'a été classé. "
            "Vérifiez le document avec le service qui l'a produit.",
        )
    if _traits_differ(pages):
        return Blocked(
            "TRAITS_DIFFER",
            "Le même matricule INS figure avec des traits d'identité différents. Rien n'a été classé. "
            "Faites vérifier l'identité avant de déposer à nouveau.",
        )
    count = len(distinct_identities(pages))
    if count > 1:
        return Blocked(
            "TWO_IDENTITIES",
            f"Le fichier contient les documents de {count} personnes. Rien n'a été classé. "
            "Vérifiez la découpe proposée, puis acceptez-la.",
        )
    return None


def _traits_differ(pages: Sequence[PageReading]) -> bool:
    traits: dict[tuple[str, str], set[tuple[object, ...]]] = {}
    for page in pages:
        for one in page.identities:
            traits.setdefault(one.key, set()).add((one.family_name, one.given_names, one.sex, one.birth_date))
    return any(len(variants) > 1 for variants in traits.values())


def proposed_parts(pages: Sequence[PageReading]) -> tuple[Part, ...]:
    """Runs of pages, cut where the person changes or where a new title begins; empty for one run."""
    parts: list[Part] = []
    current: Identity | None = None
    for page in pages:
        own = page.identities[0] if page.identities else None
        new_person = own is not None and (current is None or own.key != current.key)
        new_title = bool(page.type_code) and bool(parts) and page.type_code != parts[-1].type_code
        if parts and not new_person and not new_title:
            last = parts[-1]
            parts[-1] = Part(PageRange(last.pages.first, page.number), last.identity, last.type_code)
        else:
            current = own or current
            parts.append(Part(PageRange(page.number, page.number), current, page.type_code))
    return tuple(parts) if len(parts) > 1 else ()


def cut(data: bytes, ranges: Sequence[PageRange]) -> list[bytes]:
    """One new PDF per range, in order; the parts of a PDF/A-1 file are PDF/A-1 too.

    The properties of the file (title, author, outline) are left behind: they may name the other
    person. Raises ValueError on a range outside the file or an overlap.
    """
    conforms = pdfa.is_pdf_a(data)
    with pikepdf.open(io.BytesIO(data)) as source:
        _check_ranges(ranges, len(source.pages))
        _draw_forms(source)
        return [_extract(source, pages, conforms) for pages in ranges]


def _draw_forms(source: pikepdf.Pdf) -> None:
    """A form field lives in the file, not in its page: draw its value on the page before cutting."""
    if "/AcroForm" not in source.Root:
        return
    fields = [item for page in source.pages for item in page_annotations(page) if item.get("/Subtype") == "/Widget"]
    if any("/AP" not in field for field in fields):
        source.Root.AcroForm.NeedAppearances = True
        source.generate_appearance_streams()
    source.flatten_annotations("all")
    if "/AcroForm" in source.Root:
        del source.Root.AcroForm


def _check_ranges(ranges: Sequence[PageRange], page_count: int) -> None:
    seen: set[int] = set()
    for pages in ranges:
        if not 1 <= pages.first <= pages.last <= page_count:
            raise ValueError("page range outside the file")
        numbers = set(range(pages.first, pages.last + 1))
        if numbers & seen:
            raise ValueError("page ranges overlap")
        seen |= numbers


def _extract(source: pikepdf.Pdf, pages: PageRange, conforms: bool) -> bytes:
    with pikepdf.new() as part:
        part.pages.extend(source.pages[pages.first - 1 : pages.last])
        for page in part.pages:
            for key in ("/Metadata", "/PieceInfo", "/Thumb", "/AA", "/B", "/StructParents"):
                if key in page.obj:
                    del page.obj[key]
        if conforms:
            part.Root.OutputIntents = part.copy_foreign(_intents(source))
            part.Root.Metadata = pikepdf.Stream(part, _CLAIM, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        output = io.BytesIO()
        version = "1.4" if conforms else source.pdf_version
        part.save(output, deterministic_id=True, force_version=version, compress_streams=not conforms)
        return output.getvalue()


def _intents(source: pikepdf.Pdf) -> pikepdf.Object:
    """The output intents as an indirect object, which is what `copy_foreign` takes."""
    return source.make_indirect(source.Root.OutputIntents)


_CLAIM = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
    "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()
