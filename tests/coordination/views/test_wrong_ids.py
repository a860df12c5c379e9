"""A posted identifier that is none is a row that does not exist, never an incident."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
WRONG = "pas-un-identifiant"


def forms(stay: world.Stay) -> dict[str, dict[str, object]]:
    return {
        "/sorties/envoyer/": {"papiers": WRONG},
        "/a-valider/valider/": {"papiers": WRONG},
        "/sorties/deposer/": {"sejour": WRONG, "fichiers": SimpleUploadedFile("a.pdf", world.pdf_a())},
        f"/sejours/{stay.pk}/information/": {"membre": WRONG, "informee_le": "2026-03-16T09:00"},
        f"/sejours/{stay.pk}/equipe/": {"professionnel": WRONG, "role": "GP", "informee_le": "2026-03-16T09:00"},
    }


@pytest.mark.parametrize("number", range(5))
def test_an_id_that_is_none(number: int, ward: world.Ward, fakes: dict[str, FakeChannel], client: Client) -> None:
    address, posted = list(forms(world.stay(ward)).items())[number]
    client.force_login(ward.doctor_user)
    assert client.post(address, posted).status_code in (302, 404)
