"""PDF/A-1: what no object of the file may hold, used or not (ISO 19005-1 §6.1.7–§6.1.13, §6.2.4–§6.2.9, §6.4, §6.6)."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Object, Stream, String

from coordination.papers.objects import containers, name_of, names_of, number_of, sub
from coordination.papers.pdfa_report import Report

_FILTERS = {
    "ASCIIHexDecode",
    "ASCII85Decode",
    "FlateDecode",
    "RunLengthDecode",
    "CCITTFaxDecode",
    "JBIG2Decode",
    "DCTDecode",
}
_BLEND_MODES = {"Normal", "Compatible"}
_INTENTS = {"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"}
_FORBIDDEN_ACTIONS = {
    "Launch", "Sound", "Movie", "ResetForm", "ImportData", "Hide", "SetOCGState", "Rendition", "Trans", "GoTo3DView",
    "GoToE", "RichMediaExecute", "SetState", "NOP",
}  # fmt: skip
_NAMED_ACTIONS = {"NextPage", "PrevPage", "FirstPage", "LastPage"}
_MAX_STRING, _MAX_NAME, _MAX_ARRAY, _MAX_DICTIONARY = 65535, 127, 8191, 4095


def check_objects(pdf: pikepdf.Pdf, report: Report) -> None:
    """Every object, also those that no page shows."""
    for root in pdf.objects:
        for item in containers(root):
            _check_limits(item, report)
            if isinstance(item, Array):
                continue
            if isinstance(item, Stream):
                _check_stream(item, report)
            _check_xobject(item, report)
            _check_graphics_state(item, report)
            _check_action(item, report)


def _check_limits(item: Object, report: Report) -> None:
    if isinstance(item, Array):
        report.add_if(len(item) > _MAX_ARRAY, "LIMITS")
        values: list[object] = list(item)
    else:
        keys = list(item.keys())
        report.add_if(len(keys) > _MAX_DICTIONARY or any(len(key.encode()) - 1 > _MAX_NAME for key in keys), "LIMITS")
        values = [item[key] for key in keys]
    for value in values:
        if isinstance(value, String):
            report.add_if(len(bytes(value)) > _MAX_STRING, "LIMITS")
        elif name := name_of(value):
            report.add_if(len(name.encode()) > _MAX_NAME, "LIMITS")


def _check_stream(stream: Object, report: Report) -> None:
    report.add_if(any(key in stream for key in ("/F", "/FFilter", "/FDecodeParms")), "EXTERNAL_STREAM")
    filters = set(names_of(stream.get("/Filter")))
    report.add_if("LZWDecode" in filters, "LZW")
    report.add_if(bool(filters - _FILTERS - {"LZWDecode"}), "FILTER")
    report.add_if(name_of(stream.get("/Type")) == "ObjStm", "OBJECT_STREAM")
    report.add_if(name_of(stream.get("/Type")) == "EmbeddedFile", "EMBEDDED_FILE")


def _check_xobject(item: Object, report: Report) -> None:
    kind = name_of(item.get("/Subtype"))
    if kind == "Image" and isinstance(item, Stream):
        report.add_if(_is_set(item.get("/SMask")) or bool(number_of(item.get("/SMaskInData"))), "SOFT_MASK")
        forbidden = "/Alternates" in item or "/OPI" in item or bool(item.get("/Interpolate"))
        report.add_if(forbidden or number_of(item.get("/BitsPerComponent")) == 16, "IMAGE")
        intent = name_of(item.get("/Intent"))
        report.add_if(bool(intent) and intent not in _INTENTS, "RENDERING_INTENT")
    if kind == "Form" and isinstance(item, Stream):
        linked = any(key in item for key in ("/OPI", "/Ref", "/PS")) or name_of(item.get("/Subtype2")) == "PS"
        report.add_if(linked, "XOBJECT")
    report.add_if(kind == "PS" and isinstance(item, Stream), "XOBJECT")
    report.add_if(name_of(sub(item.get("/Group"), "/S")) == "Transparency", "TRANSPARENCY_GROUP")


def _check_graphics_state(item: Object, report: Report) -> None:
    if not isinstance(item, Stream):
        report.add_if(_is_set(item.get("/SMask")), "SOFT_MASK")
    opacities = [number_of(item.get(key)) for key in ("/ca", "/CA")]
    report.add_if(any(value is not None and value != 1 for value in opacities), "TRANSPARENCY")
    report.add_if(bool(set(names_of(item.get("/BM"))) - _BLEND_MODES), "BLEND_MODE")
    if name_of(item.get("/Type")) == "ExtGState":
        transfers = "/TR" in item or name_of(item.get("/TR2")) not in ("", "Default")
        report.add_if(transfers, "EXTGSTATE")
        intent = name_of(item.get("/RI"))
        report.add_if(bool(intent) and intent not in _INTENTS, "RENDERING_INTENT")


def _check_action(item: Object, report: Report) -> None:
    kind = name_of(item.get("/S"))
    report.add_if(kind == "JavaScript" or "/JS" in item, "JAVASCRIPT")
    report.add_if(kind in _FORBIDDEN_ACTIONS, "ACTION")
    report.add_if(kind == "Named" and name_of(item.get("/N")) not in _NAMED_ACTIONS, "ACTION")
    report.add_if("/AA" in item, "TRIGGER")
    report.add_if("/EF" in item, "EMBEDDED_FILE")


def _is_set(mask: object) -> bool:
    return mask is not None and name_of(mask) != "None"
