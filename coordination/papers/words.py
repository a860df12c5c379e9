"""The words of a PDF's pages, line by line, ready to be searched: capitals without accents, beside what was written.

A folded line has as many characters as the line itself: what is found in one is shown from the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# after a denial: something is told all the same (« aucun, sauf … »), on folded text
ALL_THE_SAME = re.compile(
    r"\b(?:MAIS|SAUF|HORMIS|EXCEPTEE?S?|EN DEHORS D(?:ES?|U)?|A L'EXCEPTION|A PART|AUTRES? QUE?)\b"
)
_FOOTER = re.compile(r".{0,80}\bPAGE \d+ ?(?:SUR|/) ?\d+|\d+ ?/ ?\d+")
_COMMON = frozenset({"DE", "LA", "LE", "LES", "ET", "DU", "DES", "EN", "AU", "UNE", "PAR", "POUR", "SANS", "EST"})
_FEWEST_COMMON = 3  # a page whose fonts say nothing gives letters, not these words
_MORE_THAN_A_LABEL = 4
_LONGEST_SENTENCE = 600
_SOFT_HYPHEN = "\u00ad"  # shown only where a word is cut
# what stands before a hyphen that is a minus: a blood group (one letter, AB) or the rhesus
_WITH_MINUS = re.compile(r"[^\W\d_]|AB|R[Hh]")
_LAST_WORD = re.compile(r"[^\W\d_]+[-‐]$")
_LEFT_HANGING = re.compile(r"\b(?:LE|LA|LES|DE|DU|DES|A|AU|PAR|EN|ET|OU|DR|POUR|AVEC)$")
_SAME = str.maketrans(
    {"’": "'", "ʼ": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "‑": "-", "‐": "-", "œ": "O", "Œ": "O", "\u00ad": "-"}
)
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. `page` from 1; `folded` is `text` in plain capitals, character for character."""

    page: int
    text: str
    folded: str


def fold(text: str) -> str:
    """Capitals, no accent, straight quotes and hyphens; the same number of characters as `text` (in NFC)."""
    return "".join(_plain(char) for char in text.translate(_SAME))


def _plain(char: str) -> str:
    return (unicodedata.normalize("NFD", char)[0].upper() or char)[0]


def is_readable(page: str) -> bool:
    """The page has words of French: not a scan, nor a font that hides its letters."""
    return sum(word in _COMMON for word in re.findall(r"[A-Z]+", fold(page))) >= _FEWEST_COMMON


def lines_of(pages: Sequence[str], alone: Callable[[str], bool] = lambda folded: False) -> tuple[Line, ...]:
    """The lines of the pages, in reading order: words and sentences cut at the end of a line joined.

    `alone`: a folded line that nothing continues (a heading). Page numbers are left out.
    """
    found: list[Line] = []
    for number, page in enumerate(pages, start=1):
        for raw in page.split("\n"):
            text = " ".join(unicodedata.normalize("NFC", raw.translate(_LIGATURES)).split())
            if not text or _FOOTER.fullmatch(fold(text)):
                continue
            above = found[-1] if found else None
            if above and _is_cut(above.text, text):
                found[-1] = _line(above.page, above.text[:-1] + text)
            elif above and not alone(above.folded) and _goes_on(above, text):
                found[-1] = _line(above.page, f"{above.text} {text}")
            else:
                found.append(_line(number, text))
    return tuple(found)


def _line(page: int, text: str) -> Line:
    return Line(page, text, fold(text))


def _goes_on(above: Line, below: str) -> bool:
    """The sentence of the line above is not over: it is more than a label, or stops on a small word."""
    if len(above.text) > _LONGEST_SENTENCE:
        return False
    if _LEFT_HANGING.search(above.folded):
        return True
    return below[0].islower() and above.text[-1] not in ".:;" and len(above.text.split()) >= _MORE_THAN_A_LABEL


def _is_cut(above: str, below: str) -> bool:
    """A word whose end stands on the next line; never « A- » or « Rh- », whose minus would be lost."""
    if not below[0].islower():
        return False
    if above[-1] == _SOFT_HYPHEN:
        return len(above) > 2 and above[-2].isalpha()
    last = _LAST_WORD.search(above)
    return last is not None and _WITH_MINUS.fullmatch(last.group()[:-1]) is None
