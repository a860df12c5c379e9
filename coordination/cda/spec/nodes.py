"""The pieces of a volet's tree. Pure data: `writing`, `reading`, `checking` and `schema` give them life.

    E("entry", E("observation", code(…), Slot("value", "", "Valeur", Flag()), classCode="OBS"))

`E` is an element written as it stands. `Slot` is an element that holds one value. `Item` gives a name
to what it encloses: one member of the JSON case, one line of the narrative. `Section` is an Item of
the CDA body, with its code, its title and its narrative.

Shape of an Item in the case: the object of its named slots and items; the bare value when it holds
one slot without a name; `true` when it holds no slot at all (a fact stated or not).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from coordination.cda.spec.coded import Wording
from coordination.cda.spec.kinds import Flag, Kind
from perinat.standards.codes import Code

OMITTED = ""  # Slot.absent: the element is not written when there is no value
NOT_SAID = Flag(yes="Oui", no="Non")
MOST_LINES = 200  # of one list of a case
STATEMENTS = ("act", "encounter", "observation", "organizer", "procedure", "substanceAdministration", "supply")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a case. `name` is empty for the bare value of an Item.

    `denies`: done or not, present or not, of what the whole object tells: beside a « no » nothing is told of it.
    `proposed`: whether the default is shown to who fills a form.
    """

    name: str
    label: str
    kind: Kind | None  # None: words of the narrative (Narrated, Prose)
    required: bool = False
    default: Any = None
    most: int = 0  # longest words, in characters
    denies: bool = False
    proposed: bool = True


@dataclass(frozen=True, slots=True)
class Branch:
    """A named object of a case, or a list of them."""

    name: str
    label: str
    members: tuple[Member, ...]
    required: bool = False
    many: bool = False
    default: Any = None
    may_be_empty: bool = False  # {} stands: a section that then says its own words
    most: int = MOST_LINES  # lines, when there may be many

    @property
    def bare(self) -> Leaf | None:
        """The only leaf, when the branch is a bare value."""
        only = self.members[0] if len(self.members) == 1 else None
        return only if isinstance(only, Leaf) and not only.name else None


Member = Leaf | Branch


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """`tag` holding one value of the case. `absent`: nullFlavor written without a value, or omitted.

    `attributes`: fixed ones written before those of the value. `silent`: not told in the narrative;
    `leads`: told first on its line; `proposed`: see Leaf.
    """

    tag: str
    name: str
    label: str
    kind: Kind
    required: bool = False
    default: Any = None
    absent: str = OMITTED
    attributes: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[Part, ...] = ()  # children written after the value's own (originalText, qualifier…)
    silent: bool = False
    leads: bool = False
    proposed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Narrated:
    """`tag` holding a reference to words that stand in the narrative only; those of `among`, when they are not free."""

    name: str
    label: str
    tag: str = "text"
    required: bool = False
    most: int = 4000
    among: Wording | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """negationInd of the element: true in the case means done or present, hence negationInd="false"."""

    name: str = "done"
    label: str = "Réalisé"
    required: bool = False
    default: bool = True
    fixed: bool = False  # always written "false", never read nor given


NOT_NEGATED = Sign(fixed=True)


@dataclass(frozen=True, slots=True, eq=False)
class Ident:
    """<id root=UUID>, drawn from the document's own identifier: the same content gives the same bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A reference to the line of the narrative: <text> of an entry, or <originalText> of a code."""

    tag: str = "text"


@dataclass(frozen=True, slots=True, eq=False)
class Today:
    """The document's own day, where the norm wants a date that the case need not repeat.

    `like`: the name of a date of an enclosing item, written here again when the case gives it.
    """

    tag: str = "effectiveTime"
    like: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the header says of a relative of this relation (HL7 RoleCode): « contact » (addr, telecom), « name », or
    « person »: the name in its element.

    Written again in the body where the model wants it; neither given by the case nor read there: it stands in the
    header. Nothing when the header names nobody of this relation.
    """

    relation: str
    what: str


class E:
    """An element as it stands. `optional`: not written when none of the slots within has a value.

    `lenient`: other software may leave the element out, and its parent is recognised all the same.
    `shown`: the element gets an ID and the narrative shows it there (renderMultiMedia): an observationMedia.
    Attributes are keywords (`xsi_type` for xsi:type, `negation=Sign(…)` for negationInd); a str child is
    fixed text. When reading, what recognises the element is its fixed <code> and those of its children.
    """

    __slots__ = ("attributes", "children", "lenient", "negation", "optional", "shown", "tag")

    def __init__(
        self,
        tag: str,
        *children: Part,
        optional: bool = False,
        negation: Sign | None = None,
        shown: bool = False,
        lenient: bool = False,
        **attributes: str,
    ) -> None:
        self.tag = tag
        self.children = children
        self.optional = optional
        self.shown = shown
        self.lenient = lenient
        self.negation = negation
        self.attributes = attributes

    def __repr__(self) -> str:
        return f"<E {self.tag}>"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What `node` says, under one name of the case and on one line of the narrative. `most`: lines of a list."""

    name: str
    label: str
    node: E
    required: bool = False
    many: bool = False
    default: Any = None
    most: int = MOST_LINES


@dataclass(frozen=True, slots=True, eq=False)
class Prose:
    """The whole narrative of a section, as free words; a line break opens a paragraph."""

    name: str = ""
    label: str = "Texte"
    required: bool = True
    most: int = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A section of the body. `templates`: templateId roots, in the order of the official example.

    `before`: elements between the narrative and the entries (subject, author), in the schema's order.
    A child E is an entry that gathers Items without a name of its own (the list of allergies).
    `otherwise`: what the narrative says when the case gives {}, for a section that may have no entry.
    """

    name: str
    title: str
    code: Code
    templates: tuple[str, ...]
    children: tuple[Item | Section | Prose | E, ...]
    required: bool = False
    before: tuple[E, ...] = ()
    otherwise: str = ""

    @property
    def parts(self) -> tuple[E | Item | Section | Prose, ...]:
        """All that holds values, in the order of the document."""
        return (*self.before, *self.children)


Part = E | Slot | Narrated | Sign | Ident | Anchor | Today | Known | Item | str


@cache
def is_bare(branch: Item | Section) -> bool:
    """Whether the case gives the value itself rather than an object."""
    own = members(branch.node) if isinstance(branch, Item) else members(*branch.parts)
    return len(own) == 1 and isinstance(own[0], Leaf) and not own[0].name


@cache
def is_fact(item: Item) -> bool:
    """Whether the item holds no slot at all: true in the case, stated or not."""
    return not members(item.node)


def members(*parts: Part | Section | Prose) -> tuple[Member, ...]:
    """The names a case may give for these parts, in order; a name met twice counts once."""
    found: dict[str, Member] = {}
    for part in parts:
        for member in _members(part):
            found.setdefault(member.name, member)
    return tuple(found.values())


def _members(part: Part | Section | Prose) -> tuple[Member, ...]:
    match part:
        case Slot():
            own = Leaf(part.name, part.label, part.kind, part.required, part.default, proposed=part.proposed)
            return (own, *members(*part.inside))
        case Narrated():
            return (Leaf(part.name, part.label, part.among, part.required, most=part.most),)
        case Prose():
            return (Leaf(part.name, part.label, None, part.required, most=part.most),)
        case Sign():
            return (Leaf(part.name, part.label, NOT_SAID, part.required, part.default, denies=True),)
        case E():
            own_sign = (part.negation,) if part.negation and not part.negation.fixed else ()
            inside = members(*part.children)
            return members(*own_sign) + (_beside(inside) if part.tag in STATEMENTS else inside)
        case Item():
            inside = members(part.node)
            return (Branch(part.name, part.label, inside, part.required, part.many, part.default, most=part.most),)
        case Section():
            inside = members(*part.parts)
            return (Branch(part.name, part.title, inside, part.required, may_be_empty=bool(part.otherwise)),)
        case _:
            return ()


def _beside(inside: tuple[Member, ...]) -> tuple[Member, ...]:
    """The members of an act within another one: its « no » denies itself, not the act around it."""
    return tuple(replace(member, denies=False) if isinstance(member, Leaf) else member for member in inside)
