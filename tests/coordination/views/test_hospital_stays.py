"""The page of a stay, its form, who follows the mother, signatures and the relay, through the pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from coordination.lifecycles import DocumentStatus, HandoverStatus, ShipmentStatus, WorkItemStatus
from coordination.models import (
    AuditEntry,
    CareRole,
    CareTeamMember,
    Document,
    Event,
    Handover,
    HoldReason,
    Professional,
    Reading,
    ReadingVia,
    Role,
    Shipment,
    Stay,
    WorkItem,
    WorkItemKind,
)
from coordination.ports import PermanentChannelError
from coordination.selectors import discharge_list
from coordination.services import documents, outbox, worklist
from perinat.standards import codes
from tests.coordination import world
from tests.fakes import FakeChannel

INSTANT = "%Y-%m-%dT%H:%M"


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


@pytest.fixture
def doctor(ward: world.Ward) -> Client:
    client = Client()
    client.force_login(ward.doctor_user)
    return client


@pytest.fixture
def secretary(ward: world.Ward) -> Client:
    client = Client()
    client.force_login(ward.secretary)
    return client


@pytest.fixture
def letter(ward: world.Ward, stay: Stay) -> Document:
    document = world.letter(ward, stay)
    documents.validate(document, by=ward.doctor_user)
    return document


def said(answer: object) -> str:
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))  # type: ignore[attr-defined]


def deliver() -> None:
    for identifier in outbox.due_ids():
        outbox.deliver(identifier)


# --- The page of a stay ----------------------------------------------------------------------------


def test_each_recipient_has_its_state_and_its_proof(
    stay: Stay, letter: Document, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    deliver()
    page = secretary.get(f"/sejours/{stay.pk}/").content.decode()
    assert "Déposée au DMP" in page and "Claire AUBÉPINE (MSSanté)" in page and "fake:ok" in page
    assert "Mère" in page and "Nouveau-né" in page


def test_a_refusal_says_why_and_is_sent_again_in_one_activation(
    stay: Stay, letter: Document, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    fakes["mssante"].failures.append(PermanentChannelError("5.7.1", "La boîte refuse ce message.", "x"))
    deliver()
    page = secretary.get(f"/sejours/{stay.pk}/").content.decode()
    assert "La boîte refuse ce message." in page and "Relancer" in page and "5.7.1" in page
    assert "1 envoi à corriger" in secretary.get("/sorties/").content.decode()
    refused = Shipment.objects.get(status=ShipmentStatus.REJECTED)
    secretary.post(f"/sejours/envoi/{refused.pk}/relancer/")
    deliver()
    refused.refresh_from_db()
    assert refused.status == ShipmentStatus.ACCEPTED
    assert "1 envoi à corriger" not in secretary.get("/sorties/").content.decode()


def test_retrying_twice_does_nothing_twice(
    stay: Stay, letter: Document, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    deliver()
    accepted = Shipment.objects.filter(status=ShipmentStatus.ACCEPTED).first()
    answer = secretary.post(f"/sejours/envoi/{accepted.pk}/relancer/")
    assert "a changé entre-temps" in said(answer)


def test_who_read_it_is_shown_whatever_the_shipment_says(
    ward: world.Ward, stay: Stay, letter: Document, secretary: Client
) -> None:
    Reading.objects.create(
        version=letter.current_version, professional=ward.midwife, at=timezone.now(), via=ReadingVia.MDN
    )
    assert "Lue par Claire AUBÉPINE le" in secretary.get(f"/sejours/{stay.pk}/").content.decode()
    assert "LLS lue par Claire AUBÉPINE" in secretary.get("/sorties/").content.decode()


def test_a_recall_wants_its_reason(
    stay: Stay, letter: Document, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    deliver()
    assert "Indiquez pourquoi" in said(secretary.post(f"/sejours/papier/{letter.pk}/retirer/", {"motif": "  "}))
    secretary.post(f"/sejours/papier/{letter.pk}/retirer/", {"motif": "erreur de dossier"})
    letter.refresh_from_db()
    assert letter.status == DocumentStatus.WITHDRAWN
    deliver()
    assert fakes["dmp"].withdrawn and fakes["mssante"].withdrawn
    assert "Rappel auprès de : DMP" in secretary.get(f"/sejours/{stay.pk}/").content.decode()


def test_opening_a_paper_is_audited(stay: Stay, letter: Document, secretary: Client) -> None:
    answer = secretary.get(f"/sejours/papier/{letter.pk}/pdf")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    assert AuditEntry.objects.filter(action="document.opened").count() == 1


def test_the_discharge_is_recorded_now(stay: Stay, secretary: Client) -> None:
    secretary.post(f"/sejours/{stay.pk}/sortie/")
    stay.refresh_from_db()
    assert stay.discharged_at is not None and abs(stay.discharged_at - timezone.now()) < timedelta(minutes=1)


# --- Who follows the mother --------------------------------------------------------------------------


def declare(client: Client, stay: Stay, who: Professional, role: CareRole, informed: str = "") -> object:
    data = {"professionnel": str(who.pk), "role": role.value, "informee_le": informed or _now()}
    return client.post(f"/sejours/{stay.pk}/equipe/", data)


def _now() -> str:
    return timezone.localtime().strftime(INSTANT)


def test_the_midwife_declared_late_receives_what_was_validated(
    ward: world.Ward, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward, with_midwife=False)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    declare(secretary, stay, ward.midwife, CareRole.MIDWIFE)
    deliver()
    assert Handover.objects.get(stay=stay).status == HandoverStatus.ACCEPTED
    assert len(fakes["mssante"].kept) == 1


def test_the_doctor_declared_late_too(ward: world.Ward, stay: Stay, letter: Document, secretary: Client) -> None:
    gp = Professional.objects.create(
        rpps="89900001085",
        given_name="Yves",
        family_name="DOUGLAS",
        specialty_code="G15_10/SM54",
        organisation=ward.practice,
    )
    declare(secretary, stay, gp, CareRole.GP)
    declare(secretary, stay, gp, CareRole.GP)
    sent = Shipment.objects.get(recipient_name=str(gp))
    assert sent.hold_reason == HoldReason.ADDRESS  # no address yet: held with its reason, not lost
    assert "Aucune adresse MSSanté" in secretary.get(f"/sejours/{stay.pk}/").content.decode()


@pytest.mark.parametrize("informed", ["demain", "", "2026-13-45T10:00"])
def test_without_a_date_of_information_nobody_is_declared(ward: world.Ward, secretary: Client, informed: str) -> None:
    stay = world.stay(ward, with_midwife=False)
    typed = (timezone.localtime() + timedelta(days=1)).strftime(INSTANT) if informed == "demain" else informed
    data = {"professionnel": str(ward.midwife.pk), "role": "MIDWIFE", "informee_le": typed}
    answer = secretary.post(f"/sejours/{stay.pk}/equipe/", data)
    assert "Indiquez le rôle et la date" in said(answer)
    assert not CareTeamMember.objects.filter(stay=stay).exists()


def test_dating_the_information_releases_what_waited(
    ward: world.Ward, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    stay = world.stay(ward, informed_at=None)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    assert "information de la mère à dater" in secretary.get(f"/sejours/{stay.pk}/").content.decode()
    member = CareTeamMember.objects.get(stay=stay)
    secretary.post(f"/sejours/{stay.pk}/information/", {"membre": str(member.pk), "informee_le": _now()})
    deliver()
    assert len(fakes["mssante"].kept) == 1


# --- Form ---------------------------------------------------------------------------------------------


def form_data(**changes: str) -> dict[str, str]:
    now = timezone.localtime()
    values = {
        "number": "S9", "ipp": "M9", "family_name": "Hêtre", "given_names": "Julie", "birth_date": "1992-12-01",
        "admitted_at": (now - timedelta(days=3)).strftime(INSTANT),
        "birth_at": (now - timedelta(days=2)).strftime(INSTANT), "birth_mode": "VAGINAL",
        "expected_discharge_at": (now + timedelta(hours=2)).strftime(INSTANT),
        "enfant-TOTAL_FORMS": "1", "enfant-INITIAL_FORMS": "0",
        "enfant-0-ipp": "E9", "enfant-0-given_names": "Adam", "enfant-0-sex": "M",
        "enfant-0-born_at": (now - timedelta(days=2)).strftime(INSTANT), "enfant-0-weight_g": "3450",
    }  # fmt: skip
    return {**values, **changes}


def test_a_stay_is_recorded_with_its_child(ward: world.Ward, secretary: Client) -> None:
    answer = secretary.post("/sejours/nouveau/", form_data())
    stay = Stay.objects.get(number="S9")
    assert answer["Location"] == f"/sejours/{stay.pk}/"
    assert stay.mother.birth_family_name == "HETRE" and stay.newborns.get().weight_g == 3450
    assert stay.newborns.get().person.birth_family_name == "HETRE"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"family_name": ""}, "Nom de naissance : à renseigner."),
        ({"family_name": "Hêtre 2"}, "ne contient que des lettres"),
        ({"matricule": "123456789012345"}, "La clé du matricule INS est fausse."),
        ({"enfant-0-sex": ""}, "Sexe : à renseigner."),
        ({"expected_discharge_at": "2020-01-01T10:00"}, "La sortie précède la naissance."),
    ],
)
def test_a_faulty_form_says_where_and_keeps_what_was_typed(
    ward: world.Ward, secretary: Client, changes: dict[str, str], sentence: str
) -> None:
    answer = secretary.post("/sejours/nouveau/", form_data(**changes))
    page = answer.content.decode()
    assert answer.status_code == 200 and sentence in page and 'value="Julie"' in page
    assert not Stay.objects.exists()


def test_a_known_number_does_not_change_another_stay(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    answer = secretary.post("/sejours/nouveau/", form_data(number=stay.number))
    assert "existe déjà" in answer.content.decode()
    stay.refresh_from_db()
    assert stay.mother.birth_family_name == "ACACIA"


def test_moving_the_discharge_keeps_the_rest(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    page = secretary.get(f"/sejours/{stay.pk}/modifier/")
    form, newborns = page.context["form"], page.context["newborns"]
    later = timezone.localtime(stay.expected_discharge_at) + timedelta(hours=20)
    data = {name: form[name].value() or "" for name in form.fields}
    data = {name: value.strftime(INSTANT) if hasattr(value, "hour") else value for name, value in data.items()}
    data |= {"expected_discharge_at": later.strftime(INSTANT), "qualified": "on", "birth_date": "1993-04-12"}
    for instant in ("admitted_at", "birth_at"):
        data[instant] = timezone.localtime(getattr(stay, instant)).strftime(INSTANT)
    child = newborns.initial[0]
    data |= {"enfant-TOTAL_FORMS": "2", "enfant-INITIAL_FORMS": "1"}
    data |= {f"enfant-0-{name}": value for name, value in child.items()}
    data["enfant-0-born_at"] = timezone.localtime(child["born_at"]).strftime(INSTANT)
    before = (stay.mother.ins, stay.newborns.get().person_id, stay.physician_id)
    answer = secretary.post(f"/sejours/{stay.pk}/modifier/", data)
    assert answer.status_code == 302, answer.content.decode()
    stay.refresh_from_db()
    assert timezone.localtime(stay.expected_discharge_at).replace(second=0, microsecond=0) == later.replace(
        second=0, microsecond=0
    )
    assert (stay.mother.ins, stay.newborns.get().person_id, stay.physician_id) == before
    assert CareTeamMember.objects.filter(stay=stay, ended_at=None).count() == 1


# --- Signatures and relay --------------------------------------------------------------------------------


def test_the_doctor_signs_hers_and_sees_the_others(ward: world.Ward, stay: Stay, doctor: Client) -> None:
    other = Professional.objects.create(
        rpps="89900001044", given_name="Aude", family_name="GENÊT", organisation=ward.maternity
    )
    hers, not_hers = world.letter(ward, stay), world.letter(ward, stay, type_code=codes.CR_ACCOUCHEMENT.code)
    Document.objects.filter(pk=not_hers.pk).update(legal_authenticator=other)
    page = doctor.get("/a-valider/").content.decode()
    assert "1 papier attend votre nom" in page and "En attente d’une collègue (1)" in page
    answer = doctor.post("/a-valider/valider/", {"papiers": [str(hers.pk), str(not_hers.pk)]})
    assert "1 papier validé, il part." in said(answer) and "attend la validation de Aude GENÊT" in said(answer)
    statuses = dict(Document.objects.values_list("pk", "status"))
    assert statuses == {hers.pk: DocumentStatus.VALIDATED, not_hers.pk: DocumentStatus.TO_VALIDATE}


def test_mothers_without_midwife_come_first(ward: world.Ward, doctor: Client) -> None:
    world.stay(ward)
    world.stay(ward, number="S2", with_midwife=False, mother=world.mother(order=2, ipp="M2"), newborns=())
    found = discharge_list.upcoming(ward.doctor_user)
    assert [bool(line.midwife) for line in found] == [False, True]


def test_tasks_of_the_ward_head_are_hers_alone(ward: world.Ward, stay: Stay) -> None:
    head = world.user("cadre", Role.HOSPITAL_MIDWIFE, ward.maternity)
    head.is_ward_head = True
    head.save()
    worklist.open_item(
        WorkItemKind.LETTER_NOT_SENT,
        key=str(stay.pk),
        organisation=ward.maternity,
        stay=stay,
        message="La lettre n'est pas partie.",
        for_ward_head=True,
    )
    client = Client()
    client.force_login(head)
    assert "La lettre n&#x27;est pas partie." in client.get("/a-valider/").content.decode()
    client.force_login(ward.secretary)
    assert "La lettre n&#x27;est pas partie." not in client.get("/sorties/").content.decode()


def test_a_refused_sending_may_be_settled_by_other_means(
    ward: world.Ward, stay: Stay, letter: Document, secretary: Client, fakes: dict[str, FakeChannel]
) -> None:
    fakes["mssante"].failures.append(PermanentChannelError("5.7.1", "L'envoi est refusé.", "x"))
    deliver()
    item = WorkItem.objects.get()
    assert "Réglé autrement" in secretary.get("/sorties/").content.decode()
    assert "Indiquez ce qui a été fait" in said(secretary.post(f"/sorties/taches/{item.pk}/faite/"))
    secretary.post(f"/sorties/taches/{item.pk}/faite/", {"motif": "Remise en main propre"})
    item.refresh_from_db()
    assert item.status == WorkItemStatus.DONE
    assert Event.objects.get(subject="work_item", target="DONE").reason == "Remise en main propre"


def test_a_task_that_a_fact_closes_is_not_closed_by_hand(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    worklist.open_item(
        WorkItemKind.LETTER_REQUESTED, key="1", organisation=ward.maternity, stay=stay, message="Demandée."
    )
    item = WorkItem.objects.get()
    assert secretary.post(f"/sorties/taches/{item.pk}/faite/", {"motif": "x"}).status_code == 404
    item.refresh_from_db()
    assert item.status == WorkItemStatus.OPEN


def test_a_lost_file_is_said_and_does_not_break_the_page(
    ward: world.Ward, stay: Stay, doctor: Client, settings: object, tmp_path: Path
) -> None:
    document = world.letter(ward, stay)
    settings.BLOB_DIR = tmp_path / "ailleurs"  # type: ignore[attr-defined]
    answer = doctor.post("/a-valider/valider/", {"papiers": [str(document.pk)]})
    assert "introuvable dans le stockage" in said(answer)
    document.refresh_from_db()
    assert document.status == DocumentStatus.TO_VALIDATE


def test_the_relay_is_written_in_the_audit(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    assert "Aucune relève" in secretary.get("/releve/").content.decode()
    secretary.post("/releve/prise/")
    entry = AuditEntry.objects.get(action="relay.taken")
    assert entry.by_id == ward.secretary.pk and entry.data == {"lines": 1, "tasks": 0}
    assert "Dernière relève : secretaire" in secretary.get("/releve/").content.decode()


def test_the_printed_list_names_what_is_missing(stay: Stay, letter: Document, secretary: Client) -> None:
    page = secretary.get(f"/sejours/{stay.pk}/imprimer/").content.decode()
    assert "Papiers manquants" in page and "Compte rendu d&#x27;accouchement" in page and "pas encore lue" in page
