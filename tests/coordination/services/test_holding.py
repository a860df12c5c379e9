"""What waits leaves by itself when the fact it waits for comes, and not before."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coordination import blobs
from coordination.cda.reader import read
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import CareRole, CareTeamMember, Mailbox, PaperDelivery, Shipment, WorkItem
from coordination.ports import PermanentChannelError
from coordination.services import documents, holding, stays
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver, follow, professional, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
EXAM = codes.CR_EXAMEN_ENFANT.code


def waiting() -> Shipment:
    return Shipment.objects.get(status=S.HELD)


def test_the_ins_arrives_and_a_next_version_carries_it(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    paper = validated(ward, stay, person=child(stay), type_code=EXAM)
    first, held = paper.versions.get(), waiting()
    assert holding.release_ready() == 0
    stays.qualify(first.document.person, world.ins(77), by=ward.secretary)
    assert holding.release_ready() == 1
    second = paper.versions.get(number=2)
    assert second.cda_with_ins and not first.cda_with_ins
    assert second.unique_id != first.unique_id and second.document.set_id == paper.set_id
    assert {**second.frozen, "sealed": 0} == {**first.frozen, "sealed": 0} and second.validated_at == first.validated_at
    held.refresh_from_db()
    assert (held.status, held.hold_reason, list(held.versions.all())) == (S.QUEUED, "", [second])
    assert deliver(held) == S.ACCEPTED
    (parcel,) = fakes["dmp"].kept.values()
    (document,) = parcel.documents
    assert document.set_id == paper.set_id and document.version == 2 and document.replaces_unique_id == ""
    assert parcel.patient.ins == world.ins(77) and world.ins(77).matricule.encode() in document.cda
    assert read(document.cda) is not None


def test_the_mail_that_left_before_keeps_its_own_version(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    paper = validated(ward, stay, person=child(stay), type_code=EXAM)
    mail = Shipment.objects.get(channel="mssante")
    deliver(mail)
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    holding.release_ready()
    assert mail.versions.get().number == 1 and paper.versions.count() == 2
    holding.release_ready()
    assert paper.versions.count() == 2, "the INS makes one new version, whoever asks"


def test_several_papers_of_one_child_are_released_in_their_order(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward)
    kinds = [EXAM, codes.LETTRE_DE_LIAISON_SORTIE.code, codes.CR_BIOLOGIE.code]
    for kind in kinds:
        validated(ward, stay, person=child(stay), type_code=kind)
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    assert holding.release_ready() == 3
    released = Shipment.objects.filter(channel="dmp").order_by("due_at")
    assert [one.versions.get().document.type_code for one in released] == kinds


def test_an_address_arrives(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    carer = professional(ward.practice, mailbox=False)
    follow(ward, stay, carer)
    validated(ward, stay)
    assert holding.release_ready() == 0
    box = Mailbox.objects.create(address="enfin@essai.mssante.example", professional=carer)
    held = waiting()
    assert holding.release_ready() == 1
    held.refresh_from_db()
    assert (held.status, held.mailbox) == (S.QUEUED, box)


def test_the_mother_is_informed_then_only_the_address_is_missing(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward)
    carer = professional(ward.practice, mailbox=False)
    follow(ward, stay, carer, informed=False)
    validated(ward, stay)
    assert holding.release_ready() == 0 and waiting().hold_reason == "CONSENT"
    follow(ward, stay, carer)
    assert CareTeamMember.objects.filter(professional=carer).count() == 1, "the same membership, now dated"
    assert holding.release_ready() == 0 and waiting().hold_reason == "ADDRESS"
    Mailbox.objects.create(address="enfin@essai.mssante.example", professional=carer)
    assert holding.release_ready() == 1


def test_who_left_the_care_team_meanwhile_receives_nothing(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    carer = professional(ward.practice, mailbox=False)
    follow(ward, stay, carer)
    validated(ward, stay)
    CareTeamMember.objects.filter(professional=carer).update(ended_at=timezone.now())
    Mailbox.objects.create(address="enfin@essai.mssante.example", professional=carer)
    assert holding.release_ready() == 0


def test_two_carers_of_one_name_each_receive_once(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False)
    carers = [professional(ward.practice, number, mailbox=False) for number in (0, 1)]
    for carer in carers:
        follow(ward, stay, carer, CareRole.GP)
    validated(ward, stay)
    for number, carer in enumerate(carers):
        Mailbox.objects.create(address=f"enfin{number}@essai.mssante.example", professional=carer)
    assert holding.release_ready() == 2
    boxes = Shipment.objects.filter(channel="mssante").values_list("mailbox__professional_id", flat=True)
    assert set(boxes) == {carer.pk for carer in carers}


def test_a_withdrawn_paper_is_not_released(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    paper = validated(ward, stay, person=child(stay), type_code=EXAM)
    documents.withdraw(paper, by=ward.doctor_user, reason="Erreur")
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    assert holding.release_ready() == 0 and paper.versions.count() == 1


def test_a_refused_deposit_sent_again_waits_for_nothing(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    from coordination.services import outbox

    validated(ward, world.stay(ward))
    dmp = Shipment.objects.get(channel="dmp")
    fakes["dmp"].failures = [PermanentChannelError("bad", "Refusé.")]
    deliver(dmp)
    dmp.refresh_from_db()
    outbox.retry(dmp, by=ward.secretary)
    assert (dmp.status, dmp.hold_reason) == (S.QUEUED, "") and holding.release_ready() == 0


def test_one_unreadable_paper_does_not_stop_the_others(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    broken = validated(ward, stay, person=child(stay), type_code=EXAM)
    validated(ward, stay, person=child(stay), type_code=codes.CR_BIOLOGIE.code)
    blobs._path(broken.versions.get().readable.pk).unlink()
    assert holding.held_ids() == [], "nothing to look at while the child is not qualified"
    stays.qualify(child(stay), world.ins(77), by=ward.secretary)  # type: ignore[arg-type]
    assert len(holding.held_ids()) == 2
    assert holding.release_ready() == 1 and holding.release_ready() == 0
    line = WorkItem.objects.get(kind="SHIPMENT_REFUSED")
    assert (line.organisation, line.shipment) == (ward.maternity, waiting()) and "conservé" in line.message
    assert broken.versions.count() == 1, "the half-made version is undone"


def test_a_stay_releases_its_own_shipments_only(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    carer = professional(ward.practice, mailbox=False)
    follow(ward, stay, carer)
    validated(ward, stay)
    Mailbox.objects.create(address="enfin@essai.mssante.example", professional=carer)
    other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=(), with_midwife=False)
    assert holding.release_stay(other) == 0 and holding.release_stay(stay) == 1


def test_looking_again_at_what_waits_for_an_address_writes_nothing(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    """Every half minute, for days: no statement that the base refuses, no row rewritten with what it says."""
    stay = world.stay(ward, with_midwife=False)
    follow(ward, stay, professional(ward.practice, mailbox=False))
    validated(ward, stay)
    with CaptureQueriesContext(connection) as round_:
        assert holding.release_ready() == 0
    written = [one["sql"] for one in round_ if one["sql"].split()[0] in ("INSERT", "UPDATE")]
    assert written == [] and PaperDelivery.objects.get().status == "TO_GIVE"
