"""What an integrating software decides of the patient of an XDM mail (mssante.md §6.4)."""

from __future__ import annotations

from mssante.sandbox.lint import archive, cda
from mssante.sandbox.lint.mail import Mail
from perinat.standards import xml


def integration_error(raw: bytes, known_patients: tuple[str, ...]) -> str:
    """applicationErrorCode, or "" when the documents are integrated.

    903: no INS; 905: INS without its four traits; 902: none of `known_patients` (matricules; empty:
    this software knows everyone and files mails without INS by hand, so nothing is an error).
    """
    if not known_patients:
        return ""
    for document in _documents(raw):
        if not document.ins:
            return "903"
        if not document.ins_is_qualified:
            return "905"
        if document.ins not in known_patients:
            return "902"
    return ""


def _documents(raw: bytes) -> list[cda.Cda]:
    found: list[cda.Cda] = []
    for part in Mail(raw, "", []).archives[:1]:
        for files in archive.read(part.data).subsets.values():
            for data in files.values():
                if b"<ClinicalDocument" not in data:
                    continue
                try:
                    found.append(cda.read(data))
                except xml.XmlError:
                    continue
    return found
