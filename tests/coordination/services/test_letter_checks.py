"""What a letter lacks: computed once, kept as codes, told before it leaves, confirmed where the maternity asks."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import AuditEntry, Delegation, Deposit, LetterGate, Role, Stay, User
from coordination.papers import specimens
from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.report import Report
from coordination.papers.specimen_texts import Kind
from coordination.papers.specimen_variants import scanned
from coordination.services import deposits, documents, letter_checks, writing
from coordination.services.documents import DocumentRefusedError
from tests.conformance.cases import CASES
from tests.conformance.cases.people import moved
from tests.coordination import world
from tests.factories.papers import AUTHOR, WARD, on_paper

pytestmark = pytest.mark.django_db
DAY_OF_EXIT = datetime(2026, 3, 5, 9, 0)  # as the specimen says
INCOMPLETE = ("Remise", "Allergies")


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


@pytest.fixture
def delegated(ward: world.Ward) -> None:
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=1), recorded_by=ward.doctor_user,
    )  # fmt: skip


def letter(stay: Stay, *, without: tuple[str, ...] = (), kind: Kind = Kind.LLS) -> bytes:
    return specimens.paper(
        kind, person=on_paper(stay.mother), ward=WARD, author=AUTHOR, written_at=DAY_OF_EXIT, without=without
    )


def drop(ward: world.Ward, data: bytes) -> Deposit:
    (found,) = deposits.receive([("lettre.pdf", data)], by=ward.secretary)
    deposits.read(found.pk)
    found.refresh_from_db()
    return found


def gaps(found: Any) -> list[Criterion]:
    return [one.criterion for one in Report.from_json(found).gaps]


def test_kept_at_the_reading_and_with_the_document(ward: world.Ward, stay: Stay) -> None:
    found = drop(ward, letter(stay, without=INCOMPLETE))
    kept = letter_checks.of_deposit(found)
    assert gaps(kept) == [Criterion.HANDED_OVER, Criterion.ALLERGIES]
    assert "Parac" not in json.dumps(kept)
    (document,) = deposits.send([found], by=ward.secretary)
    assert document.current_version.letter_check == kept


def test_another_paper_has_none(ward: world.Ward, stay: Stay) -> None:
    found = drop(ward, letter(stay, kind=Kind.CRA))
    assert letter_checks.of_deposit(found) is None
    (document,) = deposits.send([found], by=ward.secretary)
    assert document.current_version.letter_check is None


def test_a_scan_cannot_be_told(ward: world.Ward, stay: Stay) -> None:
    found = drop(ward, scanned(letter(stay)))
    deposits.complete(found, person=stay.mother, stay=stay, type_code=letter_checks.LETTER, by=ward.secretary)
    assert len(gaps(letter_checks.of_deposit(found))) == len(Criterion)


def test_it_warns_and_does_not_block(ward: world.Ward, stay: Stay, delegated: None) -> None:
    (document,) = deposits.send([drop(ward, letter(stay, without=INCOMPLETE))], by=ward.secretary)
    assert document.status == DocumentStatus.VALIDATED


def ask_to_confirm(ward: world.Ward) -> None:
    ward.maternity.letter_gate = LetterGate.ACKNOWLEDGE
    ward.maternity.save()


def test_a_maternity_may_ask_to_confirm(ward: world.Ward, stay: Stay, delegated: None) -> None:
    ask_to_confirm(ward)
    found = drop(ward, letter(stay, without=INCOMPLETE))
    with pytest.raises(DocumentRefusedError, match="remise à la patiente, allergies.*peut partir ainsi"):
        deposits.send([found], by=ward.secretary)
    found.refresh_from_db()
    assert found.status == DepositStatus.READY
    (document,) = deposits.send([found], by=ward.secretary, seen={found.pk})
    assert document.status == DocumentStatus.VALIDATED
    assert document.current_version.letter_check["seen"]["by"] == str(ward.secretary.pk)


def test_a_whole_letter_is_not_asked_about(ward: world.Ward, stay: Stay, delegated: None) -> None:
    ask_to_confirm(ward)
    (document,) = deposits.send([drop(ward, letter(stay))], by=ward.secretary)
    assert document.status == DocumentStatus.VALIDATED


def test_the_doctor_confirms_when_the_secretary_did_not(ward: world.Ward, stay: Stay) -> None:
    ask_to_confirm(ward)
    (document,) = deposits.send([drop(ward, letter(stay, without=INCOMPLETE))], by=ward.secretary)
    with pytest.raises(DocumentRefusedError):
        documents.validate(document, by=ward.doctor_user)
    letter_checks.acknowledge(document, by=ward.doctor_user)
    letter_checks.acknowledge(document, by=ward.doctor_user)
    documents.validate(document, by=ward.doctor_user)
    assert document.status == DocumentStatus.VALIDATED
    assert AuditEntry.objects.filter(action="letter.gaps_seen").count() == 1


@pytest.fixture
def writer(ward: world.Ward) -> User:
    person = world._professional("89900001093", "Iris", "NOISETIER", "G15_50", ward.maternity)
    return world.user("sagefemme.ward", Role.HOSPITAL_MIDWIFE, ward.maternity, person)


def written(stay: Stay, by: User) -> Any:
    draft = writing.open_draft(stay, stay.mother, "LDL-SES", by=by)
    the_day_before = timezone.localdate(stay.leaves_at) - timedelta(days=1)
    writing.save(draft, moved(CASES["LDL-SES"]["maximal"]["body"], the_day_before), revision=1, by=by)
    return writing.finish(draft, by=by)


def test_a_structured_letter_is_checked_when_it_is_drafted(ward: world.Ward, stay: Stay, writer: User) -> None:
    found = written(stay, writer).current_version.letter_check
    assert {Criterion.HANDED_OVER, Criterion.IDENTITIES} <= set(gaps(found))


def test_its_physician_confirms_before_it_leaves(ward: world.Ward, stay: Stay) -> None:
    ask_to_confirm(ward)
    document = written(stay, ward.doctor_user)
    assert document.status == DocumentStatus.TO_VALIDATE
    letter_checks.acknowledge(document, by=ward.doctor_user)
    documents.validate(document, by=ward.doctor_user)
    assert document.status == DocumentStatus.VALIDATED


def test_the_day_of_a_structured_letter(ward: world.Ward, stay: Stay) -> None:
    body = moved(CASES["LDL-SES"]["maximal"]["body"], timezone.localdate() - timedelta(days=1))
    assert date.fromisoformat(body["synthesis"]["exit_mode"]["date"][:10]) != timezone.localdate()
    assert Criterion.DATED in gaps(letter_checks.of_case("LDL-SES", body, stay))
    assert letter_checks.of_case("OBP-SCM", {}, stay) is None
