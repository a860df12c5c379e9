"""OBP-SNM: the delivery room, on the mother's side."""

from __future__ import annotations

import base64
from typing import Any

from tests.conformance.cases.people import case, midwife, mother

_PDF = base64.b64encode(b"%PDF-1.4\n% compte rendu fictif\n%%EOF\n").decode()
_WARD = {"mode": "MED-1176", "date": "2026-11-18T06:20:00+01:00"}
_TRANSFERRED = {"mode": "107724000", "date": "2026-11-18T11:20:00+01:00"}
_ANAESTHESIA = [{"type": "27372005", "date": "2026-11-18", "comment": "Péridurale posée à 4 cm."}]


def _body(acts: dict[str, Any] | None = None, events: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "labour": {
            "acts": {"labour_onset": {"mode": "84457005"}} | (acts or {}),
            "events": {"perineum": "289854007", "gestational_age": 39.57, "children_born": 1, "exit": _WARD}
            | (events or {}),
        },
        "status": {"value": "9571008"},
    } | more


_PEDIATRIC_CALL = (
    "Assistance pédiatrique avant la naissance, sur appel du praticien responsable de l'accouchement, pour une "
    "situation de risque néonatal, avec établissement d'un compte rendu"
)
_CAESAREAN_ACTS = {
    "labour_onset": {"mode": "11466000", "date": "2026-11-18", "comment": "Siège décomplété, utérus cicatriciel."},
    "anaesthesia_before": [{"type": "27372005"}],
    "anaesthesia_after": [{"type": "MED-222"}],
}
_WHOLE_ACTS = {
    "labour_onset": {
        "mode": "112070001",
        "date": "2026-11-17T20:00:00+01:00",
        "comment": "Maturation par ballonnet, puis ocytocine.\nRupture « spontanée » à 1 h 30.",
    },
    "induction_reason": {"reason": "O48", "date": "2026-11-17", "comment": "41 SA + 5 j."},
    "anaesthesia_before": [*_ANAESTHESIA, {"type": "241717009"}],
    "anaesthesia_after": [{"type": "50697003", "comment": "Pour l'embolisation."}],
    "antepartum_act": {"act": {"code": "YYYY095", "label": _PEDIATRIC_CALL}, "date": "2026-11-18"},
    "postpartum_acts": [
        {"act": "JPGD001", "date": "2026-11-18T04:40:00+01:00"},
        {"act": "49149002"},
        {"act": "JNBD002\N{NO-BREAK SPACE}"},  # as the official list writes it, and its rule wants it
        {"act": "GEN-092.04.02", "comment": "Suture d'une plaie vaginale."},
    ],
    "transfusion": {"done": True, "date": "2026-11-18", "comment": "Deux concentrés de globules rouges."},
}
_WHOLE_EVENTS = {
    "labour_pathologies": [
        {"problem": {"code": "O62.0", "label": "Contractions initiales insuffisantes"}, "date": "2026-11-18"},
        {
            "problem": {"code": "O75.2", "label": "Fièvre pendant le travail, non classée ailleurs"},
            "comment": "38,6 °C, amoxicilline.",
        },
    ],
    "perineum": "O70.1",
    "postpartum_pathologies": [
        {"problem": {"code": "O72.1", "label": "Autres hémorragies du postpartum immédiat"}, "date": "2026-11-18"},
        {"problem": {"code": "O13", "label": "Hypertension gestationnelle [liée à la grossesse]"}},
    ],
    "gestational_age": 41.71,
    "exit": _TRANSFERRED,
    "destination": {
        "id": "1997800230",
        "name": "Clinique du Hêtre-l'Évêque",
        "sector": "SA04",
        "address": {"line": "142 bis rue du Belvédère", "postal_code": "78990", "city": "Valombre"},
        "phone": "01 39 00 00 09",
        "left_at": "2026-11-18T11:20:00+01:00",
        "arrived_at": "2026-11-18T11:45:00+01:00",
    },
}
_REQUESTS = {
    "pathology": {"requested": True},
    "biology": {"requested": True, "before": "2026-11-25"},
    "genetics": {"requested": False},
}

CASES = {
    "minimal": case(_body(), patient=mother()),
    "maximal": case(
        _body(
            _WHOLE_ACTS,
            _WHOLE_EVENTS,
            requests=_REQUESTS,
            attached_documents={
                "documents": [
                    {"title": "Compte rendu d'accouchement du 18/11/2026", "content": _PDF},
                    {"title": "Partogramme & surveillance", "content": _PDF},
                ]
            },
            referenced_documents={
                "documents": [
                    {"title": "Synthèse antepartum", "id": "1.2.250.1.999.1.2.990"},
                    {"title": "Compte rendu opératoire", "id": "1.2.250.1.213.1.1.9^A7102400008_640"},
                ]
            },
            status={"value": "29179001"},
        ),
        patient=mother(),
        author=midwife(),
        whole=True,
    ),
    "twins": case(
        _body(
            {"anaesthesia_before": _ANAESTHESIA},
            {
                "children_born": 2,
                "gestational_age": 36,
                "perineum": "860603002",
                "labour_pathologies": [{"problem": {"code": "O30.0", "label": "Jumeaux"}}],
            },
        ),
        patient=mother(),
    ),
    "stillbirth": case(
        _body(
            {"labour_onset": {"mode": "112070001"}, "induction_reason": {"reason": "P95"}},
            {"children_born": 0, "gestational_age": 31},
            requests=_REQUESTS,
        ),
        patient=mother(),
    ),
    "caesarean": case(_body(_CAESAREAN_ACTS, {"gestational_age": 38}), patient=mother()),
    "caesarean with bleeding": case(
        _body(
            _CAESAREAN_ACTS | {"postpartum_acts": [{"act": "57238002"}, {"act": "JNFA001"}, {"act": "JNED001"}]},
            {"exit": _TRANSFERRED, "destination": {"name": "Réanimation chirurgicale"}},
        ),
        patient=mother(),
    ),
    "premature transferred": case(
        _body(
            {"transfusion": {"done": False}},
            {
                "gestational_age": 29.14,
                "labour_pathologies": [
                    {"problem": {"code": "O60.1", "label": "Travail prématuré spontané avec accouchement prématuré"}}
                ],
                "exit": _TRANSFERRED,
                "destination": {"name": "Hôpital de l'Aulne", "sector": "SA01"},
            },
            requests={"pathology": {"requested": True}},
        ),
        patient=mother(),
    ),
    "attached only": case(
        _body(attached_documents={"documents": [{"title": "Compte rendu d'accouchement", "content": _PDF}]}),
        patient=mother(),
    ),
    "referenced only": case(
        _body(referenced_documents={"documents": [{"title": "Synthèse antepartum", "id": "1.2.250.1.999.1.2.990"}]}),
        patient=mother(),
    ),
    "long names": case(
        _body({"labour_onset": {"mode": "84457005", "comment": "Arrivée à 8 cm ; « rien à signaler », œdème léger."}}),
        patient=mother(
            birth_family_name="DE LA TOUR-D'ÉGLANTINE-MÉLÈZE",
            birth_given_names="ANNE-ÉLÉONORE MARIE-ÇELEBI",
            used_given_name="Anne-Éléonore",
        ),
    ),
}
