"""Two territories that must not see each other, each with its people of every role and two mothers.

    followed    she chose the midwife of the territory, was informed; papers, sendings, a visit
    unplaced    nobody knows her in town; a request to the midwife, who has not answered

Who may read what is written here by hand, from the rules of the product in words: it is what the walk
compares the product with, so it imports nothing of `coordination.access` nor of its visibility.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from stdnum import luhn

from coordination import blobs
from coordination.models import (
    Delegation,
    Deposit,
    Document,
    Encounter,
    Mailbox,
    Organisation,
    OrganisationKind,
    PaperCode,
    PaperDelivery,
    PatientReply,
    Professional,
    ReceivedDocument,
    ReceivedMail,
    RecordQuery,
    Role,
    Shipment,
    Stay,
    User,
    WorkItem,
)
from coordination.papers.patient_letters import Audience
from coordination.services import documents, handovers, patient_letters, stays, writing
from coordination.services.patient_letters import Asked
from perinat.standards import codes
from tests.coordination import world

Kind = OrganisationKind
HOSPITAL = {Role.SECRETARY: None, Role.HOSPITAL_MIDWIFE: "G15_50", Role.HOSPITAL_DOCTOR: "G15_10/SM20"}
PLACES = {
    Role.COORDINATOR: Kind.CPTS, Role.PMI: Kind.PMI, Role.HAD: Kind.HAD, Role.CPAM: Kind.CPAM, Role.ARS: Kind.ARS,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A mother and her rows. `rows`: name of a URL parameter → id. Words are unique over the database."""

    name: str
    rows: dict[str, Any]
    family: str
    words: tuple[str, ...]
    ward: Organisation
    cpts: Organisation
    midwife: Professional | None
    asked: Professional | None

    def may_open(self, user: User, parameters: set[str]) -> bool:
        """Whether a row of this mother may be found by this person at an address with these parameters."""
        if user.role in HOSPITAL:
            return user.organisation_id == self.ward.pk
        if user.role == Role.COORDINATOR:
            return user.organisation_id == self.cpts.pk and "handover_id" in parameters
        if user.role == Role.MIDWIFE and "offer_id" in parameters:
            return self.asked is not None and user.professional_id == self.asked.pk
        return user.role == Role.MIDWIFE and self.midwife is not None and user.professional_id == self.midwife.pk

    def hidden_from(self, user: User) -> tuple[str, ...]:
        """Words that this person may read nowhere."""
        if self.may_open(user, set()):
            return ()
        ids = tuple(str(self.rows[name]) for name in ("stay_id", "person_id", "document_id", "deposit_id"))
        if user.role == Role.COORDINATOR and user.organisation_id == self.cpts.pk:
            return (self.family, *self.words, *ids)  # a first name, an initial and a phone are hers
        return (self.family, *self.words, *ids, str(self.rows["shipment_id"]))


@dataclass
class Territory:
    users: dict[Role, User] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)


def territory(letter: str, order: int, names: tuple[str, str, str, str]) -> Territory:
    """`order`: 1 or 2, makes every number different. `names`: mother and child, followed then unplaced."""
    made = _Maker(letter, order)
    ward = made.ward()
    found = Territory(made.users)
    for rank, followed in enumerate((True, False)):
        found.cases.append(made.case(ward, rank, followed, *names[2 * rank : 2 * rank + 2]))
    return found


class _Maker:
    def __init__(self, letter: str, order: int) -> None:
        self.letter, self.order, self.count = letter, order, 0
        self.users: dict[Role, User] = {}

    def _site(self, kind: OrganisationKind, **changes: Any) -> Organisation:
        self.count += 1
        digits = f"9978{self.order}{self.count:03d}"
        values = {"kind": kind, "name": f"{kind.label} {self.letter}", "finess": digits + luhn.calc_check_digit(digits)}
        return Organisation.objects.create(**{**values, **changes})

    def _professional(self, specialty: str, site: Organisation) -> Professional:
        self.count += 1
        digits = f"8990000{self.order}{self.count:02d}"
        rpps = digits + luhn.calc_check_digit(digits)
        made = Professional.objects.create(
            rpps=rpps, given_name="Claire", family_name=f"PRO{rpps}", specialty_code=specialty, organisation=site
        )
        Mailbox.objects.create(address=f"pro{rpps}@essai.mssante.example", professional=made)
        return made

    def _account(self, role: Role, site: Organisation, specialty: str | None) -> User:
        professional = self._professional(specialty, site) if specialty else None
        made = world.user(f"{role.lower()}-{self.letter}".lower(), role, site, professional)
        self.users[role] = made
        return made

    def ward(self) -> world.Ward:
        entity = self._site(Kind.LEGAL_ENTITY)
        maternity = self._site(
            Kind.MATERNITY, parent=entity, facility_code="SA01", practice_code="ETABLISSEMENT", deposits_in_dmp=True,
            mailbox=f"perinat.{self.letter}@essai.mssante.example".lower(),
            ipp_oid=f"1.2.250.1.999.1.{90 + self.order}", city="Valombre", postal_code="78990", phone="+33190000000",
            address_line="1 place du Bac-à-Sable",
        )  # fmt: skip
        practice = self._site(
            Kind.PRACTICE, facility_code="SA08", mailbox=f"cabinet.{self.letter}@essai.mssante.example".lower()
        )
        for role in Role:
            if role in HOSPITAL:
                self._account(role, maternity, HOSPITAL[role])
            elif role in PLACES:
                changes = {"communes": [self._commune]} if role is Role.COORDINATOR else {}
                cares = "G15_50" if role in (Role.PMI, Role.HAD) else None
                self._account(role, self._site(PLACES[role], **changes), cares)
            elif role is Role.ADMINISTRATOR:
                self._account(role, maternity, None)
            else:
                self._account(role, practice, "G15_50" if role is Role.MIDWIFE else "G15_10/SM26")
        doctor, midwife = self.users[Role.HOSPITAL_DOCTOR], self.users[Role.MIDWIFE]
        assert doctor.professional and midwife.professional
        return world.Ward(
            maternity=maternity, practice=practice, doctor=doctor.professional, doctor_user=doctor,
            secretary=self.users[Role.SECRETARY], midwife=midwife.professional, midwife_user=midwife,
            cpts=self.users[Role.COORDINATOR].organisation, coordinator=self.users[Role.COORDINATOR],
        )  # fmt: skip

    @property
    def _commune(self) -> str:
        return f"7899{self.order}"

    def case(self, ward: world.Ward, rank: int, followed: bool, family: str, child: str) -> Case:
        number = 10 * self.order + rank
        stay = self._stay(ward, number, followed, family, child)
        letter, paper = self._papers(ward, stay)
        deposit = self._deposit(ward, stay)
        handover = stay.handovers.get()
        asked = None if followed else ward.midwife
        offer = handovers.ask(handover, ward.midwife, by=ward.coordinator) if asked else None
        item = WorkItem.objects.create(
            kind="LETTER_NOT_SENT", key=f"walk-{number}", organisation=ward.maternity, stay=stay,
            message="La lettre n'est pas partie.", opened_at=timezone.now(),
        )  # fmt: skip
        Delegation.objects.get_or_create(
            professional=ward.doctor, organisation=ward.maternity, recorded_by=ward.doctor_user,
            defaults={"starts_on": timezone.localdate(), "ends_on": timezone.localdate() + timedelta(days=90)},
        )  # fmt: skip
        if followed:
            Encounter.objects.create(
                stay=stay, person=stay.mother, kind="HOME_VISIT", professional=ward.midwife, done_at=timezone.now()
            )
        draft = writing.open_draft(stay, stay.mother, "LDL-SES", by=ward.doctor_user)
        now, reader = timezone.now(), ward.midwife_user if followed else ward.doctor_user
        query = RecordQuery.objects.create(
            kind="OPEN", user=reader, stay=stay, person=stay.mother, signed_in_at=now, asked_at=now
        )
        shipment, member = stay.shipments.first(), stay.care_team.first()
        assert shipment is not None
        return Case(
            name=f"{self.letter}-{'followed' if followed else 'unplaced'}",
            rows={
                "stay_id": stay.pk, "person_id": stay.mother_id, "document_id": letter.pk, "deposit_id": deposit.pk,
                "shipment_id": shipment.pk, "handover_id": handover.pk, "item_id": item.pk,
                "draft_id": draft.pk, "query_id": query.pk, "received_id": self._received(stay).pk,
                "offer_id": offer.pk if offer else handover.pk, "newborn_document": paper.pk,
                "member_id": member.pk if member else stay.pk, **self._exchange(ward, stay),
                "code_id": self._code(ward, shipment, ward.midwife if followed else ward.doctor).pk,
                "version_id": letter.current_version.pk,
            },
            family=family,
            words=(world.ins(number).matricule, child, deposit.file_name),
            ward=ward.maternity, cpts=ward.cpts, midwife=ward.midwife if followed else None, asked=asked,
        )  # fmt: skip

    def _code(self, ward: world.Ward, shipment: Shipment, used_by: Professional) -> PaperCode:
        """Papers to hand over, and the code that this professional has typed first."""
        now = timezone.now()
        paper = PaperDelivery.objects.create(
            shipment=shipment, organisation=ward.maternity, stay=shipment.stay, why="FULL", opened_at=now
        )
        return PaperCode.objects.create(
            paper=paper, digest=str(shipment.pk), created_by=ward.secretary, created_at=now, used_by=used_by,
            used_at=now, expires_at=now + timedelta(hours=72),
        )  # fmt: skip

    def _exchange(self, ward: world.Ward, stay: Stay) -> dict[str, Any]:
        """A message to this mother, and her answer, which bears her name."""
        asked = Asked(uuid.uuid4(), stay, stay.mother, Audience.MOTHER, "call-back", confirmed=True)
        letter = patient_letters.send(asked, by=ward.secretary)
        told = {"name": f"Louise {stay.mother.birth_family_name}", "address": "", "subject": "Re", "text": "Merci"}
        body = blobs.store_json(told)
        reply = PatientReply.objects.create(
            organisation=ward.maternity, person=stay.mother, stay=stay, letter=letter, digest=f"reply {stay.number}",
            body=body, raw=body, sent_at=timezone.now(),
        )  # fmt: skip
        return {"letter_id": letter.pk, "reply_id": reply.pk}

    def _received(self, stay: Stay) -> ReceivedDocument:
        """A document that came by mail for this mother and waits for a person."""
        blob = blobs.store(b"%PDF-1.4 " + str(stay.pk).encode(), media_type="application/pdf")
        mail = ReceivedMail.objects.create(
            organisation=stay.maternity, mailbox=stay.maternity.mailbox, digest=blob.sha256, raw=blob,
            sent_at=timezone.now(),
        )  # fmt: skip
        return ReceivedDocument.objects.create(
            mail=mail, organisation=stay.maternity, rank=0, name="resultat.pdf", media_type="application/pdf",
            blob=blob, person=stay.mother, stay=stay, code="904", question="Comparez.",
            told={"birth_family_name": stay.mother.birth_family_name, "birth_given_names": "LOUISE", "sex": "F",
                  "birth_date": "", "matricule": stay.mother.ins_matricule, "oid": stay.mother.ins_oid},
        )  # fmt: skip

    def _stay(self, ward: world.Ward, number: int, followed: bool, family: str, child: str) -> Stay:
        leaves = timezone.now() + timedelta(hours=1)
        born = leaves - timedelta(hours=80)
        mother = stays.PersonEntry(
            birth_family_name=family, birth_given_names="LOUISE",
            birth_date=timezone.localdate(born).replace(year=1993, day=12),
            sex="F", ipp=f"M{number}", ins=world.ins(number), qualified=True, birth_place_cog="78646",
            commune_cog=self._commune, city="Valombre",
        )  # fmt: skip
        baby = stays.PersonEntry(family, child, timezone.localdate(born), "M", f"E{number}", birth_place_cog="78646")
        return world.stay(
            ward, with_midwife=followed, number=f"S{number}", mother=mother, destination_cog=self._commune,
            destination_city="Valombre", newborns=(stays.NewbornEntry(baby, 1, born, 3400),),
        )  # fmt: skip

    def _papers(self, ward: world.Ward, stay: Stay) -> tuple[Document, Document]:
        """The mother's letter and the child's paper, both validated."""
        letter = world.letter(ward, stay)
        child = stay.newborns.get().person
        paper = world.letter(ward, stay, person=child, type_code=codes.CR_EXAMEN_ENFANT.code)
        for document in (letter, paper):
            documents.validate(document, by=ward.doctor_user)
        return letter, paper

    def _deposit(self, ward: world.Ward, stay: Stay) -> Deposit:
        blob = blobs.store(world.pdf_a(), media_type="application/pdf")
        return Deposit.objects.create(
            organisation=ward.maternity, deposited_by=ward.secretary, file_name=f"depot-{stay.number}.pdf", blob=blob,
            readable=blob, status="READY", person=stay.mother, stay=stay, type_code=codes.CR_ACCOUCHEMENT.code,
        )  # fmt: skip
