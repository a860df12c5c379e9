"""Where a paper goes: one shipment per patient, channel and recipient; what waits says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import CareRole, CareTeamMember, Document, Mailbox, Shipment
from coordination.selectors import parcels
from coordination.services import documents, routing
from coordination.services.addresses import live_mailbox
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, follow, professional, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


def places() -> set[tuple[str, str, str]]:
    return set(Shipment.objects.values_list("channel", "recipient_name", "hold_reason"))


def test_the_dmp_and_every_carer_of_the_stay(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    follow(ward, stay, professional(ward.practice))
    follow(ward, stay, professional(ward.practice, 1, family="ÉRABLE"), CareRole.OTHER)
    validated(ward, stay)
    assert places() == {("dmp", "DMP", ""), ("mssante", "Claire AUBÉPINE", ""), ("mssante", "Lucie BRUYÈRE", "")}


def test_a_site_or_a_type_outside_the_dmp(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    ward.maternity.deposits_in_dmp = False
    ward.maternity.save()
    stay = world.stay(ward)
    validated(ward, stay)
    assert places() == {("mssante", "Claire AUBÉPINE", "")}


def test_the_author_is_not_a_recipient(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    follow(ward, stay, ward.doctor)
    validated(ward, stay)
    assert "Hélène CORMIER" not in {name for _, name, _ in places()}


@pytest.mark.parametrize(
    ("informed", "mailbox", "reason"), [(True, False, "ADDRESS"), (False, True, "CONSENT"), (False, False, "CONSENT")]
)
def test_what_is_missing_holds_the_mail_and_nothing_else(
    ward: world.Ward, fakes: dict[str, FakeChannel], informed: bool, mailbox: bool, reason: str
) -> None:
    stay = world.stay(ward)
    follow(ward, stay, professional(ward.practice, mailbox=mailbox), informed=informed)
    validated(ward, stay)
    assert places() == {("dmp", "DMP", ""), ("mssante", "Claire AUBÉPINE", ""), ("mssante", "Lucie BRUYÈRE", reason)}
    assert Shipment.objects.get(hold_reason=reason).status == S.HELD


def test_a_newborn_without_ins_waits_for_the_dmp_and_leaves_by_mail(
    ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward)
    validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
    assert places() == {("dmp", "DMP", "INS"), ("mssante", "Claire AUBÉPINE", "")}
    mail = Shipment.objects.get(channel="mssante")
    parcel = parcels.parcel(mail, parcels.load(mail))
    assert parcel.patient.ins is None
    assert (parcel.patient.local_id, parcel.patient.local_oid) == ("E1", ward.maternity.ipp_oid)
    assert world.ins().matricule.encode() not in parcel.documents[0].cda.split(b"<guardian")[0]


def test_twins_and_their_mother_never_share_a_shipment(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    born = timezone.now() - timedelta(hours=80)
    twins = (world.newborn(born), world.newborn(born, rank=2, given="ANNA"))
    stay = world.stay(ward, newborns=twins)
    people = [stay.mother, child(stay, 1), child(stay, 2)]
    papers = [
        world.letter(ward, stay, person=person, type_code=kind)
        for person in people
        for kind in (codes.LETTRE_DE_LIAISON_SORTIE.code, codes.CR_BIOLOGIE.code)
    ]
    for paper in papers:
        documents.freeze_and_seal(paper, by=ward.doctor_user)
    shipments = routing.dispatch(papers, by=ward.doctor_user)
    assert len(shipments) == 3 * 2 == len({(s.person_id, s.channel, s.recipient_name) for s in shipments})
    for one in shipments:
        assert {version.document.person_id for version in one.versions.all()} == {one.person_id}
        assert one.versions.count() == 2, "both papers of one person in one parcel"
    assert len({one.message_id for one in shipments}) == len({one.set_unique_id for one in shipments}) == 6


def test_two_roles_make_one_mail(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    follow(ward, stay, ward.midwife, CareRole.PMI, informed=False)
    validated(ward, stay)
    assert places() == {("dmp", "DMP", ""), ("mssante", "Claire AUBÉPINE", "")}


def test_two_carers_of_the_same_name_both_receive(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False)
    for number in (0, 1):
        follow(ward, stay, professional(ward.practice, number, mailbox=False))
    validated(ward, stay)
    assert (
        Shipment.objects.filter(channel="mssante", recipient_name="Lucie BRUYÈRE", hold_reason="ADDRESS").count() == 2
    )


def test_who_left_the_care_team_receives_nothing_more(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    CareTeamMember.objects.update(ended_at=timezone.now())
    validated(ward, stay)
    assert places() == {("dmp", "DMP", "")}


def test_a_paper_masked_to_professionals_is_mailed_to_none(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    paper = world.letter(ward, stay)
    Document.objects.filter(pk=paper.pk).update(masks=[codes.MASQUE_PS.code])
    paper.refresh_from_db()
    documents.validate(paper, by=ward.doctor_user)
    assert places() == {("dmp", "DMP", "")}
    assert routing.dispatch_to([paper], professional(ward.practice), by=ward.doctor_user) == []


def test_the_address_that_works_is_used_first(ward: world.Ward) -> None:
    """A mailbox never tried does not come before the one that answered yesterday."""
    Mailbox.objects.update(last_success_at=timezone.now())
    Mailbox.objects.create(address="neuve@essai.mssante.example", professional=ward.midwife)
    shared = Mailbox.objects.create(address="cabinet@essai.mssante.example", organisation=ward.practice, kind="CAB")
    assert live_mailbox(ward.midwife, shared=True) == Mailbox.objects.get(address="claire@essai.mssante.example")
    Mailbox.objects.filter(professional=ward.midwife).update(dead_since=timezone.now())
    assert live_mailbox(ward.midwife, shared=True) == shared
    Mailbox.objects.update(dead_since=timezone.now())
    assert live_mailbox(ward.midwife, shared=True) is None


def test_the_pack_of_a_new_midwife_leaves_her_own_papers_out(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward, with_midwife=False)
    paper = validated(ward, stay)
    assert routing.dispatch_to([paper], ward.doctor, by=ward.secretary) == []
    assert routing.dispatch_to([], ward.midwife, by=ward.secretary) == []
    (sent,) = routing.dispatch_to([paper], ward.midwife, by=ward.secretary)
    assert sent.status == S.QUEUED


def test_an_undo_delay_postpones_the_departure(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    paper = world.letter(ward, world.stay(ward))
    documents.validate(paper, by=ward.doctor_user, delay=10)
    due = Shipment.objects.get(channel="dmp").due_at
    assert timedelta(seconds=5) < due - timezone.now() <= timedelta(seconds=10)
