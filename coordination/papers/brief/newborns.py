"""The values of a newborn's summaries: OBP-SNE, OBP-SEM. Nothing of the parents."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.papers.brief.common import HEARING, MODES, fed, vaccines
from coordination.papers.brief.fields import DEAD, Field
from coordination.papers.brief.parts import (
    DEATH,
    TRANSFER,
    Body,
    act,
    at,
    comments,
    grams,
    items,
    joined,
    label,
    moment,
    problems,
    said_in,
    term,
    words,
    yes,
)
from coordination.papers.brief.shown import moment_words
from coordination.papers.brief.values import Found

F = Field
_INSTRUMENTS = ("MED-1255", "302383004", "61586001")  # JDV_TypeInterventionVoieBasse: spatules, forceps, ventouse
_WEIGHTS = frozenset({F.BIRTH_WEIGHT, F.EXIT_WEIGHT, F.LOSS, F.JAUNDICE})  # no entry of OBP-SEM carries them
_ALIVE = "DEATH=NO"


def delivery_room(body: Body) -> Iterator[Found]:
    """OBP-SNE: the birth as this child lived it."""
    events, birth = at(body, "labour", "events") or {}, at(body, "labour", "acts", "birth") or {}
    born = moment(at(events, "birth_rank", "born_at"))
    if born:
        yield Found(F.BORN_AT, moment_words(born), born, section="labour.events")
    yield from term(at(events, "gestational_age"), "labour.events")
    mode = at(birth, "mode")
    tools = [code for code in at(birth, "interventions") or () if code in _INSTRUMENTS]
    names = [label("JDV_ModeNaissance", mode), *(label("JDV_TypeInterventionVoieBasse", code) for code in tools)]
    key = MODES.get(str(mode), "")
    yield Found(
        F.MODE,
        ", ".join(name for name in names if name),
        "INSTRUMENTAL" if tools and key == "VAGINAL" else key,
        section="labour.acts",
    )
    yield from grams(
        F.BIRTH_WEIGHT, at(body, "newborn", "exam", "vital_signs", "measures", "weight"), "newborn.exam.vital_signs"
    )
    if at(events, "alive") is False:
        why = label("JDV_CirconstancesDeces", at(events, "death_circumstances"))
        yield Found(F.CHILD_ALERTS, words("né sans vie", why, ""), DEAD, section="labour.events")
    yield Found(F.CHILD_ALERTS, joined(_at_birth(at(body, "newborn") or {})), section="newborn")
    yield from _left(at(body, "events", "exit", "mode"), "JDV_ModeSortie_OBP_SNE", "events")


def _at_birth(newborn: Body) -> Iterator[str]:
    gestures = (
        label("JDV_GesteReanimationNouveauNe", one.get("gesture")) for one in items(newborn, "acts", "resuscitation")
    )
    told = ", ".join(one for one in gestures if one)
    if told:
        yield f"réanimation : {told}"
    if at(newborn, "exam", "ent", "choanal_atresia"):
        yield "atrésie des choanes"
    if at(newborn, "exam", "rectum", "anal_atresia"):
        yield "absence, atrésie ou sténose de l'anus"
    if at(newborn, "acts", "vitamin_k", "done") is False:
        yield "vitamine K : non faite"


def _left(mode: object, listed: str, section: str) -> Iterator[Found]:
    if mode == DEATH:
        yield Found(F.CHILD_ALERTS, "décès", DEAD, section=section)
    elif mode == TRANSFER:
        yield Found(F.CHILD_ALERTS, f"sortie : {label(listed, mode)}", _ALIVE, section=section)


def in_maternity(body: Body) -> Iterator[Found]:
    """OBP-SEM. A section without a jaundice does not deny it: nobody wrote that it was looked for."""
    guthrie = at(body, "acts", "guthrie")
    yield Found(F.GUTHRIE, act(guthrie), yes(at(guthrie, "done")), section="acts")
    code = at(body, "screening", "hearing", "result")
    if code:
        key = HEARING.get(str(code), "ABNORMAL")
        yield Found(F.HEARING, label("JDV_OBP_TestAudition", code), key, section="screening.hearing")
    others = at(body, "screening", "other", "results") or ()
    yield Found(F.OTHER_SCREENING, joined(str(one).replace("\n", " ") for one in others), section="screening.other")
    yield from vaccines(
        (
            ("hépatite B", "HEPB", at(body, "vaccinations", "hepatitis_b")),
            ("BCG", "BCG", at(body, "vaccinations", "bcg")),
        ),
        "vaccinations",
    )
    events = at(body, "events") or {}
    yield Found(F.JAUNDICE, joined(problems(items(events, "jaundice"))), "SOME", section="events")
    yield Found(F.CHILD_ALERTS, joined(_troubles(events)), section="events")
    yield from _left(at(events, "exit", "mode"), "JDV_ModeSortie_OBP_SEM", "events")
    other = at(body, "acts", "other")
    if at(other, "done"):
        yield Found(F.CHILD_ALERTS, words("autre acte", act(other), ""), section="acts")
    yield from fed(at(body, "feeding", "kind"), "feeding")
    planned = at(body, "follow_up")
    if planned:
        yield Found(F.CHILD_FOLLOW_UP, joined(str(planned).split("\n")), section="follow_up")
    yield from said_in([planned], "follow_up", _WEIGHTS, about_child=True)
    told = comments(*(items(events, name) for name in ("jaundice", "others")))
    yield from said_in(told, "events", _WEIGHTS, about_child=True)


def _troubles(events: Body) -> Iterator[str]:
    for name in ("malformations", "birth_injuries", "others"):
        yield from problems(items(events, name))
    for one in items(events, "infections"):
        said = joined(problems([one]))
        if said:
            yield f"{said}, {'avec' if one.get('antibiotic') else 'sans'} antibiotique"


READERS = {
    "OBP-SNE": delivery_room,
    "OBP-SEM": in_maternity,
}
