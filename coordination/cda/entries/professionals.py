"""Who carried out an act, or wrote an entry: performer and author inside an entry."""

from __future__ import annotations

from coordination.cda.spec.coded import Listed
from coordination.cda.spec.contacts import Phone, Postal
from coordination.cda.spec.kinds import Moment, Words
from coordination.cda.spec.nodes import E, Item, Slot
from coordination.cda.spec.references import Number
from perinat.standards import oids

_NAME = Words(most=80)


def _who(tag: str) -> E:
    name = E(
        "name",
        Slot("prefix", "prefix", "Civilité", Words(most=20)),
        Slot("given", "given_name", "Prénom", _NAME, leads=True),
        Slot("family", "family_name", "Nom", _NAME, required=True, leads=True),
        Slot("suffix", "title", "Titre", Words(most=20)),
    )
    structure = E(
        "representedOrganization",
        Slot("id", "structure_id", "Struct_IdNat (1 + FINESS…)", Number(oids.STRUCT_IDNAT)),
        Slot("name", "structure", "Structure", Words(most=200)),
        Slot("telecom", "structure_phone", "Téléphone de la structure", Phone()),
        Slot("addr", "structure_address", "Adresse de la structure", Postal()),
        optional=True,
    )
    return E(
        tag,
        Slot("id", "id", "PS_IdNat (8 + RPPS)", Number(oids.PS_IDNAT), absent="UNK"),
        Slot("code", "specialty", "Profession", Listed("JDV_J01_XdsAuthorSpecialty", xsi=""), absent="UNK"),
        Slot("addr", "address", "Adresse", Postal(), absent="UNK"),
        Slot("telecom", "phone", "Téléphone", Phone(), absent="UNK"),
        E("assignedPerson", name),
        structure,
    )


def performer(label: str = "Intervenant") -> Item:
    """performer {prefix, family_name, given_name, title, id, specialty, phone, address, structure, structure_id,
    structure_phone, structure_address}."""
    return Item("performer", label, E("performer", _who("assignedEntity"), typeCode="PRF"))


def author(label: str = "Rédacteur") -> Item:
    """author: the same, with « at », when it was written."""
    time = Slot("time", "at", "Le", Moment(), required=True)
    return Item("author", label, E("author", time, _who("assignedAuthor")))
