"""What waited for an INS leaves in its order, under the traits that the INS qualifies, and holds nothing else up."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from coordination import blobs, tasks
from coordination.cda import reader
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, DocumentVersion, Person, Shipment, WorkItem
from coordination.services import documents, editions, holding, identities, outbox
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import deliver, validated
from tests.coordination.services.ins import EXAM, waits
from tests.coordination.services.replacing import replaced, sent
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
KINDS = (EXAM, codes.LETTRE_DE_LIAISON_SORTIE.code, codes.CR_BIOLOGIE.code)


def dmp() -> list[Shipment]:
    """The sendings to the DMP in the order in which they were released."""
    return list(Shipment.objects.filter(channel="dmp", status=S.QUEUED).order_by("due_at"))


def three(ward: world.Ward) -> tuple[Person, list[Document]]:
    child, first = waits(ward)
    return child, [first, *(validated(ward, first.stay, person=child, type_code=kind) for kind in KINDS[1:])]


def types(shipments: list[Shipment]) -> list[str]:
    return [one.versions.get().document.type_code for one in shipments]


def test_one_that_somebody_holds_keeps_those_behind_it(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page has the first paper in hand during one passage: the others wait for it, and leave after it."""
    child, papers = three(ward)
    identities.qualify(child, world.ins(77), by=ward.secretary)
    real = editions.edition

    def busy(version: DocumentVersion, **more: object) -> DocumentVersion | None:
        return None if version.document_id == papers[0].pk else real(version, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(editions, "edition", busy)
        assert holding.release_ready() == 0 and dmp() == []
    assert holding.release_ready() == 3
    assert types(dmp()) == list(KINDS)


def test_without_the_guard_it_would_be_overtaken(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail."""
    monkeypatch.setattr(holding, "_has_one_before", lambda shipment: False)
    with pytest.raises(AssertionError):
        test_one_that_somebody_holds_keeps_those_behind_it(ward, fakes, monkeypatch)


def test_an_incident_is_told_to_a_person_and_the_others_go_on(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    child, papers = three(ward)
    identities.qualify(child, world.ins(77), by=ward.secretary)
    real = editions.edition

    def broken(version: DocumentVersion, **more: object) -> DocumentVersion | None:
        if version.document_id == papers[0].pk:
            raise RuntimeError("nobody foresaw this")
        return real(version, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(editions, "edition", broken)
        tasks.release_held()
    assert types(dmp()) == list(KINDS[1:])
    assert WorkItem.objects.filter(kind="SHIPMENT_REFUSED", status="OPEN").count() == 1
    tasks.release_held()
    assert len(dmp()) == 3 and not WorkItem.objects.filter(status="OPEN", kind="SHIPMENT_REFUSED").exists()


def test_what_was_replaced_while_waiting_leaves_once_in_its_last_state(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    child, paper = waits(ward)
    second = replaced(ward, paper)
    identities.qualify(child, world.ins(77), by=ward.secretary)
    assert holding.release_ready() == 1
    (only,) = dmp()
    version = only.versions.get()
    assert version.original_id == second.original_id and version.cda_with_ins
    deliver(only)
    assert [action for action, _, _ in sent(fakes["dmp"])] == ["SEND"]
    assert Shipment.objects.filter(channel="dmp", status=S.CANCELLED).count() == 1


def test_what_is_replaced_between_its_release_and_its_sending_is_not_overtaken(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    """Released, taken by a worker, replaced meanwhile: the new version waits for the first, then replaces it."""
    child, paper = waits(ward)
    identities.qualify(child, world.ins(77), by=ward.secretary)
    holding.release_ready()
    (first,) = dmp()
    taken = outbox.claim(first.pk)
    assert taken is not None
    replaced(ward, paper)
    (second,) = dmp()
    assert deliver(second) is None, "the first is on its way"
    outbox.record(taken, outbox.ask(taken))
    assert deliver(second) == S.ACCEPTED
    (one, other) = sent(fakes["dmp"])
    held = first.versions.get()
    assert (one[0], other[0], other[2]) == ("SEND", "REPLACE", held.unique_id)


def test_a_paper_withdrawn_while_waiting_never_leaves(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    child, papers = three(ward)
    documents.withdraw(papers[1], by=ward.doctor_user, reason="Papier d'une autre patiente")
    identities.qualify(child, world.ins(77), by=ward.secretary)
    assert holding.release_ready() == 2
    assert types(dmp()) == [KINDS[0], KINDS[2]]
    for one in dmp():
        deliver(one)
    assert papers[1].pk not in {
        version.document_id
        for parcel in fakes["dmp"].kept.values()
        for version in DocumentVersion.objects.filter(unique_id__in=[d.unique_id for d in parcel.documents])
    }


def test_a_paper_withdrawn_just_after_its_release_never_leaves(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    child, paper = waits(ward)
    identities.qualify(child, world.ins(77), by=ward.secretary)
    holding.release_ready()
    (released,) = dmp()
    documents.withdraw(paper, by=ward.doctor_user, reason="Papier d'une autre patiente")
    assert deliver(released) is None and not fakes["dmp"].kept


def test_it_leaves_under_the_traits_that_are_qualified(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    """Validated as JULES, declared as JULIEN PAUL: the CDA is built when it leaves, not before."""
    child, paper = waits(ward)
    before = paper.versions.get()
    child.birth_given_names, child.birth_place_cog = "JULIEN PAUL", "78640"
    child.save()
    identities.qualify(child, world.ins(77), by=ward.secretary)
    holding.release_ready()
    (released,) = dmp()
    deliver(released)
    (parcel,) = fakes["dmp"].kept.values()
    seen = reader.read(parcel.documents[0].cda)
    assert (seen.patient.birth_given_names, parcel.patient.birth_given_names) == ("JULIEN PAUL", "JULIEN PAUL")
    assert b"78640" in parcel.documents[0].cda and b"JULES" not in parcel.documents[0].cda
    before.refresh_from_db()
    assert before.cda is not None and b"JULES" in blobs.read(before.cda), "what left by mail is what was validated"


def test_a_hundred_releases_let_the_rest_pass(
    ward: world.Ward, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passage is bounded in time and each release is a transaction of its own: mails leave between two passages."""
    children = [waits(ward, number=f"S{n}", given="A" * (n + 1))[0] for n in range(20)]
    for child in children:
        stay = child.newborn.stay
        for _ in range(4):
            validated(ward, stay, person=child, type_code=EXAM)
    for n, child in enumerate(children):
        identities.qualify(child, world.ins(200 + n), by=ward.secretary)
    mails = list(Shipment.objects.filter(channel="mssante", status=S.QUEUED).values_list("pk", flat=True)[:10])
    monkeypatch.setattr(tasks, "SWEEP_SECONDS", 0.0)
    passages = 0
    while holding.held_ids():
        tasks.release_held()
        passages += 1
        if mails:
            assert deliver(Shipment.objects.get(pk=mails.pop())) == S.ACCEPTED
    assert passages == 100, "its time is over after each"
    released = dmp()
    assert len(released) == len({one.versions.get().pk for one in released}) == 100
    for child in children:
        mine = [one.created_at for one in released if one.person_id == child.pk]
        assert mine == sorted(mine) and len(mine) == 5


@pytest.mark.django_db(transaction=True)
def test_a_release_locks_what_it_releases_only(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    """While one is being prepared, a worker takes another child's sending at once."""
    child, _ = waits(ward)
    other, _ = waits(ward, number="S2", given="PAULINE")
    for number, one in ((77, child), (78, other)):
        identities.qualify(one, world.ins(number), by=ward.secretary)
    first, second = holding.held_ids()
    holding.release(second)
    with transaction.atomic():
        assert holding._release(first)
        in_another = connection.copy()
        try:
            with in_another.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
                cursor.execute("SELECT id FROM coordination_shipment WHERE id = %s FOR UPDATE NOWAIT", [second])
                assert cursor.fetchone() is not None
        finally:
            in_another.close()
