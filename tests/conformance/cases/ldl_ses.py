"""LDL-SES: the letter handed over when a mother leaves the maternity ward."""

from __future__ import annotations

import base64
from typing import Any

from tests.conformance.cases.people import PRACTICE, case, doctor, midwife, mother

Json = dict[str, Any]
_PDF = base64.b64encode(b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n").decode()
_ORAL = "20053000"
_AUTHOR: Json = {
    "at": "2026-11-20T16:20:00+01:00",
    "id": "889900001010",
    "family_name": "TILLEUL",
    "given_name": "Anne-Élise",
    "title": "DR",
    "specialty": "G15_10/SM20",
    "prefix": "MME",
    "phone": "0139000003",
    "address": {"line": "12 bis rue de l'Érable", "postal_code": "78990", "city": "Valombre"},
    "structure_phone": "0139000001",
    "structure_address": {"line": "12 bis rue de l'Érable", "postal_code": "78990", "city": "Valombre"},
    "structure_id": "1997800115",
    "structure": "Maternité des Essences",
}
_MIDWIFE: Json = {
    "id": "889900001051",
    "family_name": "MÉLÈZE-DU BOIS",
    "given_name": "Zoé",
    "specialty": "G15_50",
    "address": {"line": "3 place du Charme", "postal_code": "78990", "city": "Valombre"},
    "phone": "01 39 00 00 02",
    "structure_id": "1997800230",
    "structure": "Cabinet de sages-femmes du Charme",
}
_IRON: Json = {
    "name": "Fer (sulfate ferreux) 80 mg, comprimé",
    "atc": {"code": "B03AA07", "label": "Sulfate ferreux"},
    "start": "2026-11-20",
    "end": "2027-02-20",
    "frequency": {"value": 1, "unit": "d"},
    "route": _ORAL,
    "dose": {"value": 1, "unit": "{tbl}"},
    "comment": "Anémie à 9,2 g/dl.\nÀ distance du thé et du café.",
}
_PARACETAMOL: Json = {
    "name": "Paracétamol 1 g, comprimé",
    "atc": {"code": "N02BE01", "label": "Paracétamol"},
    "start": "2026-11-20",
    "end": "2026-11-27",
    "frequency": {"value": 6, "unit": "h"},
    "route": _ORAL,
    "dose": {"value": 0.5, "up_to": 1, "unit": "{tbl}"},
    "rate": {"value": 3, "unit": "g/d"},
    "max_dose": {"value": 3, "unit": "g", "per": {"value": 1, "unit": "d"}},
}
_STEROID: Json = {
    "name": "SOLUPRED 20 mg",
    "cis": {"code": "66871876", "label": "SOLUPRED 20 mg, comprimé effervescent"},
    "cip": {"code": "3400934874741", "label": "Présentation de 20 comprimés"},
    "atc": {"code": "H02AB06", "label": "Prednisolone"},
    "start": "2026-11-17T20:00:00+01:00",
    "end": "2026-11-18",
    "frequency": {"value": 12, "unit": "h"},
    "route": _ORAL,
    "dose": {"value": 2, "unit": "{tbl}"},
    "rate": {"value": 80, "unit": "mg/d"},
    "max_dose": {"value": 80, "unit": "mg", "per": {"value": 1, "unit": "d"}},
    "reason": "Œdème résolu",
}


def synthesis(text: str, *, entry: str = "183452005", leave: str = "160849004", **more: Any) -> Json:
    return {
        "entry_mode": {"mode": entry, "date": "2026-11-17"},
        "exit_mode": {"mode": leave, "date": "2026-11-20"},
        "summary": {"text": text},
        "mdro_searched": False,
        "transfusion": False,
        "blood_derivatives": False,
    } | more


def body(reason: str, text: str, *, none: bool = True, told: Json | None = None, **sections: Any) -> Json:
    treatments: Json = {"none": True} if none else {"items": [_IRON]}
    return {
        "status": {"value": "9571008"},
        "reason": reason,
        "synthesis": synthesis(text, **(told or {})),
        "discharge_treatments": treatments,
    } | sections


_VISIT: Json = {"who": "Sage-femme libérale, à domicile", "date": "2026-11-21", "type": "HH"}
_MAXIMAL = {
    "status": {"value": "29179001"},
    "reason": "Accouchement à 39 SA + 4 j.\nUtérus cicatriciel.",
    "synthesis": {
        "entry_mode": {"mode": "183452005", "date": "2026-11-17T08:00:00+01:00", "author": _AUTHOR},
        "exit_mode": {"mode": "160849004", "date": "2026-11-20T17:00:00+01:00"},
        "summary": {
            "text": "Césarienne en urgence : rythme cardiaque fœtal anormal.\nSuites simples, allaitement maternel.",
            "author": _AUTHOR,
        },
        "adverse_events": "Hémorragie du post-partum de 800 ml, résolutive.",
        "mdro_searched": True,
        "mdro_found": "Entérobactérie productrice de BLSE (portage rectal).",
        "transfusion": True,
        "transfusion_accidents": "Aucun.",
        "blood_derivatives": True,
        "blood_derivative_events": "Aucun après l'injection d'immunoglobulines anti-D.",
    },
    "stopped_treatments": {"items": [_STEROID]},
    "discharge_treatments": {"items": [_IRON, _PARACETAMOL, {"name": "Vitamine D 100 000 UI, ampoule"}]},
    "pending_results": "Examen anatomopathologique du placenta.\nHémogramme du 20 novembre.",
    "follow_up": {
        "acts": [
            {
                "act": {"code": "JQQM001", "label": "Échographie", "system": "CCAM"},
                "priority": "UR",
                "comment": "Contrôle de la vacuité utérine.",
            },
            {
                "act": {"code": "GEN-079", "label": "Entretien prénatal précoce", "system": "TA_ASIP"},
                "date": "2027-01-05",
            },
        ],
        "requests": [
            {"what": "Hémogramme et ferritine", "date": "2027-01-04", "comment": "Ordonnance remise."},
            {"what": "Rééducation périnéale après la visite postnatale"},
        ],
        "encounters": [
            _VISIT | {"performer": _MIDWIFE, "comment": "Ablation des fils à J8."},
            {"who": "Visite postnatale, sage-femme ou médecin", "date": "2027-01-05", "priority": "CS"},
            {"who": "Urgences gynécologiques, si fièvre ou saignement", "priority": "PRN", "type": "EXTERNE"},
        ],
    },
    "devices": {
        "items": [
            {
                "category": {"code": "J010104", "label": "STIMULATEURS CARDIAQUES IMPLANTABLES TRIPLE CHAMBRE"},
                "cladimed": {"code": "C50FA05", "label": "STIMULATEUR CARDIAQUE IMPLANTABLE TRIPLE CHAMBRE"},
                "lpp": {"code": "3408693", "label": "STIMULATEUR CARDIAQUE DE RE-SYNCHRO VENTRICULAIRE"},
                "udi": "(01)00844588003288(17)141120(10)7654321D(21)10987654d321",
                "start": "2018-09-24",
                "end": "2028-09-24",
                "comment": "Suivi par le cardiologue.",
            }
        ]
    },
    "allergies": {
        "items": [
            {
                "type": "416098002",
                "agent": "Amoxicilline",
                "agent_code": {"code": "J01CA04", "label": "Amoxicilline"},
                "date": "2019-05-02",
                "description": {"code": "L50.0", "label": "Urticaire allergique"},
                "reactions": [
                    {
                        "reaction": {"code": "126485001", "label": "urticaire", "system": "SNOMED CT"},
                        "date": "2019-05-02",
                        "severity": "6736007",
                    },
                    {"reaction": {"code": "L50.0", "label": "Urticaire allergique"}},
                ],
                "criticality": "low",
                "comment": "À explorer.",
            },
            {"type": "414285001", "agent": "Noisette"},
        ]
    },
    "pdf_copy": {"document": _PDF},
}

CASES = {
    "minimal": case(body("Accouchement.", "Accouchement par voie basse, suites simples."), patient=mother()),
    "maximal": case(_MAXIMAL, patient=mother(), whole=True),
    "nothing to report": case(
        body(
            "Accouchement.",
            "Accouchement par voie basse, suites simples.",
            allergies={"none": True},
            devices={"none": True},
            follow_up={"encounters": [_VISIT]},
        ),
        patient=mother(),
    ),
    "twins": case(
        body("Grossesse gémellaire à 37 SA.", "Deux enfants nés par voie basse.", none=False), patient=mother()
    ),
    "stillbirth": case(
        body(
            "Mort fœtale in utero à 31 SA.",
            "Accouchement par voie basse après déclenchement.\nInhibition de la lactation. Accompagnement proposé.",
            pending_results="Examen fœtopathologique et caryotype.",
            follow_up={"requests": [{"what": "Soutien psychologique"}], "encounters": [_VISIT]},
        ),
        patient=mother(),
    ),
    "caesarean": case(
        body(
            "Césarienne programmée pour présentation du siège.",
            "Césarienne à 39 SA sous rachianesthésie.",
            told={"entry": "8715000", "blood_derivatives": True, "blood_derivative_events": "Aucun."},
            none=False,
        ),
        patient=mother(),
        author=doctor(),
    ),
    "transferred with her newborn": case(
        body(
            "Rupture prématurée des membranes à 32 SA.",
            "Enfant né à 32 SA + 2 j, transféré ; la mère le rejoint.",
            told={"leave": "GEN-092.06.01"},
            follow_up={"acts": [{"act": {"code": "JQQM001", "label": "Échographie"}, "date": "2026-12-01"}]},
        ),
        patient=mother(),
    ),
    "long names": case(
        body("Accouchement.", "Naissance de Gaël-Anaïs-Éléonore."),
        patient=mother(
            birth_family_name="DE LA FONTAINE-SAINT-ANDRÉ D'ÇÎTEAUX",
            birth_given_names="MARIE-ÈVE-ANAÏS ZOÉ",
            used_family_name="L'HÉRITIER--ŒUVRARD",
        ),
        author=midwife(PRACTICE),
        legal_authenticator=doctor(),
        recipients=[midwife()],
    ),
}
