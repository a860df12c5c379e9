"""The values of the mother's summaries: OBP-SAP, OBP-SNM, OBP-SCM."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.cda.volets.antepartum import NAMED
from coordination.papers.brief import keys
from coordination.papers.brief.common import allergies, medicine
from coordination.papers.brief.fields import Field
from coordination.papers.brief.parts import (
    DEATH,
    PERINEUM,
    TRANSFER,
    WORDS_OF_THE_BIRTH,
    Body,
    at,
    bleeding,
    comments,
    day,
    items,
    joined,
    label,
    problem_codes,
    problems,
    said_in,
    term,
    words,
    yes,
)
from coordination.papers.brief.values import Found
from coordination.papers.words import fold

F = Field
_CAESAREAN_BEFORE_LABOUR = "11466000"  # JDV_ModeDebutTravail
_OPENED_SCAR = "O90.0"  # CIM-10: disruption of a caesarean section wound
_REQUESTS = {"pathology": "anatomopathologie", "biology": "biologie", "genetics": "génétique moléculaire"}
_EXITS = {"OBP-SNM": "JDV_ModeSortie_OBP_SNM", "OBP-SCM": "JDV_ModeSortie_OBP_SCM"}


def antepartum(body: Body) -> Iterator[Found]:
    """OBP-SAP: before the birth. Its treatments are those of the pregnancy, not those at discharge."""
    group = label("JDV_GroupeRhesus", at(body, "immunohaematology", "results", "blood_group"))
    if group:
        short = fold(group).removeprefix("GROUPE SANGUIN ")
        yield Found(F.BLOOD_GROUP, group, keys.blood_group(short), section="immunohaematology")
    yield from allergies(body)
    yield Found(F.ALERTS, joined(_of_the_pregnancy(at(body, "problems") or {})), section="problems")
    past = joined(problems(items(body, "medical_history", "problems")))
    if past:
        yield Found(F.ALERTS, f"antécédents : {past}", section="medical_history")
    for name, told in (("transfusions", "antécédent transfusionnel"), ("psychosocial_follow_up", "suivi psychosocial")):
        if at(body, name):
            yield Found(F.ALERTS, words(told, str(body[name]), ""), section=name)
    yield Found(F.ALERTS, joined(_habits(at(body, "habits") or {})), section="habits")
    given = [*items(body, "treatments", "maternal"), *items(body, "treatments", "foetal")]
    yield Found(F.PREGNANCY_TREATMENTS, joined(map(medicine, given)), section="treatments")


def _of_the_pregnancy(told: Body) -> Iterator[str]:
    """Of the five named problems, those that were present; then the others, then those of the foetus."""
    for name, (said, _) in NAMED.items():
        if at(told, name, "present"):
            yield words(said, "", str(at(told, name, "comment") or ""))
    yield from problems(items(told, "maternal"))
    yield from (f"fœtus : {one}" for one in problems(items(told, "foetal")))


def _habits(told: Body) -> Iterator[str]:
    """At the beginning of the pregnancy; nothing of what is none or unknown."""
    for name, said, unit in (("tobacco", "tabac", "paquet"), ("alcohol", "alcool", "verre")):
        amount = told.get(name)
        if isinstance(amount, int | float) and amount > 0:
            units = f"{unit}s" if amount >= 2 else unit
            yield f"{said} en début de grossesse : {amount:g} {units} par jour".replace(".", ",")
    drugs = ", ".join(str(one.get("label") or one.get("code")) for one in items(told, "drugs"))
    if drugs:
        yield f"autre substance en début de grossesse : {drugs}"
    if told.get("comment"):
        yield words(str(told["comment"]), "", "")


def delivery_room(body: Body) -> Iterator[Found]:
    """OBP-SNM."""
    events, acts = at(body, "labour", "events") or {}, at(body, "labour", "acts") or {}
    yield from term(at(events, "gestational_age"), "labour.events")
    if at(acts, "labour_onset", "mode") == _CAESAREAN_BEFORE_LABOUR:
        yield Found(F.MODE, "césarienne avant travail", "CAESAREAN", section="labour.acts")
    code = at(events, "perineum")
    if code:
        yield Found(F.PERINEUM, label("JDV_EtatPerinee", code), PERINEUM.get(code, ""), section="labour.events")
    after, during = items(events, "postpartum_pathologies"), items(events, "labour_pathologies")
    given = at(acts, "transfusion", "done")
    told = [
        words("transfusion", "oui", str(at(acts, "transfusion", "comment") or "")) if given else "",
        *_left(at(events, "exit", "mode"), "OBP-SNM"),
        *problems(after),
        *problems(during),
        *_done_after(items(acts, "postpartum_acts")),
    ]
    key = f"TRANSFUSION={yes(given)}" if isinstance(given, bool) else ""
    yield Found(F.ALERTS, joined(told), key, section="labour")
    if given is False and not joined(told):
        yield Found(F.ALERTS, "transfusion : non", key, section="labour")
    yield from bleeding(after, "labour.events")
    yield from said_in(comments(after, during), "labour.events", WORDS_OF_THE_BIRTH, about_child=False)
    yield Found(F.FOLLOW_UP, joined(_requested(at(body, "requests") or {})), section="requests")


def _done_after(acts: tuple[Body, ...]) -> Iterator[str]:
    for one in acts:
        said = label("JDV_TypeActePostPartum", one.get("act"))
        if said:
            yield words(said, "", str(one.get("comment", "")))


def _left(mode: object, volet: str) -> Iterator[str]:
    if mode in (DEATH, TRANSFER):
        yield f"sortie : {label(_EXITS[volet], mode)}"


def _requested(told: Body) -> Iterator[str]:
    for name, said in _REQUESTS.items():
        if at(told, name, "requested"):
            before = at(told, name, "before")
            yield f"examen demandé : {said}" + (f", avant le {day(before)}" if before else "")


def lying_in(body: Body) -> Iterator[Found]:
    """OBP-SCM: its notable acts stand among the alerts, beside its problems."""
    found, acts = items(body, "events", "problems"), items(body, "acts", "acts")
    told = [*problems(found), *_left(at(body, "events", "exit", "mode"), "OBP-SCM")]
    yield Found(F.ALERTS, joined(told), section="events")
    yield Found(F.ALERTS, joined(_notable(acts)), section="acts")
    for code, one in problem_codes(found):
        if code in PERINEUM:
            yield Found(F.PERINEUM, joined(problems([one])), PERINEUM[code], section="events")
        elif code == _OPENED_SCAR:
            yield Found(F.SCAR, joined(problems([one])), section="events")
    yield from bleeding(found, "events")
    yield from said_in(comments(found), "events", WORDS_OF_THE_BIRTH, about_child=False)
    yield from said_in(comments(acts), "acts", WORDS_OF_THE_BIRTH, about_child=False)


def _notable(acts: tuple[Body, ...]) -> Iterator[str]:
    for one in acts:
        said = at(one, "act", "label") or at(one, "act", "code")
        if said:
            when = f"le {day(one['date'])}" if one.get("date") else ""
            yield words(f"acte : {said}", when, str(one.get("comment", "")))


READERS = {
    "OBP-SAP": antepartum,
    "OBP-SNM": delivery_room,
    "OBP-SCM": lying_in,
}
