"""Official lists in SVS form: RetrieveValueSetResponse (IHE ITI-48), as ANS publishes jeuxDeValeurs and NOS."""

from __future__ import annotations

from perinat.standards import xml
from perinat.standards.codes import Code
from perinat.standards.official_lists import MAX_BYTES, OfficialFileError, checked, day, list_name
from perinat.standards.value_set_files import Head, StoredConcept, StoredList

_NS = "{urn:ihe:iti:svs:2008}"


def read(data: bytes, source: str) -> StoredList:
    """The list of one file. Raises OfficialFileError (unreadable, DOCTYPE, another root, no date…)."""
    try:
        root = xml.parse(data, max_bytes=MAX_BYTES)
    except xml.XmlError as error:
        raise OfficialFileError(error.message_fr) from error
    if root.tag != f"{_NS}RetrieveValueSetResponse":
        raise OfficialFileError("ce fichier XML n'est pas un jeu de valeurs (RetrieveValueSetResponse).")
    sets = root.findall(f"{_NS}ValueSet")
    if len(sets) != 1:
        raise OfficialFileError(f"le fichier contient {len(sets)} listes ; une seule est attendue.")
    (found,) = sets
    concepts = [_concept(node) for node in found.iter(f"{_NS}Concept")]
    return StoredList(_head(found, source), checked(concepts))


def _head(node: xml.Element, source: str) -> Head:
    moment = node.get("revisionDate") or node.get("dateMaj") or node.get("effectiveDate") or ""
    published = day(moment)
    name, oid = list_name(node.get("displayName", "")), node.get("id", "")
    if published is None or not oid:
        raise OfficialFileError("l'OID ou la date de la liste manque.")
    # `version` says « test » in the pack: the instant of the revision is the version, as in the NOS
    version = node.get("dateMaj") or "".join(filter(str.isdigit, moment[:19]))
    return Head(name, oid, version, published, source)


def _concept(node: xml.Element) -> StoredConcept:
    code = Code(node.get("code", ""), node.get("codeSystem", ""), node.get("displayName", ""))
    return StoredConcept(code, day(node.get("dateFin", "")))
