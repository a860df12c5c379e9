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
    "healthCareFacility": "l'établissement",
    "component": "le corps du document",
    "nonXMLBody": "le corps du document",
    "structuredBody": "le corps du document",
    "low": "le début",
    "high": "la fin",
    "location": "le lieu",
    "county": "le code de la commune",
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


# what a general part belongs to: nearest ancestor of these names
OWNERS = {
    "recordTarget": "Patient",
    "guardian": "Représentant légal",
    "birthplace": "Lieu de naissance",
    "author": "Auteur",
    "informant": "Personne à prévenir",
    "custodian": "Conservation du document",
    "informationRecipient": "Destinataire",
    "legalAuthenticator": "Responsable du document",
    "participant": "Participant",
    "documentationOf": "Acte documenté",
    "relatedDocument": "Document remplacé",
    "componentOf": "Prise en charge",
    "component": "Corps du document",
}
INS_TRAITS = (
    "Le document porte un INS sans tous les traits qui vont avec (noms, prénoms, sexe, date et lieu de naissance)."
)


def part(name: str) -> str:
    """« le titre » for title; the element's own name, quoted, when no plain word is known."""
    return PARTS.get(name, f"l'élément « {name} »")


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def subject(name: str, where: str = "") -> str:
    """« Auteur, l'identifiant » : the part, after what it belongs to when that is another part."""
    above = [step for step in _names(where) if step in OWNERS and step != name]
    return f"{OWNERS[above[-1]]}, {part(name)}" if above else capital(part(name))


def absent(name: str, where: str = "") -> str:
    return f"{subject(name, where)} : cette partie est absente ou n'a pas la forme attendue."


def repeated(name: str, where: str = "") -> str:
    return f"{subject(name, where)} : cette partie figure plus de fois que permis."


def for_xsd(message: str, where: str = "") -> str:
    """Sentence for one libxml2 schema error; `where`: path of names to the element."""
    element = re.search(r"Element '(?:\{[^}]*\})?([\w.-]+)'", message)
    name = subject(element[1] if element else "ClinicalDocument", where)
    if "This element is not expected" in message:
        expected = re.findall(r"\}([\w.-]+)", message.partition("Expected is")[2])
        first = f" ; on attend d'abord {part(expected[-1])}" if expected and "..." not in message else ""
        return f"{name} : cette partie n'est pas à sa place{first}."
    if "Missing child element" in message:
        return f"{name} : il y manque une partie obligatoire."
    if "is required but missing" in message:
        return f"{name} : il y manque un attribut obligatoire."
    return f"{name} : le contenu ne respecte pas le schéma du CDA."


def for_rule(step: str, text: str, where: str) -> str:
    """Sentence for one schematron assertion, from the known forms of text or from its place."""
    if "traits de l'INS" in text:
        return INS_TRAITS
    element = re.search(r"element (?:hl7:|cda:)?(\w+)", text)
    if element and re.search(r"is (required|mandatory) \[min", text):
        return absent(element[1], where)
    if element and "appears too often" in text:
        return repeated(element[1], where)
    said = re.search(r"(\w+) est obligatoire", text)
    if said and said[1][:1].lower() + said[1][1:] in PARTS:
        return absent(said[1][:1].lower() + said[1][1:], where)
    place = subject((_names(where) or ["ClinicalDocument"])[-1], where)
    attribute = re.search(r"attribute @(\w+) SHALL be present", text)
    if attribute:
        return f"{place} : l'attribut « {attribute[1]} » est absent."
    if "SHALL be selected from value set" in text or "n'est pas présente dans le JDV" in text:
        return f"{place} : ce code n'est pas dans la nomenclature nationale."
    if step == "terminologies":
        return f"{place} : ce code n'existe pas dans sa terminologie."
    return f"{place} : une règle n'est pas respectée ({STEPS.get(step, step)})."


def _names(where: str) -> list[str]:
    """Element names of a path, in order; attributes, text() and indices dropped."""
    matches = (_NAME.match(piece) for piece in where.split("/"))
    return [match[1] for match in matches if match and match[0] not in ("text", "comment")]
