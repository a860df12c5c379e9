"""What two volets say alike: allergies, a medicine, feeding, vaccines; codes of modes of birth and of hearing."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.cda.spec.amounts import Frequency, Ratio, Span
from coordination.papers.brief.fields import Field
from coordination.papers.brief.parts import (
    FEEDING,
    Body,
    act,
    at,
    day,
    items,
    joined,
    label,
    say,
    words,
    yes,
)
from coordination.papers.brief.values import Found

F = Field
TO_READ = "à lire dans le document"
MODES = {  # JDV_ModeNaissance, JDV_MethodeAccouchement
    **dict.fromkeys(("MED-1253", "MED-1254", "MED-1273"), "CAESAREAN"),
    **dict.fromkeys(("48782003", "700000006"), "VAGINAL"),
    "236974004": "INSTRUMENTAL",
}
HEARING = {"275727004": "NORMAL", "164746007": "NOT_DONE", "MED-178": "NORMAL"}  # the others are abnormal


def allergies(body: Body) -> Iterator[Found]:
    found = items(body, "allergies", "items")
    if found:
        named = [one for one in found if one.get("agent")]
        told = [*map(_allergy, named), *(["autre, à lire dans le document"] if 0 < len(named) < len(found) else [])]
        # an entry without an agent may be how other software writes that there is none: nothing is concluded
        yield Found(F.ALLERGIES, joined(told) or TO_READ, "SOME" if named else "", section="allergies")
    elif at(body, "allergies", "none"):
        yield Found(F.ALLERGIES, "aucune connue", "NONE", section="allergies")


def _allergy(one: Body) -> str:
    """« Amoxicilline : urticaire (modéré) »."""
    seen = (
        words(str(said), "", f"sévérité : {severity}" if severity else "")
        for each in items(one, "reactions")
        if (said := at(each, "reaction", "label") or at(each, "reaction", "code"))
        for severity in [label("JDV_SeveriteObservation", each.get("severity"))]
    )
    return words(str(one["agent"]), ", ".join(dict.fromkeys(seen)), "")


def medicine(one: Body) -> str:
    """« Fer 80 mg : 1 comprimé, 1 fois par jour, jusqu'au 20/02/2027, maximum 2 comprimés par jour, voie orale »."""
    most, rate = say(Ratio(), one.get("max_dose")), say(Span(), one.get("rate"))
    said = [
        say(Span(), one.get("dose")),
        say(Frequency(), one.get("frequency")),
        f"jusqu'au {day(one['end'])}" if "end" in one else "",
        f"maximum {most}".replace(" / ", " par ") if most else "",
        label("JDV_RouteofAdministration", one.get("route")).lower(),
        f"rythme : {rate}".replace(" / ", " par ") if rate else "",
    ]
    posology = ", ".join(part for part in said if part)
    return words(str(one.get("name", "médicament non nommé")), posology, str(one.get("comment", "")))


def fed(code: object, section: str) -> Iterator[Found]:
    said = label("JDV_TypeAllaitementNouveauNe", code)
    if said:
        yield Found(F.FEEDING, said, FEEDING.get(str(code), ""), section=section)


def vaccines(told: tuple[tuple[str, str, object], ...], section: str) -> Iterator[Found]:
    """Each one answered, as one line; compared one by one with those of another document."""
    answered = [(name, short, one) for name, short, one in told if isinstance(at(one, "done"), bool)]
    key = " ".join(f"{short}={yes(at(one, 'done'))}" for _, short, one in answered)
    yield Found(F.VACCINES, joined(f"{name} : {act(one)}" for name, _, one in answered), key, section=section)
