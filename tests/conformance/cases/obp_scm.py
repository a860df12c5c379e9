"""OBP-SCM: the mother's stay after the birth."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.people import case, doctor, mother

_NOTHING = {"code": "Z39.2", "label": "Suivi systématique du post-partum"}


def _body(**events: Any) -> dict[str, Any]:
    return {
        "acts": {
            "acts": [
                {"act": {"code": "JNMD002", "label": "Révision de la cavité de l'utérus après délivrance naturelle"}}
            ]
        },
        "events": {"problems": [{"problem": _NOTHING}], "exit": {"mode": "160849004", "date": "2026-11-20"}} | events,
        "status": {"value": "9571008"},
    }


_PROBLEMS = [
    {
        "problem": {"code": "O72.1", "label": "Autres hémorragies du postpartum immédiat"},
        "comment": "Saignement estimé à 750 mL.\nFer intraveineux le 19/11.",
    },
    {"problem": {"code": "O90.2", "label": "Hématome d'une plaie obstétricale"}},
]
_TWO_ACTS = [
    {
        "act": {
            "code": "JQGA002",
            "label": "Accouchement céphalique unique par césarienne programmée, par laparotomie",
        },
        "date": "2026-11-17",
        "comment": "Sous rachianesthésie « sans incident » ; œdème modéré.",
    },
    {"act": {"code": "JNMD002", "label": "Révision de la cavité de l'utérus après délivrance naturelle"}},
]

CASES = {
    "minimal": case(_body(), patient=mother()),
    "maximal": case(
        _body(
            problems=_PROBLEMS,
            exit={"mode": "107724000", "date": "2026-11-20T17:00:00+01:00"},
            destination={
                "name": "Clinique du Hêtre-l'Évêque",
                "sector": "SA04",
                "id": "1997800230",
                "address": {"line": "7 rue du Hêtre", "postal_code": "78990", "city": "Valombre"},
                "phone": "0139000006",
                "left_at": "2026-11-20T17:00:00+01:00",
                "arrived_at": "2026-11-20T17:40:00+01:00",
            },
        )
        | {"acts": {"acts": _TWO_ACTS}, "status": {"value": "29179001"}},
        patient=mother(),
        whole=True,
    ),
    "caesarean": case(_body() | {"acts": {"acts": _TWO_ACTS[:1]}}, patient=mother()),
    "twins": case(
        _body(
            problems=[
                {"problem": {"code": "O30.0", "label": "Jumeaux"}, "comment": "Deux nouveau-nés, avec leur mère."}
            ]
        ),
        patient=mother(),
    ),
    "stillbirth": case(
        _body(problems=[{"problem": {"code": "Z37.1", "label": "Naissance unique, enfant mort-né"}}]),
        patient=mother(),
    ),
    "premature transferred": case(
        _body(problems=[{"problem": {"code": "O60.1", "label": "Travail prématuré avec accouchement prématuré"}}]),
        patient=mother(),
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
