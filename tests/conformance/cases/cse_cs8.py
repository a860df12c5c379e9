"""CSE-CS8: the first certificate of a newborn, signed by the physician who examined the child."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.people import case, doctor, midwife, newborn

Json = dict[str, Any]
_MOTHER: Json = {
    "kind": "informant",
    "relation": {"code": "MTH", "label": "Mère"},
    "family_name": "ACACIA-ÇELEBI",
    "given_name": "Louise",
    "phone": "06 00 00 00 01",
    "address": {"line": "1 rue des Essences", "postal_code": "78990", "city": "Valombre"},
}
_FATHER = _MOTHER | {
    "relation": {"code": "FTH", "label": "Père"},
    "family_name": "N'GUYÊN-ŒILLET",
    "given_name": "Gaël-Noël",
}
_FIRST_WEEK: Json = {
    "respiratory_distress": False,
    "antibiotics_over_48h": False,
    "neurological": False,
    "surgical_emergency": False,
    "other": {"present": False},
}
_LABOUR: Json = {
    "foetuses": 1,
    "gestational_age": 39,
    "presentation": "70028003",
    "membranes_over_12h": False,
    "labour_onset": "84457005",
    "analgesia": "18946005",
    "birth_mode": "700000006",
}
_MEASURES: Json = {
    "weight": 3420,
    "length": 50.5,
    "head_circumference": 35,
    "apgar_1": 9,
    "apgar_5": 10,
    "apgar_10": 10,
}
_BODY: Json = {
    "habits": {
        "alcohol": 0,
        "tobacco": 0,
        "other_addiction": False,
        "children_at_home": 1,
        "feeding": "MED-1256",
        "tuberculosis_risk": False,
    },
    "coverage": {"items": [{"kind": "GEN-105"}]},
    "pregnancies": {
        "gravidity": 1,
        "parity": 1,
        "premature_births": 0,
        "low_weight_births": 0,
        "stillbirths": 0,
        "neonatal_deaths": 0,
        "previous_caesarean": False,
        "declaration": "57630001",
        "usual_weight": 61.5,
        "height": 168,
        "pre_eclampsia": False,
        "hypertension": {"present": False},
        "gestational_diabetes": False,
        "other_pathology": {"present": False},
        "hospital_days": 0,
    },
    "antenatal": {
        "trisomy_21_screening": True,
        "ultrasounds": 3,
        "morphology_ultrasound": True,
        "early_interview": True,
        "hbs_antigen": "406118005",
    },
    "labour": {"events": _LABOUR},
    "newborn": {
        "exam": {"vital_signs": {"measures": _MEASURES}},
        "first_week": _FIRST_WEEK,
        "acts": {"special_care": {"done": False}, "hearing": {"done": True, "date": "2026-11-20", "result": "MED-178"}},
        "treatments": {
            "rsv_immunisation": {"done": True, "date": "2026-11-19"},
            "hepatitis_b_immunoglobulin": {"done": False},
        },
    },
    "vaccinations": {"bcg": {"done": False}, "hepatitis_b": {"done": False}},
    "plan": {},
}


def _with(**sections: Json) -> Json:
    """The body, with some members of some sections changed."""
    return _BODY | {name: _BODY[name] | values for name, values in sections.items()}


def _certificate(body: Json, **changes: Any) -> Json:
    patient = changes.pop("patient", newborn())
    return case(body, patient=patient, author=changes.pop("author", doctor("G15_10/SM40")), **changes)


_CAESAREAN = _LABOUR | {
    "labour_onset": "11466000",
    "analgesia": "231249005",
    "birth_mode": "MED-1273",
    "caesarean_reason": "MED-210",
}
_TRANSFER: Json = {
    "kind": {"kind": "88694003", "date": "2026-11-18T05:30:00+01:00"},
    "destination": {
        "name": "Néonatologie, hôpital du Grand-Cèdre",
        "sector": "SA01",
        "id": "1997800123",
        "service": "405269005",
        "address": {"line": "12 avenue du Cèdre", "postal_code": "78990", "city": "Valombre"},
        "phone": "01 39 00 00 04",
        "left_at": "2026-11-18T05:30:00+01:00",
        "arrived_at": "2026-11-18T06:10:00+01:00",
    },
}
_MAXIMAL: Json = _with(
    habits={
        "mother_education": "PAT-039",
        "mother_profession": "3",
        "mother_activity": "PAT-040",
        "father_education": "PAT-037",
        "father_profession": "2",
        "father_activity": "PAT-044",
        "alcohol": 1,
        "tobacco": 35,
        "other_addiction": True,
        "children_at_home": 3,
        "feeding": "MED-1257",
        "tuberculosis_risk": True,
    },
    coverage={
        "items": [
            {
                "kind": "GEN-107",
                "insurer": "Caisse primaire de Valombre",
                "insurer_address": {"line": "2 rue de l'Orme", "postal_code": "78990", "city": "Valombre"},
                "insurer_phone": "01 39 00 00 05",
                "holder_prefix": "MME",
                "holder_address": {"line": "1 rue des Essences", "postal_code": "78990", "city": "Valombre"},
                "holder_phone": "0600000001",
                "holder_family_name": "ACACIA-ÇELEBI",
                "holder_given_name": "Louise",
            },
            {"kind": "GEN-105"},
        ]
    },
    pregnancies={
        "mother_birth_date": "1993-04-12",
        "gravidity": 4,
        "parity": 3,
        "premature_births": 1,
        "low_weight_births": 1,
        "stillbirths": 1,
        "previous_caesarean": True,
        "pre_eclampsia": True,
        "hypertension": {"present": True, "treatment": "MED-1155"},
        "gestational_diabetes": True,
        "other_pathology": {"present": True, "what": "O99.0"},
        "hospital_days": 6,
        "hospital_reason": "O47.0",
    },
    labour={"events": _CAESAREAN | {"membranes_over_12h": True}},
    newborn={
        "first_week": {
            "respiratory_distress": True,
            "antibiotics_over_48h": True,
            "neurological": False,
            "surgical_emergency": True,
            "other": {"present": True, "comment": "Hypoglycémie transitoire, corrigée à J2.\nŒdème des paupières."},
        },
        "acts": {
            "special_care": {"done": True, "date": "2026-11-18T04:20:00+01:00"},
            "hearing": {"done": True, "date": "2026-11-20", "result": "MED-179"},
        },
        "treatments": {
            "rsv_immunisation": {"done": True, "date": "2026-11-19"},
            "hepatitis_b_immunoglobulin": {"done": True, "date": "2026-11-18T05:00:00+01:00"},
        },
        "transfer": _TRANSFER,
    },
    vaccinations={
        "bcg": {"done": False},
        "hepatitis_b": {
            "done": True,
            "date": "2026-11-18",
            "product": {"code": "61077869", "label": "Vaccin contre l'hépatite B, suspension injectable"},
            "lot": "HB2291A",
            "rank": 1,
        },
    },
    plan={
        "other_professional": {"date": "2026-12-03"},
        "multidisciplinary": {},
        "pmi": {"comment": "Pesée chaque semaine demandée ; l'enfant dort bien."},
    },
)
_UNKNOWN = {"usual_weight": "unknown", "height": "unknown", "pre_eclampsia": "unknown", "hospital_days": "unknown"}

CASES = {
    "minimal": _certificate(_BODY),
    "maximal": _certificate(_MAXIMAL, whole=True, informants=[_MOTHER, _FATHER]),
    "little is known": _certificate(
        _with(
            habits={"alcohol": "unknown", "tobacco": "unknown", "other_addiction": "unknown"},
            coverage={"items": [{"kind": "GEN-108"}]},
            pregnancies=_UNKNOWN | {"declaration": "GEN-109", "premature_births": "unknown"},
            antenatal={"trisomy_21_screening": "unknown", "ultrasounds": "unknown", "hbs_antigen": "unknown"},
            labour={"events": _LABOUR | {"membranes_over_12h": "unknown"}},
        )
    ),
    "twin": _certificate(
        _with(
            labour={"events": _LABOUR | {"foetuses": 2, "gestational_age": 36, "presentation": "6096002"}},
            plan={"pmi": {}},
        ),
        patient=newborn(birth_order=2, birth_given_names="JEAN-FRANÇOIS", sex="M"),
    ),
    "caesarean": _certificate(_with(labour={"events": _CAESAREAN})),
    "premature transferred": _certificate(
        _with(
            labour={"events": _CAESAREAN | {"gestational_age": 31, "birth_mode": "MED-1253"}},
            newborn={
                "exam": {"vital_signs": {"measures": {"weight": 1540, "apgar_1": 4, "apgar_5": 7, "apgar_10": 8}}},
                "first_week": _FIRST_WEEK | {"respiratory_distress": True},
                "acts": {"special_care": {"done": True}, "hearing": {"done": False}},
                "transfer": _TRANSFER,
            },
        )
    ),
    "written with the midwife": _certificate(_BODY, author=midwife(), performer=doctor("G15_10/SM40")),
    "without INS": _certificate(_BODY, patient={name: value for name, value in newborn().items() if name != "ins"}),
    "long names": _certificate(
        _BODY,
        patient=newborn(
            birth_family_name="DE LA ROCHE-FÛTAIE D'ÉPICÉA-GENÉVRIER", birth_given_names="ZOÉ-NAËLLE ANAÏS"
        ),
    ),
}
