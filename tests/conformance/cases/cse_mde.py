"""CSE-MDE: the measures of a newborn at home."""

from __future__ import annotations

from tests.conformance.cases.people import case, midwife, newborn

_BODY = {"vital_signs": {"measures": {"weight": 3420, "length": 50.5, "head_circumference": 35}}}
_MOTHER = {
    "kind": "informant",
    "relation": {"code": "MTH", "label": "Mère"},
    "family_name": "ACACIA-ÇELEBI",
    "given_name": "Louise",
}

CASES = {
    "minimal": case({"vital_signs": {"measures": {"weight": 3420}}}, patient=newborn(), informants=[_MOTHER]),
    "maximal": case(
        {"vital_signs": {"measures": _BODY["vital_signs"]["measures"] | {"measured_at": "2026-11-20"}}},
        patient=newborn(),
        author=midwife(),
        whole=True,
    ),
    "twin": case(_BODY, patient=newborn(birth_order=2, birth_given_names="JEAN-FRANÇOIS", sex="M")),
}
