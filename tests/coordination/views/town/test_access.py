"""Who gets in: a midwife outside the care team gets a 404 on every address, another role a 403."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import CareTeamMember, Offer, Role
from coordination.services import handovers
from coordination.views.town.urls import urlpatterns
from tests.coordination import world
from tests.coordination.views.town.conftest import Home, SignIn

pytestmark = pytest.mark.django_db
WITHOUT_ROW = {
    "visits", "claim", "declare_capacity", "offers", "received",
    "record_patients", "record_patients_live", "record_patients_ask",
    "outside", "outside_live", "outside_file", "outside_image", "outside_attached",  # her own questions: test_record.py
    "paper_code", "paper_code_papers", "paper_code_file",  # who typed the code, whoever follows: test_paper_codes.py
}  # fmt: skip
RECORD_ACTS = {f"record_{act}" for act in ("consult", "read", "change", "accesses", "revoke")}
NOT_HERE = {"document_cda", "document_attached"}  # a document of her own, one with a joined file
POSTED = {"ask_letter", "offer_accept", "offer_decline"} | RECORD_ACTS


def addresses(home: Home, offer: Offer) -> dict[str, str]:
    """Every address of the town pages that names a row."""
    stay, person, document = home.stay.pk, home.stay.mother_id, home.letter.pk
    return {
        "offer_accept": reverse("offer_accept", args=[offer.pk]),
        "offer_decline": reverse("offer_decline", args=[offer.pk]),
        "ask_letter": reverse("ask_letter", args=[stay]),
        "visit_schedule": reverse("visit_schedule", args=[stay]),
        "visit_missed": reverse("visit_missed", args=[stay]),
        "visit": reverse("visit", args=[stay, person]),
        "interview": reverse("interview", args=[stay]),
        "visit_sent": reverse("visit_sent", args=[stay]),
        "essentials": reverse("essentials", args=[stay]),
        **{name: reverse(name, args=[stay]) for name in ("record", "record_live", *RECORD_ACTS)},
        "document": reverse("document", args=[document]),
        "document_version": reverse("document_version", args=[document, 1]),
        "document_cda": reverse("document_cda", args=[document]),
        "document_file": reverse("document_file", args=[document]),
        "document_version_file": reverse("document_version_file", args=[document, 1]),
        "document_image": reverse("document_image", args=[document, 1, 1]),
        "document_attached": reverse("document_attached", args=[document, 1, 1]),
    }


@pytest.fixture
def offer(home: Home) -> Offer:
    """A request to the midwife of the ward's world about another mother."""
    unplaced = world.stay(
        home.ward, with_midwife=False, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=()
    )
    return handovers.ask(unplaced.handovers.get(), home.ward.midwife, by=home.ward.coordinator)


def test_every_address_is_in_this_test(home: Home, offer: Offer) -> None:
    assert set(addresses(home, offer)) | WITHOUT_ROW == {pattern.name for pattern in urlpatterns}


def test_the_midwife_of_the_mother_gets_in(home: Home, midwife: Client, offer: Offer) -> None:
    for name, address in addresses(home, offer).items():
        if name in NOT_HERE:
            assert midwife.get(address).status_code == 404
        elif name not in POSTED:
            assert midwife.get(address).status_code == 200, name


def test_a_midwife_outside_the_care_team_finds_nothing(home: Home, stranger: Client, offer: Offer) -> None:
    for name, address in addresses(home, offer).items():
        assert stranger.post(address).status_code in {404, 405}, name
        if name not in POSTED:
            assert stranger.get(address).status_code == 404, name


def test_the_end_of_the_follow_up_closes_the_record(home: Home, midwife: Client, offer: Offer) -> None:
    CareTeamMember.objects.update(ended_at=home.stay.admitted_at)
    for name, address in addresses(home, offer).items():
        if name not in POSTED:
            assert midwife.get(address).status_code == 404, name
    assert "Louise" not in midwife.get(reverse("visits")).content.decode()


def test_nobody_without_a_session(home: Home, offer: Offer) -> None:
    for name, address in addresses(home, offer).items():
        answer = Client().post(address) if name in POSTED else Client().get(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/connexion/"), name


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CPAM, Role.ADMINISTRATOR])
def test_other_roles_are_told_so(home: Home, sign_in: SignIn, offer: Offer, role: Role) -> None:
    client = sign_in(world.user("autre", role, home.ward.cpts))
    for name, address in addresses(home, offer).items():
        answer = client.post(address) if name in POSTED else client.get(address)
        assert answer.status_code == 403, name


def test_a_physiotherapist_reads_but_does_not_visit(home: Home, sign_in: SignIn) -> None:
    client = sign_in(world.user("kine", Role.PHYSIOTHERAPIST, home.ward.practice))
    assert client.get(reverse("visit", args=[home.stay.pk, home.stay.mother_id])).status_code == 403
    assert client.get(reverse("visits"))["Location"] == reverse("received")
    assert client.get(reverse("received")).status_code == 200


def test_pages_are_not_kept_by_the_browser(home: Home, midwife: Client, offer: Offer) -> None:
    for name, address in addresses(home, offer).items():
        if name not in POSTED | NOT_HERE:
            assert midwife.get(address)["Cache-Control"] == "no-store, private", name
