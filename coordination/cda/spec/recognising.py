"""Whether an element is what a piece of the tree describes: its tag, what is fixed in it, whom and what it denies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from coordination.cda.spec.nodes import STATEMENTS, E, Item, Narrated, Part, Prose, Section, Sign, Slot
from perinat.standards import oids, xml

HL7 = f"{{{oids.NS_HL7}}}"
TRANSLATION = f"{HL7}translation"
TELLING = ("code", "value")  # a time, a route or a dose that cannot be read is unknown: the entry is what it is
CHOSEN = ("classCode", "moodCode", "typeCode")  # fixed attributes that recognise an element
_XSI_TYPE = f"{{{oids.NS_XSI}}}type"
_STATEMENTS = frozenset(f"{HL7}{tag}" for tag in STATEMENTS)
_VOID = ("aborted", "cancelled", "nullified")  # statusCode of what did not take place, or was taken back
_ANY_PROBLEM = ("404684003", "282291009")  # SNOMED CT: a finding, a diagnosis; its value says which one


def last_when_any(part: E | Item | Section | Prose) -> bool:
    node = part.node if isinstance(part, Item) else part
    return isinstance(node, E) and not recognises(node)


def sections_in(parent: xml.Element) -> Iterator[xml.Element]:
    for component in parent.iterchildren(f"{HL7}component"):
        yield from component.iterchildren(f"{HL7}section")


def is_section(node: xml.Element, section: Section, others: set[str]) -> bool:
    """Same code, and its own template when one is declared; `others`: those of the sections beside it."""
    code = node.find(f"{HL7}code")
    if code is None or (code.get("code"), code.get("codeSystem")) != (section.code.code, section.code.system):
        return False
    roots = {child.get("root") for child in node.iterchildren(f"{HL7}templateId")}
    return section.templates[-1] in roots or not roots & ({*section.templates} | others)


@cache
def is_told_apart(node: E) -> bool:
    """An act or a finding without a fixed code: its own code or value tells whether it is this one."""
    slots = (child for child in node.children if isinstance(child, Slot))
    return node.tag in STATEMENTS and any(slot.tag in TELLING for slot in slots)


def says_nothing(element: xml.Element) -> bool:
    """A null value, or an element that bears none: no code, value nor words, in it or in its bounds."""
    if element.get("nullFlavor") is not None:
        return True
    told = (node.get(name) for node in (element, *element) if node.tag != TRANSLATION for name in TELLING)
    return not any(told) and not (element.text or "").strip()


def sign_of(sign: Sign, element: xml.Element) -> dict[str, bool]:
    return {sign.name: not _is_negated(element)}


def _is_negated(element: xml.Element) -> bool:
    return str(element.get("negationInd", "")).strip() in ("true", "1")


def is_contrary(node: E, element: xml.Element) -> bool:
    """Somebody else's, denied or cancelled: not what the tree says."""
    if element.tag not in _STATEMENTS:
        return False
    status = element.find(f"{HL7}statusCode")
    if status is not None and status.get("code") in _VOID:
        return True
    if element.find(f"{HL7}subject") is not None and not _names_subject(node):
        return True
    heard = node.negation is not None and not node.negation.fixed
    return _is_negated(element) and not heard and (node.negation is not None or not _answers(node))


@cache
def _names_subject(node: E) -> bool:
    return any(isinstance(child, E) and child.tag == "subject" for child in node.children)


@cache
def _question(node: E) -> E | None:
    """The fixed code that says what an act is about; that of any problem says nothing."""
    codes = (child for child in node.children if isinstance(child, E) and child.tag == "code" and fixed_code(child))
    return next((code for code in codes if code.attributes["code"] not in _ANY_PROBLEM), None)


@cache
def _answers(node: E) -> bool:
    """A plain observation: a fixed question, answered by its value. See the head of `reading`."""
    valued = any(isinstance(child, Slot) and child.tag == "value" for child in node.children)
    observed = node.tag == "observation" and node.attributes.get("moodCode", "EVN") == "EVN"
    return observed and valued and _question(node) is not None


def speaks(entry: xml.Element) -> bool:
    return entry.get("nullFlavor") is None and any(child.tag in _STATEMENTS for child in entry)


def unread(node: E, element: xml.Element, used: set[xml.Element]) -> list[xml.Element]:
    """Of the lists that stand in `element`, the members that nothing took."""
    items = [child.node for child in node.children if isinstance(child, Item)]
    others = [one for one in element if one not in used] if items else []
    return [one for one in others if any(_is_alike(item, one) for item in items)]


def _is_alike(node: E, element: xml.Element) -> bool:
    """Whether `element` could have been such a member: the same link, the same act, the same question if any."""
    if element.tag != f"{HL7}{node.tag}":
        return False
    if any(
        element.get(name, node.attributes[name]) != node.attributes[name] for name in CHOSEN if name in node.attributes
    ):
        return False
    for act in (child for child in node.children if isinstance(child, E) and child.tag in STATEMENTS):
        said, asked = element.find(f"{HL7}{act.tag}"), _question(act)
        code = said.find(f"{HL7}code") if said is not None else None
        if said is not None and (asked is None or (code is not None and same_code(asked, code))):
            return True
    return False


def same_type(attributes: Mapping[str, str], element: xml.Element) -> bool:
    """An xsi:type of the tree holds, when the element bears one."""
    wanted = attributes.get("xsi_type")
    return wanted is None or str(element.get(_XSI_TYPE, wanted)).rpartition(":")[2] == wanted


@cache
def fixed_code(node: E) -> bool:
    return "code" in node.attributes and "codeSystem" in node.attributes


def same_code(node: E, element: xml.Element) -> bool:
    return all(element.get(name) == node.attributes[name] for name in ("code", "codeSystem"))


@cache
def recognises(node: E) -> bool:
    """Whether a fixed code stands in the element, or in one that it must enclose."""
    return fixed_code(node) or any(_needed(child) for child in node.children)


def _needed(part: Part) -> bool:
    if isinstance(part, Slot):
        return any(_needed(inner) for inner in part.inside)
    return isinstance(part, E) and not part.optional and recognises(part)


def _signed(node: E) -> bool:
    return node.negation is not None and not node.negation.fixed


@cache
def tells(node: E) -> bool:
    """Whether reading the element is of any use: it recognises its parent, or holds a value."""
    if node.tag in ("templateId", "statusCode"):
        return False
    holds = any(
        isinstance(child, Slot | Item | Narrated) or (isinstance(child, E) and tells(child)) for child in node.children
    )
    return holds or _signed(node) or recognises(node)
