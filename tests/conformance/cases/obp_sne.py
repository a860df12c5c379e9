"""OBP-SNE: the delivery room, one document per newborn."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.people import case, doctor, midwife, newborn

_BORN = "2026-11-18T04:12:00+01:00"
_WITH_MOTHER = {"mode": "GEN-302", "date": "2026-11-18T06:20:00+01:00"}
_EVENTS = {
    "birth_rank": {"rank": 1, "born_at": _BORN},
    "gestational_age": 39.57,
    "presentation": "70028003",
    "fluid_volume": "278092006",
    "fluid_colour": "408781009",
    "membranes_duration": 162,
    "alive": True,
}
_MEASURES = {"apgar_1": 9, "apgar_5": 10, "apgar_10": 10, "weight": 3420, "length": 50.5, "head_circumference": 35}
_NORMAL = {
    "exam": {
        "vital_signs": {"measures": _MEASURES},
        "ent": {"choanal_atresia": False},
        "rectum": {"anal_atresia": False},
        "general": {"urine": True, "meconium": True},
    },
    "acts": {"vitamin_k": {"done": True, "route": "20053000"}},
}


def _body(
    birth: dict[str, Any] | None = None, events: dict[str, Any] | None = None, *, leaving: Any = None, **more: Any
) -> dict[str, Any]:
    return {
        "labour": {"acts": {"birth": birth or {"mode": "48782003"}}, "events": _EVENTS | (events or {})},
        "events": leaving or {"exit": _WITH_MOTHER},
        "status": {"value": "9571008"},
    } | more


_VACUUM = {
    "mode": "700000006",
    "date": _BORN,
    "interventions": ["61586001", "237008007"],
    "reasons": [
        {"code": "O63.9", "label": "Travail prolongé, sans précision"},
        {"code": "O68.0", "label": "Travail et accouchement compliqués d'une anomalie du rythme cardiaque fœtal"},
    ],
    "report": "1.2.250.1.999.1.2.995",
}
_UNIT = {
    "exit": {"mode": "107724000", "date": "2026-11-18T05:30:00+01:00"},
    "destination": {
        "id": "1997800230",
        "name": "Hôpital de l'Aulne – Çà-et-Là",
        "unit": "405269005",
        "sector": "SA01",
        "address": {"line": "142 rue du Belvédère", "postal_code": "78990", "city": "Valombre"},
        "phone": "+33139000009",
        "left_at": "2026-11-18T05:30:00+01:00",
        "arrived_at": "2026-11-18T06:15:00+01:00",
    },
}
_RESUSCITATED = {
    "exam": {
        "vital_signs": {
            "measures": {"measured_at": "2026-11-18", "apgar_1": 3, "apgar_5": 6, "apgar_10": 8, "weight": 1240}
        },
        "ent": {"choanal_atresia": True},
        "rectum": {"anal_atresia": True},
        "general": {"urine": False, "meconium": False},
    },
    "acts": {
        "resuscitation": [
            {"gesture": "425696007", "date": _BORN},
            {"gesture": "112798008"},
            {"gesture": "MED-1260"},
            {"gesture": "83099006"},
        ],
        "vitamin_k": {"done": True, "route": "20045000", "date": "2026-11-18T04:40:00+01:00"},
        "bacteriology": {"done": True, "date": "2026-11-18"},
    },
}
_CORD = {"cord_blood": {"sampled_at": _BORN, "arterial_ph": 7.05, "venous_ph": 7.18, "lactate": 7.4}}
_STILLBORN = {"alive": False, "fluid_colour": "168092006", "fluid_volume": "O41.0"}

CASES = {
    "minimal": case(_body(), patient=newborn()),
    "normal": case(_body(newborn=_NORMAL, laboratory={"cord_blood": {"arterial_ph": 7.28}}), patient=newborn()),
    "maximal": case(
        _body(
            _VACUUM,
            {"presentation": "289366006", "fluid_colour": "168092006", "membranes_duration": 1695},
            leaving=_UNIT,
            newborn=_RESUSCITATED,
            laboratory=_CORD,
            status={"value": "398166005"},
        ),
        patient=newborn(),
        author=midwife(),
        whole=True,
    ),
    "first twin": case(
        _body(newborn=_NORMAL), patient=newborn(birth_order=1, birth_given_names="NOÉMIE"), author=midwife()
    ),
    "second twin": case(
        _body(
            {"mode": "700000006", "interventions": ["302382009"]},
            {"birth_rank": {"rank": 2, "born_at": "2026-11-18T04:31:00+01:00"}, "presentation": "38049006"},
            newborn=_NORMAL,
        ),
        patient=newborn(birth_order=2, birth_given_names="JEAN-FRANÇOIS", sex="M", born_at="2026-11-18T04:31:00+01:00"),
    ),
    "stillbirth": case(
        _body(
            events=_STILLBORN | {"death_circumstances": "44174001", "gestational_age": 31},
            leaving={"exit": {"mode": "419620001", "date": "2026-11-18T06:20:00+01:00"}},
        ),
        patient=newborn(),
        author=doctor(),
    ),
    "stillbirth of unknown circumstances": case(
        _body(
            events=_STILLBORN,
            leaving={"exit": {"mode": "GEN-092.06.09", "date": "2026-11-18T06:20:00+01:00"}},
            newborn={"exam": {"vital_signs": {"measures": {"apgar_1": 0, "weight": 1620}}}},
        ),
        patient=newborn(),
    ),
    "caesarean": case(
        _body(
            {"mode": "MED-1253", "reasons": [{"code": "O32.1", "label": "Soins maternels pour présentation du siège"}]},
            {"presentation": "49168004", "membranes_duration": 0},
            newborn=_NORMAL,
        ),
        patient=newborn(),
    ),
    "premature transferred": case(
        _body(
            {"mode": "MED-1254"},
            {"gestational_age": 29.14, "fluid_volume": "289297007"},
            leaving={"exit": _UNIT["exit"], "destination": {"name": "Hôpital de l'Aulne", "unit": "1279968000"}},
            newborn=_RESUSCITATED | {"acts": {"vitamin_k": {"done": False}, "bacteriology": {"done": False}}},
            laboratory={"cord_blood": {"lactate": 4}},
        ),
        patient=newborn(),
    ),
    "without INS": case(
        _body(newborn=_NORMAL), patient={name: value for name, value in newborn().items() if name != "ins"}
    ),
    "long names": case(
        _body(),
        patient=newborn(
            birth_family_name="DE LA TOUR-D'ÉGLANTINE-MÉLÈZE", birth_given_names="ANNE-ÉLÉONORE MARIE-ÇELEBI"
        ),
    ),
}
