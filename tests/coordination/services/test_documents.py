"""Who may validate what, and that a refusal writes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from coordination.access import AccessDeniedError, active_delegation
from coordination.lifecycles import DocumentStatus as D
from coordination.models import (
    AuditEntry,
    Blob,
    Delegation,
    Document,
    DocumentVersion,
    Event,
    LocalIdentifier,
    Organisation,
    Person,
    Role,
    Shipment,
    User,
)
from coordination.services import documents, transitions
from coordination.services.documents import DocumentRefusedError
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import professional
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
LETTER = codes.LETTRE_DE_LIAISON_SORTIE.code


@pytest.fixture
def paper(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Document:
    return world.letter(ward, world.stay(ward))


def delegation(ward: world.Ward, **changes: object) -> Delegation:
    today = timezone.localdate()
    values: dict[str, object] = {
        "professional": ward.doctor, "organisation": ward.maternity, "starts_on": today, "ends_on": today,
        "recorded_by": ward.doctor_user,
    }  # fmt: skip
    return Delegation.objects.create(**{**values, **changes})


def test_the_professional_whose_name_it_bears(paper: Document, ward: world.Ward) -> None:
    documents.validate(paper, by=ward.doctor_user)
    version = paper.versions.get()
    assert paper.status == D.VALIDATED and version.validated_by == ward.doctor_user
    assert version.sealed_at and version.cda and version.cda_with_ins and version.frozen
    assert AuditEntry.objects.filter(action="document.validated", subject_id=str(paper.pk)).exists()


def test_nobody_else_without_a_delegation(paper: Document, ward: world.Ward) -> None:
    colleague = world.user("autre", Role.HOSPITAL_DOCTOR, ward.maternity, professional(ward.maternity, mailbox=False))
    for user in (ward.secretary, colleague, ward.midwife_user, ward.coordinator):
        with pytest.raises(AccessDeniedError) as refused:
            documents.validate(paper, by=user)
        assert "Hélène CORMIER" in refused.value.message_fr
    assert Document.objects.get().status == D.TO_VALIDATE and not Shipment.objects.exists()


def test_a_closed_account_validates_nothing(paper: Document, ward: world.Ward) -> None:
    ward.doctor_user.is_active = False
    with pytest.raises(AccessDeniedError):
        documents.validate(paper, by=ward.doctor_user)


def test_a_secretary_under_a_delegation(paper: Document, ward: world.Ward) -> None:
    granted = delegation(ward)
    documents.validate(paper, by=ward.secretary, under=granted)
    assert paper.versions.get().validated_under == granted
    entry = AuditEntry.objects.get(action="document.validated")
    assert (entry.by_id, entry.data["delegation"]) == (ward.secretary.pk, str(granted.pk))


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": 1, "ends_on": 2},
        {"starts_on": -2, "ends_on": -1},
        {"revoked_at": 0},
        {"type_codes": [codes.CR_ACCOUCHEMENT.code]},
    ],
    ids=["tomorrow", "over", "revoked", "another type"],
)
def test_a_delegation_that_does_not_hold(paper: Document, ward: world.Ward, changes: dict[str, object]) -> None:
    today = timezone.localdate()
    dates = {k: today + v * DAY for k, v in changes.items() if k.endswith("_on")}  # type: ignore[operator]
    revoked = {"revoked_at": timezone.now()} if "revoked_at" in changes else {}
    other = {k: v for k, v in changes.items() if k == "type_codes"}
    wrong = delegation(ward, **dates, **revoked, **other)
    found = active_delegation(ward.doctor, organisation_id=ward.maternity.pk, type_code=LETTER, on=today)
    assert found is None
    with pytest.raises(AccessDeniedError):
        documents.validate(paper, by=ward.secretary, under=wrong)


def test_a_delegation_revoked_since_it_was_read(paper: Document, ward: world.Ward) -> None:
    granted = delegation(ward)
    Delegation.objects.update(revoked_at=timezone.now())
    with pytest.raises(AccessDeniedError):
        documents.validate(paper, by=ward.secretary, under=granted)


def test_the_delegation_of_somebody_else_or_of_another_site(paper: Document, ward: world.Ward) -> None:
    others = delegation(ward, professional=professional(ward.maternity, mailbox=False))
    elsewhere = Organisation.objects.create(kind="MATERNITY", name="Ailleurs", finess="997800123")
    away = delegation(ward, organisation=elsewhere)
    stranger = world.user("ailleurs", Role.SECRETARY, elsewhere)
    own = delegation(ward, type_codes=[LETTER])
    for user, under in ((ward.secretary, others), (ward.secretary, away), (stranger, own), (ward.midwife_user, own)):
        with pytest.raises(AccessDeniedError):
            documents.validate(paper, by=user, under=under)
    documents.validate(paper, by=ward.secretary, under=own)


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Document, DocumentVersion, Shipment, Event, AuditEntry, Blob))


@pytest.mark.parametrize("missing", ["ipp", "ipp_oid", "readable", "finess"])
def test_what_makes_no_document_is_refused_and_nothing_is_written(
    paper: Document, ward: world.Ward, missing: str
) -> None:
    if missing == "ipp":
        LocalIdentifier.objects.all().delete()
    elif missing == "readable":
        DocumentVersion.objects.update(readable=None)
    else:
        Organisation.objects.filter(pk=ward.maternity.pk).update(**{missing: None if missing == "finess" else ""})
    again = Document.objects.select_related("organisation", "stay__maternity").get()
    before = counts()
    with pytest.raises(DocumentRefusedError) as refused:
        documents.validate(again, by=ward.doctor_user)
    assert refused.value.message_fr.endswith((".", "!")) and counts() == before
    version = DocumentVersion.objects.get()
    assert version.validated_at is None and version.frozen is None and version.sealed_at is None
    assert Document.objects.get().status == D.TO_VALIDATE


def test_validated_twice_or_abandoned(paper: Document, ward: world.Ward) -> None:
    documents.validate(paper, by=ward.doctor_user)
    with pytest.raises(transitions.ForbiddenTransitionError), transaction.atomic():
        documents.validate(paper, by=ward.doctor_user)
    with pytest.raises(transitions.ForbiddenTransitionError), transaction.atomic():
        documents.abandon(paper, by=ward.doctor_user, reason="Erreur")
    assert Shipment.objects.count() == 2


def test_two_people_validate_the_same_paper(paper: Document, ward: world.Ward) -> None:
    other = Document.objects.get(pk=paper.pk)
    documents.validate(paper, by=ward.doctor_user)
    with pytest.raises(transitions.StaleStateError), transaction.atomic():
        documents.validate(other, by=ward.doctor_user)
    assert Shipment.objects.count() == 2


def test_what_was_validated_does_not_change_when_the_record_does(paper: Document, ward: world.Ward) -> None:
    documents.validate(paper, by=ward.doctor_user)
    version = paper.versions.get()
    sealed = (version.cda_sha1, version.frozen)
    Person.objects.update(birth_given_names="AUTRE")
    User.objects.filter(pk=ward.doctor_user.pk).update(last_name="AUTRE")
    again = DocumentVersion.objects.get()
    assert (again.cda_sha1, again.frozen) == sealed
