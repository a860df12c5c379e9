"""A box that no site owns: its mails are kept, the administrator is told, and the site that takes it receives them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import AuditEntry, Organisation, Receipt, ReceivedDocument, Role, User, WorkItem
from coordination.selectors import nobodys_mail
from coordination.services import administration
from coordination.services.administration import AdministrationRefusedError, SiteEntry
from tests.coordination import world
from tests.coordination.services.letters_in import arrive, cda
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, with_archive
from tests.mssante.mails import dsn, plain

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]
BOX = "perdue@essai.mssante.example"


@pytest.fixture
def admin(ward: world.Ward) -> User:
    return world.user("admin", Role.ADMINISTRATOR, ward.cpts)


@pytest.fixture
def nobodys(ward: world.Ward, fakes: Fakes) -> world.Ward:
    """The ward has lost its box in the settings; a letter and a mail of text came there."""
    world.stay(ward)
    Organisation.objects.filter(pk=ward.maternity.pk).update(mailbox="")
    assert arrive(fakes, with_archive(archive(cda())), plain("Une question"), mailbox=BOX) == []
    return ward


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def test_the_administrator_has_a_line_without_health_data(nobodys: world.Ward, admin: User) -> None:
    assert [(box.address, box.mails) for box in nobodys_mail.boxes()] == [(BOX, 2)]
    client = signed(admin)
    assert "2 messages dans une boîte qu’aucun site n’a" in client.get(reverse("administration")).content.decode()
    shown = client.get(reverse("admin_mailboxes")).content.decode()
    assert BOX in shown and "ACACIA" not in shown and "Une question" not in shown


def test_given_to_a_site_its_mails_are_as_if_they_came_now(nobodys: world.Ward, admin: User) -> None:
    told = {"boite": BOX, "site": str(nobodys.maternity.pk)}
    answer = signed(admin).post(reverse("admin_box_give"), told, follow=True)
    assert "2 messages remis à ce site" in answer.content.decode()
    found = ReceivedDocument.objects.order_by("received_at").values_list("status", "title", "organisation_id")
    letter, words = found
    assert letter[0] == "FILED" and words[:2] == ("TO_SORT", "Une question")
    assert {letter[2], words[2]} == {nobodys.maternity.pk}
    assert not nobodys_mail.boxes() and AuditEntry.objects.filter(action="mailbox.handed_over").exists()
    assert signed(admin).post(reverse("admin_box_give"), told).status_code == 404, "a site has one box"


def test_the_form_of_the_site_hands_them_over_too(nobodys: world.Ward, admin: User) -> None:
    site = nobodys.maternity
    entry = SiteEntry(kind=site.kind, name=site.name, finess=site.finess or "", parent=site.parent, mailbox=BOX)
    administration.save_site(entry, by=admin, site=site)
    assert ReceivedDocument.objects.count() == 2 and not nobodys_mail.boxes()


def test_a_box_is_that_of_one_site(nobodys: world.Ward, admin: User) -> None:
    Organisation.objects.filter(pk=nobodys.practice.pk).update(mailbox=BOX)
    with pytest.raises(AdministrationRefusedError):
        administration.give_box(BOX, nobodys.maternity, by=admin)
    site = nobodys.maternity
    entry = SiteEntry(kind=site.kind, name=site.name, finess=site.finess or "", parent=site.parent, mailbox=BOX.upper())
    with pytest.raises(AdministrationRefusedError):
        administration.save_site(entry, by=admin, site=site)


def test_automatic_replies_ask_nothing_of_anybody(ward: world.Ward, fakes: Fakes) -> None:
    arrive(fakes, plain("Absence", "Auto-Submitted: auto-replied"), mailbox=BOX)
    assert Receipt.objects.get().kind == "AUTOREPLY" and not nobodys_mail.boxes()


def test_a_receipt_that_names_nothing_known_is_told_to_the_site(ward: world.Ward, fakes: Fakes, admin: User) -> None:
    Organisation.objects.filter(pk=ward.maternity.pk).update(mailbox="")
    arrive(fakes, dsn("failed", "5.1.1"), mailbox=BOX)
    site = Organisation.objects.get(pk=ward.maternity.pk)
    assert administration.give_box(BOX, site, by=admin) == 1
    assert WorkItem.objects.get(kind="RECEIPT_UNKNOWN").organisation == site


def test_what_a_site_was_told_of_is_not_offered_to_another(ward: world.Ward, fakes: Fakes) -> None:
    arrive(fakes, dsn("failed", "5.1.1"))
    assert WorkItem.objects.filter(kind="RECEIPT_UNKNOWN").exists()
    Organisation.objects.filter(pk=ward.maternity.pk).update(mailbox="")
    assert not nobodys_mail.boxes()
