"""French sentences for a screen, made from the text and the place of a broken rule.

Published rules speak half English, quote XPath and sometimes the document itself. A sentence names
the part of the document and what is wrong with it, and holds no value; the rule's own text stays
in `Finding.detail`.
"""

from __future__ import annotations

import re

PARTS = {
    "ClinicalDocument": "le document",
    "realmCode": "le code de pays",
    "typeId": "la référence au standard CDA",
    "templateId": "la déclaration de conformité",
    "id": "l'identifiant",
    "code": "le code",
    "title": "le titre",
    "effectiveTime": "la date",
    "confidentialityCode": "le niveau de confidentialité",
    "languageCode": "la langue",
    "setId": "l'identifiant de la série de versions",
    "versionNumber": "le numéro de version",
    "recordTarget": "le patient",
    "patientRole": "le patient",
    "patient": "l'identité du patient",
    "name": "le nom",
    "family": "le nom de famille",
    "given": "le prénom",
    "administrativeGenderCode": "le sexe",
    "birthTime": "la date de naissance",
    "birthplace": "le lieu de naissance",
    "guardian": "le représentant légal",
    "addr": "l'adresse",
    "telecom": "les coordonnées",
    "author": "l'auteur",
    "assignedAuthor": "l'auteur",
    "assignedEntity": "le professionnel",
    "assignedPerson": "l'identité du professionnel",
    "representedOrganization": "la structure du professionnel",
    "custodian": "la structure qui conserve le document",
    "legalAuthenticator": "le responsable du document",
    "signatureCode": "le code de signature",
    "time": "la date",
    "participant": "le participant",
    "documentationOf": "l'acte documenté",
    "serviceEvent": "l'acte documenté",
    "performer": "l'exécutant de l'acte",
    "standardIndustryClassCode": "le cadre d'exercice",
    "relatedDocument": "le document remplacé",
    "parentDocument": "le document remplacé",
    "componentOf": "le contexte de la prise en charge",
    "encompassingEncounter": "le séjour",
    "healthCareFacility": "le secteur d'activité",
    "component": "le corps du document",
    "nonXMLBody": "le corps du document",
    "structuredBody": "le corps du document",
    "section": "la rubrique",
    "entry": "l'entrée",
    "observation": "l'observation",
    "text": "le texte",
    "value": "la valeur",
}
STEPS = {
    "xsd": "le schéma du CDA",
    "ihe": "les règles internationales (IHE)",
    "terminologies": "les nomenclatures",
    "modeles": "les modèles nationaux",
    "strucmin": "la structuration minimale",
    "ans": "les modèles de l'ANS",
    "volet": "le volet déclaré",
}
_NAME = re.compile(r"(?:hl7:|cda:)?([A-Za-z]\w*)")


def part(name: str) -> str:
    """« le titre » for title; the element's own name, quoted, when no plain word is known."""
    return PARTS.get(name, f"l'élément « {name} »")


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def absent(name: str) -> str:
    return f"{capital(part(name))} : cette partie est absente ou n'a pas la forme attendue."


def repeated(name: str) -> str:
    return f"{capital(part(name))} : cette partie figure plus de fois que permis."


def for_xsd(message: str) -> str:
    """Sentence for one libxml2 schema error."""
    element = re.search(r"Element '(?:\{[^}]*\})?([\w.-]+)'", message)
    name = element[1] if element else "ClinicalDocument"
    if "This element is not expected" in message:
        return f"{capital(part(name))} : cette partie n'est pas à sa place, ou une partie qui la précède est absente."
    if "Missing child element" in message:
        return f"{capital(part(name))} : il y manque une partie obligatoire."
    if "is required but missing" in message:
        return f"{capital(part(name))} : il y manque un attribut obligatoire."
    return f"{capital(part(name))} : le contenu ne respecte pas le schéma du CDA."


def for_rule(step: str, text: str, where: str) -> str:
    """Sentence for one schematron assertion, from the English forms of ART-DECOR or from its place."""
    element = re.search(r"element (hl7:|cda:)?(\w+)", text)
    if element and re.search(r"is (required|mandatory) \[min", text):
        return absent(element[2])
    if element and "appears too often" in text:
        return repeated(element[2])
    place = _last_name(where)
    attribute = re.search(r"attribute @(\w+) SHALL be present", text)
    if attribute:
        return f"{capital(part(place))} : l'attribut « {attribute[1]} » est absent."
    if "SHALL be selected from value set" in text or "n'est pas présente dans le JDV" in text:
        return f"{capital(part(place))} : ce code n'est pas dans la nomenclature nationale."
    if step == "terminologies":
        return f"{capital(part(place))} : ce code n'existe pas dans sa terminologie."
    return f"{capital(part(place))} : une règle n'est pas respectée ({STEPS.get(step, step)})."


def _last_name(where: str) -> str:
    """The element a path ends with (attributes and indices dropped); the document for « / »."""
    pieces = [piece for piece in where.split("/") if piece and not piece.startswith(("@", "text()"))]
    match = _NAME.match(pieces[-1]) if pieces else None
    return match[1] if match else "ClinicalDocument"
