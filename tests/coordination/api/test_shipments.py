"""Shipments: state in words, proofs as given, the one next act, for the ward and for authors."""

from __future__ import annotations

import pytest
from django.test import Client

from coordination.models import HoldReason, Mailbox, Organisation, Role, Shipment
from coordination.services import fallback, outbox
from tests.coordination import world
from tests.coordination.api.conftest import Home, answer, sign_in, stranger
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
LIST = "/api/envois/"


def test_state_proof_and_no_act(home: Home, secretary: Client, fakes: dict[str, FakeChannel]) -> None:
    for shipment in home.shipments:
        outbox.deliver(shipment.pk)
    told = {line["canal"]: line for line in answer(secretary, LIST)["resultats"]}
    assert set(told) == {"dmp", "mssante"}
    assert told["dmp"]["etat"] == "ACCEPTED" and told["dmp"]["etat_libelle"] == "Déposée au DMP"
    assert told["dmp"]["documents"] == [str(home.letter.pk)] and told["dmp"]["prochaine_action"] is None
    proof = [step for step in told["dmp"]["preuves"] if step["libelle"] == "Déposée au DMP"][0]
    assert proof["fait"] and proof["le"] and proof["code"]
    assert told["mssante"]["destinataire"] == "Claire AUBÉPINE (MSSanté)"


def test_what_waits_for_a_person_says_which_act(home: Home, secretary: Client) -> None:
    dmp, mssante = home.shipments
    Shipment.objects.filter(pk=dmp.pk).update(status="REJECTED", last_message="Refusé.", last_code="XDSRegistryError")
    Shipment.objects.filter(pk=mssante.pk).update(status="HELD", hold_reason=HoldReason.CONSENT)
    acts = {line["canal"]: line["prochaine_action"]["code"] for line in answer(secretary, LIST)["resultats"]}
    assert acts == {"dmp": "relancer", "mssante": "tracer_information"}
    assert answer(secretary, LIST, a_traiter="oui")["total"] == 2
    Shipment.objects.filter(pk=dmp.pk).update(functional=True)
    assert answer(secretary, LIST, a_traiter="oui")["total"] == 1
    assert answer(secretary, LIST, a_traiter="non")["total"] == 1


def test_a_sending_that_goes_on_elsewhere_waits_for_nobody(home: Home, secretary: Client) -> None:
    mssante = next(one for one in home.shipments if one.channel == "mssante")
    Shipment.objects.filter(pk=mssante.pk).update(status="REJECTED", last_code="550 5.1.1", last_message="Fermée.")
    assert answer(secretary, LIST, a_traiter="oui")["total"] == 1
    box = Mailbox.objects.create(address="suite@essai.mssante.example", kind="CAB", organisation=home.stay.maternity)
    fallback.queue_at(Shipment.objects.get(pk=mssante.pk), box)
    assert answer(secretary, LIST, a_traiter="oui")["total"] == 0
    told = [line for line in answer(secretary, LIST)["resultats"] if line["etat"] == "REJECTED"]
    assert told[0]["prochaine_action"] is None


def test_filters(home: Home, secretary: Client) -> None:
    for query, total in (
        ({"canal": "dmp"}, 1),
        ({"sejour": home.stay.pk}, 2),
        ({"sejour": home.letter.pk}, 0),
        ({"document": home.letter.pk}, 2),
        ({"document": home.stay.pk}, 0),
        ({"etat": "INTEGRATED"}, 0),
    ):
        assert answer(secretary, LIST, **query)["total"] == total, query


def test_another_ward_finds_nothing(home: Home) -> None:
    other = Organisation.objects.create(kind="MATERNITY", name="Autre maternité", finess="997800123")
    assert answer(sign_in(world.user("autre", Role.SECRETARY, other)), LIST)["resultats"] == []


def test_a_colleague_of_the_practice_does_not_see_the_sendings_of_another(home: Home, midwife: Client) -> None:
    """Even when the practice is the sender: a sending is visible with its papers."""
    home.letter.author = home.ward.midwife
    home.letter.save(update_fields=["author"])
    Shipment.objects.update(organisation=home.ward.practice)
    told = answer(midwife, LIST)["resultats"]
    assert len(told) == 2 and all(line["prochaine_action"] is None for line in told)
    assert answer(sign_in(stranger(home.ward)), LIST)["resultats"] == []


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PHYSIOTHERAPIST, Role.CPAM, Role.ARS, Role.ADMINISTRATOR])
def test_other_roles_are_told_so(home: Home, role: Role) -> None:
    answer(sign_in(world.user("autre", role, home.ward.cpts)), LIST, 403)


def test_few_queries(home: Home, secretary: Client, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert answer(secretary, LIST)["total"] == 2
