"""The page of one received document: where it stands, its metadata, what it says."""

from __future__ import annotations

from html import escape

from dmp_gateway.sandbox import html, narrative
from dmp_gateway.sandbox.context import World
from dmp_gateway.sandbox.registry_objects import RIM
from dmp_gateway.sandbox.store import Record
from perinat.standards import xml
from perinat.standards.xml import XmlError

_NS = {"rim": RIM}


def render(world: World, record: Record, status: str) -> str:
    store = world.store
    described = _metadata(store.metadata(record.unique_id, record.number))
    try:
        said = narrative.html(store.data(record.unique_id))
    except XmlError:
        said = "<p>Ce document n'est pas un XML lisible.</p>"
    place = [
        ("État", status),
        ("Arrivée (UTC)", record.at[:19].replace("T", " ")),
        ("Mode", record.mode),
        ("Structure", record.structure),
        ("Lot", f"{record.lot_unique_id} ({record.lot_size} document(s))"),
        ("uniqueId", record.unique_id),
        ("entryUUID", record.entry_uuid),
        ("logicalId", record.logical_id),
        ("Description n°", str(record.number)),
        ("Remplace", record.replaces),
        ("setId et version", f"{record.set_id}, version {record.version}"),
        ("Confidentialité", ", ".join(record.confidentiality)),
        ("Taille et SHA-1", f"{record.size} octets, {record.hash_sha1}"),
    ]
    uid = escape(record.unique_id)
    links = f'<p><a href="/">Accueil</a> · <a href="/documents/{uid}/bytes">Octets du document</a></p>'
    return html.document(
        record.title or "Document sans titre",
        f"{links}<h2>Dépôt</h2>{html.facts(place)}<h2>Métadonnées (ExtrinsicObject)</h2>{html.facts(described)}"
        f"<h2>Texte du document</h2>{said}",
    )


def _metadata(raw: bytes) -> list[tuple[str, str]]:
    """Slots, then classifications, as they were sent; who the patient is stays out of the page."""
    entry = xml.parse(raw)
    slots = [
        (slot.get("name", ""), " ; ".join(value.text or "" for value in slot.iterfind("rim:ValueList/rim:Value", _NS)))
        for slot in entry.iterfind("rim:Slot", _NS)
        if not slot.get("name", "").startswith("sourcePatient")
    ]
    classes = []
    for row in entry.iterfind("rim:Classification", _NS):
        label = row.find("rim:Name/rim:LocalizedString", _NS)
        words = label.get("value", "") if label is not None else ""
        values = " ; ".join(value.text or "" for value in row.iterfind(".//rim:Value", _NS))
        classes.append((words or "classification", f"{row.get('nodeRepresentation', '')} {values}".strip()))
    return [*slots, *classes]
