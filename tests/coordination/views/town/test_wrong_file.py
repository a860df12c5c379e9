"""A file sent by mistake may be anybody's: replaced as such, only its ward and its author open it again."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import Document, Professional, ReplacementReason, User
from coordination.selectors import reading_view
from coordination.selectors.opening import opening
from tests.coordination import world
from tests.coordination.services.helpers import follow, validated
from tests.coordination.services.replacing import Fakes, replaced

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(ward: world.Ward, fakes: Fakes, settings: object) -> Document:
    """Version 1 was the wrong file."""
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    paper = validated(ward, world.stay(ward))
    replaced(ward, paper, reason=ReplacementReason.WRONG_FILE)
    return paper


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def statuses(user: User, letter: Document, number: int) -> list[int]:
    client = signed(user)
    addresses = [
        reverse("document_version", args=[letter.pk, number]),
        reverse("document_version_file", args=[letter.pk, number]),
        reverse("document_image", args=[letter.pk, number, 1]),
    ]
    return [client.get(address).status_code for address in addresses]


def test_closed_to_her_carers_in_every_form(ward: world.Ward, letter: Document) -> None:
    assert statuses(ward.midwife_user, letter, 1) == [404, 404, 404]
    assert statuses(ward.midwife_user, letter, 2) == [200, 200, 200]
    assert opening(ward.midwife_user, letter.pk, 1) is None
    assert reading_view.page(ward.midwife_user, letter, 1) is None


def test_its_line_stays_without_a_link(ward: world.Ward, letter: Document) -> None:
    first = reverse("document_version", args=[letter.pk, 1])
    page = signed(ward.midwife_user).get(reverse("document", args=[letter.pk])).content.decode()
    assert "Version 1" in page and first not in page and "il ne s’ouvre plus" in page
    told = signed(ward.midwife_user).get(reverse("api_document", args=[letter.pk])).json()
    assert [version["numero"] for version in told["versions"]] == [2, 1]
    page = signed(ward.secretary).get(reverse("document", args=[letter.pk])).content.decode()
    assert first in page and "il ne s’ouvre plus" not in page


def test_its_ward_and_its_author_open_it(ward: world.Ward, letter: Document) -> None:
    assert statuses(ward.secretary, letter, 1) == [200, 200, 200]
    Document.objects.filter(pk=letter.pk).update(author=ward.midwife)
    assert statuses(ward.midwife_user, letter, 1) == [200, 200, 200]


def test_the_next_reason_alone_counts(ward: world.Ward, letter: Document) -> None:
    """Version 2, the right file, is then corrected: it stays readable, the wrong one does not."""
    replaced(ward, letter, "Troisième", reason=ReplacementReason.WRONG_DATUM)
    assert statuses(ward.midwife_user, letter, 1) == [404, 404, 404]
    assert statuses(ward.midwife_user, letter, 2) == [200, 200, 200]


def test_who_joins_later_never_opens_it(ward: world.Ward, letter: Document) -> None:
    doctor = Professional.objects.create(
        rpps="89900001028", given_name="Lucie", family_name="BRUYÈRE", organisation=ward.practice
    )
    user = world.user("generaliste", ward.midwife_user.role, ward.practice, doctor)  # type: ignore[arg-type]
    follow(ward, letter.stay, doctor)
    assert statuses(user, letter, 1)[:2] == [404, 404] and statuses(user, letter, 2)[:2] == [200, 200]
