"""What a message to a person would say, before anything leaves: its words filled from the stay, and its papers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import (
    CareRole,
    CareTeamMember,
    ChannelName,
    Document,
    DocumentVersion,
    Handover,
    Newborn,
    Organisation,
    Person,
    Shipment,
    Stay,
    User,
)
from coordination.papers.patient_letters import (
    LONGEST_ADDITION,
    Audience,
    Signature,
    Template,
    Written,
    book,
    write,
)
from coordination.ports import Action
from coordination.selectors import my_visits, patient_boxes
from coordination.selectors.patient_boxes import MONTHS
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MISSING = {
    "midwife": "aucune sage-femme n'est déclarée pour ce séjour",
    "visit": "la première visite n'a pas encore de date",
    "phone": "le téléphone du service n'est pas renseigné : demandez à l'administrateur",
    "early_interview": "la date de naissance n'est pas connue",
    "postnatal_exam": "la date de naissance n'est pas connue",
    "second_week": "la date de naissance n'est pas connue",
}
OVER = "la période est passée"
NO_BOX = (
    "Votre structure n'a pas de boîte MSSanté dans perinat : vous ne pouvez pas écrire à cette patiente d'ici. "
    "Appelez-la, ou demandez à l'administrateur d'ajouter la boîte."
)
NOT_INFORMED = "L'information de la mère n'est pas tracée : vous ne pouvez pas encore lui écrire d'ici."
HIDDEN = "non visible par le patient : il ne peut pas lui être envoyé"
HIDDEN_FROM_PARENTS = (
    "caché aux représentants légaux, qui peuvent lire son espace santé : il ne peut pas lui être envoyé"
)
TOO_LONG = f"Votre ajout dépasse {LONGEST_ADDITION} caractères : raccourcissez-le."
NOTHING_FOR_A_CHILD = "Un message à l'enfant ne porte que les phrases prévues : rien ne s'y ajoute."
NOTHING_SAID = "Écrivez votre réponse : sans elle, ce message ne dit rien."
NO_PAPER = "aucun papier validé ne peut être joint, et aucun n'est encore visible dans Mon espace santé"
JOIN_ONE = (
    "Joignez un papier : aucun document de ce séjour n'est encore visible dans Mon espace santé. Rien n'est parti."
)
TAKEN = (ShipmentStatus.ACCEPTED, ShipmentStatus.DELIVERED, ShipmentStatus.INTEGRATED)
UNKNOWN = "Ce modèle de message n'existe pas pour cette personne."


class LetterRefusedError(Exception):
    """The message cannot leave as it is; `message_fr` says why and what to do. Nothing was sent."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class Choice:
    """One message that may be written; `missing`: what it lacks, empty when it can leave."""

    key: str
    title: str
    use: str
    missing: str
    closes: bool


@dataclass(frozen=True, slots=True)
class Joinable:
    """One validated paper of the same person; `refusal`: why it may not go with the message."""

    document: Document
    refusal: str


def people(stay: Stay, *, apart: bool = False) -> Iterator[tuple[Person, Audience]]:
    """Who may be written to about this stay: the mother, then each child whose link to her stands.

    `apart`: the others too, for the ward that still reads what it wrote to them.
    """
    yield stay.mother, Audience.MOTHER
    for newborn in stay.newborns.select_related("person"):
        if apart or newborn.link_ended_at is None:
            yield newborn.person, Audience.CHILD


def audience_of(stay: Stay, person_id: UUID, *, apart: bool = False) -> tuple[Person, Audience] | None:
    return next((found for found in people(stay, apart=apart) if found[0].pk == person_id), None)


def sending_site(user: User) -> Organisation | None:
    """The structure from whose box this person writes, when it has one."""
    site = user.organisation
    return site if site is not None and site.mailbox else None


def closed_for(user: User, stay: Stay, person: Person) -> str:
    """Why this person may not write to her now, in one sentence; empty when she may."""
    if not user.is_hospital and not my_visits.is_informed(user, stay):
        return NOT_INFORMED
    if sending_site(user) is None:
        return NO_BOX
    found = patient_boxes.closed_now(person)
    return found.message_fr if found else ""


def choices(stay: Stay, person: Person, audience: Audience, user: User, *, answering: bool = False) -> list[Choice]:
    fields, today = fields_of(stay, user), timezone.localdate()
    may_join = any(not one.refusal for one in joinable(stay, person, user)) or in_her_record(stay, person, user)
    found = []
    for one in book().offered_to(audience, answering=answering):
        lack = _lack(one, fields, stay, today) or (NO_PAPER if one.papers and not may_join else "")
        found.append(Choice(one.key, one.title, one.use, lack, one.closes))
    return found


def _lack(template: Template, fields: dict[str, str], stay: Stay, today: date) -> str:
    missing = next((MISSING[name] for name in template.needs if name not in fields), "")
    born = _born_on(stay)
    if not missing and template.fact and born is not None:
        return OVER if book().facts[template.fact].between(born)[1] < today else ""
    return missing


def fields_of(stay: Stay, user: User) -> dict[str, str]:
    """What the stay knows, in words: a field that is not here is not known."""
    found = {"midwife": _midwife(stay), "visit": _visit(stay), "phone": _phone(user)}
    born = _born_on(stay)
    for name, fact in book().facts.items() if born is not None else ():
        assert born is not None
        first, last = fact.between(born)
        found[name] = f"le {_day(first)} et le {_day(last)}"
    return {name: words for name, words in found.items() if words}


def _midwife(stay: Stay) -> str:
    rows = CareTeamMember.objects.filter(stay=stay, role=CareRole.MIDWIFE, ended_at__isnull=True)
    member = rows.select_related("professional").order_by("-chosen_at").first()
    return str(member.professional) if member else ""


def _visit(stay: Stay) -> str:
    """« mardi 24 novembre à 9 h 30 », when the first visit has a date to come."""
    rows = Handover.objects.filter(stay=stay, person=stay.mother_id, scheduled_for__gt=timezone.now())
    at = rows.values_list("scheduled_for", flat=True).first()
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"le {DAYS[local.weekday()]} {_day(local.date())} à {local:%-H h %M}"


def _phone(user: User) -> str:
    """Of who writes: a ward's, or that of the midwife herself."""
    own = user.professional.phone if user.professional is not None and not user.is_hospital else ""
    return _spoken(own or (user.organisation.phone if user.organisation else ""))


def _spoken(number: str) -> str:
    """« 01 90 00 00 00 », as it is read aloud; a number of another form stays as it is."""
    digits = number.replace(" ", "").replace("+33", "0")
    return " ".join(re.findall("..", digits)) if re.fullmatch(r"0\d{9}", digits) else number


def _born_on(stay: Stay) -> date | None:
    at = stay.birth_at or Newborn.objects.filter(stay=stay).values_list("born_at", flat=True).first()
    return timezone.localdate(at) if at else None


def _day(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month]}"


def signature(user: User) -> Signature:
    site = user.organisation.name if user.organisation else ""
    author = f"{user.professional}, sage-femme" if user.professional is not None and not user.is_hospital else ""
    return Signature(site, _phone(user), author)


def may_answer(*, closes: bool) -> bool:
    return settings.MSSANTE_PATIENT_MAY_ANSWER and not closes


def compose(
    stay: Stay,
    person: Person,
    audience: Audience,
    user: User,
    *,
    template: str,
    addition: str = "",
    closes: bool = False,
    joined: int | None = None,
    answering: bool = False,
) -> tuple[Template, Written]:
    """The message as it would leave. Raises LetterRefusedError. `joined`: papers; None while nobody chose them yet."""
    offered = {one.key: one for one in book().offered_to(audience, answering=answering)}
    chosen = offered.get(template)
    if chosen is None:
        raise LetterRefusedError(UNKNOWN)
    fields = fields_of(stay, user)
    lack = _lack(chosen, fields, stay, timezone.localdate())
    if lack:
        raise LetterRefusedError(f"Ce message ne peut pas partir : {lack}.")
    _check_addition(addition.strip(), audience, chosen)
    if chosen.papers and joined == 0 and not in_her_record(stay, person, user):
        raise LetterRefusedError(JOIN_ONE)
    answer = may_answer(closes=closes or chosen.closes)
    return chosen, write(
        chosen, audience, fields, signature=signature(user), may_answer=answer, addition=addition, joined=joined or 0
    )


def _check_addition(addition: str, audience: Audience, template: Template) -> None:
    if addition and audience is Audience.CHILD:
        raise LetterRefusedError(NOTHING_FOR_A_CHILD)
    if len(addition) > LONGEST_ADDITION:
        raise LetterRefusedError(TOO_LONG)
    if template.answers and not addition:
        raise LetterRefusedError(NOTHING_SAID)


def joinable(stay: Stay, person: Person, user: User) -> list[Joinable]:
    """The validated papers of this person that this reader's structure made."""
    papers = Document.objects.visible_to(user).filter(
        stay=stay, person=person, organisation=user.organisation_id, status=DocumentStatus.VALIDATED
    )
    return [Joinable(one, refusal_of(one, person)) for one in papers.order_by("created_at")]


def in_her_record(stay: Stay, person: Person, user: User) -> bool:
    """Whether the DMP took a paper of this stay that she sees in Mon espace santé, among those of this reader."""
    papers = Document.objects.visible_to(user).filter(stay=stay, person=person, status=DocumentStatus.VALIDATED)
    taken = Shipment.objects.filter(channel=ChannelName.DMP, status__in=TAKEN).exclude(action=Action.WITHDRAW)
    there = DocumentVersion.objects.filter(document__in=papers, shipments__in=taken).select_related("document")
    return any(not _hidden({*one.masks, *one.document.masks}, person) for one in there)


def refusal_of(document: Document, person: Person) -> str:
    return _hidden(document.masks, person)


def _hidden(masks: Collection[str], person: Person) -> str:
    if FROM_PATIENT in masks:
        return HIDDEN
    if FROM_REPRESENTATIVES in masks and patient_boxes.reads_with_parents(person):
        return HIDDEN_FROM_PARENTS
    return ""


def chosen_papers(stay: Stay, person: Person, user: User, ids: Iterable[str]) -> list[Document]:
    """The papers ticked on the page. Raises LetterRefusedError: one of them may not go."""
    wanted = set(ids)
    found = [one for one in joinable(stay, person, user) if str(one.document.pk) in wanted]
    for one in found:
        if one.refusal:
            raise LetterRefusedError(f"« {one.document.title} » est {one.refusal}. Rien n'est parti.")
    if len(found) != len(wanted):
        raise LetterRefusedError("Un papier choisi n'est plus disponible. Rien n'est parti : choisissez de nouveau.")
    return [one.document for one in found]


def last_closing(person: Person, site: Organisation | None) -> datetime | None:
    """Since when the conversation is closed, when its last message closed it."""
    last = person.letters.filter(organisation=site).order_by("-written_at").first()
    return last.written_at if last is not None and last.closes else None
