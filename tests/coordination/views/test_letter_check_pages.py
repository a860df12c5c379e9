"""Where the ward reads what a letter lacks: the tray, its page, the stay, « À valider »; and the box of a maternity."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Deposit, Document, LetterGate, Organisation, Role, Stay, User
from coordination.services import deposits
from tests.coordination import world
from tests.coordination.services.test_letter_checks import INCOMPLETE, ask_to_confirm, drop, letter

pytestmark = pytest.mark.django_db
LINE = "13 critères sur 15 ; manquent : remise à la patiente, allergies"


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


@pytest.fixture
def ready(ward: world.Ward, stay: Stay) -> Deposit:
    return drop(ward, letter(stay, without=INCOMPLETE))


def text(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def test_before_sending(ward: world.Ward, ready: Deposit) -> None:
    secretary = signed(ward.secretary)
    for page in (text(secretary, "discharge_list"), text(secretary, "paper", ready.pk)):
        assert LINE in page and "Ne peut pas être dit" not in page and 'name="vu"' not in page
        assert f"{reverse('paper_pdf', args=[ready.pk])}#page=1" in page


def test_after_sending_and_before_signing(ward: world.Ward, ready: Deposit, stay: Stay) -> None:
    (document,) = deposits.send([ready], by=ward.secretary)
    assert LINE in text(signed(ward.secretary), "stay", stay.pk)
    page = text(signed(ward.doctor_user), "to_validate")
    assert LINE in page and f"{reverse('document_pdf', args=[document.pk])}#page=1" in page and 'name="vu"' not in page


def test_the_box_of_the_secretary(ward: world.Ward, ready: Deposit) -> None:
    ask_to_confirm(ward)
    page = text(signed(ward.secretary), "discharge_list")
    assert f'name="vu" value="{ready.pk}"' in page
    signed(ward.secretary).post(reverse("send"), {"papiers": [ready.pk], "vu": [ready.pk]})
    assert "seen" in Document.objects.get().current_version.letter_check


def test_the_box_of_the_doctor(ward: world.Ward, ready: Deposit) -> None:
    ask_to_confirm(ward)
    (document,) = deposits.send([ready], by=ward.secretary)
    doctor = signed(ward.doctor_user)
    page = doctor.post(reverse("validate"), {"papiers": [document.pk]}, follow=True).content.decode()
    document.refresh_from_db()
    assert document.status == DocumentStatus.TO_VALIDATE and "ai vu ce qui manque" in page
    doctor.post(reverse("validate"), {"papiers": [document.pk], "vu": [document.pk]})
    document.refresh_from_db()
    assert document.status == DocumentStatus.VALIDATED


def test_without_the_box_the_papers_wait(ward: world.Ward, ready: Deposit) -> None:
    ask_to_confirm(ward)
    ward.doctor_user.role = Role.HOSPITAL_DOCTOR
    doctor = signed(ward.doctor_user)
    doctor.post(reverse("send"), {"papiers": [ready.pk]})
    ready.refresh_from_db()
    assert ready.status in (DepositStatus.READY, DepositStatus.FILED)
    assert not Document.objects.filter(status=DocumentStatus.VALIDATED).exists()


def test_the_administrator_chooses(ward: world.Ward) -> None:
    admin = world.user("admin", Role.ADMINISTRATOR, ward.maternity)
    client, url = signed(admin), reverse("admin_site", args=[ward.maternity.pk])
    assert "Lettre de liaison incomplète" in client.get(url).content.decode()
    site = ward.maternity
    data = {
        "kind": site.kind, "name": site.name, "finess": site.finess, "parent": str(site.parent_id),
        "mailbox": site.mailbox,
        "ipp_oid": site.ipp_oid, "deposits_in_dmp": "on", "letter_gate": "ACKNOWLEDGE", "city": site.city,
        "postal_code": site.postal_code,
    }  # fmt: skip
    client.post(url, data)
    assert Organisation.objects.get(pk=site.pk).letter_gate == LetterGate.ACKNOWLEDGE
    assert client.post(url, data | {"letter_gate": "NEVER"}).status_code in (200, 422)
