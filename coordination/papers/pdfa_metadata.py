"""PDF/A-1: XMP metadata, its agreement with the Info dictionary, and the pdfaid claim (ISO 19005-1 §6.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pikepdf
from pikepdf import Dictionary, Stream

from coordination.papers.objects import sub
from coordination.papers.pdfa_report import Report
from perinat.standards import xml

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_PDF = "{http://ns.adobe.com/pdf/1.3/}"
_PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
_MAX_BYTES = 2_000_000
_TEXTS = {  # Info entry → XMP property (§6.7.3, table 1)
    "/Title": f"{_DC}title",
    "/Author": f"{_DC}creator",
    "/Subject": f"{_DC}description",
    "/Keywords": f"{_PDF}Keywords",
    "/Creator": f"{_XMP}CreatorTool",
    "/Producer": f"{_PDF}Producer",
}
_DATES = {"/CreationDate": f"{_XMP}CreateDate", "/ModDate": f"{_XMP}ModifyDate"}
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(\d\d)?'?)?.*")
_PACKET_ATTRIBUTES = re.compile(rb"<\?xpacket begin=[^?]*\b(bytes|encoding)=")

Values = dict[str, list[str]]


def check_metadata(pdf: pikepdf.Pdf, report: Report) -> None:
    stream = sub(pdf.Root, "/Metadata")
    if not isinstance(stream, Stream) or "/Filter" in stream:
        report.add("METADATA")
        report.add_if(not isinstance(stream, Stream), "PDFA_CLAIM")
        return
    data = stream.read_bytes()
    try:
        root = xml.parse(data.strip(b"\x00 \r\n\t"), max_bytes=_MAX_BYTES)
    except xml.XmlError:
        report.add("METADATA")
        report.add("PDFA_CLAIM")
        return
    report.add_if(_PACKET_ATTRIBUTES.search(data) is not None, "METADATA")
    values = _values(root)
    report.add_if(values.get(f"{_PDFAID}part") != ["1"], "PDFA_CLAIM")
    report.add_if(values.get(f"{_PDFAID}conformance") not in (["A"], ["B"]), "PDFA_CLAIM")
    info = sub(pdf.trailer, "/Info")
    if isinstance(info, Dictionary):
        report.add_if(_differs(info, values), "METADATA_MISMATCH")


def _values(root: xml.Element) -> Values:
    """Property → its texts, whichever of the RDF spellings is used (attribute, element, Alt, Seq, Bag)."""
    values: Values = {}
    for description in root.iter(f"{_RDF}Description"):
        for name, text in description.attrib.items():
            values.setdefault(str(name), []).append(str(text).strip())
        for child in description:
            if isinstance(child.tag, str):
                items = [item.text or "" for item in child.iter(f"{_RDF}li")] or [child.text or ""]
                values.setdefault(child.tag, []).extend(item.strip() for item in items)
    return values


def _differs(info: Dictionary, values: Values) -> bool:
    for key, name in _TEXTS.items():
        if key in info:
            text = str(info[key]).strip("\x00 ")
            candidates = values.get(name, [])
            single = key != "/Author" or len(candidates) == 1  # one author, one text
            if not single or text != "".join(candidates[:1]):
                return True
    return any(key in info and not _same_instant(str(info[key]), values.get(name, [])) for key, name in _DATES.items())


def _same_instant(pdf_date: str, xmp_dates: list[str]) -> bool:
    first, second = _from_pdf(pdf_date), _from_xmp(xmp_dates[0] if xmp_dates else "")
    return first is not None and first == second


def _from_pdf(text: str) -> datetime | None:
    match = _PDF_DATE.fullmatch(text)
    if match is None:
        return None
    year, *rest = match.group(1, 2, 3, 4, 5, 6)
    numbers = zip(rest, (1, 1, 0, 0, 0), strict=True)
    month, day, hour, minute, second = (int(value) if value else default for value, default in numbers)
    sign, hours, minutes = match.group(7, 8, 9)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        return datetime(int(str(year)), month, day, hour, minute, second, tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_xmp(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
