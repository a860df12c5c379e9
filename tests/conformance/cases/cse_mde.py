"""CSE-MDE: the measures of a newborn at home."""

from __future__ import annotations

from tests.conformance.cases.people import case, midwife, newborn

_AT = {"measured_at": "2026-11-20"}
_BODY = {"vital_signs": {"measures": _AT | {"weight": 3420, "length": 50.5, "head_circumference": 35}}}
_MOTHER = {
    "kind": "informant",
    "relation": {"code": "MTH", "label": "Mère"},
    "family_name": "ACACIA-ÇELEBI",
    "given_name": "Louise",
}

CASES = {
    "minimal": case({"vital_signs": {"measures": _AT | {"weight": 3420}}}, patient=newborn(), informants=[_MOTHER]),
    "maximal": case(
        {"vital_signs": {"measures": _BODY["vital_signs"]["measures"] | {"measured_at": "2026-11-20T15:00:00+01:00"}}},
        patient=newborn(),
        author=midwife(),
        whole=True,
    ),
    "twin": case(_BODY, patient=newborn(birth_order=2, birth_given_names="JEAN-FRANÇOIS", sex="M")),
    "caesarean": case(_BODY, patient=newborn(), author=midwife()),
    "premature": case(
        {"vital_signs": {"measures": _AT | {"weight": 1540, "length": 40.5, "head_circumference": 28.5}}},
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
