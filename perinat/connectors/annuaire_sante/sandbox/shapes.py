"""Published people and places, from the short form of data/annuaire.json to the resources of the API.

Shapes of the examples of the IG « annuaire » 1.2.0-snapshot-2 (as-dp-*). Inactive: id, identifiers and name only.
"""

from __future__ import annotations

from typing import Any

NOS = "https://mos.esante.gouv.fr/NOS"
EMAIL_TYPE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
MAILBOX = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
Row = dict[str, Any]


def nos(table: str, code: str) -> Row:
    return {"coding": [{"system": f"{NOS}/{table}/FHIR/{table.replace('_', '-', 1)}", "code": code}]}


def _identifier(system: str, value: str, kind: str) -> Row:
    type_ = {"coding": [{"system": "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203", "code": kind}]}
    return {"use": "official", "type": type_, "system": system, "value": value}


def mailboxes(rows: list[Row]) -> list[Row]:
    """`{"address", "kind", "red_list"?, "bare"?, "ordinary"?}` → telecom. `bare`: without its metadata."""
    return [_mailbox(row) for row in rows]


def _mailbox(row: Row) -> Row:
    telecom: Row = {"system": "email", "value": row["address"]}
    if row.get("ordinary"):
        return telecom
    table = "TRE_R256-TypeMessagerie"
    coding = {"system": f"{NOS}/{table}/FHIR/TRE-R256-TypeMessagerie", "code": "MSSANTE"}
    telecom["extension"] = [{"url": EMAIL_TYPE, "valueCoding": coding}]
    if not row.get("bare"):
        details: list[Row] = [{"url": "type", "valueCodeableConcept": nos("TRE_R257-TypeBAL", row["kind"])}]
        details.append({"url": "listeRouge", "valueBoolean": bool(row.get("red_list"))})
        telecom["extension"].append({"url": MAILBOX, "extension": details})
    return telecom


def _resource(kind: str, row: Row) -> Row:
    meta = {"versionId": "1", "lastUpdated": row["updated"], "source": "https://annuaire.esante.gouv.fr"}
    return {"resourceType": kind, "id": row["id"], "meta": meta, "language": "fr", "active": row.get("active", True)}


def organization(row: Row) -> Row:
    made = _resource("Organization", row)
    identifiers = []
    if finess := row.get("finess"):
        identifiers = [
            _identifier("urn:oid:1.2.250.1.71.4.2.2", f"1{finess}", "IDNST"),
            _identifier("https://finess.esante.gouv.fr", finess, "FINEG"),
        ]
    made |= {"identifier": identifiers, "name": row["name"]}
    if not made["active"]:
        return made
    address = {"line": [row.get("line", "")], "city": row["city"], "postalCode": row["postal_code"]}
    phone = [{"system": "phone", "value": row["phone"]}] if row.get("phone") else []
    telecom = [*phone, *mailboxes(row.get("mailboxes", []))]
    return made | {"type": [nos("TRE_R02-SecteurActivite", row["sector"])], "telecom": telecom, "address": [address]}


def practitioner(row: Row) -> Row:
    made = _resource("Practitioner", row)
    rpps = row["rpps"]
    made["identifier"] = [
        _identifier("urn:oid:1.2.250.1.71.4.2.1", f"8{rpps}", "IDNPS"),
        _identifier("https://rpps.esante.gouv.fr", rpps, "RPPS"),
    ]
    made["name"] = [{"use": "usual", "family": row["family"], "given": [row["given"]]}]
    if not made["active"]:
        return made
    qualification = [{"code": nos("TRE_G15-ProfessionSante", row["profession"])}]
    if skill := row.get("skill"):
        qualification.append({"code": nos("TRE_R38-SpecialiteOrdinale", skill)})
    return made | {"telecom": mailboxes(row.get("mailboxes", [])), "qualification": qualification}


def practitioner_role(row: Row) -> Row:
    made = _resource("PractitionerRole", row)
    if not made["active"]:
        return made
    return made | {
        "practitioner": {"reference": f"Practitioner/{row['person']}"},
        "organization": {"reference": f"Organization/{row['place']}"},
        "telecom": mailboxes(row.get("mailboxes", [])),
        "code": [nos("TRE_R23-ModeExercice", row.get("mode", "L"))],
    }


MAKERS = {"Organization": organization, "Practitioner": practitioner, "PractitionerRole": practitioner_role}
