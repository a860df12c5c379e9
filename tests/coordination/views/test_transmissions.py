"""History of the transmissions: author, instant, request, answer, failures; nothing of health for who administers."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import AuditEntry, Organisation, Receipt, ReceivedMail, Role, Shipment, Stay, User
from coordination.ports import PermanentChannelError, ReceiptKind
from coordination.selectors import transmissions
from coordination.services import mail_answers, outbox, receipts
from tests.coordination import world
from tests.coordination.services.helpers import deliver, receipt, shipment, validated
from tests.coordination.services.letters_in import letter
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]


@pytest.fixture
def head(ward: world.Ward) -> User:
    User.objects.filter(pk=ward.doctor_user.pk).update(is_ward_head=True)
    return User.objects.get(pk=ward.doctor_user.pk)


@pytest.fixture
def admin(ward: world.Ward) -> User:
    return world.user("admin", Role.ADMINISTRATOR, ward.cpts)


@pytest.fixture
def stay(ward: world.Ward, fakes: Fakes) -> Stay:
    """A letter refused, sent again, delivered; a document received, filed, and its sender told."""
    fakes["mssante"].failures = [PermanentChannelError("550 5.7.1", "La boîte refuse ce message.")]
    stay = world.stay(ward)
    validated(ward, stay)
    mail = shipment()
    deliver(mail)
    mail.refresh_from_db()

    outbox.retry(mail, by=ward.secretary)
    deliver(mail)
    receipts.store(receipt(ReceiptKind.DELIVERED, shipment(), code="2.0.0"))
    letter(fakes)
    (due,) = mail_answers.due_ids()
    mail_answers.send(due)
    return stay


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def found(user: User, **asked: str) -> list[str]:
    wanted = transmissions.Wanted.of(asked)
    return [f"{line.kind}, {line.answer}" for line in transmissions.lines(user, wanted)]


def test_everything_that_passed_failures_included(head: User, stay: Stay) -> None:
    told = found(head)
    assert [one.split(",")[0] for one in told] == ["Accusé rendu", "Message reçu", "Accusé reçu", "Envoi", "Envoi"]
    assert told[4] == "Envoi, refusé : 550 5.7.1 La boîte refuse ce message." and "accepté" in told[3]
    assert "remis dans la boîte : 2.0.0" in told[2] and told[0] == "Accusé rendu, accepté"
    first = list(transmissions.lines(head, transmissions.Wanted.of({})))[-1]
    assert first.failed and first.author == "medecin, RPPS 89900001010"
    assert first.with_whom == "claire@essai.mssante.example" and shipment().message_id in first.asked
    assert first.about and first.stay_id == stay.pk


def test_the_administrator_reads_the_same_without_anything_of_health(admin: User, stay: Stay) -> None:
    client = signed(admin)
    shown = client.get(reverse("transmissions")).content.decode()
    assert "550 5.7.1" in shown and "medecin, RPPS 89900001010" in shown
    exported = client.post(reverse("transmissions_export")).content.decode()
    for text in (shown, exported):
        assert "ACACIA" not in text and str(stay.pk) not in text and stay.number not in text


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"nature": "envoi"}, 2),
        ({"nature": "accuse"}, 1),
        ({"nature": "recu"}, 1),
        ({"nature": "reponse"}, 1),
        ({"resultat": "echec"}, 1),
        ({"texte": "5.7.1"}, 1),
        ({"texte": "claire@"}, 3),
        ({"texte": "ville@essai"}, 2),
        ({"texte": "personne@nulle-part"}, 0),
        ({"nature": "?", "resultat": "?", "depuis": "2026-99-99"}, 5),
    ],
)
def test_searched(head: User, stay: Stay, asked: dict[str, str], number: int) -> None:
    assert len(found(head, **asked)) == number


def test_by_day_and_never_beyond_the_retention(head: User, stay: Stay, settings: object) -> None:
    today = timezone.localdate()
    ReceivedMail.objects.update(received_at=timezone.now() - timedelta(days=40))
    assert len(found(head, nature="recu")) == 0, "thirty days unless asked"
    assert len(found(head, nature="recu", depuis=f"{today - timedelta(days=60):%Y-%m-%d}")) == 1
    settings.MSSANTE_HISTORY_MONTHS = 1  # type: ignore[attr-defined]
    assert len(found(head, nature="recu", depuis=f"{today - timedelta(days=60):%Y-%m-%d}")) == 0
    assert found(head, jusqu=f"{today - timedelta(days=1):%Y-%m-%d}") == []


def test_exported_whole_and_no_formula_runs(head: User, stay: Stay) -> None:
    Receipt.objects.update(message_fr="ok")
    ReceivedMail.objects.update(message_id="=HYPERLINK(1)")
    raw = signed(head).post(reverse("transmissions_export"), {"nature": "recu"})
    rows = list(csv.reader(io.StringIO(raw.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][-1] == "Personne" and len(rows) == 2 and rows[1][6] == "'=HYPERLINK(1)"
    assert AuditEntry.objects.filter(action="transmissions.exported", by_id=head.pk).exists()


def test_only_the_head_of_the_ward_and_only_of_her_ward(ward: world.Ward, head: User, stay: Stay) -> None:
    assert signed(ward.secretary).get(reverse("transmissions")).status_code == 403
    assert signed(ward.secretary).post(reverse("transmissions_export")).status_code == 403
    assert signed(ward.midwife_user).get(reverse("transmissions")).status_code == 403
    User.objects.filter(pk=head.pk).update(organisation=ward.practice)
    assert found(User.objects.get(pk=head.pk)) == []


def test_the_door_is_shown_to_who_may_open_it(ward: world.Ward, head: User, admin: User) -> None:
    address = reverse("transmissions")
    assert address in signed(head).get(reverse("mail_inbox")).content.decode()
    assert address not in signed(ward.secretary).get(reverse("mail_inbox")).content.decode()
    assert address in signed(admin).get(reverse("administration")).content.decode()


def test_what_left_from_her_own_box_is_told_even_of_a_practice_without_one(admin: User, stay: Stay) -> None:
    Organisation.objects.update(mailbox="")
    Shipment.objects.update(sent_from="ines.houx@medecin.mssante.fr")
    told = [line.author for line in transmissions.lines(admin, transmissions.Wanted.of({"nature": "envoi"}))]
    assert told and all("de sa propre boîte" in one for one in told)
