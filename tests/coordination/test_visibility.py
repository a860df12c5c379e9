"""Who sees what: every role × every model, on two wards that must not see each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from coordination import blobs
from coordination.models import (
    CareRole,
    CareTeamMember,
    Deposit,
    Document,
    Draft,
    Encounter,
    Handover,
    Mailbox,
    Newborn,
    Notice,
    Offer,
    Organisation,
    PaperCode,
    PaperDelivery,
    PatientLetter,
    PatientReply,
    Person,
    Professional,
    ReceivedDocument,
    ReceivedMail,
    RecordQuery,
    Role,
    Shipment,
    Stay,
    User,
    WorkItem,
    WorkItemKind,
)
from coordination.models.visibility import RULES
from coordination.services import documents, follow_up, handovers, notices, stays, worklist, writing
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import RPPS, validated
from tests.coordination.services.test_follow_up import CHILD, MOTHER
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
MODELS = (
    Person, Stay, Deposit, Document, Shipment, Handover, Offer, WorkItem, Encounter, Notice, Draft, RecordQuery,
    ReceivedDocument, PatientLetter, PatientReply,
    PaperDelivery, PaperCode,
)  # fmt: skip


@dataclass
class Two:
    """Two wards. `rows`: label → row, « a_ » of the first ward and « b_ » of the other."""

    ward: world.Ward
    rows: dict[str, Any] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def seen(self, user: Any, model: Any) -> set[str]:
        keys = set(model.objects.visible_to(user).values_list("pk", flat=True))
        return {label for label, row in self.rows.items() if isinstance(row, model) and row.pk in keys}


def carer(number: int, site: Organisation, family: str) -> Professional:
    made = Professional.objects.create(rpps=RPPS[number], given_name="X", family_name=family, organisation=site)
    Mailbox.objects.create(address=f"{family.lower()}@essai.mssante.example", professional=made)
    return made


def other_maternity() -> Organisation:
    entity = Organisation.objects.create(kind="LEGAL_ENTITY", name="Autre CH", finess="997800024")
    return Organisation.objects.create(
        kind="MATERNITY", name="Autre", finess="997800123", parent=entity, facility_code="SA01",
        practice_code="ETABLISSEMENT", ipp_oid="1.2.250.1.999.78.9", mailbox="b@essai.mssante.example",
    )  # fmt: skip


def deposit(site: Organisation, by: User) -> Deposit:
    return Deposit.objects.create(
        organisation=site, deposited_by=by, file_name="a.pdf", blob=blobs.store(b"x", media_type="application/pdf")
    )


@pytest.fixture
def two(ward: world.Ward, fakes: dict[str, FakeChannel]) -> Two:
    """One followed mother in each ward, one to place in the second; a visit by Claire; a GP, a colleague, everybody."""
    made = Two(ward)
    maternity_b = other_maternity()
    doctor_b, gp = carer(0, maternity_b, "SORBIER"), carer(1, ward.practice, "DOUGLAS")
    colleague = carer(2, ward.practice, "CHARME")
    made.users = _users(ward, maternity_b, doctor_b, gp, colleague)
    stay = world.stay(ward, general_practitioner=gp)
    ward_b = world.Ward(
        maternity_b, doctor_b, made.users["doctor_b"], made.users["secretary_b"], colleague, made.users["colleague"],
        ward.practice, ward.cpts, ward.coordinator,
    )  # fmt: skip
    stay_b = world.stay(ward_b, with_midwife=False, mother=world.mother(order=2), destination_cog="01001")
    paper, paper_b = validated(ward, stay), validated(ward_b, stay_b)
    visit = follow_up.write(
        "HOME_VISIT", stay=stay, person=stay.mother, done_at=timezone.now(), answers=MOTHER, by=ward.midwife_user
    )  # type: ignore[arg-type]
    offer = handovers.ask(Handover.objects.get(stay=stay_b), colleague, by=ward.coordinator)
    made.rows = {
        "a_stay": stay, "a_mother": stay.mother, "a_child": Newborn.objects.get(stay=stay).person, "a_paper": paper,
        "a_visit": visit, "a_synthesis": visit.document, "a_handover": Handover.objects.get(stay=stay),
        "a_deposit": deposit(ward.maternity, ward.secretary),
        "a_dmp": paper.versions.get().shipments.get(channel="dmp"),
        "a_synthesis_mail": visit.document.versions.get().shipments.get(),
        "a_line": worklist.open_item(WorkItemKind.LETTER_REQUESTED, key="a", organisation=ward.maternity, message="x"),
        "a_head_line": worklist.open_item(
            WorkItemKind.LETTER_ESCALATED, key="a", organisation=ward.maternity, message="x", for_ward_head=True
        ),
        "cpts_line": worklist.open_item(WorkItemKind.TO_PLACE, key="c", organisation=ward.cpts, message="x"),
        "a_notice": Notice.objects.filter(professional=ward.midwife).first(),
        "b_stay": stay_b, "b_mother": stay_b.mother, "b_child": Newborn.objects.get(stay=stay_b).person,
        "b_paper": paper_b, "b_handover": Handover.objects.get(stay=stay_b), "b_offer": offer,
        "b_deposit": deposit(maternity_b, made.users["secretary_b"]),
        "a_draft": writing.open_draft(stay, stay.mother, "OBP-SCM", by=ward.doctor_user),
        "a_query": RecordQuery.objects.create(
            kind="SEARCH", user=ward.midwife_user, stay=stay, person=stay.mother, signed_in_at=timezone.now(),
            asked_at=timezone.now(),
        ),
        "a_received": received(ward.maternity),
        "her_received": received(ward.practice, ward.midwife),
        "practice_received": received(ward.practice, digest="2"),
        "b_line": worklist.open_item(WorkItemKind.LETTER_REQUESTED, key="b", organisation=maternity_b, message="x"),
        "a_letter": letter(ward.maternity, stay, ward.secretary), "a_reply": reply(ward.maternity, "3", stay),
        "her_letter": letter(ward.practice, stay, ward.midwife_user),
        "practice_unknown": reply(ward.practice, "4", None),
    }  # fmt: skip
    paper = PaperDelivery.objects.create(
        shipment=made.rows["a_dmp"], organisation=ward.maternity, stay=stay, why="FULL", opened_at=timezone.now()
    )
    made.rows |= {"a_handed": paper, "her_code": code_of(paper, colleague)}
    return made


def code_of(paper: PaperDelivery, used_by: Professional) -> PaperCode:
    """A colleague, who does not follow the mother, has typed it first."""
    now = timezone.now()
    return PaperCode.objects.create(
        paper=paper, digest="0" * 64, created_by=paper.shipment.sender, created_at=now, used_by=used_by, used_at=now,
        expires_at=now + timedelta(hours=72),
    )  # fmt: skip


def letter(site: Organisation, stay: Stay, by: User) -> PatientLetter:
    """A message to the mother from the box of this site."""
    shipment = Shipment.objects.create(
        organisation=site, person=stay.mother, stay=stay, channel="mssante", to_patient=True, sender=by,
        due_at=timezone.now(), set_unique_id=f"2.25.{site.pk.int}", message_id=f"{site.pk}@a.example",
    )  # fmt: skip
    return PatientLetter.objects.create(
        organisation=site, person=stay.mother, stay=stay, shipment=shipment, template="signs",
        template_version="2026-11-22", text=blobs.store_json({}), author=by,
    )  # fmt: skip


def reply(site: Organisation, digest: str, stay: Stay | None) -> PatientReply:
    body = blobs.store_json({})
    return PatientReply.objects.create(
        organisation=site, person=stay.mother if stay else None, stay=stay, digest=digest * 64, body=body, raw=body,
        sent_at=timezone.now(),
    )  # fmt: skip


def received(site: Organisation, holder: Professional | None = None, digest: str = "0") -> ReceivedDocument:
    """In the box of a site, or in the personal one of a professional."""
    mail = ReceivedMail.objects.create(
        organisation=site, holder=holder, digest=digest * 64, mailbox=f"{site.pk}{holder and holder.pk}",
        sent_at=timezone.now(), raw=blobs.store(b"x", media_type="message/rfc822"),
    )  # fmt: skip
    return ReceivedDocument.objects.create(mail=mail, organisation=site, holder=holder, rank=1, name="a", blob=mail.raw)


def _users(
    ward: world.Ward, maternity_b: Organisation, doctor_b: Professional, gp: Professional, colleague: Professional
) -> dict[str, User]:
    head = world.user("cadre", Role.HOSPITAL_MIDWIFE, ward.maternity)
    head.is_ward_head = True
    head.save()
    users = {
        "secretary": ward.secretary, "doctor": ward.doctor_user, "head": head, "midwife": ward.midwife_user,
        "gp": world.user("gp", Role.GP, ward.practice, gp),
        "colleague": world.user("collegue", Role.MIDWIFE, ward.practice, colleague), "coordinator": ward.coordinator,
        "secretary_b": world.user("sec_b", Role.SECRETARY, maternity_b),
        "doctor_b": world.user("med_b", Role.HOSPITAL_DOCTOR, maternity_b, doctor_b),
    }  # fmt: skip
    for role in (Role.CPAM, Role.ARS, Role.ADMINISTRATOR):
        users[role.lower()] = world.user(role.lower(), role, ward.cpts)
    for role in (Role.PMI, Role.HAD, Role.GYNAECOLOGIST, Role.PHYSIOTHERAPIST, Role.SPECIALIST):
        users[role.lower()] = world.user(role.lower(), role, ward.practice)
    return users


PEOPLE_A = {"a_mother", "a_child"}
WARD_A = {
    Person: PEOPLE_A, Stay: {"a_stay"}, Deposit: {"a_deposit"}, Document: {"a_paper"}, Shipment: {"a_dmp"},
    Handover: {"a_handover"}, WorkItem: {"a_line"}, ReceivedDocument: {"a_received"}, PatientLetter: {"a_letter"},
    PatientReply: {"a_reply"}, PaperDelivery: {"a_handed"},
}  # fmt: skip
FOLLOWS_A = {Person: PEOPLE_A, Stay: {"a_stay"}, Document: {"a_paper", "a_synthesis"}}
WARD_B = {
    Person: {"b_mother", "b_child"}, Stay: {"b_stay"}, Deposit: {"b_deposit"}, Document: {"b_paper"},
    Handover: {"b_handover"}, WorkItem: {"b_line"},
}  # fmt: skip
# What is not named is not seen. The second mother lives outside the CPTS: its coordinator does not know her.
TABLE: dict[str, dict[Any, set[str]]] = {
    "secretary": WARD_A,
    "doctor": WARD_A | {Draft: {"a_draft"}},
    "head": WARD_A | {WorkItem: {"a_line", "a_head_line"}, Draft: {"a_draft"}},
    "secretary_b": WARD_B,
    "doctor_b": WARD_B,
    "midwife": FOLLOWS_A
    | {Shipment: {"a_synthesis_mail"}, Handover: {"a_handover"}, Encounter: {"a_visit"}, Notice: {"a_notice"}}
    | {RecordQuery: {"a_query"}, ReceivedDocument: {"her_received", "practice_received"}}
    | {PatientLetter: {"her_letter"}, PatientReply: {"practice_unknown"}},
    "gp": FOLLOWS_A | {ReceivedDocument: {"practice_received"}},
    "colleague": {
        Offer: {"b_offer"},
        ReceivedDocument: {"practice_received"},
        PatientReply: {"practice_unknown"},
        PaperCode: {"her_code"},
    },
    "coordinator": {Person: PEOPLE_A, Stay: {"a_stay"}, Handover: {"a_handover"}, WorkItem: {"cpts_line"}},
    **dict.fromkeys(
        ("cpam", "ars", "administrator", "pmi", "had", "gynaecologist", "physiotherapist", "specialist"), {}
    ),
}


def test_every_role_and_every_model(two: Two) -> None:
    assert {model.__name__ for model in MODELS} == set(RULES), "a model with rules is missing from the table"
    roles = {user.role for user in two.users.values()}
    assert roles == set(Role.values), "a role is missing from the table"
    found = {name: {m.__name__: two.seen(u, m) for m in MODELS} for name, u in two.users.items()}
    wanted = {name: {m.__name__: TABLE[name].get(m, set()) for m in MODELS} for name in two.users}
    assert found == wanted


def test_nobody_outside_sees_anything(two: Two) -> None:
    for user in two.users.values():
        user.is_active = False
    for user in (AnonymousUser(), None, object(), *two.users.values()):
        assert all(not model.objects.visible_to(user).exists() for model in MODELS)


def test_an_account_without_site_or_rpps_sees_nothing(two: Two) -> None:
    for role in Role.values:
        bare = User(username="x", role=role, is_active=True)
        assert all(not model.objects.visible_to(bare).exists() for model in MODELS), role


def test_the_undo_window_hides_the_paper_from_town_only(two: Two, settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    assert two.seen(two.users["gp"], Document) == set()
    assert two.seen(two.users["midwife"], Document) == {"a_synthesis"}, "her own is hers at once"
    assert two.seen(two.users["secretary"], Document) == {"a_paper"}


def test_the_end_of_the_follow_up_closes_the_record(two: Two) -> None:
    CareTeamMember.objects.filter(professional=two.ward.midwife).update(ended_at=timezone.now())
    midwife = two.users["midwife"]
    assert {m.__name__: two.seen(midwife, m) for m in (Stay, Person, Handover)} == {
        "Stay": set(), "Person": set(), "Handover": set(),
    }  # fmt: skip
    assert two.seen(midwife, Document) == {"a_synthesis"}, "what she wrote stays hers"


def test_before_the_mother_is_informed_the_papers_are_closed(two: Two) -> None:
    CareTeamMember.objects.update(informed_at=None)
    assert two.seen(two.users["gp"], Document) == set() and two.seen(two.users["gp"], Stay) == {"a_stay"}


@pytest.mark.parametrize(
    ("mask", "seen"),
    [(codes.MASQUE_PS, False), (codes.INVISIBLE_PATIENT, True), (codes.INVISIBLE_REPRESENTANTS_LEGAUX, True)],
)
def test_a_masked_paper(two: Two, mask: codes.Code, seen: bool) -> None:
    Document.objects.filter(pk=two.rows["a_paper"].pk).update(masks=[codes.NORMAL.code, mask.code])
    assert ("a_paper" in two.seen(two.users["gp"], Document)) is seen
    assert "a_paper" in two.seen(two.users["secretary"], Document)


def test_only_validated_papers_reach_town(two: Two) -> None:
    documents.withdraw(two.rows["a_paper"], by=two.users["doctor"], reason="Erreur")
    world.letter(two.ward, two.rows["a_stay"])
    assert two.seen(two.users["gp"], Document) == {"a_synthesis"}
    assert Document.objects.visible_to(two.users["gp"]).count() == 1


def test_a_link_that_ended_hides_the_child(two: Two) -> None:
    Newborn.objects.filter(person=two.rows["a_child"]).update(link_ended_at=timezone.now())
    assert two.seen(two.users["secretary"], Person) == {"a_mother"}


def test_a_link_that_ended_closes_the_papers_of_the_child_to_the_carers_of_the_mother(two: Two) -> None:
    stay, midwife, gp = two.rows["a_stay"], two.users["midwife"], two.users["gp"]
    child = two.rows["a_child"]
    paper = world.letter(two.ward, stay, person=child)
    documents.validate(paper, by=two.users["doctor"])
    visit = follow_up.write("HOME_VISIT", stay=stay, person=child, done_at=timezone.now(), answers=CHILD, by=midwife)  # type: ignore[arg-type]
    two.rows |= {"child_paper": paper, "child_visit": visit.document}
    everything = {"a_paper", "a_synthesis", "child_paper", "child_visit"}
    assert two.seen(gp, Document) == two.seen(midwife, Document) == everything
    Newborn.objects.filter(person=child).update(link_ended_at=timezone.now())
    assert two.seen(gp, Document) == {"a_paper", "a_synthesis"}
    assert two.seen(midwife, Document) == {"a_paper", "a_synthesis", "child_visit"}, "what she wrote stays hers"
    assert "child_paper" in two.seen(two.users["secretary"], Document), "the ward made it"


def test_a_link_that_ended_sends_nothing_of_the_child_to_a_new_carer(two: Two) -> None:
    stay, child = two.rows["a_stay"], two.rows["a_child"]
    paper = world.letter(two.ward, stay, person=child)
    documents.validate(paper, by=two.users["doctor"])
    Newborn.objects.filter(person=child).update(link_ended_at=timezone.now())
    stays.join_care_team(
        stay, two.users["colleague"].professional, role=CareRole.GP, informed_at=timezone.now(), by=two.ward.secretary
    )  # type: ignore[arg-type]
    sent = Shipment.objects.filter(recipient=two.users["colleague"].professional)
    assert sent.exists() and not sent.filter(person=child).exists()


def test_a_second_stay_opens_nothing_of_the_first(two: Two) -> None:
    """Facts belong to the episode: following the next pregnancy does not open the papers of this one."""
    later = world.stay(
        two.ward, with_midwife=False, number="S9", newborns=(), admitted_at=timezone.now() + timedelta(days=1),
        birth_at=None, birth_mode="", expected_discharge_at=None,
    )  # fmt: skip
    stays.join_care_team(
        later, two.users["colleague"].professional, role=CareRole.MIDWIFE, informed_at=timezone.now(),
        by=two.ward.secretary,
    )  # type: ignore[arg-type]  # fmt: skip
    assert two.seen(two.users["colleague"], Document) == set() and two.seen(two.users["colleague"], Stay) == set()


def test_notices_are_personal(two: Two) -> None:
    notices.tell(two.users["gp"].professional_id, text="x", path="/")  # type: ignore[arg-type]
    assert two.seen(two.users["midwife"], Notice) == {"a_notice"} and two.seen(two.users["gp"], Notice) == set()
    assert Offer.objects.visible_to(two.users["coordinator"]).count() == 0
