"""The tray of a ward: papers being read, papers that ask a question, papers ready to leave.

Before anything leaves, each group says who will receive it and whose name stands under it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone

from coordination import access
from coordination.lifecycles import DepositStatus
from coordination.models import CareTeamMember, Deposit, Person, Professional, Stay, User
from coordination.papers.analysis import Analysis, Identity, Part, Subject
from coordination.selectors import confidentiality, readership
from coordination.selectors.display import Chip, chip_of_row
from coordination.selectors.identity import mother_name
from coordination.selectors.letter_view import LetterCheck, letter_check
from coordination.selectors.pack import LETTER
from coordination.selectors.readership import RECIPIENT_ROLES
from coordination.selectors.same_bytes import Sent, sent_for_others
from perinat.standards import codes
from perinat.standards.confidentiality import MASKED

_I = DepositStatus
SHOWN = (_I.RECEIVED, _I.TO_CHECK, _I.READY, _I.REFUSED)
TOGETHER = timedelta(seconds=15)  # papers dropped by one person within this time came in one gesture
RECENT = timedelta(days=30)
ASKED_ALREADY = ("NO_CODE", "NO_TEXT")  # the question itself says it
REFUSED_SHOWN_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be the one: `value` is « person:stay », as the form sends it."""

    value: str
    label: str
    about_newborn: bool


@dataclass(frozen=True, slots=True)
class Trait:
    """One strict trait, as the code says it and as the record says it."""

    label: str
    on_paper: str
    in_record: str

    @property
    def differs(self) -> bool:
        return self.on_paper != self.in_record


@dataclass(frozen=True, slots=True)
class Question:
    """A paper that waits for a person. `act`: identify, cut or discard. `shown`: it may be shown in the page.

    `same`: the same file, in force for somebody else.
    """

    deposit_id: UUID
    file_name: str
    deposited_at: datetime
    chip: Chip
    read: tuple[str, ...]
    question: str
    act: str
    type_code: str
    candidates: tuple[Candidate, ...]
    parts: tuple[str, ...]
    traits: tuple[Trait, ...]
    shown: bool
    same: Sent | None


WAYS = {"dmp": "au DMP", "professionals": "par MSSanté aux professionnels"}


@dataclass(frozen=True, slots=True)
class ReadyPaper:
    deposit_id: UUID
    title: str
    person: str
    about_newborn: bool
    file_name: str
    check: LetterCheck | None
    confidentiality: confidentiality.Part
    wish: str = ""  # what the software that pushed it does not want


@dataclass(frozen=True, slots=True)
class ReadyGroup:
    """The ready papers of one stay, who will receive them and what happens to the signature.

    `warning`: what she who sends has to know first: one of them will be visible for good.
    """

    stay_id: UUID
    mother: str
    papers: tuple[ReadyPaper, ...]
    recipients: tuple[str, ...]
    signature: str
    leaves_at_once: bool
    warning: str


@dataclass(frozen=True, slots=True)
class Tray:
    reading: int
    questions: tuple[Question, ...]
    groups: tuple[ReadyGroup, ...]

    @property
    def ready(self) -> int:
        return sum(len(group.papers) for group in self.groups)


def tray(user: User) -> Tray:
    """The tray of this person's ward. About ten queries, whatever the number of papers."""
    deposits = list(_pending(user))
    questions = [d for d in deposits if d.status in (_I.TO_CHECK, _I.REFUSED)]
    ward = Ward.around(questions, user)
    return Tray(
        reading=sum(d.status == _I.RECEIVED for d in deposits),
        questions=tuple(question_of(d, ward) for d in questions),
        groups=tuple(_groups([d for d in deposits if d.status == _I.READY], user)),
    )


def _pending(user: User) -> Iterable[Deposit]:
    rows = Deposit.objects.visible_to(user).filter(status__in=SHOWN, replaces__isnull=True)
    rows = rows.exclude(status=_I.REFUSED, deposited_at__lt=timezone.now() - REFUSED_SHOWN_FOR)
    return (
        rows.select_related("organisation", "blob", "person", "stay__mother", "stay__physician", "stay__maternity")
        .prefetch_related(
            "stay__newborns__person",
            Prefetch("stay__care_team", readership.following()),
        )
        .order_by("deposited_at")
    )


# --- Papers that ask a question --------------------------------------------------------------------


def question_of(deposit: Deposit, ward: Ward) -> Question:
    """What was read, what is asked, and the one act that answers."""
    analysis = Analysis.from_json(deposit.analysis) if deposit.analysis else None
    return Question(
        deposit_id=deposit.pk,
        file_name=deposit.file_name,
        deposited_at=deposit.deposited_at,
        chip=chip_of_row(deposit),
        read=tuple(_read(analysis, deposit)),
        question=deposit.refusal,
        act=_act(deposit, analysis),
        type_code=deposit.type_code or (analysis.type.type_code if analysis and analysis.type else ""),
        candidates=tuple(_candidates(deposit, analysis, ward)),
        parts=tuple(_part(part) for part in analysis.parts) if analysis else (),
        traits=tuple(_traits(analysis, deposit.person)),
        shown=is_shown(deposit),
        same=ward.same.get(deposit.pk),
    )


def is_shown(deposit: Deposit) -> bool:
    """Only the readable copy made by perinat is shown: bytes as dropped may be anything, whatever their name."""
    return deposit.readable_id is not None and deposit.status != _I.REFUSED


def _act(deposit: Deposit, analysis: Analysis | None) -> str:
    if deposit.status == _I.REFUSED or analysis is None:
        return "discard"
    if analysis.blocked is not None:
        return "cut" if analysis.parts and analysis.blocked.can_be_cut else "discard"
    return "identify"


def _read(analysis: Analysis | None, deposit: Deposit) -> Iterable[str]:
    if analysis is None:
        return
    if analysis.page_count:
        yield f"{analysis.page_count} page{'s' if analysis.page_count > 1 else ''}"
    kind = codes.DOCUMENT_TYPES.get(deposit.type_code or (analysis.type.type_code if analysis.type else ""))
    if kind is not None:
        yield kind.type.label
    for identity in analysis.identities:
        yield f"code INS : {_named(identity)}"
    for warning in analysis.warnings:
        if warning.code not in ASKED_ALREADY:
            yield warning.message_fr


def _named(identity: Identity) -> str:
    return f"{identity.family_name} {identity.given_names}, {identity.birth_date:%d/%m/%Y}"


def _part(part: Part) -> str:
    kind = codes.DOCUMENT_TYPES.get(part.type_code)
    whose = _named(part.identity) if part.identity else "personne à choisir"
    return f"{part.pages.label_fr} : {whose}" + (f", {kind.type.label}" if kind else "")


def _traits(analysis: Analysis | None, person: Person | None) -> Iterable[Trait]:
    """The comparison, when the code and the record name the same matricule with other traits."""
    identity = analysis.identity if analysis else None
    if identity is None or person is None:
        return
    yield Trait("Nom de naissance", identity.family_name, person.birth_family_name)
    yield Trait("Prénoms", identity.given_names, person.birth_given_names)
    yield Trait("Date de naissance", f"{identity.birth_date:%d/%m/%Y}", f"{person.birth_date:%d/%m/%Y}")
    yield Trait("Sexe", identity.sex, person.sex)


def _candidates(deposit: Deposit, analysis: Analysis | None, ward: Ward) -> Iterable[Candidate]:
    """Whom to offer: the person found; the people of the stay it was dropped on; those whose names the
    file bears; those of the only stay of the same drop. Offering is not filing: a person chooses.
    """
    if deposit.person is not None and deposit.stay is not None:
        yield candidate(deposit.person, deposit.stay)
        return
    found = _of(deposit.stay) or ward.named_in(deposit.file_name) or _of(ward.only_stay_beside(deposit))
    about_newborn = analysis is not None and analysis.subject == Subject.NEWBORN
    yield from sorted((candidate(*one) for one in found), key=lambda one: one.about_newborn != about_newborn)


@dataclass(frozen=True, slots=True)
class Ward:
    """What helps to guess whom to offer: recent stays, and the papers already placed around these."""

    stays: tuple[Stay, ...] = ()
    placed: tuple[Deposit, ...] = ()
    same: Mapping[UUID, Sent] = field(default_factory=dict)

    @classmethod
    def around(cls, questions: list[Deposit], user: User) -> Ward:
        """One query when something is asked; four more only when a paper has nobody yet."""
        asked = [d for d in questions if d.status == _I.TO_CHECK]
        same = sent_for_others(asked, user)
        lost = [d for d in asked if d.person_id is None]
        if not lost:
            return cls(same=same)
        since = timezone.now() - RECENT
        stays = Stay.objects.visible_to(user).filter(admitted_at__gte=since).select_related("mother")
        placed = Deposit.objects.visible_to(user).filter(
            person__isnull=False,
            deposited_at__gte=min(d.deposited_at for d in lost) - TOGETHER,
            deposited_at__lte=max(d.deposited_at for d in lost) + TOGETHER,
        )
        return cls(tuple(stays.prefetch_related("newborns__person")), tuple(placed), same)

    def named_in(self, file_name: str) -> list[tuple[Person, Stay]]:
        """People whose birth name and first given name both stand in the name of the file."""
        words = set(re.split(r"[^A-Z]+", file_name.upper()))
        return [
            (person, stay)
            for stay in self.stays
            for person in people_of(stay)
            if {person.first_given_name.upper(), *re.split(r"[^A-Z]+", person.birth_family_name)} <= words
        ]

    def only_stay_beside(self, deposit: Deposit) -> Stay | None:
        """The stay of the papers of the same drop, when they all belong to one."""
        beside = {
            one.stay_id
            for one in self.placed
            if one.deposited_by_id == deposit.deposited_by_id
            and abs(one.deposited_at - deposit.deposited_at) <= TOGETHER
        }
        return next((s for s in self.stays if beside == {s.pk}), None)


def _of(stay: Stay | None) -> list[tuple[Person, Stay]]:
    return [(person, stay) for person in people_of(stay)] if stay else []


def people_of(stay: Stay) -> list[Person]:
    return [stay.mother, *(newborn.person for newborn in stay.newborns.all())]


def candidate(person: Person, stay: Stay) -> Candidate:
    """A person of a stay, as a button: mother and newborn say which they are."""
    about_newborn = person.pk != stay.mother_id
    words = f"{person.display_name} (nouveau-né)" if about_newborn else mother_name(person)
    room = f", chambre {stay.room}" if stay.room else ""
    return Candidate(f"{person.pk}:{stay.pk}", f"{words}, {person.birth_date:%d/%m/%Y}{room}", about_newborn)


# --- Papers ready to leave ---------------------------------------------------------------------------


def _groups(ready: list[Deposit], user: User) -> Iterable[ReadyGroup]:
    by_stay: dict[UUID, list[Deposit]] = {}
    for deposit in ready:
        if deposit.stay_id is not None:
            by_stay.setdefault(deposit.stay_id, []).append(deposit)
    known: dict[tuple[object, str], bool] = {}
    for deposits in by_stay.values():
        yield _group(deposits, user, known)


def _group(deposits: list[Deposit], user: User, known: dict[tuple[object, str], bool]) -> ReadyGroup:
    stay = deposits[0].stay
    assert stay is not None
    author = stay.physician or user.professional
    free = [d for d in deposits if author and _may_leave(d, author, user, known)]
    papers = tuple(_paper(d, stay, confidentiality.of_deposit(d, author, stay.care_team.all())) for d in deposits)
    return ReadyGroup(
        stay_id=stay.pk,
        mother=mother_name(stay.mother),
        papers=papers,
        recipients=tuple(recipients(deposits, stay)),
        signature=_signature(author, len(free), len(deposits)),
        leaves_at_once=len(free) == len(deposits),
        warning=next((paper.confidentiality.warning for paper in papers if paper.confidentiality.warning), ""),
    )


def _paper(deposit: Deposit, stay: Stay, part: confidentiality.Part) -> ReadyPaper:
    assert deposit.person is not None
    about_newborn = deposit.person_id != stay.mother_id
    name = deposit.person.display_name if about_newborn else mother_name(deposit.person)
    title = codes.DOCUMENT_TYPES[deposit.type_code].type.label
    found = (deposit.analysis or {}).get("letter") if deposit.type_code == LETTER else None
    check = letter_check(found, deposit.organisation)
    return ReadyPaper(deposit.pk, title, name, about_newborn, deposit.file_name, check, part, _wish(deposit))


def _wish(deposit: Deposit) -> str:
    """Where it will not go, because the hospital's software said so; empty when it closes no way."""
    closed = [words for name, words in WAYS.items() if not deposit.wishes.get(name, True)]
    if not closed:
        return ""
    return f"Le dossier patient informatisé demande de ne pas l’envoyer {' ni '.join(closed)}."


def _may_leave(deposit: Deposit, author: Professional, user: User, known: dict[tuple[object, str], bool]) -> bool:
    """Whether a delegation, or her own signature, lets it leave at once (asked once per author and type)."""
    key = (author.pk, deposit.type_code)
    if key not in known:
        delegation = access.active_delegation(
            author,
            organisation_id=deposit.organisation_id,
            type_code=deposit.type_code,
            on=timezone.localdate(),
        )
        known[key] = delegation is not None or access.may_validate(user, author)
    return known[key]


def _signature(author: Professional | None, free: int, total: int) -> str:
    if author is None:
        return "Aucun médecin n'est indiqué pour ce séjour : indiquez qui signe avant d'envoyer."
    if free == total:
        return f"Au nom de {author}"
    waiting = "Ces papiers attendront" if free == 0 else f"{total - free} papier(s) attendront"
    return f"{waiting} la validation de {author} : aucune délégation en cours"


def recipients(deposits: Iterable[Deposit], stay: Stay) -> Iterable[str]:
    """Who will receive these papers, by name and role, and what each sending waits for.

    The same people as `services.routing.targets`, read before any document exists (a test compares).
    """
    deposits = list(deposits)
    in_dmp = [d for d in deposits if codes.DOCUMENT_TYPES[d.type_code].in_dmp and d.wishes.get("dmp", True)]
    if in_dmp and deposits[0].organisation.deposits_in_dmp:
        waiting = {d.person.display_name for d in in_dmp if d.person is not None and d.person.ins is None}
        yield "DMP" + (f" (attend l'INS de {', '.join(sorted(waiting))})" if waiting else "")
    if all(MASKED in deposit.masks or not deposit.wishes.get("professionals", True) for deposit in deposits):
        return
    for member in stay.care_team.all():
        if member.role in RECIPIENT_ROLES and member.professional_id != stay.physician_id:
            yield f"{member.professional}, {member.get_role_display().lower()}{_waits(member)}"


def _waits(member: CareTeamMember) -> str:
    if member.informed_at is None:
        return " (attend la date d'information de la mère)"
    boxes = [*member.professional.mailboxes.all(), *member.professional.organisation.mailboxes.all()]
    return "" if any(box.dead_since is None for box in boxes) else " (attend une adresse MSSanté)"
