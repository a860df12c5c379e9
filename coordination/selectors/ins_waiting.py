"""« En attente d'INS »: who waits, which papers, why, since when, what perinat does next, what she can do now."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from coordination.models import (
    Document,
    DocumentVersion,
    IdentityQuestion,
    InsStatus,
    Newborn,
    Person,
    QuestionAnswer,
    Shipment,
    Stay,
    User,
)
from coordination.selectors import ins_held
from coordination.selectors.display import Chip
from coordination.selectors.identity import PersonCard, mother_card, newborn_card
from perinat.standards.identity_evidence import evidence
from perinat.standards.national_identity import IdentityTraits

SEXES = {"F": "féminin", "M": "masculin", "U": "inconnu"}
LABELS = {
    "birth_family_name": "Nom de naissance",
    "birth_given_names": "Prénoms de naissance",
    "sex": "Sexe",
    "birth_date": "Date de naissance",
    "birth_place_cog": "Lieu de naissance (code)",
}
TO_SEE = {
    QuestionAnswer.SEVERAL: "Le téléservice connaît plusieurs identités possibles : complétez ses prénoms ou son lieu "
    "de naissance.",
    QuestionAnswer.REFUSED: "Le téléservice ne peut pas être interrogé avec ces traits : corrigez-les.",
    QuestionAnswer.TAKEN: "Le téléservice a rendu une INS déjà portée par une autre identité de perinat : voyez avec "
    "l’identitovigilance.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the past: when, by whom (empty: by the calendar), what was answered."""

    at: datetime
    by: str
    answer: str


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait side by side; `theirs` empty when there is nothing to compare."""

    label: str
    ours: str
    theirs: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person whose papers wait. `others`: papers of town professionals, that the ward does not see.

    `next_at`: the next automatic question; `following` says what there is instead, or beside.
    """

    person_id: UUID
    stay_id: UUID
    card: PersonCard
    papers: tuple[str, ...]
    others: int
    since: datetime
    chip: Chip
    why: str
    next_at: datetime | None
    following: str
    can_ask: bool
    can_verify: bool
    evidence: tuple[tuple[str, str], ...]
    traits: tuple[Trait, ...]
    to_decide: bool
    asked: tuple[Asked, ...]

    @property
    def needs_somebody(self) -> bool:
        return self.chip.tone == "todo"


def count(user: User) -> int:
    """How many people wait in this ward."""
    return _held(user).values("person").distinct().count()


def lines(user: User) -> list[Waiting]:
    """Those who need somebody first, then the oldest. Eight queries, whatever their number."""
    return sorted(_lines(_held(user), user), key=lambda one: (not one.needs_somebody, one.since))


def one(user: User, person_id: UUID) -> Waiting | None:
    """The same for one person; None when nothing of hers waits in this ward."""
    return next(iter(_lines(_held(user).filter(person=person_id), user)), None)


def _held(user: User) -> QuerySet[Shipment]:
    """Whatever site made the paper: who gave birth here has her identity kept here."""
    stays = Stay.objects.visible_to(user)
    return ins_held.held().filter(stay__in=stays.values("pk")).exclude(person__ins_status=InsStatus.QUAL)


def _lines(rows: QuerySet[Shipment], user: User) -> list[Waiting]:
    by_person: dict[UUID, list[Shipment]] = {}
    for shipment in _loaded(rows, user):
        by_person.setdefault(shipment.person_id, []).append(shipment)
    askable = set(ins_held.askable().filter(pk__in=by_person).values_list("pk", flat=True))
    return [_line(shipments, askable) for shipments in by_person.values()]


def _loaded(held: QuerySet[Shipment], user: User) -> list[Shipment]:
    seen = DocumentVersion.objects.filter(document__in=Document.objects.visible_to(user).values("pk"))
    questions = IdentityQuestion.objects.select_related("asked_by").order_by("planned_on", "due_at")
    rows = held.select_related("person__newborn", "stay__mother").order_by("created_at")
    return list(
        rows.prefetch_related(
            Prefetch("versions", seen.select_related("document").defer("frozen"), to_attr="shown"),
            Prefetch("person__identity_questions", questions, to_attr="questions"),
            "stay__newborns",
            "versions",
        )
    )


def _line(shipments: list[Shipment], askable: set[UUID]) -> Waiting:
    first = shipments[0]
    person, stay = first.person, first.stay
    questions: list[IdentityQuestion] = person.questions  # type: ignore[attr-defined]
    shown = [version for shipment in shipments for version in shipment.shown]  # type: ignore[attr-defined]
    pending = next((q for q in questions if q.answer == QuestionAnswer.DIFFERENT and q.decided_at is None), None)
    may_ask = person.pk in askable
    chip, why = _state(person, questions, pending)
    next_at, following = _next(person, questions, may_ask)
    birth: Newborn | None = getattr(person, "newborn", None)
    return Waiting(
        person_id=person.pk,
        stay_id=stay.pk,
        card=newborn_card(birth, several=len(stay.newborns.all()) > 1) if birth else mother_card(person, stay),
        papers=tuple(version.document.title for version in shown),
        others=sum(len(shipment.versions.all()) for shipment in shipments) - len(shown),
        since=first.created_at,
        chip=chip,
        why=why,
        next_at=next_at,
        following=following,
        can_ask=may_ask and bool(settings.IDENTITY_SERVICE) and not any(_by_hand(q) for q in questions),
        can_verify=person.ins_status in (InsStatus.PROV, InsStatus.RECUP) and pending is None,
        evidence=tuple(evidence(newborn=birth is not None).items()),
        traits=_traits(person, pending),
        to_decide=pending is not None,
        asked=tuple(_asked(q) for q in reversed(questions) if q.answered_at and q.answer != QuestionAnswer.NOT_ASKED),
    )


def _by_hand(question: IdentityQuestion) -> bool:
    return question.asked_by_id is not None and not question.answer


def _state(person: Person, questions: list[IdentityQuestion], pending: IdentityQuestion | None) -> tuple[Chip, str]:
    """Why her papers wait, and whether somebody must do something."""
    if pending is not None:
        return Chip("À comparer", "todo", "question"), (
            "Le téléservice a trouvé une identité dont les traits ne sont pas les nôtres. Rien n’a été changé."
        )
    if person.ins_status == InsStatus.RECUP:
        return Chip("Identité à vérifier", "todo", "eye"), (
            "L’INS est trouvée. Il reste à vérifier l’identité sur une pièce ; les documents partiront ensuite seuls."
        )
    answered = [q for q in questions if q.answered_at and q.answer != QuestionAnswer.NOT_ASKED]
    last = QuestionAnswer(answered[-1].answer) if answered else QuestionAnswer.NONE
    if last in TO_SEE:
        return Chip("À compléter", "todo", "alert"), TO_SEE[last]
    if questions and not any(not q.answer and q.planned_on >= timezone.localdate() for q in questions):
        return Chip("À compléter", "todo", "alert"), (
            "Les questions automatiques sont terminées sans réponse : vérifiez les traits, ou saisissez l’INS."
        )
    if getattr(person, "newborn", None):
        why = "L’enfant n’a pas encore d’INS connue : elle existe quelques jours après la déclaration de naissance."
    else:
        why = "L’INS de la mère n’est pas qualifiée."
    return Chip("En attente", "wait", "pause"), why


def _next(person: Person, questions: list[IdentityQuestion], may_ask: bool) -> tuple[datetime | None, str]:
    """The next automatic question, or the sentence that stands for it."""
    if not settings.IDENTITY_SERVICE:
        return None, "perinat n’est pas relié au téléservice INSi : aucune question automatique."
    if not may_ask:
        return None, "perinat ne redemande rien d’ici là."
    still = [q for q in questions if not q.answer]
    if not still:
        return None, "Aucune autre question automatique n’est prévue." if questions else "Première question à venir."
    now = timezone.now()
    failed = max((q.failed_at for q in still if q.failed_at), default=None)
    due = min(q.due_at for q in still)
    if failed is not None:
        return max(due, now), "Le téléservice n’a pas répondu : perinat réessaie, sans vous."
    return (due, "") if due > now else (None, "La question part dans la minute, aux heures d’ouverture.")


def _asked(question: IdentityQuestion) -> Asked:
    assert question.answered_at is not None
    by = str(question.asked_by) if question.asked_by else ""
    return Asked(question.answered_at, by, question.get_answer_display())


def _traits(person: Person, pending: IdentityQuestion | None) -> tuple[Trait, ...]:
    ours = IdentityTraits(
        person.birth_family_name, person.birth_given_names, person.sex, person.birth_date, person.birth_place_cog
    )
    theirs = pending.proposal[0] if pending else None
    differing = ours.differing(theirs) if theirs else ()
    return tuple(
        Trait(
            LABELS[one.name],
            _said(getattr(ours, one.name)),
            _said(getattr(theirs, one.name)) if theirs else "",
            one.name in differing,
        )
        for one in fields(IdentityTraits)
    )


def _said(value: object) -> str:
    if isinstance(value, str):
        return SEXES.get(value, value) or "non renseigné"
    return f"{value:%d/%m/%Y}"
