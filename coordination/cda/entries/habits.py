"""FR-Habitus-Mode-de-vie 1.2.250.1.213.1.1.3.52: consumptions, and other facts of social life."""

from __future__ import annotations

from coordination.cda.entries.basics import coded, entry, observation, value
from coordination.cda.spec.kinds import Kind
from coordination.cda.spec.nodes import E, Item, Part
from perinat.standards import oids
from perinat.standards.codes import Code

SECTION_CODE = Code("29762-2", oids.LOINC, "Habitus, Mode de vie")
SECTION = (
    "2.16.840.1.113883.10.20.1.15",
    "1.3.6.1.4.1.19376.1.5.3.1.3.16",
    "1.3.6.1.4.1.19376.1.5.3.1.3.16.1",
    "1.2.250.1.213.1.1.2.141",
)
HABIT = (
    "2.16.840.1.113883.10.20.1.33",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.4",
    "1.2.250.1.213.1.1.3.52",
)
ALCOHOL = Code("74013-4", oids.LOINC, "Consommation d'alcool")
TOBACCO = Code("74011-8", oids.LOINC, "Consommation tabagique")
DRUGS = Code("11343-1", oids.LOINC, "Consommation de drogue non médicales")
OTHER = Code("11345-6", oids.LOINC, "Autre élément social")


def habit(
    name: str,
    label: str,
    code: Code,
    kind: Kind,
    *,
    what: Code | None = None,
    about: tuple[Part, ...] = (),
    required: bool = False,
    many: bool = False,
) -> Item:
    """A bare value. `what`: the qualifier that says which « other social fact »; `about`: FR-Sujet."""
    node = observation(
        code,
        value(kind, label=label),
        *about,
        roots=HABIT,
        time=E("effectiveTime", nullFlavor="NA"),
        inside_code=(E("qualifier", coded(what, tag="value")),) if what else (),
    )
    return Item(name, label, entry(node), required=required, many=many)
