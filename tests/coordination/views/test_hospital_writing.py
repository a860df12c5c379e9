"""Writing a structured document on a screen: nothing typed is lost, the wrong person gets nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import blobs
from coordination.cda.spec import schema as json_schema
from coordination.cda.volets import VOLETS
from coordination.lifecycles import DocumentStatus
from coordination.models import Document, Draft, Role, Stay, User
from coordination.selectors import case_form
from tests.conformance.cases import CASES
from tests.conformance.cases.people import moved
from tests.coordination import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> world.Ward:
    return world.ward()


@pytest.fixture
def stay(place: world.Ward) -> Stay:
    return world.stay(place)


@pytest.fixture
def writer(place: world.Ward) -> User:
    person = world._professional("89900001093", "Iris", "NOISETIER", "G15_50", place.maternity)
    return world.user("sagefemme.ward", Role.HOSPITAL_MIDWIFE, place.maternity, person)


@pytest.fixture
def ward(client: Client, writer: User) -> Client:
    client.force_login(writer)
    return client


def opened(ward: Client, stay: Stay, volet: str = "OBP-SCM") -> Draft:
    page = ward.get(reverse("stay", args=[stay.pk])).content.decode()
    assert f'value="{volet}"' in page
    person = stay.newborns.get().person if VOLETS[volet].about_child else stay.mother
    ward.post(reverse("writing_start", args=[stay.pk]), {"personne": person.pk, "volet": volet})
    return Draft.objects.get(volet=volet)


def typed(volet: str, name: str = "maximal") -> dict[str, str]:
    schema = json_schema.of(VOLETS[volet].members)
    return dict(_flat(case_form.blocks(schema, moved(CASES[volet][name]["body"], timezone.localdate()), problems={})))


def _flat(parts: Iterable[case_form.Input | case_form.Block]) -> Iterator[tuple[str, str]]:
    for part in parts:
        if isinstance(part, case_form.Block):
            yield from _flat(part.parts)
        else:
            yield part.path, part.value
            yield f"{part.path}@heure", part.second


@pytest.mark.parametrize("volet", ["OBP-SCM", "OBP-SEM"])
def test_written_then_sent(ward: Client, stay: Stay, volet: str) -> None:
    draft = opened(ward, stay, volet)
    answer = ward.post(reverse("writing", args=[draft.pk]), typed(volet) | {"acte": "terminer", "revision": "1"})
    assert answer.status_code == 302 and answer["Location"] == reverse("stay", args=[stay.pk])
    document = Document.objects.get(volet=volet)
    assert document.status == DocumentStatus.VALIDATED
    assert "est terminé" in ward.get(answer["Location"]).content.decode()


def test_what_is_missing_is_said_and_kept(ward: Client, stay: Stay) -> None:
    draft = opened(ward, stay)
    data = {"body.events.problems[0].comment": "Allaitement bien parti", "acte": "terminer", "revision": "1"}
    answer = ward.post(reverse("writing", args=[draft.pk]), data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Allaitement bien parti" in page and "à compléter ou à corriger" in page
    assert 'href="#body-acts"' in page and not Document.objects.exists()
    again = ward.get(reverse("writing", args=[draft.pk])).content.decode()
    assert "Allaitement bien parti" in again


def test_kept_as_she_types(ward: Client, stay: Stay) -> None:
    draft = opened(ward, stay)
    keep = reverse("writing_keep", args=[draft.pk])
    first = ward.post(keep, {"body.acts.acts[0].comment": "Révision utérine", "revision": "1"}).content.decode()
    assert "Enregistré à" in first and "à compléter" in first and 'value="2"' in first
    assert blobs.read_json(Draft.objects.get().body)["acts"]["acts"][0]["comment"] == "Révision utérine"
    behind = ward.post(keep, {"revision": "1"}).content.decode()
    assert "depuis une autre page" in behind
    assert blobs.read_json(Draft.objects.get().body)["acts"]["acts"][0]["comment"] == "Révision utérine"


def test_a_line_is_added_and_taken_away(ward: Client, stay: Stay) -> None:
    draft = opened(ward, stay)
    page = reverse("writing", args=[draft.pk])
    data = {"body.acts.acts[0].act.code": "JNMD002", "revision": "1", "acte": "ajouter:body.acts.acts"}
    assert 'name="body.acts.acts[1].act.code"' in ward.post(page, data).content.decode()
    data |= {"body.acts.acts[1].act.code": "JQGA002", "revision": "2", "acte": "retirer:body.acts.acts[0]"}
    answer = ward.post(page, data).content.decode()
    assert "JQGA002" in answer and "JNMD002" not in answer


def test_others_find_nothing(client: Client, ward: Client, stay: Stay, place: world.Ward) -> None:
    draft = opened(ward, stay)
    for who in (place.secretary, place.midwife_user, place.coordinator):
        client.force_login(who)
        assert client.get(reverse("writing", args=[draft.pk])).status_code in (403, 404)
        assert client.post(reverse("writing_keep", args=[draft.pk]), {"revision": "1"}).status_code in (403, 404)
    other = world._professional("89900001101", "Élise", "FRÊNE", "G15_50", place.practice)
    client.force_login(world.user("autre.ward", Role.HOSPITAL_MIDWIFE, place.practice, other))
    assert client.get(reverse("writing", args=[draft.pk])).status_code == 404


def test_abandoned(ward: Client, stay: Stay) -> None:
    draft = opened(ward, stay)
    assert ward.post(reverse("writing_abandon", args=[draft.pk])).status_code == 302
    assert ward.get(reverse("writing", args=[draft.pk])).status_code == 404


def test_bad_input_is_no_incident(ward: Client, stay: Stay) -> None:
    start = reverse("writing_start", args=[stay.pk])
    assert ward.post(start, {"personne": "rien", "volet": "OBP-SCM"}).status_code == 404
    assert ward.post(start, {"personne": stay.mother_id, "volet": "CSE-CS8"}).status_code == 302
    assert not Draft.objects.exists()


def test_who_is_behind_erases_nothing_unless_she_chooses_to(ward: Client, stay: Stay) -> None:
    draft = opened(ward, stay)
    page = reverse("writing", args=[draft.pk])
    ward.post(page, {"body.acts.acts[0].comment": "B", "revision": "1", "acte": "verifier"})
    mine = {"body.acts.acts[0].comment": "A", "revision": "1", "acte": "verifier"}
    told = ward.post(page, mine)
    assert told.status_code == 422 and 'name="revision" value="1"' in told.content.decode()
    ward.post(reverse("writing_keep", args=[draft.pk]), mine)  # the page goes on saving by itself
    assert blobs.read_json(Draft.objects.get().body)["acts"]["acts"][0]["comment"] == "B"
    ward.post(page, mine | {"acte": "garder"})
    assert blobs.read_json(Draft.objects.get().body)["acts"]["acts"][0]["comment"] == "A"


def test_what_disagrees_with_the_stay_is_said_while_typing_and_at_its_field(ward: Client, stay: Stay) -> None:
    draft = opened(ward, stay)
    wrong = {"body.events.exit.mode": "160849004", "body.events.exit.date": "2019-01-05"}
    kept = ward.post(reverse("writing_keep", args=[draft.pk]), wrong | {"revision": "1"}).content.decode()
    assert "1 à corriger" in kept and 'href="#body-events-exit-date"' in kept and "à compléter" in kept
    page = ward.post(
        reverse("writing", args=[draft.pk]), wrong | {"acte": "verifier", "revision": "2"}
    ).content.decode()
    assert 'id="body-events-exit-date-erreur"' in page
    right = wrong | {"body.events.exit.date": timezone.localdate(stay.leaves_at).isoformat(), "revision": "3"}
    assert "à corriger" not in ward.post(reverse("writing_keep", args=[draft.pk]), right).content.decode()
