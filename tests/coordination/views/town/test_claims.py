"""« C'est ma patiente »: exact or nothing, counted, audited."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import (
    AuditEntry,
    CareRole,
    CareTeamMember,
    Handover,
    Organisation,
    Professional,
    Shipment,
    Stay,
    WorkItem,
)
from coordination.services import claims, documents, stays
from tests.coordination import world
from tests.coordination.views.town.conftest import Home, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(ward: world.Ward) -> Stay:
    """A stay that nobody declared to the midwife, its letter validated."""
    stay = world.stay(ward, with_midwife=False)
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    return stay


@pytest.fixture
def client(ward: world.Ward, sign_in: SignIn) -> Client:
    return sign_in(ward.midwife_user)


def claim(client: Client, maternity: Organisation, **changes: str) -> str:
    data = {
        "family_name": "ACACIA", "birth_date": "1993-04-12", "maternity": str(maternity.pk), "chosen": "on", **changes
    }  # fmt: skip
    return client.post(reverse("claim"), data, follow=True).content.decode()


def following() -> bool:
    return CareTeamMember.objects.filter(professional__user__username="sagefemme").exists()


def test_the_exact_identity_opens_the_record(client: Client, ward: world.Ward, theirs: Stay) -> None:
    assert "Suivi déclaré" in claim(client, ward.maternity, family_name=" acàcia ")
    handover = Handover.objects.get()
    assert (handover.status, handover.midwife) == ("ACCEPTED", ward.midwife)
    assert Shipment.objects.filter(recipient_name=str(ward.midwife)).count() == 1, "the pack leaves to her"
    assert AuditEntry.objects.filter(action="handover.claimed").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"family_name": "ACACI"}, {"family_name": "ACACIAS"}, {"birth_date": "1993-04-13"}, {"family_name": "%"}]
)
def test_anything_less_opens_nothing(client: Client, ward: world.Ward, theirs: Stay, wrong: dict[str, str]) -> None:
    assert "Aucun séjour ne correspond exactement" in claim(client, ward.maternity, **wrong)
    assert not following()
    assert AuditEntry.objects.filter(action=claims.FAILED, by_id=ward.midwife_user.pk).count() == 1


def test_two_mothers_alike_open_nothing(client: Client, ward: world.Ward, theirs: Stay) -> None:
    world.stay(ward, with_midwife=False, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    assert "Aucun séjour ne correspond exactement" in claim(client, ward.maternity)
    assert not following()


def test_an_old_stay_is_not_claimed(client: Client, ward: world.Ward, theirs: Stay) -> None:
    Stay.objects.update(admitted_at=timezone.now() - timedelta(weeks=13))
    assert "Aucun séjour" in claim(client, ward.maternity)
    assert "Aucun séjour" in claim(client, ward.maternity, code=claims.stay_code(theirs.pk))


def test_the_printed_code_is_enough(client: Client, ward: world.Ward, theirs: Stay) -> None:
    code = claims.stay_code(theirs.pk)
    assert len(code) == 11 and str(theirs.pk)[:5].upper() not in code
    typed = code.replace("-", " ").lower().replace("0", "o")
    page = client.post(reverse("claim"), {"code": typed, "chosen": "on"}, follow=True).content.decode()
    assert "Suivi déclaré" in page and following()


def test_another_code_opens_nothing(client: Client, ward: world.Ward, theirs: Stay) -> None:
    code = claims.stay_code(theirs.pk)
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    assert "Aucun séjour" in claim(client, ward.maternity, code=wrong)


def test_ten_wrong_tries_an_hour_close_the_door(client: Client, ward: world.Ward, theirs: Stay) -> None:
    for _ in range(claims.MOST_FAILURES):
        claim(client, ward.maternity, family_name="PERSONNE")
    assert "recherche est suspendue" in claim(client, ward.maternity), "even the right answer"
    assert not following()
    assert AuditEntry.objects.filter(action=claims.FAILED).count() == claims.MOST_FAILURES


def test_the_door_opens_again_after_an_hour(
    client: Client, ward: world.Ward, theirs: Stay, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(claims.MOST_FAILURES):
        claim(client, ward.maternity, family_name="PERSONNE")
    monkeypatch.setattr(claims, "PER", timedelta(0))
    assert "Suivi déclaré" in claim(client, ward.maternity)


def test_already_following_sends_nothing_twice(client: Client, ward: world.Ward, theirs: Stay) -> None:
    claim(client, ward.maternity)
    before = Shipment.objects.count()
    claim(client, ward.maternity)
    assert Shipment.objects.count() == before


def test_she_says_that_the_mother_chose_her(client: Client, ward: world.Ward, theirs: Stay) -> None:
    page = claim(client, ward.maternity, chosen="")
    assert "Confirmez que la patiente vous a choisie" in page and "ACACIA" in page
    assert not following() and not AuditEntry.objects.filter(action=claims.FAILED).exists()


def test_half_an_identity_is_not_a_try(client: Client, ward: world.Ward, theirs: Stay) -> None:
    assert "Indiquez la date de naissance, ou le code." in claim(client, ward.maternity, birth_date="")
    assert not AuditEntry.objects.filter(action=claims.FAILED).exists()


def test_only_a_midwife_claims(home: Home) -> None:
    clue = claims.Clue("ACACIA", date(1993, 4, 12), home.ward.maternity)
    with pytest.raises(claims.ClaimRefusedError, match="sage-femme"):
        claims.claim(clue, by=home.ward.secretary)


@pytest.fixture
def disputed(client: Client, ward: world.Ward, theirs: Stay) -> Professional:
    """Another midwife follows this mother; the one who signs in here says that the mother is hers."""
    other = Professional.objects.create(
        rpps="89900001069", given_name="Lucie", family_name="BRUYÈRE", organisation=ward.practice
    )
    stays.join_care_team(theirs, other, role=CareRole.MIDWIFE, informed_at=timezone.now(), by=ward.secretary)
    assert "Une autre sage-femme suit déjà cette mère" in claim(client, ward.maternity)
    return other


def test_two_midwives_for_one_mother_are_a_line_of_its_own_kind(
    disputed: Professional, client: Client, ward: world.Ward, sign_in: SignIn
) -> None:
    claim(client, ward.maternity)  # said twice, asked once
    line = WorkItem.objects.exclude(kind="PAPER_TO_GIVE").get(status="OPEN", organisation=ward.maternity)
    assert line.kind == "MIDWIFE_TO_CONFIRM" and line.get_kind_display() == "Sage-femme à confirmer"
    secretary = sign_in(ward.secretary)
    page = secretary.get(reverse("discharge_list")).content.decode()
    assert "Sage-femme à confirmer" in page and "Envoi à corriger" not in page
    secretary.post(reverse("task_done", args=[line.pk]), {"motif": "La mère garde Mme BRUYÈRE"})
    line.refresh_from_db()
    assert line.status == "DONE"


def test_the_line_closes_when_the_ward_declares_her(disputed: Professional, ward: world.Ward, theirs: Stay) -> None:
    stays.join_care_team(theirs, ward.midwife, role=CareRole.MIDWIFE, informed_at=timezone.now(), by=ward.secretary)
    assert WorkItem.objects.get(kind="MIDWIFE_TO_CONFIRM").status == "DONE"


def test_the_ward_prints_the_code(ward: world.Ward, theirs: Stay, sign_in: SignIn) -> None:
    printed = sign_in(ward.secretary).get(reverse("stay_print", args=[theirs.pk])).content.decode()
    assert claims.stay_code(theirs.pk) in printed
