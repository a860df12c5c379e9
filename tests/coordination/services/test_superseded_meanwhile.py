"""A newer version is validated while the channel answers for the older one (ADR 0015)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from coordination import deadlines
from coordination.blobs import BlobError
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, DocumentVersion, Shipment, WorkItem
from coordination.ports import PreviousAbsentError
from coordination.selectors import delivery, reading_view
from coordination.selectors.opening import opening
from coordination.services import documents, editions, outbox, succession
from tests.coordination import world
from tests.coordination.services.helpers import deliver, deliver_all, follow, professional, validated
from tests.coordination.services.replacing import Fakes, of, replaced, sent

ABSENT = PreviousAbsentError("absent", "La version n'y est pas.")


def given_up_in_doubt(ward: world.Ward) -> Document:
    """A letter that the DMP may hold, or not."""
    paper = validated(ward, world.stay(ward))
    Shipment.objects.filter(channel="dmp").update(status=S.FAILED, in_doubt=True, tries=6)
    return paper


def answered_absent(fakes: Fakes, meanwhile: Callable[[], object]) -> Shipment:
    """The replacement is asked, `meanwhile` happens, then the DMP's refusal is recorded."""
    claimed = outbox.claim(of("dmp").pk)
    assert claimed is not None
    fakes["dmp"].failures = [ABSENT]
    answer = outbox.ask(claimed)
    meanwhile()
    outbox.record(claimed, answer)
    claimed.refresh_from_db()
    return claimed


@pytest.mark.django_db
class TestSuperseded:
    def test_the_older_one_is_not_sealed_again(self, ward: world.Ward, fakes: Fakes) -> None:
        paper = given_up_in_doubt(ward)
        replaced(ward, paper)
        second = answered_absent(fakes, lambda: replaced(ward, paper, "Troisième"))
        assert second.status == S.CANCELLED and paper.versions.count() == 3
        fakes["dmp"].failures = [ABSENT]
        assert deliver(of("dmp")) == S.QUEUED and deliver(of("dmp")) == S.ACCEPTED
        (kept,) = fakes["dmp"].kept.values()
        assert kept.documents[0].unique_id == paper.current_version.unique_id

    def test_a_paper_taken_back_meanwhile_never_leaves(self, ward: world.Ward, fakes: Fakes) -> None:
        paper = given_up_in_doubt(ward)
        replaced(ward, paper)
        second = answered_absent(fakes, lambda: documents.withdraw(paper, by=ward.doctor_user, reason="erreur"))
        assert second.status == S.CANCELLED and sent(fakes["dmp"]) == []

    def test_the_version_in_force_is_the_last_validated(self, ward: world.Ward, fakes: Fakes, settings: object) -> None:
        """Version 2 sealed again as number 4, after version 3: nobody is shown it as the newest."""
        settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
        paper = validated(ward, world.stay(ward))
        deliver_all()
        second = replaced(ward, paper)
        third = replaced(ward, paper, "Troisième")
        late = editions.edition(second, replaces=None)
        assert late is not None and late.number == 4
        assert paper.current_version == third
        opened = opening(ward.midwife_user, paper.pk)
        assert opened is not None and opened.version == third
        shown = reading_view.page(ward.midwife_user, paper)
        assert shown is not None and shown[1] == third
        (line,) = delivery.document_lines(paper.stay, ward.secretary)
        assert [one.number for one in line.versions] == [3, 4, 1] and [one.rank for one in line.versions] == [3, 2, 1]
        client = Client()
        client.force_login(ward.midwife_user, backend="coordination.backends.AccountBackend")
        assert client.get("/api/documents/").json()["resultats"][0]["version"] == 3
        deliver_all()
        assert succession.last_held(paper, succession.lock(paper)) == third
        carer = professional(ward.practice)
        follow(ward, paper.stay, carer)
        deliver_all()
        (mail,) = Shipment.objects.filter(recipient=carer)
        assert mail.versions.get().validated_at == third.validated_at

    def test_a_next_one_replaces_the_last_held_even_under_a_greater_number(
        self, ward: world.Ward, fakes: Fakes
    ) -> None:
        paper = validated(ward, world.stay(ward))
        deliver_all()
        second = replaced(ward, paper)
        third = DocumentVersion(
            document=paper, number=3, unique_id=documents.new_oid(), original=second.original,
            readable=second.readable, validated_at=timezone.now(), frozen=second.frozen,
        )  # fmt: skip
        third.save(force_insert=True)
        late = editions.edition(second, replaces=None)
        mail = of("mssante")
        mail.versions.set([late])  # type: ignore[list-item]
        Shipment.objects.filter(pk=mail.pk).update(status=S.ACCEPTED, accepted_at=timezone.now())
        before = list(Shipment.objects.filter(channel="mssante"))
        assert succession._held(before, third) == late


@pytest.mark.django_db
class TestNotPreparedYet:
    def test_asked_again_later_and_not_for_ever(
        self, ward: world.Ward, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another hand keeps the document: the row waits, bounded like any other try, then a person decides."""
        paper = given_up_in_doubt(ward)
        replaced(ward, paper)
        monkeypatch.setattr(succession, "edition", lambda *_, **__: None)
        row = answered_absent(fakes, lambda: None)
        assert row.status == S.QUEUED and row.due_at > timezone.now() and row.pk not in outbox.due_ids()
        for _ in range(len(deadlines.RETRY_DELAYS)):
            fakes["dmp"].failures = [ABSENT]
            deliver(row)
        row.refresh_from_db()
        assert row.status == S.FAILED
        assert WorkItem.objects.get(status="OPEN", shipment=row).message == succession.NOT_PREPARED

    def test_a_lost_file(self, ward: world.Ward, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
        paper = given_up_in_doubt(ward)
        replaced(ward, paper)

        def lost(*_: object, **__: object) -> None:
            raise BlobError("lost")

        monkeypatch.setattr(succession, "edition", lost)
        row = answered_absent(fakes, lambda: None)
        assert row.status == S.QUEUED and row.due_at > timezone.now()
        assert WorkItem.objects.get(status="OPEN", shipment=row).message == succession.UNREADABLE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["replace", "withdraw"])
def test_an_answer_recorded_while_a_person_acts(
    ward: world.Ward, fakes: Fakes, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """The person holds the shipments and waits for the document, or the other way round: never both (no deadlock)."""
    paper = given_up_in_doubt(ward)
    replaced(ward, paper)
    claimed = outbox.claim(of("dmp").pk)
    assert claimed is not None
    fakes["dmp"].failures = [ABSENT]
    answer = outbox.ask(claimed)
    sealed, locked, errors = threading.Event(), threading.Event(), []
    edition, lock = succession.edition, succession.lock

    def slow_edition(*given: object, **more: object) -> object:
        made = edition(*given, **more)  # type: ignore[arg-type]
        sealed.set()
        locked.wait(timeout=2)  # with shipments first, the person cannot have them before we end
        return made

    def told_lock(document: Document) -> list[Shipment]:
        rows = lock(document)
        locked.set()
        return rows

    monkeypatch.setattr(succession, "edition", slow_edition)
    monkeypatch.setattr(succession, "lock", told_lock)

    def person() -> None:
        row = Document.objects.get(pk=paper.pk)
        sealed.wait(timeout=10)
        if act == "replace":
            replaced(ward, row, "Troisième")
        else:
            documents.withdraw(row, by=ward.doctor_user, reason="erreur")

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in (person, lambda: outbox.record(claimed, answer))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
