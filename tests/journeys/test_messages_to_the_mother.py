"""A conversation with a mother, by real sockets: sent, delivered, read, answered, closed; her child's box apart.

Pages through the site, a real worker with its clock, the operator with its Mon espace santé; nothing is mocked.
"""

from __future__ import annotations

import logging
import re
import urllib.error

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client
from django.urls import reverse

from coordination.models import PatientLetter, PatientMessaging, PatientReply, Person, Shipment, Stay
from coordination.ports import ReceiptKind
from perinat.standards.patient_box import address_of
from tests.coordination import world
from tests.coordination.services.patient_messages import child_ins, qualified_child
from tests.journeys import arena as made
from tests.journeys.arena import Arena, until
from tests.journeys.test_discharge_to_reading import named_in, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "Le rendez-vous de mardi est avancé d'une heure."


def box(arena: Arena, address: str, behaviour: str) -> None:
    values = {"address": address, "kind": "PAT", "owner": "Louise ACACIA", "behaviour": behaviour, "delay_s": 0}
    made.call("PUT", f"{arena.mssante.admin_url}/mailboxes", values)


def writes(client: Client, stay: Stay, person: Person, **asked: str) -> PatientLetter:
    """The page, what she will read, then the last press."""
    address = reverse("patient_write", args=[stay.pk, person.pk])
    preview = client.post(address, asked | {"acte": "voir"}).content.decode()
    (key,) = re.findall(r'name="cle" value="([^"]+)"', preview)
    assert client.post(address, asked | {"acte": "envoyer", "cle": key}).status_code == 302
    return PatientLetter.objects.get(pk=key)


def receipts_of(letter: PatientLetter) -> set[str]:
    return set(letter.shipment.receipts.values_list("kind", flat=True))


def her_mails(arena: Arena, address: str) -> list[str]:
    """What lies in her box, as it went on the wire."""
    admin = arena.mssante.admin_url
    found = made.call("GET", f"{admin}/messages?mailbox={address}")
    folder = arena.folder / "mssante" / "mailboxes" / address / "INBOX"
    return [(folder / f"{one['id']}.eml").read_text("utf-8", "replace") for one in found]


def may_she_write(arena: Arena, address: str) -> bool:
    told = {"from": address, "to": made.SENDER, "subject": "Encore une question", "body": "Bonjour"}
    try:
        made.call("POST", f"{arena.mssante.admin_url}/write", told)
    except urllib.error.HTTPError as error:
        error.close()
        assert error.code == 409
        return False
    return True


def test_a_conversation_from_the_first_word_to_the_last(
    arena: Arena, ward: world.Ward, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hers = address_of(world.ins())
    box(arena, hers, "answers")
    arena.env["LOG_LEVEL"] = "DEBUG"
    arena.start("-m", "celery", "-A", "perinat", "worker", "-P", "solo", "--without-gossip", "-l", "debug")
    arena.start_clock()
    stay, secretary = world.stay(ward), signed_in(ward.secretary)

    letter = writes(secretary, stay, stay.mother, modele="call-back", ajout=OURS)
    until("the DSN and the reading", lambda: {ReceiptKind.DELIVERED, ReceiptKind.DISPLAYED} <= receipts_of(letter))
    until("her reply", lambda: PatientReply.objects.filter(letter=letter).exists())
    reply = PatientReply.objects.get()
    assert (reply.person, reply.stay, reply.after_end) == (stay.mother, stay, False)
    page = secretary.get(reverse("patient_messages", args=[stay.pk, stay.mother_id])).content.decode()
    assert "Lu le" in page and "mardi matin" in page and "À traiter" in page

    answer = writes(secretary, stay, stay.mother, modele="answer", ajout="Entendu.", reponse=str(reply.pk))
    until("the answer", lambda: ReceiptKind.DISPLAYED in receipts_of(answer))
    reply.refresh_from_db()
    assert reply.handled_by == ward.secretary
    mails = her_mails(arena, hers)
    assert any("In-Reply-To:" in mail for mail in mails) and all("X-MSS-CODECDA" not in mail for mail in mails)

    assert may_she_write(arena, hers)
    last = writes(secretary, stay, stay.mother, modele="end")
    until("the last message read", lambda: ReceiptKind.DISPLAYED in receipts_of(last))
    assert not may_she_write(arena, hers), "the operator refuses a reply after FIN"
    assert "X-MSS-MES: FIN" in her_mails(arena, hers)[-1]

    then_her_matricule_is_nowhere(arena, caplog)


def test_the_box_of_her_child_is_another_one_and_says_when_it_is_closed(arena: Arena, ward: world.Ward) -> None:
    stay, secretary = world.stay(ward), signed_in(ward.secretary)
    child = qualified_child(stay)
    box(arena, address_of(child_ins(stay)), "closed")
    made.call("PUT", f"{arena.mssante.admin_url}/settings", {"patient_notices_in_words": True})
    arena.start_worker()
    arena.start_clock()

    letter = writes(secretary, stay, child, modele="child-appointments")
    until("the notice, in words", lambda: PatientMessaging.objects.filter(person=child, fault="CLOSED").exists())
    letter.shipment.refresh_from_db()
    assert letter.shipment.status == "REJECTED" and not PatientMessaging.objects.filter(person=stay.mother).exists()
    assert Shipment.objects.filter(to_patient=True).count() == 1, "no other way is tried"
    assert "messagerie fermée" in secretary.get(reverse("patient_messages", args=[stay.pk, child.pk])).content.decode()
    submitted = made.call("GET", f"{arena.mssante.admin_url}/submissions")
    assert [one["recipients"] for one in submitted] == [[address_of(child_ins(stay))]]


def then_her_matricule_is_nowhere(arena: Arena, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a row (but that of the person), nor in a log, nor in an address: the INS is the mail address."""
    number = world.ins().matricule
    rows = {
        model.__name__: serializers.serialize("json", model._base_manager.all())
        for model in apps.get_app_config("coordination").get_models()
        if model is not Person
    }
    assert [name for name, text in rows.items() if number in text] == []
    theirs = ("mssante.sandbox", "dmp_gateway.sandbox", "mail.", "pymap")
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(theirs))
    lines = (arena.folder / "processes.log").read_text(errors="replace") + ours
    assert "shipment.accepted" in lines and "reply.kept" in lines, "the logs do say what happens"
    assert named_in(lines) == [] and OURS not in lines
