"""A readable PDF/A-1b from structured content: visit synthesis, early postnatal interview, specimens.

ISO 19005-1 level B, asked by the CI-SIS for an unstructured body and for the readable copy. The INS
datamatrix stands top right with its caption (guide d'implémentation INS, EXI DIF 02). Data goes to
typst as JSON text, never as markup; only the fonts that typst embeds are used, so that the same
content gives the same file on every machine.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import typst
import zxingcpp

from perinat.standards import oids

TEMPLATE = Path(__file__).with_name("synthesis.typ")
CODE_SIZE_MM = 18
_SEXES = {"F": "Féminin", "M": "Masculin"}

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PatientBlock:
    """Who the document is about. `ins_code` is the text of the INS datamatrix (perinat.standards.datamatrix)."""

    family_name: str
    given_names: str
    birth_date: date
    sex: str
    used_name: str = ""
    matricule: str = ""
    oid: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    ins_code: str = ""

    def rows(self) -> list[tuple[str, str]]:
        names = [("Nom de naissance", self.family_name), ("Prénoms de naissance", self.given_names)]
        if self.used_name:
            names.append(("Nom utilisé", self.used_name))
        sex = _SEXES.get(self.sex, "Non renseigné")
        rows = [*names, ("Date de naissance", french_date(self.birth_date)), ("Sexe", sex)]
        if self.matricule:
            nature = "NIA" if self.oid == oids.INS_NIA else "NIR"
            rows.append((f"Matricule INS ({nature})", spaced_matricule(self.matricule)))
        return [*rows, *self.extra]


def render(
    title: str,
    sections: Sequence[tuple[str, Rows]],
    *,
    written_at: datetime,
    issuer: Sequence[str],
    patient: PatientBlock | None = None,
    subtitle: str = "",
    signature: Sequence[str] = (),
    footer: str = "",
    banner: str = "",
    qr_text: str = "",
) -> bytes:
    """The document as PDF/A-1b bytes; the same arguments give the same bytes.

    `sections`: (heading, rows); a row is (label, value), with an empty label for a full-width
    paragraph; "\\n" breaks a line. `issuer`: name of the structure, then address lines.
    `written_at` (aware) is the creation date of the file; write it also where readers look, in
    `subtitle` or `signature`. `qr_text`: a QR code beside the signature, as on an ordonnance numérique.
    """
    data = {
        "title": readable(title),
        "subtitle": readable(subtitle),
        "issuer": [readable(line) for line in issuer],
        "patient": [[readable(label), readable(value)] for label, value in (patient.rows() if patient else [])],
        "ins_code_svg": datamatrix_svg(patient.ins_code) if patient and patient.ins_code else "",
        "ins_code_mm": CODE_SIZE_MM,
        "sections": [[readable(heading), [[readable(a), readable(b)] for a, b in rows]] for heading, rows in sections],
        "signature": [readable(line) for line in signature],
        "footer": readable(footer),
        "banner": readable(banner),
        "qr_svg": qr_svg(qr_text) if qr_text else "",
    }
    return compile_pdf_a(TEMPLATE, data, written_at)


def compile_pdf_a(template: Path, data: object, written_at: datetime) -> bytes:
    """Run typst to PDF/A-1b with `data` as the JSON input `data`; the template sees the files beside it.

    Raises typst.TypstError on a wrong template.
    """
    pdf = typst.compile(
        str(template),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["a-1b"],
        timestamp=int(written_at.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave several files")
    return pdf


def datamatrix_svg(text: str) -> str:
    """Square ECC200 symbol with its quiet zone, as SVG. Raises ValueError when the text is too long."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    svg: str = symbol.to_svg(add_quiet_zones=True)
    return svg


def qr_svg(text: str) -> str:
    svg: str = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_svg(add_quiet_zones=True)
    return svg


def readable(text: str) -> str:
    """French spacing (no-break before « : ; ! ? » and inside quotes), composed letters, no control character."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    text = "".join(char for char in text if char == "\n" or not unicodedata.category(char).startswith("C"))
    return re.sub(r"(?<=«) | (?=[:;!?»%€])", "\u00a0", text)


def french_date(value: date) -> str:
    return value.strftime("%d/%m/%Y")


def spaced_matricule(matricule: str) -> str:
    """1 84 12 76 451 089 46, as printed on cards; anything but 15 characters is left as it is."""
    match = re.fullmatch(r"(.)(..)(..)(..)(...)(...)(..)", matricule)
    return "\u00a0".join(match.groups()) if match else matricule
