r"""HL7 v2 text (ER7) → segments and fields; chapter 2 of the standard.

Our own reader, of about a hundred lines: `hl7` 0.4.5 has had no release since 2022, and `hl7apy` checks messages
against the structures of each version, which the French profiles leave (PRT of v2.9 in v2.5, Z segments). Tolerant as
`docs/interop/hl7v2.md` says: LF or CR LF for CR, segments unknown, components absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from perinat.connectors.hl7v2.errors import MISSING, SEGMENT, TYPE, VALUE, Hl7RefusedError

MAX_SEGMENTS = 5000
CHARSETS = {
    "": "utf-8",
    "ASCII": "ascii",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
}
_ESCAPE = re.compile(r"[A-Z]|X([0-9A-F]{2})+|\.br")


@dataclass(frozen=True, slots=True)
class Separators:
    """MSH-1 and MSH-2. `escape` may be empty, `sub` too."""

    field: str
    component: str
    repetition: str
    escape: str
    sub: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One line. Fields are numbered as in the standard; of MSH too, whose field 1 is the separator."""

    name: str
    fields: tuple[str, ...]
    separators: Separators
    charset: str

    def raw(self, number: int) -> str:
        """The field as written, repetitions and escapes included; empty when absent, or `""` (deleted)."""
        text = self.fields[number] if number < len(self.fields) else ""
        return "" if text == '""' else text

    def repetitions(self, number: int) -> list[str]:
        text = self.raw(number)
        return text.split(self.separators.repetition) if text else []

    def get(self, number: int, component: int = 1, sub: int = 1) -> str:
        """One value of the first repetition, escapes resolved."""
        first = self.repetitions(number)
        return self.part(first[0], component, sub) if first else ""

    def part(self, repetition: str, component: int, sub: int = 1) -> str:
        """One value of a repetition, escapes resolved, without spaces around; `""` counts as empty."""
        return self.whole(repetition, component, sub).strip()

    def whole(self, repetition: str, component: int, sub: int = 1) -> str:
        components = repetition.split(self.separators.component)
        text = components[component - 1] if component <= len(components) else ""
        if self.separators.sub:
            parts = text.split(self.separators.sub)
            text = parts[sub - 1] if sub <= len(parts) else ""
        return "" if text == '""' else unescape(text, self.separators, self.charset)


@dataclass(frozen=True, slots=True)
class Message:
    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        return self.segments[0]

    def first(self, name: str) -> Segment | None:
        return next((one for one in self.segments if one.name == name), None)

    def need(self, name: str) -> Segment:
        """Raises Hl7RefusedError when there is none."""
        found = self.first(name)
        if found is None:
            raise Hl7RefusedError(f"Le segment {name} manque dans le message.", SEGMENT, f"{name}^1")
        return found


def parse(data: bytes) -> Message:
    """Raises Hl7RefusedError: not a message, unknown character set, too many segments."""
    header = data.replace(b"\n", b"\r").split(b"\r", 1)[0]
    separators = _separators(header)
    charset = _charset(header, separators)
    try:
        text = data.decode(charset)
    except UnicodeDecodeError as error:
        raise Hl7RefusedError("Le texte n'est pas dans le jeu de caractères annoncé.", TYPE, "MSH^1^18") from error
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    if len(lines) > MAX_SEGMENTS:
        raise Hl7RefusedError("Le message compte trop de segments.", SEGMENT)
    return Message(tuple(_segment(line, separators, charset) for line in lines))


def _separators(header: bytes) -> Separators:
    text = header[:9].decode("latin-1")
    if not text.startswith("MSH") or len(text) < 8:
        raise Hl7RefusedError("Le message ne commence pas par un segment MSH.", SEGMENT, "MSH^1")
    field, marks = text[3], header[4:12].decode("latin-1").split(text[3])[0]
    padded = marks.ljust(4, "\0")
    found = Separators(field, padded[0], padded[1], padded[2].strip("\0"), padded[3].strip("\0"))
    used = [mark for mark in (field, *marks[:4])]
    if len(marks) < 2 or len(set(used)) != len(used) or any(mark.isalnum() or mark.isspace() for mark in used):
        raise Hl7RefusedError("Les séparateurs MSH-1 et MSH-2 ne sont pas valables.", TYPE, "MSH^1^2")
    return found


def _charset(header: bytes, separators: Separators) -> str:
    fields = header.decode("latin-1").split(separators.field)
    named = fields[17].split(separators.repetition)[0].strip().upper() if len(fields) > 17 else ""
    if named not in CHARSETS:
        raise Hl7RefusedError("Le jeu de caractères de MSH-18 n'est pas pris en charge.", VALUE, "MSH^1^18")
    return CHARSETS[named]


def _segment(line: str, separators: Separators, charset: str) -> Segment:
    fields = line.split(separators.field)
    name = fields[0].strip()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name, re.ASCII):
        raise Hl7RefusedError("Une ligne du message n'est pas un segment.", SEGMENT)
    if name == "MSH":
        fields = [name, separators.field, *fields[1:]]
    return Segment(name, tuple(fields), separators, charset)


def unescape(text: str, separators: Separators, charset: str = "utf-8") -> str:
    r"""\F\ \S\ \R\ \E\ \T\ become the separators, \X..\ bytes, \.br\ a line; highlighting goes; others stay."""
    mark = separators.escape
    if not mark or mark not in text:
        return text
    known = {"F": separators.field, "S": separators.component, "R": separators.repetition, "E": mark}
    known |= {"T": separators.sub, "H": "", "N": "", ".br": "\n"}
    pieces, out, index = text.split(mark), [], 1
    out.append(pieces[0])
    while index < len(pieces):
        code, closed = pieces[index], index + 1 < len(pieces)
        if not closed or not _ESCAPE.fullmatch(code) or not (code in known or code.startswith("X")):
            out.append(mark + code)  # not an escape: as written
            index += 1
            continue
        out.append(known[code] if code in known else bytes.fromhex(code[1:]).decode(charset, "replace"))
        out.append(pieces[index + 1])
        index += 2
    return "".join(out)


def escape(text: str) -> str:
    """A text fit for a field of our own messages, whose separators are the usual ones."""
    table = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": " ", "\n": " "}
    return "".join(table.get(character, character) for character in text)


def require(value: str, what: str, place: str) -> str:
    """Raises Hl7RefusedError when a value that cannot be done without is empty."""
    if not value:
        raise Hl7RefusedError(f"{what} manque dans le message.", MISSING, place)
    return value
