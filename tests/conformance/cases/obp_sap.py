"""OBP-SAP: a mother's history and her pregnancy, as the maternity ward receives them before the birth."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.people import case, doctor, midwife, mother

Json = dict[str, Any]
_MIDWIFE: Json = {
    "id": "889900001051",
    "family_name": "MÉLÈZE-DU BOIS",
    "given_name": "Zoé",
    "specialty": "G15_50",
    "phone": "01 39 00 00 02",
    "address": {"line": "3 place du Charme", "postal_code": "78990", "city": "Valombre"},
    "structure_id": "1997800230",
    "structure": "Cabinet de sages-femmes du Charme",
    "structure_phone": "01 39 00 00 02",
    "structure_address": {"line": "3 place du Charme", "postal_code": "78990", "city": "Valombre"},
}
_DOCTOR: Json = {"id": "889900001010", "family_name": "TILLEUL", "given_name": "Anne-Élise", "title": "DR"}
_INTERVIEW: Json = {"kind": "GEN-079", "from": "2026-06-02", "performer": _MIDWIFE}

_NONE_NAMED: Json = {
    name: {"present": False}
    for name in ("bleeding", "false_labour", "membranes_rupture", "urinary_infection", "genital_infection")
}


def _body(**changes: Any) -> Json:
    return {
        "pregnancies": {"last_period": "2026-02-11", "foetuses": 1, "previous": 0},
        "habits": {"alcohol": 0, "tobacco": 0},
        "vital_signs": {"measures": {"weight": 61.5, "height": 168, "bmi": 21.8}},
        "immunohaematology": {"results": {"sampled_at": "2026-04-15", "blood_group": "278149003"}},
        "encounters": {"items": [_INTERVIEW]},
        "problems": _NONE_NAMED | {"no_foetal_problem": True},
        "treatments": {"none": True},
        "status": {"value": "9571008"},
    } | changes


_MISCARRIAGE: Json = {
    "number": 1,
    "from": "2019",
    "to": "2019-04",
    "outcome": "O03",
    "gestational_age": 9,
    "perineum": "289854007",
    "postpartum_haemorrhage": False,
    "living_children": 0,
    "pathology": False,
}
_FIRST: Json = {
    "number": 2,
    "from": "2020-02",
    "to": "2020-11-09",
    "outcome": "236973005",
    "gestational_age": 39.57,
    "perineum": "O70.1",
    "postpartum_haemorrhage": True,
    "living_children": 1,
    "pathologies": [{"code": "O24.4", "label": "Diabète sucré survenant au cours de la grossesse"}],
    "children": [
        {
            "rank": 1,
            "sex": "F",
            "born_at": "2020-11-09T18:30:00+01:00",
            "birth_mode": "700000006",
            "birth_weight": 3280,
            "status": "281050002",
            "transfer": "GEN-301",
        }
    ],
}
_TWINS: Json = {
    "outcome": "236973005",
    "to": "2022-07",
    "gestational_age": 33,
    "living_children": 1,
    "children": [
        {
            "rank": 1,
            "sex": "M",
            "born_at": "2022-07-02",
            "birth_mode": "MED-1254",
            "birth_weight": 1910,
            "status": "281050002",
            "transfer": "88694003",
            "comment": "Prématurité ; réanimation néonatale de l'hôpital du Grand-Cèdre.",
        },
        {"rank": 2, "sex": "M", "birth_mode": "MED-1254", "status": "P95", "transfer": "GEN-301"},
    ],
}
_ALLERGIES: Json = {
    "items": [
        {
            "type": "609328004",
            "agent": "amoxicilline",
            "agent_code": {"code": "J01CA04", "label": "Amoxicilline"},
            "reactions": [
                {
                    "reaction": {"code": "126485001", "label": "urticaire", "system": "SNOMED CT"},
                    "date": "2012-01-05",
                    "severity": "6736007",
                }
            ],
        }
    ]
}
_STEROID: Json = {
    "name": "CÉLESTÈNE CHRONODOSE 5,70 mg/ml",
    "atc": {"code": "H02AB01", "label": "Bétaméthasone"},
    "start": "2026-09-21",
    "end": "2026-09-22",
    "comment": "Maturation pulmonaire fœtale à 31 SA.",
}
_MAXIMAL: Json = {
    "medical_history": {
        "history_since": "2008",
        "problems": [
            {"problem": {"code": "N10", "label": "Néphrite tubulo-interstitielle aiguë"}, "date": "2008"},
            {
                "problem": {"code": "E03.9", "label": "Hypothyroïdie, sans précision"},
                "date": "2015-06",
                "comment": "Équilibrée sous lévothyroxine « 75 µg ».",
            },
        ],
    },
    "past_acts": {
        "acts": [
            {
                "act": {"code": "HHFA011", "label": "Appendicectomie, par abord de la fosse iliaque"},
                "date": "2008-08-11",
            }
        ],
        "others": [{"act": "Conisation du col", "date": "2017", "comment": "Col de 28 mm en début de grossesse."}],
    },
    "transfusions": "Deux culots globulaires le 09/11/2020.\nPas d'agglutinine irrégulière.",
    "family_history": {
        "maternal": [{"code": "D57.1", "label": "Anémie à hématies falciformes sans crises"}],
        "paternal": [{"code": "D66", "label": "Carence héréditaire en facteur VIII"}],
    },
    "pregnancies": {
        "last_period": "2026-02-11",
        "foetuses": 2,
        "previous": 3,
        "earlier": [_MISCARRIAGE, _FIRST, _TWINS],
    },
    "allergies": _ALLERGIES,
    "habits": {
        "alcohol": 0.25,
        "tobacco": 0.5,
        "drugs": [{"code": "418149003", "label": "substance psychoactive"}],
        "comment": "Tabac arrêté à 12 SA.\nSuivi par la tabacologue.",
    },
    "psychosocial_follow_up": "Puéricultrice de PMI rencontrée le 03/09.\nEntretien avec l'assistante sociale prévu.",
    "encounters": {
        "items": [
            _INTERVIEW | {"comment": "Plan de naissance remis."},
            {"kind": "MED-163", "from": "2026-09-01", "to": "2026-10-13", "performer": _MIDWIFE},
            {"kind": "ORG-193", "from": "2026-07-08", "performer": _DOCTOR},
            {
                "kind": "ORG-077",
                "from": "2026-09-20T22:10:00+02:00",
                "to": "2026-09-24T10:00:00+02:00",
                "performer": _DOCTOR,
            },
        ]
    },
    "problems": {
        "mother_since": "2026-05",
        "mother_until": "2026-10-02",
        "foetus_since": "2026-09-20T10:30:00+02:00",
        "foetus_until": "2026-11",
        "bleeding": {"present": False},
        "false_labour": {"present": True, "date": "2026-09-20", "comment": "Tocolyse 48 h par atosiban."},
        "membranes_rupture": {"present": False},
        "urinary_infection": {"present": True, "date": "2026-05"},
        "genital_infection": {"present": False},
        "maternal": [
            {"problem": {"code": "O13", "label": "Hypertension gestationnelle [liée à la grossesse]"}},
            {
                "problem": {"code": "O24.4", "label": "Diabète sucré survenant au cours de la grossesse"},
                "comment": "RHD.",
            },
        ],
        "foetal": [
            {
                "problem": {"code": "P05.0", "label": "Faible poids pour l'âge gestationnel"},
                "comment": "J2, 5e centile.",
            },
            {"problem": {"code": "Q39.0", "label": "Atrésie de l'œsophage, sans fistule"}, "date": "2026-07-08"},
        ],
    },
    "treatments": {"maternal": [{"name": "Nicardipine LP 50 mg, gélule", "start": "2026-10-02"}], "foetal": [_STEROID]},
    "status": {"value": "29179001"},
}

CASES = {
    "minimal": case(_body(), patient=mother()),
    "maximal": case(_body(**_MAXIMAL), patient=mother(), whole=True),
    "twins": case(
        _body(
            pregnancies={"last_period": "2026-03-02", "foetuses": 2, "previous": 0},
            problems=_NONE_NAMED
            | {
                "maternal": [{"problem": {"code": "O30.0", "label": "Grossesse double"}}],
                "no_foetal_problem": True,
            },
        ),
        patient=mother(),
    ),
    "earlier stillbirth": case(
        _body(
            pregnancies={
                "last_period": "unknown",
                "foetuses": 1,
                "previous": 1,
                "earlier": [
                    {
                        "outcome": "P95",
                        "to": "2024-12",
                        "gestational_age": 38,
                        "pathology": True,
                        "children": [
                            {"rank": 1, "sex": "UN", "birth_mode": "700000006", "status": "P95", "transfer": "GEN-301"}
                        ],
                    }
                ],
            },
            habits={"alcohol": "unknown", "tobacco": "unknown"},
            allergies={"none": True},
        ),
        patient=mother(),
    ),
    "earlier caesareans": case(
        _body(
            pregnancies={"last_period": "2026-02-11", "foetuses": 1, "previous": 2, "earlier": [_TWINS, _MISCARRIAGE]}
        ),
        patient=mother(),
    ),
    "premature rupture": case(
        _body(
            problems=_NONE_NAMED
            | {
                "membranes_rupture": {"present": True, "date": "2026-10-01T05:40:00+02:00"},
                "no_foetal_problem": True,
            },
            treatments={"foetal": [_STEROID]},
        ),
        patient=mother(),
    ),
    "written by a midwife": case(
        _body(transfusions="Aucune."), patient=mother(), author=midwife(), performer=doctor(), informants=[]
    ),
    "long names": case(
        _body(),
        patient=mother(
            birth_family_name="DE LA ROCHE-FÛTAIE D'ÉPICÉA-GENÉVRIER",
            birth_given_names="MARIE-ÉLÉONORE ANNE-ZOÉ HÉLOÏSE",
            used_family_name="ŒILLET-N'GUYÊN",
        ),
        author=doctor() | {"family_name": "BÛCHE-ÉRABLE D'AULNE", "given_name": "Gaël-Noël"},
    ),
}
