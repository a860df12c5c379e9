"""Medicines, vaccines and devices: what a substanceAdministration consumes or a supply gives.

CDA R2 manufacturedProduct, with the IHE Pharmacy extension (urn:ihe:pharm:medication): form, ingredients.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordination.cda.reading import nodes
from coordination.cda.reading.datatypes import Coded, Identifier, Value, read_coded, read_identifiers, read_value
from coordination.cda.reading.people import Organization, read_organization
from coordination.cda.reading.texts import Texts
from coordination.cda.reading.times import Moment, read_moment
from perinat.standards import xml


@dataclass(frozen=True, slots=True)
class Ingredient:
    code: Coded | None
    name: str
    quantity: Value | None


@dataclass(frozen=True, slots=True)
class Product:
    """`code` the product, `classes` the generic classes it belongs to (ATC…)."""

    ids: tuple[Identifier, ...]
    code: Coded | None
    name: str
    lot: str
    expires: Moment | None
    form: Coded | None
    classes: tuple[Coded, ...]
    ingredients: tuple[Ingredient, ...]
    manufacturer: Organization | None


def read_product(act: xml.Element, texts: Texts) -> Product | None:
    """The product of an act, None when it has none."""
    holder = nodes.first(act, "h:consumable/h:manufacturedProduct")
    if holder is None:
        holder = nodes.first(act, "h:product/h:manufacturedProduct")
    material = nodes.first(holder, "h:manufacturedMaterial")
    if material is None:
        material = nodes.first(holder, "h:manufacturedLabeledDrug")
    if material is None:
        return None
    generic = nodes.every(material, "{*}asSpecializedKind/{*}generalizedMedicineClass/{*}code")
    return Product(
        ids=read_identifiers(holder),
        code=read_coded(nodes.first(material, "h:code"), texts),
        name=nodes.text(nodes.first(material, "h:name")),
        lot=nodes.text(nodes.first(material, "{*}lotNumberText")),
        expires=read_moment(nodes.first(material, "{*}expirationTime")),
        form=read_coded(nodes.first(material, "{*}formCode"), texts),
        classes=tuple(code for node in generic if (code := read_coded(node, texts)) is not None),
        ingredients=tuple(_ingredient(node, texts) for node in nodes.every(material, "{*}ingredient")),
        manufacturer=read_organization(nodes.first(holder, "h:manufacturerOrganization"), texts),
    )


def _ingredient(node: xml.Element, texts: Texts) -> Ingredient:
    return Ingredient(
        code=read_coded(nodes.first(node, "{*}ingredient/{*}code"), texts),
        name=nodes.text(nodes.first(node, "{*}ingredient/{*}name")),
        quantity=read_value(nodes.first(node, "{*}quantity"), texts),
    )
