"""The values of a newborn's certificate and measures: CSE-CS8, CSE-MDE. Nothing of the parents."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.cda.volets.cse_cs8 import CSE_CS8
from coordination.papers.brief.common import HEARING, MODES, fed, vaccines
from coordination.papers.brief.fields import Field
from coordination.papers.brief.parts import (
    Body,
    at,
    day,
    grams,
    joined,
    label,
    term,
    words,
)
from coordination.papers.brief.values import Found

F = Field
_FIRST_WEEK = {
    "respiratory_distress": "détresse respiratoire",
    "antibiotics_over_48h": "antibiotiques plus de 48 heures",
    "neurological": "pathologie neurologique",
    "surgical_emergency": "urgence chirurgicale",
}
_NO_TRANSFER = "GEN-301"  # JDV_TransfertMutation
_REFERRALS = ("other_professional", "multidisciplinary", "pmi")


def first_certificate(body: Body) -> Iterator[Found]:
    """CSE-CS8. What it says of the parents is not read: the card's mother is told by her own documents."""
    labour, newborn = at(body, "labour", "events") or {}, at(body, "newborn") or {}
    yield from term(at(labour, "gestational_age"), "labour.events")
    mode = at(labour, "birth_mode")
    yield Found(F.MODE, label("JDV_MethodeAccouchement", mode), MODES.get(str(mode), ""), section="labour.events")
    yield from grams(
        F.BIRTH_WEIGHT, at(newborn, "exam", "vital_signs", "measures", "weight"), "newborn.exam.vital_signs"
    )
    yield from fed(at(body, "habits", "feeding"), "habits")
    yield from _heard(at(newborn, "acts", "hearing"))
    yield from vaccines(
        (
            ("BCG", "BCG", at(body, "vaccinations", "bcg")),
            ("hépatite B", "HEPB", at(body, "vaccinations", "hepatitis_b")),
        ),
        "vaccinations",
    )
    given, globulin = (
        at(newborn, "treatments", "rsv_immunisation"),
        at(newborn, "treatments", "hepatitis_b_immunoglobulin"),
    )
    yield from vaccines(
        (("VRS (anticorps)", "RSV", given), ("immunoglobulines anti-hépatite B", "HBIG", globulin)),
        "newborn.treatments",
    )
    yield Found(F.CHILD_ALERTS, joined(_first_week(newborn)), section="newborn")
    yield Found(F.CHILD_FOLLOW_UP, joined(_referred(at(body, "plan") or {})), section="plan")


def _heard(told: object) -> Iterator[Found]:
    done, result, comment = at(told, "done"), at(told, "result"), str(at(told, "comment") or "")
    if done is False:
        yield Found(F.HEARING, words("non testée", "", comment), "NOT_DONE", section="newborn.acts")
    elif done and result:
        when = f", test du {day(at(told, 'date'))}" if at(told, "date") else ""
        said = words(f"{label('JDV_ResultatDepistageSurdite', result)}{when}", "", comment)
        yield Found(F.HEARING, said, HEARING.get(str(result), "ABNORMAL"), section="newborn.acts")


def _first_week(newborn: Body) -> Iterator[str]:
    for name, said in _FIRST_WEEK.items():
        if at(newborn, "first_week", name) is True:
            yield said
    if at(newborn, "first_week", "other", "present"):
        yield words("autre pathologie", str(at(newborn, "first_week", "other", "comment") or ""), "")
    if at(newborn, "acts", "special_care", "done"):
        yield "gestes techniques spécialisés"
    kind = at(newborn, "transfer", "kind", "kind")
    if kind and kind != _NO_TRANSFER:
        yield f"transfert : {label('JDV_TransfertMutation', kind)}"


def _referred(plan: Body) -> Iterator[str]:
    labels = {
        one.name: one.label for one in CSE_CS8.members if one.name == "plan" for one in getattr(one, "members", ())
    }
    for name in _REFERRALS:
        one = at(plan, name)
        if one is not None:
            when = f"le {day(one['date'])}" if at(one, "date") else ""
            yield words(labels.get(name, name), when, str(at(one, "comment") or ""))


def measures(body: Body) -> Iterator[Found]:
    """CSE-MDE: the weight of a day, told with its day; which weighing it is, the stay says (`brief_view`)."""
    told = at(body, "vital_signs", "measures")
    when = str(at(told, "measured_at") or "")[:10]
    for one in grams(F.LAST_WEIGHT, at(told, "weight"), "vital_signs"):
        shown = f"{one.value}, le {day(when)}" if when else one.value
        yield Found(one.field, shown, f"{one.key}@{when}" if when else "", section=one.section)


READERS = {"CSE-CS8": first_certificate, "CSE-MDE": measures}
