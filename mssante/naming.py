"""Subject and PDF names of a document mail (Référentiel socle #2, ECO.2.1.3 and ECO.2.1.6)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from zoneinfo import ZoneInfo

from coordination.ports import Action, Parcel, ParcelDocument
from mssante.conf import MssanteConfig
from perinat.standards.xds import SourcePatient

PARIS = ZoneInfo("Europe/Paris")  # the CDA writes its dates in it; the day at midnight must be the same
LABEL_LENGTH = 40  # characters of code/@displayName kept in the subject and in the file name
MENTIONS = {Action.SEND: "", Action.REPLACE: "[Annule et remplace] ", Action.WITHDRAW: "[Document retiré] "}
_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"’": "'", "‘": "'", "–": "-", "—": "-", "\u2011": "-", "\u00a0": " ", "\u202f": " "}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_UNSAFE_IN_FILE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|_]+')


def ascii_fold(text: str) -> str:
    """`text` without accents nor ligatures; what has no ASCII form is dropped."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return decomposed.encode("ascii", "ignore").decode("ascii")


def one_line(text: str) -> str:
    """`text` on one line: a name can never add a header."""
    return _CONTROL.sub(" ", text).strip()


def label(display_name: str) -> str:
    """The 40 first characters of a document type."""
    return one_line(unicodedata.normalize("NFC", display_name))[:LABEL_LENGTH].rstrip()


def family_name(patient: SourcePatient) -> str:
    """Birth name in capitals, without accents."""
    return one_line(ascii_fold(patient.birth_family_name)).upper()


def given_name(patient: SourcePatient) -> str:
    """First birth given name, without accents."""
    return one_line(ascii_fold(patient.first_given_name))


def subject(parcel: Parcel, config: MssanteConfig) -> str:
    """`XDM/1.0/DDM+<libellé> <NOM> <prénom> <JJ/MM/AAAA>`; several documents: `N documents`.

    The mention of a replacement or of a withdrawal comes after the `+` (AMBU.MSS/va1.02; its
    placement is inferred: setting MSSANTE_SUBJECT_MENTIONS).
    """
    count = len(parcel.documents)
    what = f"{count} documents" if count > 1 else label(parcel.documents[0].entry.type_code.label)
    mention = MENTIONS[parcel.action] if config.subject_mentions else ""
    if not config.subject_accents:
        what, mention = ascii_fold(what), ascii_fold(mention)
    patient = parcel.patient
    return f"XDM/1.0/DDM+{mention}{what} {family_name(patient)} {given_name(patient)} {patient.birth_date:%d/%m/%Y}"


def pdf_names(parcel: Parcel) -> list[str]:
    """One name per document, all different: `<AAAAMMJJ>_<type>_<NOM>_<prénom>.pdf`.

    The optional « n° dossier » is left out (a hospital number in clear serves nobody); two documents
    of one type and day are told apart by a rank in its place.
    """
    seen: Counter[str] = Counter()
    names: list[str] = []
    for document in parcel.documents:
        stem = _pdf_stem(document, parcel.patient)
        seen[stem] += 1
        names.append(f"{stem}.pdf" if seen[stem] == 1 else f"{stem}_{seen[stem]}.pdf")
    return names


def _pdf_stem(document: ParcelDocument, patient: SourcePatient) -> str:
    parts = (
        f"{document.entry.service_start.astimezone(PARIS):%Y%m%d}",
        label(document.entry.type_code.label),
        family_name(patient),
        given_name(patient),
    )
    return "_".join(_UNSAFE_IN_FILE.sub(" ", part).strip() for part in parts)
