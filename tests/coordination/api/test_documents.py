"""Documents: what the page says of them, never their bytes, never before they are final."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import AuditEntry, CareTeamMember, Document, Reading, Role
from coordination.services import readings
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.api.conftest import Home, answer, sign_in, stranger

pytestmark = pytest.mark.django_db
LIST = "/api/documents/"


def one(document: Document) -> str:
    return reverse("api_document", args=[document.pk])


def test_the_letter_as_the_ward_and_the_midwife_read_it(home: Home, secretary: Client, midwife: Client) -> None:
    for client in (secretary, midwife):
        (line,) = answer(client, LIST)["resultats"]
        assert line["id"] == str(home.letter.pk) and line["sejour"] == str(home.stay.pk)
        assert line["type"] == codes.LETTRE_DE_LIAISON_SORTIE.code and line["statut"] == "VALIDATED"
        assert line["statut_libelle"] == "Validé" and line["version"] == 1 and line["valide_le"]
        assert line["personne"] == {"id": str(home.stay.mother_id), "nom": "ACACIA Louise", "nouveau_ne": False}
        told = answer(client, one(home.letter))
        assert told["emetteur"] == "Maternité d'essai" and told["auteur"].startswith("Hélène CORMIER")
        assert [version["numero"] for version in told["versions"]] == [1]


def test_asking_is_not_reading(home: Home, midwife: Client, secretary: Client) -> None:
    answer(midwife, LIST)
    assert answer(midwife, one(home.letter))["lectures"] == []
    assert not Reading.objects.exists() and not AuditEntry.objects.filter(action="document.opened").exists()
    readings.open_version(home.letter.current_version, by=home.ward.midwife_user)
    assert answer(midwife, LIST)["resultats"][0]["lu_par_vous_le"]
    (reading,) = answer(secretary, one(home.letter))["lectures"]
    assert reading["par"].startswith("Claire AUBÉPINE") and reading["version"] == 1
    assert answer(secretary, LIST)["resultats"][0]["lu_par_vous_le"] is None


def test_nothing_of_the_bytes(home: Home, secretary: Client) -> None:
    for address in (LIST, one(home.letter)):
        body = secretary.get(address).content.decode()
        version = home.letter.current_version
        for word in ("%PDF", "ClinicalDocument", str(version.original_id), str(version.cda_id), version.cda_sha1):
            assert word not in body
        assert world.ins().matricule not in body


def test_a_carer_sees_what_can_no_longer_be_undone(home: Home, midwife: Client, settings: object) -> None:
    settings.UNDO_SECONDS = 3600  # type: ignore[attr-defined]
    assert answer(midwife, LIST)["resultats"] == []
    answer(midwife, one(home.letter), 404)


def test_a_paper_waiting_for_validation_is_the_ward_s(home: Home, secretary: Client, midwife: Client) -> None:
    waiting = world.letter(home.ward, home.stay, type_code=codes.CR_ACCOUCHEMENT.code)
    found = answer(secretary, LIST, statut="TO_VALIDATE")["resultats"]
    assert [line["id"] for line in found] == [str(waiting.pk)] and found[0]["valide_le"] is None
    assert answer(midwife, LIST)["total"] == 1
    answer(midwife, one(waiting), 404)


def test_closed_before_information_and_after_the_end(home: Home, midwife: Client) -> None:
    for change in ({"informed_at": None}, {"ended_at": home.stay.admitted_at}):
        CareTeamMember.objects.update(**change)
        assert answer(midwife, LIST)["resultats"] == []
        answer(midwife, one(home.letter), 404)


def test_a_masked_paper_is_not_told(home: Home, midwife: Client) -> None:
    Document.objects.update(masks=[codes.MASQUE_PS.code])
    assert answer(midwife, LIST)["resultats"] == []


def test_a_colleague_finds_nothing(home: Home) -> None:
    client = sign_in(stranger(home.ward))
    assert answer(client, LIST)["resultats"] == []
    answer(client, one(home.letter), 404)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CPAM, Role.ARS, Role.ADMINISTRATOR])
def test_other_roles_are_told_so(home: Home, role: Role) -> None:
    client = sign_in(world.user("autre", role, home.ward.cpts))
    for address in (LIST, one(home.letter)):
        answer(client, address, 403)


def test_filters(home: Home, secretary: Client) -> None:
    letter = str(home.letter.pk)
    for query, found in (
        ({"sejour": home.stay.pk}, [letter]),
        ({"sejour": home.letter.pk}, []),
        ({"type": codes.LETTRE_DE_LIAISON_SORTIE.code}, [letter]),
        ({"type": codes.CR_ACCOUCHEMENT.code}, []),
        ({"statut": "WITHDRAWN"}, []),
        ({"statut": ""}, [letter]),
    ):
        assert [line["id"] for line in answer(secretary, LIST, **query)["resultats"]] == found, query


def test_few_queries_whatever_the_number(home: Home, secretary: Client, django_assert_max_num_queries: object) -> None:
    for code in (codes.CR_ACCOUCHEMENT.code, codes.CR_OPERATOIRE.code):
        world.letter(home.ward, home.stay, type_code=code)
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert answer(secretary, LIST)["total"] == 3
