"""The values of a structured document, from its case. Each bears the LOINC code and the title of its section."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from coordination.cda.spec.amounts import Frequency, Span
from coordination.cda.spec.durations import Weeks
from coordination.cda.spec.kinds import Kind
from coordination.cda.spec.nodes import Section
from coordination.cda.volets import VOLETS
from coordination.papers.brief import keys
from coordination.papers.brief.fields import Field
from coordination.papers.brief.text import moment_words
from coordination.papers.brief.values import LONGEST, Found
from coordination.papers.words import fold
from perinat.standards import value_sets

Body = Mapping[str, Any]
F = Field
_BLEEDING = "O72"  # CIM-10: postpartum haemorrhage
_CAESAREAN = ("MED-1253", "MED-1254")  # JDV_ModeNaissance
_INSTRUMENTS = ("MED-1255", "302383004", "61586001")  # JDV_TypeInterventionVoieBasse: spatules, forceps, ventouse
_REST = "(suite dans le document)"
_PARTIAL = "(liste incomplète : voir le document)"
_PERINEUM = {"289854007": "INTACT", "O70.0": "TEAR1", "O70.1": "TEAR2", "O70.2": "TEAR3", "O70.3": "TEAR4",
             "860603002": "EPISIOTOMIE"}  # fmt: skip
_FEEDING = {"MED-1256": "BREAST", "MED-1257": "MIXED", "MED-1258": "FORMULA"}
_HEARING = {"275727004": "NORMAL", "164746007": "NOT_DONE"}  # the others are abnormal


def read_case(volet: str, body: Body, *, left: Iterable[str] = ()) -> tuple[Found, ...]:
    """What a document of this volet says; nothing for a volet without anything of the card.

    `left`: sections of which an entry could not be read (`volets.read.read_body`): what they say is not whole.
    """
    reader = _READERS.get(volet)
    if reader is None:
        return ()
    titles = {section.name: section for section in VOLETS[volet].sections}
    partial = {name.partition(".")[0] for name in left}
    return tuple(_placed(one, titles, partial) for one in reader(body) if one.value)


def _placed(one: Found, sections: Mapping[str, Section], partial: Collection[str]) -> Found:
    section = sections[one.section]
    value = one.value if len(one.value) <= 2 * LONGEST else f"{one.value[: 2 * LONGEST]}… {_REST}"
    if one.section in partial:
        value = f"{value} {_PARTIAL}"
    return Found(one.field, value, one.key, 0, section.code.code, section.title)


def _at(body: Body, *path: str) -> Any:
    """None when any step is absent: a document of another software may lack anything."""
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _items(body: Body, *path: str) -> tuple[Body, ...]:
    return tuple(one for one in _at(body, *path) or () if isinstance(one, Mapping))


def _label(listed: str, code: Any) -> str:
    concept = value_sets.value_set(listed).find(code) if isinstance(code, str) else None
    return concept.code.label if concept else ""


def _problems(items: Iterable[Body]) -> Iterator[str]:
    for one in items:
        words = _at(one, "problem", "label") or _at(one, "problem", "code")
        if words:
            yield _words(str(words), "", one.get("comment", ""))


def _yes(value: bool) -> str:
    return "YES" if value else "NO"


def _medicine(one: Body) -> str:
    """« Fer 80 mg : 1 comprimé, 1 fois par jour, jusqu'au 20/02/2027 (à distance du thé) »."""
    said = [
        _say(Span(), one.get("dose")),
        _say(Frequency(), one.get("frequency")),
        f"jusqu'au {_day(one['end'])}" if "end" in one else "",
    ]
    posology = ", ".join(words for words in said if words)
    return _words(str(one.get("name", "médicament non nommé")), posology, one.get("comment", ""))


def _say(kind: Kind, value: Any) -> str:
    """The words of a whole amount; nothing of one that lacks something."""
    return "" if value is None or kind.problem(value, date.max) else kind.say(value)


def _planned(follow_up: Body) -> Iterator[str]:
    for kind, name in (("encounters", "who"), ("requests", "what"), ("acts", "act")):
        for one in _items(follow_up, kind):
            what = _at(one, name, "label") if kind == "acts" else one.get(name)
            yield _words(
                str(what or "soin non précisé"), _day(one["date"]) if "date" in one else "", one.get("comment", "")
            )


def _words(what: str, told: str, comment: str) -> str:
    after = f" : {told}" if told else ""
    return f"{what}{after}{f' ({comment})' if comment else ''}".replace("\n", " ")


def _day(value: str) -> str:
    return f"{value[8:10]}/{value[5:7]}/{value[:4]}"


def _letter(body: Body) -> Iterator[Found]:
    """LDL-SES."""
    items = _items(body, "discharge_treatments", "items")
    if items:
        yield Found(F.TREATMENTS, " ; ".join(map(_medicine, items)), "SOME", section="discharge_treatments")
    elif _at(body, "discharge_treatments", "none"):
        yield Found(F.TREATMENTS, "aucun traitement à la sortie", "NONE", section="discharge_treatments")
    if _items(body, "allergies", "items"):
        agents = " ; ".join(str(one.get("agent", "non nommée")) for one in _items(body, "allergies", "items"))
        yield Found(F.ALLERGIES, agents, "SOME", section="allergies")
    elif _at(body, "allergies", "none"):
        yield Found(F.ALLERGIES, "aucune connue", "NONE", section="allergies")
    yield Found(F.ALERTS, " ; ".join(_letter_alerts(_at(body, "synthesis") or {})), section="synthesis")
    planned = " ; ".join(_planned(_at(body, "follow_up") or {}))
    if planned:
        yield Found(F.FOLLOW_UP, planned, section="follow_up")


def _letter_alerts(synthesis: Body) -> Iterator[str]:
    """What was answered, the coded answers first: long words come last, where they may be cut."""
    said = [
        ("transfusion : ", "oui" if synthesis.get("transfusion") else None),
        ("dérivés du sang : ", "oui" if synthesis.get("blood_derivatives") else None),
        ("germe : ", synthesis.get("mdro_found")),
        ("", synthesis.get("adverse_events")),
    ]
    found = [f"{name}{words}".replace("\n", " ") for name, words in said if words]
    denied = [synthesis.get(name) is False for name in ("transfusion", "blood_derivatives")]
    if found or all(denied):
        yield from found or ["aucune signalée (pas de transfusion ni de dérivé du sang)"]


def _delivery_mother(body: Body) -> Iterator[Found]:
    """OBP-SNM."""
    events, acts = _at(body, "labour", "events") or {}, _at(body, "labour", "acts") or {}
    age = events.get("gestational_age")
    if age is not None:
        words = Weeks().say(age)
        yield Found(F.TERM, words, keys.term(fold(words)), section="labour")
    if _at(acts, "labour_onset", "mode") == "11466000":  # JDV_ModeDebutTravail: a caesarean before labour
        yield Found(F.MODE, "césarienne avant travail", "CAESAREAN", section="labour")
    if events.get("perineum"):
        code = events["perineum"]
        yield Found(F.PERINEUM, _label("JDV_EtatPerinee", code), _PERINEUM.get(code, ""), section="labour")
    alerts = [*_problems(_items(events, "postpartum_pathologies")), *_problems(_items(events, "labour_pathologies"))]
    if _at(acts, "transfusion", "done"):
        alerts.insert(0, "transfusion : oui")
    if alerts:
        yield Found(F.ALERTS, " ; ".join(alerts), section="labour")
    problems = _items(events, "postpartum_pathologies")
    bleeding = [one for one in problems if str(_at(one, "problem", "code") or "").startswith(_BLEEDING)]
    if bleeding:
        yield Found(F.BLOOD_LOSS, " ; ".join(_problems(bleeding)), "", section="labour")


def _delivery_child(body: Body) -> Iterator[Found]:
    """OBP-SNE: the birth as this child lived it."""
    events, birth = _at(body, "labour", "events") or {}, _at(body, "labour", "acts", "birth") or {}
    moment = _moment(_at(events, "birth_rank", "born_at"))
    if moment:
        yield Found(F.BORN_AT, moment_words(moment), moment, section="labour")
    if events.get("gestational_age") is not None:
        words = Weeks().say(events["gestational_age"])
        yield Found(F.TERM, words, keys.term(fold(words)), section="labour")
    tools = [code for code in birth.get("interventions", ()) if code in _INSTRUMENTS]
    mode = birth.get("mode")
    names = [_label("JDV_ModeNaissance", mode)]
    names += [_label("JDV_TypeInterventionVoieBasse", code) for code in tools]
    if mode:
        key = "CAESAREAN" if mode in _CAESAREAN else "INSTRUMENTAL" if tools else "VAGINAL"
        yield Found(F.MODE, ", ".join(name for name in names if name), key, section="labour")
    weight = _at(body, "newborn", "exam", "vital_signs", "measures", "weight")
    if weight is not None:
        yield _weight(F.BIRTH_WEIGHT, weight, "newborn")


def _moment(value: Any) -> str:
    """« 2026-11-18T04:12:00+01:00 » → « 2026-11-18T04:12 »."""
    return str(value)[:16] if value else ""


def _weight(field: Field, grams: float, section: str) -> Found:
    shown = f"{round(grams):,}".replace(",", "\u202f")
    return Found(field, f"{shown}\u00a0g", str(round(grams)), section=section)


def _lying_in(body: Body) -> Iterator[Found]:
    """OBP-SCM."""
    problems = list(_problems(_items(body, "events", "problems")))
    if problems:
        yield Found(F.ALERTS, " ; ".join(problems), section="events")


def _child_in_maternity(body: Body) -> Iterator[Found]:
    """OBP-SEM."""
    guthrie = _at(body, "acts", "guthrie")
    if guthrie:
        yield Found(F.GUTHRIE, _act(guthrie), _yes(bool(guthrie.get("done"))), section="acts")
    code = _at(body, "screening", "hearing", "result")
    if code:
        key = _HEARING.get(code, "ABNORMAL")
        yield Found(F.HEARING, _label("JDV_OBP_TestAudition", code), key, section="screening")
    told, given = [], False
    for name, words in (("hepatitis_b", "hépatite B"), ("bcg", "BCG")):
        one = _at(body, "vaccinations", name)
        if one:
            told.append(f"{words} : {_act(one)}")
            given = given or bool(one.get("done"))
    if told:
        yield Found(F.VACCINES, " ; ".join(told), "SOME" if given else "NONE", section="vaccinations")
    jaundice = list(_problems(_items(body, "events", "jaundice")))
    if jaundice:
        yield Found(F.JAUNDICE, " ; ".join(jaundice), "SOME", section="events")
    feeding = _at(body, "feeding", "kind")
    if feeding:
        words = _label("JDV_TypeAllaitementNouveauNe", feeding)
        yield Found(F.FEEDING, words, _FEEDING.get(feeding, ""), section="feeding")
    if body.get("follow_up"):
        yield Found(F.CHILD_FOLLOW_UP, str(body["follow_up"]).replace("\n", " ; "), section="follow_up")


def _act(one: Body) -> str:
    if not one.get("done"):
        return "non fait"
    day = str(one.get("date", ""))[:10]
    comment = f" ({one['comment']})" if one.get("comment") else ""
    return f"fait{f' le {day[8:]}/{day[5:7]}/{day[:4]}' if day else ''}{comment}".replace("\n", " ")


def _measures(body: Body) -> Iterator[Found]:
    """CSE-MDE: the weight of a day, told with its day."""
    measures = _at(body, "vital_signs", "measures") or {}
    if "weight" in measures:
        found = _weight(F.LAST_WEIGHT, measures["weight"], "vital_signs")
        day = str(measures.get("measured_at", ""))[:10]
        when = f", le {day[8:]}/{day[5:7]}/{day[:4]}" if day else ""
        yield Found(found.field, f"{found.value}{when}", "", section=found.section)


_READERS = {
    "LDL-SES": _letter,
    "OBP-SNM": _delivery_mother,
    "OBP-SNE": _delivery_child,
    "OBP-SCM": _lying_in,
    "OBP-SEM": _child_in_maternity,
    "CSE-MDE": _measures,
}
