"""Is this file a PDF that perinat accepts? Refused with its French sentence, never with a crash.

What is refused: not a PDF, empty, too heavy, too many pages, password, cut or unreadable, scripts,
embedded files, program launches. What is repaired by the reader (a damaged index) is accepted with
a notice only when the end of the file is there: a paper with missing pages must not pass unseen.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass

import pikepdf

from coordination.papers.active import ActiveContent, find_active_content
from coordination.papers.analysis import Notice
from coordination.papers.streams import InflationError, check_flate_streams

_HEADER_WINDOW = 1024  # ISO 32000-1 annex H: readers accept %PDF- in the first 1024 bytes
_TRAILER_WINDOW = 2048
MAX_OBJECTS = 100_000
_INDEX_REBUILT = re.compile(r"file is damaged|xref not found|can't find startxref|reconstruct|invalid xref")
_REFERENCE = re.compile(rb"(?<![\d.])(\d{1,8}) (\d{1,5}) R\b")
# What the bindings of qpdf raise on broken trees (RuntimeError: recursion, foreign objects).
PDF_ERRORS = (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, IndexError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the house accepts (settings of the core). `max_bytes`: also bounded by the channels."""

    max_bytes: int = 20_000_000
    max_pages: int = 100


@dataclass(frozen=True, slots=True)
class Paper:
    """An accepted file: its bytes, never changed. `encrypted`: readable by all, but with restrictions."""

    data: bytes
    sha256: str
    page_count: int
    version: str
    encrypted: bool = False
    notices: tuple[Notice, ...] = ()


class PaperError(Exception):
    """The file is refused. `code` is stable; `message_fr` is for the screen."""

    def __init__(self, code: str, message_fr: str) -> None:
        super().__init__(code)
        self.code = code
        self.message_fr = message_fr

    @property
    def notice(self) -> Notice:
        return Notice(self.code, self.message_fr)


def open_paper(data: bytes, *, limits: Limits) -> Paper:
    """The accepted paper. Raises PaperError, and nothing else whatever the bytes."""
    _check_envelope(data, limits)
    notices: list[Notice] = []
    try:
        pdf = _open_strict(data)
    except pikepdf.PasswordError:
        raise PaperError(
            "PASSWORD",
            "Le fichier est protégé par un mot de passe : perinat ne peut pas le lire et ne l'a pas classé. "
            "Enregistrez-le sans mot de passe, puis déposez-le à nouveau.",
        ) from None
    except pikepdf.PdfError:
        pdf = _open_repaired(data)
        notices.append(_REPAIRED)
    with pdf:
        return _read(pdf, data, limits, notices)


def _check_envelope(data: bytes, limits: Limits) -> None:
    if not data:
        raise PaperError(
            "EMPTY",
            "Le fichier est vide. Il n'a pas été classé. Enregistrez le document à nouveau, puis déposez-le.",
        )
    if len(data) > limits.max_bytes:
        raise PaperError(
            "TOO_HEAVY",
            f"Le fichier pèse {_weight(len(data))} ; la limite est de {_weight(limits.max_bytes)}. "
            "Il n'a pas été classé. Réduisez la résolution de la numérisation ou séparez les documents.",
        )
    if b"%PDF-" not in data[:_HEADER_WINDOW]:
        raise PaperError(
            "NOT_PDF",
            "Le fichier n'est pas un PDF. Il n'a pas été classé. "
            "Enregistrez le document au format PDF, puis déposez-le.",
        )
    if b"%%EOF" not in data[-_TRAILER_WINDOW:]:
        raise PaperError(
            "TRUNCATED",
            "Le fichier est incomplet : sa fin manque. Il n'a pas été classé. "
            "Enregistrez ou envoyez le document à nouveau.",
        )


def _open_strict(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True)


def _open_repaired(data: bytes) -> pikepdf.Pdf:
    try:
        return pikepdf.open(io.BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise PaperError("PASSWORD", "Le fichier est protégé par un mot de passe et son index est abîmé.") from None
    except pikepdf.PdfError:
        raise unreadable() from None


def _read(pdf: pikepdf.Pdf, data: bytes, limits: Limits, notices: list[Notice]) -> Paper:
    try:
        page_count = len(pdf.pages)
        _check_size(pdf, page_count, limits)
        check_flate_streams(pdf)
        active = find_active_content(pdf)
        notices += _check_wholeness(pdf, page_count, repaired=bool(notices))
    except InflationError:
        raise _too_complex() from None
    except PDF_ERRORS:
        raise unreadable() from None
    if active:
        raise PaperError("ACTIVE_" + active[0].name, _ACTIVE_FR[active[0]])
    if pdf.is_encrypted:
        notices.append(_RESTRICTED)
    digest = hashlib.sha256(data).hexdigest()
    return Paper(data, digest, page_count, pdf.pdf_version, pdf.is_encrypted, tuple(notices))


def _check_size(pdf: pikepdf.Pdf, page_count: int, limits: Limits) -> None:
    if page_count > limits.max_pages:
        raise PaperError(
            "TOO_MANY_PAGES",
            f"Le fichier compte {page_count} pages ; la limite est de {limits.max_pages}. Il n'a pas été classé. "
            "Déposez les documents séparément.",
        )
    if len(pdf.objects) > MAX_OBJECTS:
        raise _too_complex()


def _check_wholeness(pdf: pikepdf.Pdf, page_count: int, *, repaired: bool) -> list[Notice]:
    """Decodes every page. A page lost or cut is a refusal; a slip of syntax is a notice."""
    if page_count == 0 or int(pdf.Root.Pages.Count) > page_count:
        raise unreadable()
    problems = [line for line in pdf.check_pdf_syntax() if not _INDEX_REBUILT.search(line)]
    if repaired and (problems or _has_lost_objects(pdf)):
        raise unreadable()
    if not problems:
        return []
    return [Notice("DAMAGED", "Le fichier comporte des erreurs de forme. Vérifiez qu'il s'affiche en entier.")]


def _has_lost_objects(pdf: pikepdf.Pdf) -> bool:
    """Whether an object refers to one that the rebuilt index did not find."""
    found = {(obj.objgen[0], obj.objgen[1]) for obj in pdf.objects if obj is not None}
    for obj in pdf.objects:
        text = obj.stream_dict.unparse() if isinstance(obj, pikepdf.Stream) else pikepdf.Object.unparse(obj)
        if any((int(n), int(g)) not in found for n, g in _REFERENCE.findall(text)):
            return True
    return False


_REPAIRED = Notice(
    "REPAIRED", "L'index du fichier est abîmé ; il a pu être relu. Vérifiez que toutes les pages sont là."
)
_RESTRICTED = Notice(
    "RESTRICTED", "Le fichier porte des restrictions d'usage ; la copie au format PDF/A n'en portera pas."
)
_ACTIVE_FR = {
    ActiveContent.JAVASCRIPT: "Le fichier contient un programme (JavaScript). Par sécurité, il a été refusé "
    "et n'a pas été classé. Imprimez le document en PDF, puis déposez le nouveau fichier.",
    ActiveContent.LAUNCH: "Le fichier demande le lancement d'un autre programme. Par sécurité, il a été refusé "
    "et n'a pas été classé. Imprimez le document en PDF, puis déposez le nouveau fichier.",
    ActiveContent.EMBEDDED_FILE: "Le fichier contient d'autres fichiers en pièce jointe. Par sécurité, il a été refusé "
    "et n'a pas été classé. Déposez chaque document séparément, sans pièce jointe.",
    ActiveContent.RICH_MEDIA: "Le fichier contient du son, de la vidéo ou un formulaire dynamique. Par sécurité, il a "
    "été refusé et n'a pas été classé. Imprimez le document en PDF, puis déposez le nouveau fichier.",
}


def _too_complex() -> PaperError:
    return PaperError(
        "TOO_COMPLEX",
        "Le fichier est trop complexe pour être relu en sécurité. Il n'a pas été classé. "
        "Imprimez le document en PDF, puis déposez le nouveau fichier.",
    )


def unreadable() -> PaperError:
    return PaperError(
        "UNREADABLE",
        "Le fichier est abîmé : il ne peut pas être relu. Il n'a pas été classé. "
        "Enregistrez ou numérisez le document à nouveau, puis déposez-le.",
    )


def _weight(size: int) -> str:
    """« 21,5 Mo », « 840 ko »."""
    if size < 1_000_000:
        return f"{size / 1000:.0f} ko"
    return f"{size / 1e6:.1f}".replace(".", ",").removesuffix(",0") + " Mo"
