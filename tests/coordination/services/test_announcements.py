"""A paper hidden from the patient is remembered on the ward's list, until it is made visible."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coordination import document_source
from coordination.lifecycles import WorkItemStatus
from coordination.models import AuditEntry, Document, DocumentVersion, Newborn, Stay, User, WorkItem
from coordination.ports import RecordAct, Scope
from coordination.selectors import discharge_list
from coordination.services import announcements, confidentiality, documents
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED
from perinat.standards.shared_record import Authorization
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all
from tests.coordination.services.test_confidentiality import sent
from tests.coordination.views.town.conftest import strong
from tests.coordination.views.town.consulted import work
from tests.fake_record import FakeRecord, described
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


def page_of(made: Document) -> str:
    return reverse("document_confidentiality", args=[made.pk])


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return strong(client)


def open_lines() -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind="TO_REVEAL", status=WorkItemStatus.OPEN))


def test_a_hidden_paper_opens_one_line_with_its_date_and_its_name(ward: world.Ward, stay: Stay) -> None:
    made = sent(ward, stay, FROM_PATIENT)
    assert announcements.watch() == 1 and announcements.watch() == 0
    (line,) = open_lines()
    hidden_at = made.current_version.validated_at
    assert hidden_at is not None
    hidden_on = timezone.localtime(hidden_at)
    assert f"depuis le {hidden_on:%d/%m/%Y}, au nom de Hélène CORMIER" in line.message
    assert line.due_at == hidden_at + timedelta(days=7)
    task = next(one for one in discharge_list.tasks(ward.secretary) if one.title == "Document caché à la patiente")
    assert task.url == page_of(made) and not task.done_url, "no one ticks it off"


def test_the_round_of_each_minute_reads_no_frozen_content(ward: world.Ward, stay: Stay) -> None:
    sent(ward, stay, FROM_PATIENT)
    with CaptureQueriesContext(connection) as asked:
        announcements.watch()
    rounds = [one["sql"] for one in asked if 'FROM "coordination_documentversion"' in one["sql"]]
    assert rounds and not any('"frozen"' in one for one in rounds)


def test_others_open_none(ward: world.Ward, stay: Stay) -> None:
    sent(ward, stay)
    sent(ward, stay, MASKED)
    sent(ward, stay, FROM_PATIENT, person=Newborn.objects.get(stay=stay).person)
    waiting = world.letter(ward, stay)
    confidentiality.choose(waiting, [FROM_PATIENT], by=ward.doctor_user)
    ward.maternity.deposits_in_dmp = False
    ward.maternity.save()
    sent(ward, stay, FROM_PATIENT)
    assert announcements.watch() == 0, "visible, masked, of a child, not validated, not in the DMP"


def test_a_new_version_made_visible_closes_it_at_once(ward: world.Ward, stay: Stay) -> None:
    made = sent(ward, stay, FROM_PATIENT)
    announcements.watch()
    confidentiality.change(made, [], why="TOLD", by=ward.doctor_user)
    assert open_lines() == [] and announcements.watch() == 0


def test_another_version_still_hidden_keeps_the_first_day(ward: world.Ward, stay: Stay) -> None:
    made = sent(ward, stay, FROM_PATIENT, FROM_REPRESENTATIVES)
    first = timezone.now() - timedelta(days=9)
    made.versions.update(validated_at=first)
    confidentiality.change(Document.objects.get(pk=made.pk), [FROM_PATIENT], why="ASKED", by=ward.doctor_user)
    announcements.watch()
    assert f"{timezone.localtime(first):%d/%m/%Y}" in open_lines()[0].message


def test_a_paper_taken_back_waits_for_nobody(ward: world.Ward, stay: Stay) -> None:
    made = sent(ward, stay, FROM_PATIENT)
    announcements.watch()
    documents.withdraw(Document.objects.get(pk=made.pk), by=ward.doctor_user, reason="erreur")
    announcements.watch()
    assert open_lines() == []


# --- Made visible in the DMP itself (TD3.3b), from the paper's own page ----------------------------------


@pytest.fixture
def dmp(monkeypatch: pytest.MonkeyPatch) -> FakeRecord:
    fake = FakeRecord(acts=frozenset({RecordAct.REVEAL}))
    fake.given[RecordAct.REVEAL] = Scope.YES
    monkeypatch.setattr(document_source, "get", lambda: fake)
    return fake


def hidden_in_dmp(ward: world.Ward, stay: Stay, dmp: FakeRecord) -> Document:
    made = sent(ward, stay, FROM_PATIENT)
    uid = made.current_version.unique_id
    dmp.documents = [
        described(made.title, made.type_code, unique_id=uid, confidentiality=frozenset({"N", FROM_PATIENT}))
    ]
    announcements.watch()
    return made


def reveal(client: Client, made: Document) -> Any:
    form = {"document": made.current_version.unique_id, "acte": "3.3b", "masque": FROM_PATIENT}
    answer = client.post(f"/sejours/{made.stay_id}/dossier/agir", form)
    work()
    return answer


def test_the_doctor_makes_her_paper_visible_from_its_page(ward: world.Ward, stay: Stay, dmp: FakeRecord) -> None:
    made = hidden_in_dmp(ward, stay, dmp)
    doctor = signed(ward.doctor_user)
    page = doctor.get(page_of(made)).content.decode()
    assert "Directement dans le DMP" in page and "Caché à la patiente depuis le" in page
    assert "il ne pourra plus lui être caché" in page, "said before"
    assert "à rendre visible après l’annonce" in doctor.get(f"/sejours/{stay.pk}/").content.decode()
    assert reveal(doctor, made).status_code == 302
    assert dmp.calls == ["state", "search", "reveal", "search"], "no list was kept: it is looked for"
    made.refresh_from_db()
    assert made.masks == [] == made.current_version.masks and open_lines() == []
    assert FROM_PATIENT in confidentiality.already_shown(made), "it may not be hidden from now on"
    assert AuditEntry.objects.get(action="document.revealed").data["before"] == FROM_PATIENT
    assert "Directement dans le DMP" not in doctor.get(page_of(made)).content.decode()
    deliver_all()
    assert DocumentVersion.objects.filter(document=made).count() == 1, "no new version leaves"


def test_a_password_is_not_offered_it(ward: world.Ward, stay: Stay, dmp: FakeRecord, client: Client) -> None:
    made = hidden_in_dmp(ward, stay, dmp)
    client.force_login(ward.doctor_user, backend="coordination.backends.AccountBackend")
    assert "Directement dans le DMP" not in client.get(page_of(made)).content.decode()
    reveal(client, made)
    made.refresh_from_db()
    assert made.masks == [FROM_PATIENT] and dmp.calls == []


def test_what_the_dmp_refuses_changes_nothing_here(ward: world.Ward, stay: Stay, dmp: FakeRecord) -> None:
    made = hidden_in_dmp(ward, stay, dmp)
    dmp.authorization = Authorization.NONE
    reveal(signed(ward.doctor_user), made)
    assert "reveal" not in dmp.calls
    dmp.authorization, dmp.acts = Authorization.VALID, frozenset()
    reveal(signed(ward.doctor_user), made)
    made.refresh_from_db()
    assert "reveal" not in dmp.calls and made.masks == [FROM_PATIENT] and len(open_lines()) == 1


def test_a_document_of_others_is_not_looked_for(ward: world.Ward, stay: Stay, dmp: FakeRecord) -> None:
    made = hidden_in_dmp(ward, stay, dmp)
    form = {"document": "2.25.1", "acte": "3.3b", "masque": FROM_PATIENT}
    signed(ward.doctor_user).post(f"/sejours/{made.stay_id}/dossier/agir", form)
    work()
    assert dmp.calls == []
