"""The database itself refuses what must never be: each named rule, broken once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from coordination import blobs
from coordination.models import (
    CareTeamMember,
    ChannelBreaker,
    Delegation,
    Document,
    DocumentVersion,
    Draft,
    Handover,
    IdentityQuestion,
    IntakeMessage,
    IntakeReport,
    LetterNudge,
    LetterRequest,
    LocalIdentifier,
    Mailbox,
    MirrorMailbox,
    MirrorPerson,
    MirrorPlace,
    Newborn,
    Offer,
    PaperCode,
    PaperDelivery,
    PatientMessaging,
    PatientReply,
    Person,
    PublishedCell,
    PublishedMonth,
    Reading,
    ReceivedMail,
    RecordQuery,
    ReplyFile,
    Shipment,
    Stay,
    WorkItem,
    WorkItemKind,
)
from coordination.models.base import ImmutableModel
from coordination.services import handovers, letters, worklist, writing
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(ward: world.Ward, fakes: dict[str, FakeChannel]) -> world.Ward:
    """One row of everything that a rule speaks of."""
    stay = world.stay(ward, with_midwife=False)
    validated(ward, stay)
    handovers.ask(Handover.objects.get(), ward.midwife, by=ward.coordinator)
    ReceivedMail.objects.create(
        organisation=ward.maternity, digest="0" * 64, sent_at=timezone.now(), mailbox="boite@essai.mssante.example",
        raw=blobs.store(b"x", media_type="message/rfc822"),
    )  # fmt: skip
    CareTeamMember.objects.create(
        stay=stay, professional=ward.midwife, role="GP", chosen_at=timezone.now(), declared_by=ward.secretary
    )
    letters.request(stay, by=ward.midwife_user, professional=ward.midwife)
    worklist.open_item(WorkItemKind.LETTER_NOT_SENT, key="x", organisation=ward.maternity, message="x")
    version = DocumentVersion.objects.get()
    Reading.objects.create(version=version, professional=ward.midwife, at=timezone.now(), via="PERINAT")
    writing.open_draft(stay, stay.mother, "OBP-SCM", by=ward.doctor_user)
    PatientMessaging.objects.create(person=stay.mother)
    body = blobs.store_json({})
    reply = PatientReply.objects.create(
        organisation=ward.maternity, digest="1" * 64, body=body, raw=body, sent_at=timezone.now()
    )
    ReplyFile.objects.create(reply=reply, rank=1, name="a", media_type="a", blob=body)
    person = MirrorPerson.objects.create(key="p")
    MirrorMailbox.objects.create(address="p@essai.mssante.example", kind="PER", person=person)
    month = PublishedMonth.objects.create(month=date(2026, 2, 1), published_at=timezone.now())
    PublishedCell.objects.create(month=month, indicator="read", numerator=11, denominator=22)
    return ward


def again(model: type[models.Model], **changes: object) -> None:
    """A second row like the first."""
    row = model._default_manager.first()
    assert row is not None
    row.pk = uuid.uuid4()
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def change(model: type[models.Model], **values: object) -> None:
    assert model._default_manager.update(**values)


def delegation(ward: world.Ward) -> None:
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1),
        recorded_by=ward.doctor_user,
    )  # fmt: skip


def two_accepted_offers(ward: world.Ward) -> None:
    change(Offer, status="ACCEPTED")
    again(Offer, midwife=ward.doctor)


def two_open_corrections(ward: world.Ward) -> None:
    version = DocumentVersion.objects.latest("created_at")
    change(Draft, document=version.document, replaces=version)
    again(Draft)


def two_drafts_of_a_document(ward: world.Ward) -> None:
    change(Draft, document=Document.objects.first(), finished_at=timezone.now())
    again(Draft)


def a_message_twice(ward: world.Ward) -> None:
    IntakeMessage.objects.create(organisation=ward.maternity, control_id="1", said_at=timezone.now())
    again(IntakeMessage)


def a_report(ward: world.Ward, **changes: object) -> None:
    now, shipment = timezone.now(), Shipment.objects.latest("created_at")
    message = IntakeMessage.objects.create(organisation=ward.maternity, control_id="1", said_at=now)
    values = {"kind": "DMP", "fact": shipment.pk, "ok": True, "at": now, "due_at": now, **changes}
    IntakeReport.objects.create(organisation=ward.maternity, message=message, shipment=shipment, **values)


def a_report_twice(ward: world.Ward) -> None:
    a_report(ward)
    again(IntakeReport)


def a_report_taken_and_refused(ward: world.Ward) -> None:
    a_report(ward, sent_at=timezone.now(), refused_at=timezone.now())


def a_query_twice(ward: world.Ward) -> None:
    now = timezone.now()
    RecordQuery.objects.create(kind="PATIENTS", user=ward.midwife_user, signed_in_at=now, asked_at=now)
    again(RecordQuery)


def a_query_about_nobody_of_the_stay(ward: world.Ward) -> None:
    now, stay = timezone.now(), Stay.objects.latest("recorded_at")
    RecordQuery.objects.create(kind="SEARCH", user=ward.midwife_user, stay=stay, signed_in_at=now, asked_at=now)


def an_answer_kept_for_ever(ward: world.Ward) -> None:
    now, answer = timezone.now(), DocumentVersion.objects.latest("created_at").original
    RecordQuery.objects.create(kind="PATIENTS", user=ward.midwife_user, signed_in_at=now, asked_at=now, answer=answer)


def a_question_twice(ward: world.Ward, by: object = None) -> None:
    stay, today = Stay.objects.get(), timezone.localdate()
    IdentityQuestion.objects.create(person=stay.mother, stay=stay, planned_on=today, due_at=timezone.now(), asked_by=by)
    again(IdentityQuestion)


def a_paper(ward: world.Ward) -> PaperDelivery:
    shipment = Shipment.objects.latest("created_at")
    return PaperDelivery.objects.create(
        shipment=shipment, organisation=ward.maternity, stay=shipment.stay, why="FULL", opened_at=timezone.now()
    )


def a_code(ward: world.Ward, **values: object) -> PaperCode:
    now = timezone.now()
    return PaperCode.objects.create(
        paper=a_paper(ward), digest="0" * 64, created_by=ward.secretary, created_at=now, expires_at=now, **values
    )  # type: ignore[misc]


def two_papers_of_a_sending(ward: world.Ward) -> None:
    a_paper(ward)
    a_paper(ward)


def two_codes_of_a_paper(ward: world.Ward) -> None:
    a_code(ward)
    again(PaperCode, digest="1" * 64)


def a_nudge_twice(ward: world.Ward) -> None:
    now = timezone.now()
    LetterNudge.objects.create(handover=Handover.objects.get(), step="CALL", visit_at=now, at=now)
    again(LetterNudge)


def two_next_steps(ward: world.Ward) -> None:
    first, box = Shipment.objects.latest("created_at"), Mailbox.objects.first()
    to_her = {"channel": "mssante", "mailbox": box, "recipient": ward.midwife, "fallback_of": first}
    again(Shipment, set_unique_id="2.25.2", message_id="2", **to_her)
    again(Shipment, set_unique_id="2.25.3", message_id="3", **to_her)


def a_next_step_in_the_dmp(ward: world.Ward) -> None:
    first = Shipment.objects.latest("created_at")
    again(Shipment, set_unique_id="2.25.2", message_id="2", channel="dmp", fallback_of=first)


BROKEN: dict[str, Callable[[world.Ward], None]] = {
    "opened_mailbox_is_not_applicative": lambda w: change(Mailbox, kind="APP", opened_since=timezone.now()),
    "received_mail_once_in_a_box": lambda w: again(ReceivedMail, holder=w.midwife),
    "mailbox_has_one_owner": lambda w: change(Mailbox, organisation=w.practice),
    "person_qualified_has_ins": lambda w: change(Person, ins_status="QUAL", ins_matricule=""),
    "person_ins_unique": lambda w: change(Person, ins_matricule="1", ins_oid="1.2"),
    "ipp_unique_in_site": lambda w: change(LocalIdentifier, value="M1"),
    "ipp_one_per_person_and_site": lambda w: again(LocalIdentifier, value="other"),
    "stay_number_unique_in_site": lambda w: again(Stay),
    "stay_discharge_after_birth": lambda w: change(Stay, discharged_at=timezone.now() - timedelta(days=9)),
    "newborn_rank_unique_in_stay": lambda w: again(Newborn, person=Person.objects.create(birth_date=date(2026, 3, 1))),
    "one_active_member_per_role_and_person": lambda w: again(CareTeamMember),
    "version_number_unique": lambda w: again(DocumentVersion, unique_id="2.25.1"),
    "sealed_version_has_bytes": lambda w: change(DocumentVersion, cda=None),
    "one_open_letter_request": lambda w: again(LetterRequest),
    "one_open_work_item_per_key": lambda w: again(WorkItem),
    "one_handover_per_person_and_stay": lambda w: again(Handover),
    "seen_handover_has_date": lambda w: change(Handover, status="SEEN", midwife=w.midwife),
    "accepted_handover_has_midwife": lambda w: change(Handover, status="SCHEDULED"),
    "one_open_offer_per_midwife": lambda w: again(Offer),
    "one_accepted_offer_per_handover": two_accepted_offers,
    "held_shipment_says_why": lambda w: change(Shipment, status="HELD", hold_reason=""),
    "sending_shipment_has_lease": lambda w: change(Shipment, status="SENDING", lease_until=None),
    "delegation_ends_after_start": delegation,
    "one_first_reading": lambda w: again(Reading),
    "one_open_draft": lambda w: again(Draft),
    "one_open_correction": two_open_corrections,
    "one_draft_makes_a_document": two_drafts_of_a_document,
    "draft_names_its_document": lambda w: change(Draft, finished_at=timezone.now()),
    "message_taken_once": a_message_twice,
    "report_told_once": a_report_twice,
    "report_taken_or_refused": a_report_taken_and_refused,
    "mirror_mailbox_has_one_owner": lambda w: change(MirrorMailbox, place=MirrorPlace.objects.create(key="l")),
    "mirror_mailbox_once_per_owner": lambda w: again(MirrorMailbox),
    "one_published_cell": lambda w: again(PublishedCell),
    "one_open_record_query": a_query_twice,
    "record_query_names_its_person": a_query_about_nobody_of_the_stay,
    "record_answer_has_an_end": an_answer_kept_for_ever,
    "one_planned_question_per_day": a_question_twice,
    "one_open_question_asked_by_hand": lambda w: a_question_twice(w, w.secretary),
    "open_breaker_says_since_when": lambda w: ChannelBreaker.objects.create(channel="dmp", opened_at=timezone.now()),
    "shipment_to_a_patient_has_no_box": lambda w: change(Shipment, to_patient=True),
    "handled_reply_says_by_whom": lambda w: change(PatientReply, handled_at=timezone.now()),
    "reply_file_rank_unique": lambda w: again(ReplyFile),
    "opposition_says_by_whom": lambda w: change(PatientMessaging, opposed_at=timezone.now()),
    "carers_opposition_says_by_whom": lambda w: change(PatientMessaging, carers_opposed_by=w.secretary),
    "unavailable_box_says_why": lambda w: change(PatientMessaging, unavailable_since=timezone.now()),
    "one_living_next_step": two_next_steps,
    "next_step_is_a_mail_to_a_person": a_next_step_in_the_dmp,
    "one_living_paper_per_shipment": two_papers_of_a_sending,
    "one_living_code_per_paper": two_codes_of_a_paper,
    "used_code_says_by_whom": lambda w: a_code(w, used_at=timezone.now()),
    "one_nudge_per_step_and_visit": a_nudge_twice,
    "published_cell_is_not_small": lambda w: again(PublishedCell, numerator=10),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_rule_is_kept_by_the_database(place: world.Ward, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name](place)


def test_every_rule_of_the_models_is_tried_here() -> None:
    named = {c.name for model in apps.get_app_config("coordination").get_models() for c in model._meta.constraints}
    assert named == set(BROKEN)


def test_facts_have_their_triggers_and_uuid_keys() -> None:
    """An immutable model that redefines its Meta without the triggers would be mutable."""
    for model in apps.get_app_config("coordination").get_models():
        if issubclass(model, ImmutableModel):
            assert [trigger.name for trigger in model._meta.triggers] == ["append_only"], model
        if model.__name__ not in ("User", "DirectoryMirror"):  # a state per département, nobody's row
            assert isinstance(model._meta.pk, models.UUIDField), model


def test_what_is_cared_for_is_never_deleted_by_cascade() -> None:
    """The mirror of the public directory may be purged: nobody's paper hangs from it (ADR 0016)."""
    cascades = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("coordination").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.CASCADE
        and not (model.__name__.startswith("Mirror") and field.related_model.__name__.startswith("Mirror"))
    }
    assert cascades == set()


def test_names_are_shown_birth_name_first() -> None:
    person = Person(birth_family_name="ACACIA", birth_given_names="LOUISE MARIE", used_family_name="MARTIN")
    assert person.display_name == "ACACIA Louise (nom utilisé MARTIN)" and person.ins is None
