"""What an answer of INSi changes: nothing that was verified, and no trait without a person.

Recovered (INSi) and verified on a document (a person) make a qualified identity, in whatever order they come
(RNIV v2.0; ADR 0019). Every function locks the row of the person first.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import IdentityQuestion, InsStatus, Person, QuestionAnswer, User
from coordination.services import identities, ins_alerts
from coordination.services.identities import IdentityRefusedError
from perinat.standards.national_identity import IdentityAnswer, IdentityResult, IdentityTraits

MEANWHILE = "Cette identité a changé entre-temps : voici son état actuel. Rien n’a été fait."


def traits_of(person: Person) -> IdentityTraits:
    return IdentityTraits(
        person.birth_family_name, person.birth_given_names, person.sex, person.birth_date, person.birth_place_cog
    )


def apply(question: IdentityQuestion, person: Person, result: IdentityResult) -> QuestionAnswer:
    """Write what was found on this person (locked row); say what the answer is worth here.

    In the transaction that records the answer, which was about the traits she still has.
    """
    if person.ins_status not in (InsStatus.PROV, InsStatus.VALI):
        return QuestionAnswer.NOT_ASKED
    if result.answer is not IdentityAnswer.FOUND:
        return QuestionAnswer(result.answer.value)
    assert result.ins is not None and result.traits is not None
    if identities.is_taken(result.ins, by_other_than=person):
        return QuestionAnswer.TAKEN
    if traits_of(person).differing(result.traits):
        question.proposal = result.traits, result.ins
        return QuestionAnswer.DIFFERENT
    identities.retrieve(person, result.ins, birth_place_cog=result.traits.birth_place_cog)
    return QuestionAnswer.FOUND


@transaction.atomic
def adopt(question: IdentityQuestion, *, by: User) -> None:
    """A person says that it is the same one: the traits and the INS of the service replace ours.

    What was verified was verified on other traits: the identity is recovered, and to be verified. Raises
    IdentityRefusedError: she changed meanwhile, or the INS is somebody else's.
    """
    row = _to_decide(question)
    person = identities.locked(row.person_id)
    traits, ins = row.proposal
    identities.take_traits(person, traits, ins, by=by)
    _decided(row, by=by)
    ins_alerts.settle(person.pk, by=by, reason="traits du téléservice repris")


@transaction.atomic
def keep(question: IdentityQuestion, *, by: User) -> None:
    """A person says that it is somebody else, or that our traits are right: nothing changes, the calendar goes on."""
    row = _to_decide(question)
    audit.record("identity.answer_put_aside", by=by, subject=row.person, question=str(row.pk))
    _decided(row, by=by)
    ins_alerts.settle(row.person_id, by=by, reason="nos traits sont gardés")


def _to_decide(question: IdentityQuestion) -> IdentityQuestion:
    rows = IdentityQuestion.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    row = rows.filter(pk=question.pk, answer=QuestionAnswer.DIFFERENT, decided_at__isnull=True).first()
    if row is None:
        raise IdentityRefusedError(MEANWHILE)
    return row


def _decided(row: IdentityQuestion, *, by: User) -> None:
    """The traits of who may be somebody else are not kept once it is decided."""
    row.found, row.decided_at, row.decided_by = {}, timezone.now(), by
    row.save(update_fields=["found", "decided_at", "decided_by"])
