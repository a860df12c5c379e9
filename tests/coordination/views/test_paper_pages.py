"""The pages of papers to hand over and of their code: the ward's, and « J'ai un code »."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import (
    Document,
    Handover,
    Mailbox,
    Organisation,
    PaperCode,
    PaperDelivery,
    Professional,
    Role,
    Shipment,
    Stay,
    User,
    WorkItem,
    WorkItemKind,
)
from coordination.ports import PermanentChannelError
from coordination.services import worklist
from tests.coordination import world
from tests.coordination.services.helpers import RPPS, deliver, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
CLOSED = PermanentChannelError("550 5.1.1", "La boîte du destinataire n'existe pas.")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: object) -> str:
    body = html.unescape(response.content.decode())  # type: ignore[attr-defined]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.fixture
def chain(ward: world.Ward, fakes: dict[str, FakeChannel]) -> list[Shipment]:
    """Her address refused, then the box of the practice: nothing is left but paper."""
    stay = world.stay(ward)
    validated(ward, stay)
    Mailbox.objects.create(address="cabinet@essai.mssante.example", kind="CAB", organisation=ward.practice)
    for _ in range(2):
        mail = Shipment.objects.filter(channel="mssante").latest("created_at")
        fakes["mssante"].failures = [CLOSED]
        deliver(mail)
    return list(Shipment.objects.filter(channel="mssante").order_by("created_at"))


@pytest.fixture
def stranger(ward: world.Ward) -> Client:
    made = Professional.objects.create(rpps=RPPS[1], given_name="Inès", family_name="HOUX", organisation=ward.practice)
    return signed_in(world.user("ville", Role.MIDWIFE, ward.practice, made))


def code_on(page: str) -> str:
    found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}", page)
    assert found, page
    return found.group()


def test_a_paper_withdrawn_since_is_one_of_the_causes_without_a_code(chain: list[Shipment], ward: world.Ward) -> None:
    address = reverse("paper_delivery", args=[chain[-1].pk])
    client = signed_in(ward.secretary)
    assert "Créer la feuille" in text_of(client.get(address))
    Document.objects.update(status="REPLACED")
    text = text_of(client.get(address))
    assert "Créer la feuille" not in text and "l’un d’eux a été remplacé ou retiré" in text


def test_the_stay_tells_the_chain_as_one_delivery(chain: list[Shipment], ward: world.Ward) -> None:
    page = signed_in(ward.secretary).get(reverse("stay", args=[Stay.objects.get().pk]))
    text = text_of(page)
    expected = (
        "Adresse de Claire AUBÉPINE refusée (boîte fermée ou inconnue) → "
        "boîte partagée (Cabinet d'essai) refusée (boîte fermée ou inconnue) → à remettre sur papier"
    )
    assert expected in text and text.count("Claire AUBÉPINE (MSSanté)") >= 1
    assert page.content.decode().count('class="p-delivery"') == 2, "the DMP, and one line for the whole chain"
    assert "Relancer" not in text


def test_the_list_of_the_day_counts_one(chain: list[Shipment], ward: world.Ward) -> None:
    text = text_of(signed_in(ward.secretary).get(reverse("discharge_list")))
    assert "1 envoi à remettre sur papier" in text and "à corriger" not in text
    assert "Remis en main propre" in text and "Imprimer la feuille" in text


def test_one_activation_settles_the_line(chain: list[Shipment], ward: world.Ward) -> None:
    line = WorkItem.objects.get(status="OPEN")
    client = signed_in(ward.secretary)
    client.post(reverse("task_settled", args=[line.pk]))
    assert PaperDelivery.objects.get().status == "GIVEN" and not WorkItem.objects.filter(status="OPEN").exists()
    text = text_of(client.get(reverse("stay", args=[Stay.objects.get().pk])))
    assert "remise en main propre" in text and "Relancer" not in text
    assert client.post(reverse("shipment_retry", args=[chain[-1].pk])).status_code == 302
    assert Shipment.objects.get(pk=chain[-1].pk).status == "REJECTED", "handed over, it is not sent again"


def test_called_in_one_activation(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    item = worklist.open_item(
        WorkItemKind.LETTER_TO_CALL, key=str(Handover.objects.get().pk), organisation=ward.maternity, stay=stay,
        message="Appelez-la. Téléphone : +33190000001.",
    )  # fmt: skip
    assert item is not None
    client = signed_in(ward.secretary)
    text = text_of(client.get(reverse("discharge_list")))
    assert "Appelée" in text and "+33190000001" in text
    client.post(reverse("task_settled", args=[item.pk]))
    item.refresh_from_db()
    assert item.status == "DONE"
    other = worklist.open_item(WorkItemKind.LETTER_NOT_SENT, key="x", organisation=ward.maternity, message="x")
    assert other is not None
    assert client.post(reverse("task_settled", args=[other.pk])).status_code == 404


def test_from_the_sheet_to_the_reading(chain: list[Shipment], ward: world.Ward, stranger: Client) -> None:
    ward_client = signed_in(ward.secretary)
    page = ward_client.get(reverse("paper_delivery", args=[chain[-1].pk]))
    assert "Créer la feuille" in text_of(page)
    sheet = ward_client.post(reverse("paper_sheet", args=[chain[-1].pk]))
    drawn = code_on(text_of(sheet))
    assert sheet["Cache-Control"] == "no-store, private" and "/code/" in text_of(sheet)
    assert drawn not in text_of(ward_client.get(reverse("paper_delivery", args=[chain[-1].pk]))), "shown once"
    wrong = stranger.post(reverse("paper_code"), {"code": "AAAAA-AAAAA-AAA"})
    assert "n'ouvre rien" in text_of(wrong)
    opened = stranger.post(reverse("paper_code"), {"code": drawn})
    code = PaperCode.objects.get()
    assert opened.status_code == 302 and opened["Location"] == reverse("paper_code_papers", args=[code.pk])
    listed = stranger.get(opened["Location"])
    assert "Lettre de liaison" in text_of(listed) and "ACACIA" not in text_of(listed)
    link = re.search(r'href="(/code/[^"]+/fichier)"', listed.content.decode())
    assert link is not None
    served = stranger.get(link.group(1))
    assert served["Content-Type"] == "application/pdf" and served.content.startswith(b"%PDF")
    text = text_of(ward_client.get(reverse("stay", args=[Stay.objects.get().pk])))
    assert "ouverte avec le code" in text and "Lue par Inès HOUX" in text
    ward_client.post(reverse("paper_code_revoke", args=[chain[-1].pk]))
    assert stranger.get(link.group(1)).status_code == 404


def test_the_mother_s_midwife_does_not_see_the_code_of_another(
    chain: list[Shipment], ward: world.Ward, stranger: Client
) -> None:
    drawn = code_on(text_of(signed_in(ward.secretary).post(reverse("paper_sheet", args=[chain[-1].pk]))))
    stranger.post(reverse("paper_code"), {"code": drawn})
    code = PaperCode.objects.get()
    hers = signed_in(ward.midwife_user)
    assert hers.get(reverse("paper_code_papers", args=[code.pk])).status_code == 404
    assert "n'ouvre rien" in text_of(hers.post(reverse("paper_code"), {"code": drawn}))


def test_another_ward_finds_nothing(chain: list[Shipment], ward: world.Ward) -> None:
    other = Organisation.objects.create(
        kind="MATERNITY", name="Autre", finess="997800123", parent=ward.maternity.parent
    )
    client = signed_in(world.user("sec_b", Role.SECRETARY, other))
    for name in ("paper_delivery", "paper_given", "paper_sheet", "paper_code_revoke"):
        address = reverse(name, args=[chain[-1].pk])
        answer = client.get(address) if name == "paper_delivery" else client.post(address)
        assert answer.status_code == 404, name


def test_the_administrator_switches_it_off(ward: world.Ward) -> None:
    admin = signed_in(world.user("admin", Role.ADMINISTRATOR, ward.cpts))
    url = reverse("admin_site", args=[ward.maternity.pk])
    assert 'name="falls_back"' in admin.get(url).content.decode()
    site = ward.maternity
    data = {
        "kind": site.kind, "name": site.name, "finess": site.finess, "parent": str(site.parent_id),
        "mailbox": site.mailbox, "ipp_oid": site.ipp_oid, "deposits_in_dmp": "on", "letter_gate": "WARN",
    }  # fmt: skip
    admin.post(url, data)
    assert Organisation.objects.get(pk=site.pk).falls_back is False
    admin.post(url, data | {"falls_back": "on"})
    assert Organisation.objects.get(pk=site.pk).falls_back is True
