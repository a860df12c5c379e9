"""Lots stay under the limit of their channel; a paper that can never fit is refused while the ward can still act."""

from __future__ import annotations

import pytest

from coordination.lifecycles import DocumentStatus as D
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, Shipment, Stay, WorkItem
from coordination.services import documents, holding, lots, routing, stays
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all, follow, professional, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
KINDS = (codes.LETTRE_DE_LIAISON_SORTIE.code, codes.CR_BIOLOGIE.code, codes.CR_HOSPITALIER.code)


@pytest.fixture
def stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Stay:
    return world.stay(ward)


def pack(ward: world.Ward, stay: Stay, *, person: object = None) -> list[Document]:
    """Papers of one person, validated and not yet queued."""
    papers = [world.letter(ward, stay, person=person, type_code=kind) for kind in KINDS]
    for paper in papers:
        documents.freeze_and_seal(paper, by=ward.doctor_user)
    return papers


def heaviest(papers: list[Document]) -> int:
    """What the heaviest of these weighs for the fake, room for a later edition included."""
    return max(paper.current_version.cda.size for paper in papers) + lots.SPARE


def lots_of(channel: str) -> list[set[object]]:
    rows = Shipment.objects.filter(channel=channel).exclude(status=S.CANCELLED).order_by("created_at")
    return [set(one.versions.values_list("document_id", flat=True)) for one in rows]


def test_a_pack_too_heavy_for_one_lot_leaves_in_several(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    papers = pack(ward, stay)
    fakes["dmp"].max_bytes = 2 * heaviest(papers)
    routing.dispatch(papers, by=ward.doctor_user)
    first, second, third = (paper.pk for paper in papers)
    assert lots_of("dmp") == [{first, second}, {third}]
    assert lots_of("mssante") == [{first, second, third}], "each channel has its own limit"
    deliver_all()
    assert set(Shipment.objects.values_list("status", flat=True)) == {S.ACCEPTED}
    kept = [sum(len(document.cda) for document in lot.documents) for lot in fakes["dmp"].kept.values()]
    assert len(kept) == 2 and max(kept) <= fakes["dmp"].max_bytes


def test_each_recipient_receives_each_paper_once(ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]) -> None:
    follow(ward, stay, professional(ward.practice))
    papers = pack(ward, stay)
    fakes["mssante"].max_bytes = heaviest(papers)
    routing.dispatch(papers, by=ward.doctor_user)
    mails = Shipment.objects.filter(channel="mssante")
    assert len(mails) == 2 * 3 == len({one.message_id for one in mails}) == len({one.set_unique_id for one in mails})
    carried = [(one.recipient_id, version.document_id) for one in mails for version in one.versions.all()]
    assert len(set(carried)) == len(carried) == 6


def test_whoever_joins_late_receives_lots_too(ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]) -> None:
    papers = pack(ward, stay)
    routing.dispatch(papers, by=ward.doctor_user)
    fakes["mssante"].max_bytes = heaviest(papers)
    lucie = professional(ward.practice)
    follow(ward, stay, lucie)
    assert Shipment.objects.filter(recipient=lucie).count() == 3
    assert routing.bring_up_to_date(stay, lucie, by=ward.secretary) == []


@pytest.mark.parametrize(("channel", "who"), [("dmp", "le DMP n'en admet que"), ("mssante", "la messagerie MSSanté")])
def test_a_paper_that_can_never_fit_is_refused_at_its_validation(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], channel: str, who: str
) -> None:
    paper = world.letter(ward, stay)
    fakes[channel].max_bytes = 5_000
    with pytest.raises(documents.DocumentRefusedError) as refusal:
        documents.validate(paper, by=ward.doctor_user)
    assert who in refusal.value.message_fr and "0,0 Mo" in refusal.value.message_fr
    assert paper.title in refusal.value.message_fr and "coupez-le en deux" in refusal.value.message_fr
    paper.refresh_from_db()
    assert paper.status == D.TO_VALIDATE and not Shipment.objects.exists()
    fakes[channel].max_bytes = 1_000_000_000
    documents.validate(Document.objects.get(), by=ward.doctor_user)
    assert Shipment.objects.count() == 2


def test_a_channel_that_this_paper_never_takes_does_not_refuse_it(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    fakes["mssante"].max_bytes = 5_000
    paper = world.letter(ward, stay)
    Document.objects.update(masks=[codes.MASQUE_PS.code])
    documents.validate(Document.objects.get(), by=ward.doctor_user)
    assert lots_of("dmp") == [{paper.pk}] and lots_of("mssante") == []


def held(ward: world.Ward, stay: Stay) -> list[Document]:
    """Papers of the child in one lot that waits for its INS."""
    papers = pack(ward, stay, person=child(stay))
    routing.dispatch(papers, by=ward.doctor_user)
    assert Shipment.objects.get(channel="dmp").hold_reason == "INS"
    return papers


def test_papers_held_then_sealed_again_with_the_ins_are_split_when_they_leave(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    papers = held(ward, stay)
    fakes["dmp"].max_bytes = 2 * heaviest(papers)
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    assert holding.release_ready() == 1
    assert sorted(map(len, lots_of("dmp"))) == [1, 2]
    rows = Shipment.objects.filter(channel="dmp")
    assert {one.status for one in rows} == {S.QUEUED}
    assert all(version.cda_with_ins for one in rows for version in one.versions.all())
    deliver_all()
    kept = [sum(len(document.cda) for document in lot.documents) for lot in fakes["dmp"].kept.values()]
    assert len(kept) == 2 and max(kept) <= fakes["dmp"].max_bytes


def test_what_the_ins_adds_never_makes_a_full_lot_too_heavy(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    papers = pack(ward, stay, person=child(stay))
    fakes["dmp"].max_bytes = sum(paper.current_version.cda.size + lots.SPARE for paper in papers)
    routing.dispatch(papers, by=ward.doctor_user)
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    holding.release_ready()
    deliver_all()
    (lot,) = fakes["dmp"].kept.values()
    assert sum(len(document.cda) for document in lot.documents) <= fakes["dmp"].max_bytes


def test_a_held_paper_that_does_not_fit_waits_with_a_line_for_the_ward(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]
) -> None:
    held(ward, stay)
    fakes["dmp"].max_bytes = 5_000
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    for _ in range(2):
        assert holding.release_ready() == 0
    line = WorkItem.objects.get(kind="SHIPMENT_REFUSED", status="OPEN")
    assert line.organisation == ward.maternity and "le DMP n'en admet que 0,0 Mo" in line.message
    assert Shipment.objects.get(channel="dmp").status == S.HELD
    fakes["dmp"].max_bytes = 1_000_000_000
    assert holding.release_ready() == 1 and not WorkItem.objects.filter(kind="SHIPMENT_REFUSED", status="OPEN").exists()


def test_one_paper_is_one_lot_whatever_the_others(ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel]) -> None:
    validated(ward, stay)
    assert [len(lot) for lot in lots_of("dmp")] == [1]
