"""HL7 v3 data types as values: II, CD (and CE, CV, CS), and every `value` an observation may carry.

A value is read by what it holds, not only by its xsi:type: types are often absent or wrong in the field.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.texts import Texts
from coordination.cda.reading.times import Moment, read_moment
from perinat.standards import xml
from perinat.standards.codes import Code

_INSTANTS = ("TS", "IVL_TS")
_CODES = ("CD", "CE", "CV", "CS", "CO")


@dataclass(frozen=True, slots=True)
class Identifier:
    """II: `root` OID and `extension`, either possibly empty."""

    root: str
    extension: str = ""
    null_flavor: str = ""


@dataclass(frozen=True, slots=True)
class Qualifier:
    """CR: « name = value » that refines a code."""

    name: Coded | None
    value: Coded | None


@dataclass(frozen=True, slots=True)
class Coded:
    """CD. `text` is its originalText, or the words of the narrative that `reference` points to."""

    code: str = ""
    system: str = ""
    label: str = ""
    system_name: str = ""
    null_flavor: str = ""
    text: str = ""
    reference: str = ""
    translations: tuple[Coded, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()

    @property
    def words(self) -> str:
        return self.label or self.text or self.code


@dataclass(frozen=True, slots=True)
class Value:
    """ANY. `value` is the literal as written (PQ, INT, REAL, BL); `text` the words of ST, ED or originalText."""

    type: str = ""
    null_flavor: str = ""
    code: Coded | None = None
    value: str = ""
    unit: str = ""
    moment: Moment | None = None
    text: str = ""
    reference: str = ""
    media_type: str = ""
    attachment: int | None = None
    low: Value | None = None
    high: Value | None = None
    numerator: Value | None = None
    denominator: Value | None = None
    translations: tuple[Value, ...] = ()

    @property
    def boolean(self) -> bool | None:
        return {"true": True, "false": False, "1": True, "0": False}.get(self.value) if self.type == "BL" else None


def read_identifier(node: xml.Element | None) -> Identifier:
    """II, empty when absent."""
    return Identifier(
        nodes.attribute(node, "root"), nodes.attribute(node, "extension"), nodes.attribute(node, "nullFlavor")
    )


def read_identifiers(node: xml.Element | None, path: str = "h:id") -> tuple[Identifier, ...]:
    return tuple(read_identifier(item) for item in nodes.every(node, path))


def oid(node: xml.Element | None) -> str:
    """« root » or « root^extension »."""
    found = read_identifier(node)
    return f"{found.root}^{found.extension}" if found.extension else found.root


def read_code(node: xml.Element | None) -> Code | None:
    """The bare code of the quick header, None without a code."""
    written = nodes.attribute(node, "code")
    return Code(written, nodes.attribute(node, "codeSystem"), nodes.attribute(node, "displayName")) if written else None


def read_coded(node: xml.Element | None, texts: Texts) -> Coded | None:
    """CD with its translations and qualifiers; None when the element is absent or says nothing."""
    if node is None:
        return None
    words, reference = texts.words(nodes.first(node, "h:originalText"))
    read = Coded(
        code=nodes.attribute(node, "code"),
        system=nodes.attribute(node, "codeSystem"),
        label=nodes.attribute(node, "displayName"),
        system_name=nodes.attribute(node, "codeSystemName"),
        null_flavor=nodes.attribute(node, "nullFlavor"),
        text=words,
        reference=reference,
        translations=_all_coded(node, "h:translation", texts),
        qualifiers=tuple(
            Qualifier(read_coded(nodes.first(item, "h:name"), texts), read_coded(nodes.first(item, "h:value"), texts))
            for item in nodes.every(node, "h:qualifier")
        ),
    )
    return None if read == Coded() else read


def _all_coded(node: xml.Element, path: str, texts: Texts) -> tuple[Coded, ...]:
    found = (read_coded(item, texts) for item in nodes.every(node, path))
    return tuple(item for item in found if item is not None)


def read_value(node: xml.Element | None, texts: Texts, *, default: str = "") -> Value | None:
    """One `value` or quantity; `default` is its type when none is written. None when the element is absent."""
    if node is None:
        return None
    kind = nodes.typed(node) or default
    written = nodes.attribute(node, "value")
    attachment = texts.attachments.get(node)
    words, reference = ("", "") if attachment is not None else texts.words(node)
    hint, hint_reference = texts.words(nodes.first(node, "h:originalText"))
    coded = bool(nodes.attribute(node, "code")) or kind in _CODES
    return Value(
        type=kind,
        null_flavor=nodes.attribute(node, "nullFlavor"),
        code=read_coded(node, texts) if coded else None,
        value="" if kind in _INSTANTS else written,
        unit=nodes.attribute(node, "unit"),
        moment=read_moment(node) if kind in _INSTANTS and written else None,
        text="" if coded else words or hint,
        reference="" if coded else reference or hint_reference,
        media_type=nodes.attribute(node, "mediaType"),
        attachment=attachment,
        low=_bound(node, "h:low", kind, texts),
        high=_bound(node, "h:high", kind, texts),
        numerator=read_value(nodes.first(node, "h:numerator"), texts),
        denominator=read_value(nodes.first(node, "h:denominator"), texts),
        translations=()
        if coded
        else tuple(
            read for item in nodes.every(node, "h:translation") if (read := read_value(item, texts)) is not None
        ),
    )


def _bound(node: xml.Element, path: str, kind: str, texts: Texts) -> Value | None:
    inner = kind.removeprefix("IVL_") if kind.startswith("IVL_") else ""
    return read_value(nodes.first(node, path), texts, default=inner)
