"""OBP-SEM: a newborn's stay beside his mother, or in another ward."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.people import case, newborn

_BODY: dict[str, Any] = {
    "acts": {"guthrie": {"done": True, "date": "2026-11-20"}, "other": {"done": False}},
    "screening": {"hearing": {"result": "275727004"}},
    "events": {"exit": {"mode": "GEN-302", "date": "2026-11-20"}},
    "feeding": {"kind": "MED-1256"},
    "follow_up": "Pesée à domicile à 48 h par la sage-femme.\nExamen de la deuxième semaine par le médecin traitant.",
    "status": {"value": "9571008"},
}
_MINIMAL = _BODY | {
    "acts": {"guthrie": {"done": False}, "other": {"done": False}},
    "screening": {"hearing": {"result": "164746007"}},
}
_EVENTS = {
    "birth_injuries": [
        {"problem": {"code": "P15.4", "label": "Lésion faciale due à un traumatisme obstétrical"}},
        {
            "problem": {"code": "P13.4", "label": "Fracture de la clavicule due à un traumatisme obstétrical"},
            "comment": "À gauche.",
        },
    ],
    "malformations": [{"problem": {"code": "Q23.3", "label": "Insuffisance mitrale congénitale"}}],
    "infections": [
        {
            "problem": {"code": "P36.4", "label": "Infection du nouveau-né à Escherichia coli"},
            "antibiotic": True,
            "comment": "Amoxicilline et gentamicine, 5 jours.",
        },
        {"problem": {"code": "P36.8", "label": "Autres infections bactériennes du nouveau-né"}, "antibiotic": False},
    ],
    "jaundice": [{"problem": {"code": "P59.0", "label": "Ictère du nouveau-né associé à un accouchement avant terme"}}],
    "others": [{"problem": {"code": "P92.1", "label": "Régurgitation et mérycisme du nouveau-né"}}],
}
_TRANSFER = {
    "exit": {"mode": "107724000", "date": "2026-11-19T10:15:00+01:00"},
    "destination": {
        "name": "Néonatologie, hôpital du Grand-Cèdre",
        "sector": "SA01",
        "id": "1997800123",
        "address": {"line": "12 avenue du Cèdre", "postal_code": "78990", "city": "Valombre"},
        "phone": "0139000004",
        "left_at": "2026-11-19T10:15:00+01:00",
        "arrived_at": "2026-11-19T11:00:00+01:00",
    },
}

CASES = {
    "minimal": case(_MINIMAL, patient=newborn()),
    "maximal": case(
        _BODY
        | {
            "acts": {
                "guthrie": {"done": True, "date": "2026-11-20", "comment": "Buvard remis au laboratoire."},
                "other": {"done": True, "date": "2026-11-19", "comment": "Échographie transfontanellaire."},
            },
            "screening": {
                "hearing": {"result": "134376008"},
                "other": {"results": ["Drépanocytose : négatif.", "Hanches : stables, manœuvres négatives."]},
            },
            "vaccinations": {
                "hepatitis_b": {"done": False},
                "bcg": {
                    "done": True,
                    "date": "2026-11-20",
                    "product": {
                        "code": "61077869",
                        "label": "VACCIN BCG SSI, poudre et solvant pour suspension injectable",
                    },
                    "lot": "119022A",
                    "rank": 1,
                },
            },
            "events": _EVENTS | _TRANSFER,
            "feeding": {"kind": "MED-1257"},
        },
        patient=newborn(),
        whole=True,
    ),
    "twin": case(_BODY, patient=newborn(birth_order=1, birth_given_names="JEAN-FRANÇOIS", sex="M")),
    "second twin": case(_BODY | {"feeding": {"kind": "MED-1258"}}, patient=newborn(birth_order=2)),
    "death": case(
        _MINIMAL | {"events": {"exit": {"mode": "419620001", "date": "2026-11-18T06:00:00+01:00"}}}, patient=newborn()
    ),
    "born by caesarean": case(
        _BODY | {"events": _BODY["events"] | {"jaundice": _EVENTS["jaundice"]}}, patient=newborn()
    ),
    "premature transferred": case(
        _MINIMAL
        | {
            "events": _TRANSFER
            | {
                "others": [
                    {
                        "problem": {"code": "P07.3", "label": "Autres enfants nés avant terme"},
                        "comment": "Né à 34 SA + 2 j.",
                    }
                ]
            }
        },
        patient=newborn(),
    ),
    "without INS": case(_BODY, patient={name: value for name, value in newborn().items() if name != "ins"}),
    "long names": case(
        _BODY,
        patient=newborn(
            birth_family_name="DE LA ROCHE-FÛTAIE D'ÉPICÉA-GENÉVRIER", birth_given_names="ZOÉ-NAËLLE ANAÏS"
        ),
    ),
}
