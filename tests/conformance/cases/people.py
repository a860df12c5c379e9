"""Fictitious people and places of the cases: test INS, RPPS and FINESS that nobody bears."""

from __future__ import annotations

import copy
import re
from datetime import date
from typing import Any

from perinat.standards import oids
from perinat.standards.identifiers import ins_key

Json = dict[str, Any]
SITE: Json = {
    "id": "1997800115",
    "name": "Maternité des Essences",
    "phone": "01 39 00 00 01",
    "address": {"line": "12 bis rue de l'Érable", "postal_code": "78990", "city": "Valombre"},
}
PRACTICE: Json = {
    "id": "1997800230",
    "name": "Cabinet de sages-femmes du Charme",
    "phone": "01 39 00 00 02",
    "address": {"line": "3 place du Charme", "postal_code": "78990", "city": "Valombre"},
}


def doctor(specialty: str = "G15_10/SM20", site: Json = SITE) -> Json:
    return {
        "id": "889900001010",
        "family_name": "TILLEUL",
        "given_name": "Anne-Élise",
        "prefix": "DR",
        "specialty": specialty,
        "phone": "01 39 00 00 03",
        "organization": site,
    }


def midwife(site: Json = PRACTICE) -> Json:
    return {
        "id": "889900001051",
        "family_name": "MÉLÈZE-DU BOIS",
        "given_name": "Zoé",
        "prefix": "MME",
        "specialty": "G15_50",
        "organization": site,
    }


def general_practitioner() -> Json:
    return doctor("G15_10/SM54", PRACTICE) | {"id": "889900001085", "family_name": "SUREAU", "given_name": "Noé"}


def _ins(number: str) -> Json:
    return {"matricule": number + ins_key(number), "oid": oids.INS_NIR_TEST}


def mother(**changes: Any) -> Json:
    return {
        "birth_family_name": "ACACIA-ÇELEBI",
        "birth_given_names": "LOUISE MARIE-ÈVE",
        "birth_date": "1993-04-12",
        "sex": "F",
        "ins": _ins("2930478990001"),
        "local_id": "M000123",
        "local_oid": "1.2.250.1.999.1.1",
        "used_family_name": "D'ÉGLANTINE",
        "birth_place_cog": "78646",
        "phone": "06 00 00 00 01",
        "address": {"line": "1 rue des Essences", "postal_code": "78990", "city": "Valombre"},
    } | changes


def newborn(**changes: Any) -> Json:
    return {
        "birth_family_name": "ACACIA-ÇELEBI",
        "birth_given_names": "NOÉMIE",
        "birth_date": "2026-11-18",
        "born_at": "2026-11-18T04:12:00+01:00",
        "sex": "F",
        "ins": _ins("2261178990002"),
        "local_id": "E000124",
        "local_oid": "1.2.250.1.999.1.1",
        "birth_place_cog": "78646",
        "phone": "06 00 00 00 01",
        "address": {"line": "1 rue des Essences", "postal_code": "78990", "city": "Valombre"},
        "guardian": {
            "family_name": "ACACIA-ÇELEBI",
            "given_name": "LOUISE",
            "ins": _ins("2930478990001"),
            "phone": "06 00 00 00 01",
            "address": {"line": "1 rue des Essences", "postal_code": "78990", "city": "Valombre"},
        },
    } | changes


def moved(value: Any, to: date) -> Any:
    """The same case or body, every date shifted so that the day of the cases, 20 November 2026, falls on `to`."""
    if isinstance(value, dict):
        return {name: moved(inner, to) for name, inner in value.items()}
    if isinstance(value, list):
        return [moved(inner, to) for inner in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", value):
        return (date.fromisoformat(value[:10]) + (to - date(2026, 11, 20))).isoformat() + value[10:]
    return value


def participants() -> list[Json]:
    """The whole circle of the OBP volets."""
    since = "2026-11-17T08:00:00+01:00"
    return [
        {"role": "responsible", "since": since, "professional": doctor()},
        {"role": "attending", "since": since, "professional": general_practitioner()},
        {"role": "team", "title": "Sage-femme référente", "since": since, "professional": midwife()},
        {"role": "correspondent", "title": "Pédiatre", "since": since, "professional": doctor("G15_10/SM40", PRACTICE)},
    ]


def relatives() -> list[Json]:
    sister = {"code": "SIS", "label": "Soeur"}
    return [
        {"kind": "emergency", "relation": sister, "family_name": "FUSAIN", "given_name": "Ève", "phone": "0600000002"},
        {"kind": "trusted", "relation": sister, "family_name": "FUSAIN", "given_name": "Ève", "phone": "0600000002"},
    ]


def case(body: Json, *, patient: Json, author: Json | None = None, whole: bool = False, **changes: Any) -> Json:
    """A case around `body`. `whole`: with every optional part of the header."""
    writer = author or doctor()
    built: Json = {
        "document": {
            "unique_id": "1.2.250.1.999.1.2.1001",
            "set_id": "1.2.250.1.999.1.3.1001",
            "version": 1,
            "created_at": "2026-11-20T16:30:00+01:00",
        },
        "patient": patient,
        "author": writer,
        "authored_at": "2026-11-20T16:20:00+01:00",
        "legal_authenticator": writer,
        "authenticated_at": "2026-11-20T16:25:00+01:00",
        "custodian": SITE,
        "encounter": {
            "start": "2026-11-17T08:00:00+01:00",
            "end": "2026-11-20T17:00:00+01:00",
            "facility": "SA01",
            "practice": "ETABLISSEMENT",
            "responsible": writer,
            "place": SITE,
        },
        "participants": participants(),
        "body": body,
    }
    if whole:
        built["informants"] = relatives()
        built["recipients"] = [general_practitioner(), midwife()]
        built["document"] |= {"version": 2, "replaces": "1.2.250.1.999.1.2.1000"}
    return copy.deepcopy(built | changes)
