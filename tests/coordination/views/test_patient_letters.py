"""« Écrire à la mère »: nothing leaves unread, hers and her child's stay apart, one activation to be done."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import PatientLetter, PatientMessaging, PatientReply, Person, Shipment, Stay, User
from coordination.ports import ReceiptKind
from coordination.services import patient_boxes, receipts
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, validated
from tests.coordination.services.patient_messages import arrive, child_ins, qualified_child, reply, written
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def where(stay: Stay, person: Person | None = None, name: str = "patient_messages") -> str:
    return reverse(name, args=[stay.pk, (person or stay.mother).pk])


def get(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_nothing_leaves_before_the_last_press(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    client, address = signed(ward.secretary), where(stay, name="patient_write")
    assert "Mme ACACIA Louise" in get(client, f"{address}?modele=call-back")
    asked = {"modele": "call-back", "ajout": "Au sujet du rendez-vous.", "repondre": "non"}
    preview = client.post(address, asked | {"acte": "voir"}).content.decode()
    for words in ("Née le 12/04/1993", "sexe féminin, naissance en avril 1993", "Au sujet du rendez-vous.",
                  "Aucune réponse n’est possible"):  # fmt: skip
        assert words in preview
    assert not PatientLetter.objects.exists()
    (key,) = re.findall(r'name="cle" value="([^"]+)"', preview)
    for _ in range(2):
        client.post(address, asked | {"acte": "envoyer", "cle": key})
    letter = PatientLetter.objects.get()
    assert letter.closes and Shipment.objects.filter(to_patient=True).count() == 1
    shown = get(client, where(stay))
    assert "Envoi en cours" in shown and "Les échanges sont clos" in shown


def test_her_matricule_is_in_no_page_of_writing(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    client = signed(ward.secretary)
    deliver(written(stay, ward.secretary).shipment)
    for address in (where(stay), f"{where(stay, name='patient_write')}?modele=signs", reverse("patient_inbox")):
        assert world.ins().matricule not in get(client, address)


def test_a_paper_hidden_from_her_cannot_be_ticked(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    paper = validated(ward, stay)
    paper.masks = ["INVISIBLE_PATIENT"]
    paper.save()
    client, address = signed(ward.secretary), where(stay, name="patient_write")
    assert "disabled" in get(client, f"{address}?modele=call-back")
    shown = client.post(address, {"modele": "call-back", "acte": "voir", "papiers": [str(paper.pk)]}).content.decode()
    assert "Rien n’est parti" in shown and "non visible par le patient" in shown


def test_documents_that_are_nowhere_are_not_announced(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    client, address = signed(ward.secretary), where(stay, name="patient_write")
    assert "Pas encore possible : aucun papier validé" in get(client, where(stay))
    validated(ward, stay)
    assert f"{address}?modele=documents" in get(client, where(stay))
    shown = client.post(address, {"modele": "documents", "acte": "voir"}).content.decode()
    assert "Joignez un papier" in shown and "Joindre ses papiers" in shown


@pytest.mark.parametrize("on", [True, False])
def test_the_preview_says_what_will_be_read(
    ward: world.Ward, stay: Stay, fakes: Fakes, settings: Any, on: bool
) -> None:
    settings.MSSANTE_PATIENT_MAY_ANSWER = on
    client, address = signed(ward.secretary), where(stay, name="patient_write")
    assert ("elle arrive dans vos messages" in get(client, f"{address}?modele=searching")) == on
    shown = client.post(address, {"modele": "searching", "acte": "voir"}).content.decode()
    assert ("ou en réponse à ce message" in shown) == on and "les échanges se ferment" not in shown


def test_why_nothing_can_be_written(ward: world.Ward, fakes: Fakes) -> None:
    stay = world.stay(ward, mother=world.mother(qualified=False))
    client = signed(ward.secretary)
    shown = get(client, where(stay))
    assert "pas qualifiée" in shown and "Que lui écrire" not in shown
    answer = client.get(f"{where(stay, name='patient_write')}?modele=signs")
    assert answer.status_code == 302 and not PatientLetter.objects.exists()


def test_her_wishes_in_one_activation_each(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    client, address = signed(ward.secretary), where(stay, name="patient_wish")
    client.post(address, {"souhait": "opposer"})
    shown = get(client, where(stay))
    assert "Pas de message dans Mon espace santé" in shown and "secretaire" in shown and "Rien ne part" in shown
    client.post(address, {"souhait": "lever"})
    client.post(address, {"souhait": "opposer-pro"})
    row = PatientMessaging.objects.get()
    assert row.opposed_at is None and row.carers_opposed_by == ward.secretary
    assert client.post(address, {"souhait": "autre"}).status_code == 404


def test_a_reply_is_read_then_dealt_with(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    letter = written(stay, ward.secretary)
    deliver(letter.shipment)
    arrive(fakes, reply(letter=letter, text="Bonjour <b>oui</b> & merci"))
    found, client = PatientReply.objects.get(), signed(ward.secretary)
    assert reverse("patient_reply", args=[found.pk]) in get(client, "/sorties/")
    assert "1 réponse à traiter" in get(client, reverse("patient_inbox"))
    shown = get(client, reverse("patient_reply", args=[found.pk]))
    for words in ("ACACIA LOUISE", world.ins().matricule, "&lt;b&gt;oui", "ordonnance.pdf", "Patiente, depuis Mon"):
        assert words in shown
    file = client.get(reverse("patient_reply_file", args=[found.pk, 1]))
    assert file["Content-Disposition"].startswith("attachment"), "what our reader refuses is only downloaded"
    client.post(reverse("patient_reply_handled", args=[found.pk]))
    assert "Rien à faire" in get(client, reverse("patient_inbox")) and "Traité par secretaire" in get(
        client, where(stay)
    )


def test_answering_it_shows_her_words(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    arrive(fakes, reply(text="Quel jour ?"))
    found, client = PatientReply.objects.get(), signed(ward.secretary)
    address = f"{where(stay, name='patient_write')}?modele=answer&reponse={found.pk}"
    assert address.replace("&", "&amp;") in get(client, where(stay)) or address in get(client, where(stay))
    assert "Quel jour ?" in get(client, address)
    assert client.get(f"{where(stay, name='patient_write')}?modele=answer").status_code == 302, "only in answer"


def test_whose_it_is_is_said_by_a_person(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    arrive(fakes, reply(sender="Louise ACACIA <297047864600184@patient.mssante.fr>"))
    found, client = PatientReply.objects.get(), signed(ward.secretary)
    address = reverse("patient_reply", args=[found.pk])
    assert "De qui est ce message" in get(client, address)
    value = f"{stay.mother.pk}:{stay.pk}"
    assert value in client.post(address, {"recherche": "aca"}).content.decode()
    client.post(reverse("patient_reply_attach", args=[found.pk]), {"personne": value})
    found.refresh_from_db()
    assert found.person == stay.mother


def test_the_child_has_its_own_page_without_a_word_of_its_mother(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    person, client = qualified_child(stay), signed(ward.secretary)
    written(stay, ward.secretary, addition="Votre fatigue")
    shown = get(client, where(stay, person))
    assert "Votre fatigue" not in shown and "Les rendez-vous de votre enfant" in shown and "Quand appeler" not in shown
    form = get(client, f"{where(stay, person, 'patient_write')}?modele=child-appointments")
    assert "<textarea" not in form and child_ins(stay).matricule not in form


class TestTown:
    def test_a_midwife_writes_to_her_patient(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        type(ward.practice).objects.filter(pk=ward.practice.pk).update(phone="+33190000009")
        client = signed(User.objects.get(pk=ward.midwife_user.pk))
        assert where(stay) in get(client, "/mes-visites/")
        answer = client.post(where(stay, name="patient_write"), {"modele": "call-back", "acte": "envoyer"})
        assert answer.status_code == 302 and PatientLetter.objects.get().organisation == ward.practice
        assert "Pouvez-vous nous rappeler" in get(client, where(stay))
        assert "Pouvez-vous nous rappeler" not in get(signed(ward.secretary), where(stay)), "another box"

    def test_without_a_box_the_page_says_why(self, ward: world.Ward, stay: Stay) -> None:
        type(ward.practice).objects.filter(pk=ward.practice.pk).update(mailbox="")
        shown = get(signed(User.objects.get(pk=ward.midwife_user.pk)), where(stay))
        assert "pas de boîte MSSanté" in shown and "Que lui écrire" not in shown

    def test_before_the_mother_is_informed_nothing_is_shown(self, ward: world.Ward, stay: Stay) -> None:
        stay.care_team.update(informed_at=None)
        client = signed(ward.midwife_user)
        assert "tracée" in get(client, where(stay)) and "Ce qu’elle accepte" not in get(client, where(stay))
        assert client.post(where(stay, name="patient_wish"), {"souhait": "opposer"}).status_code == 404

    def test_a_reply_is_told_to_who_wrote(self, ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
        type(ward.practice).objects.filter(pk=ward.practice.pk).update(phone="+33190000009")
        letter = written(stay, User.objects.get(pk=ward.midwife_user.pk))
        deliver(letter.shipment)
        arrive(fakes, replace(reply(letter=letter), mailbox="perinat@cabinet.mssante.example"))
        assert ward.midwife.notices.get(text__contains="réponse").path == reverse("patient_inbox")


@pytest.mark.parametrize("name", ["patient_messages", "patient_write"])
def test_another_stay_is_not_found(ward: world.Ward, stay: Stay, name: str) -> None:
    stay.care_team.update(ended_at="2026-01-01T00:00Z")
    assert signed(ward.midwife_user).get(where(stay, name=name)).status_code == 404


def test_a_box_that_refuses_is_opened_again_by_her_word(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    letter = written(stay, ward.secretary)
    deliver(letter.shipment)
    receipts.store(receipt(ReceiptKind.BOUNCED, letter.shipment, code="5.2.1"))
    client = signed(ward.secretary)
    shown = get(client, where(stay))
    assert "messagerie fermée" in shown and "Non remis" in shown and "remettez" in shown.lower()
    assert where(stay) in get(client, "/sorties/")
    client.post(where(stay, name="patient_wish"), {"souhait": "rouverte"})
    client.post(reverse("patient_retry", args=[letter.pk]))
    letter.shipment.refresh_from_db()
    assert letter.shipment.status == "QUEUED"


def test_an_opposition_refuses_a_retry(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    letter: Any = written(stay, ward.secretary)
    patient_boxes.oppose(stay.mother, by=ward.secretary)
    deliver(letter.shipment)
    answer = signed(ward.secretary).post(reverse("patient_retry", args=[letter.pk]), follow=True)
    letter.shipment.refresh_from_db()
    assert "Opposition" in answer.content.decode() and letter.shipment.status == "REJECTED"
