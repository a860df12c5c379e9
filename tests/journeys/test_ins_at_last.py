"""A child without INS: INSi knows it five days after the birth, and everything leaves in order, exactly once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, IdentityQuestion, Person, Shipment
from coordination.services import documents, identities
from perinat.connectors.insi.sandbox.server import InsiSandbox
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import validated
from tests.coordination.services.ins import CONNECTOR, EXAM, administer, publish, waits
from tests.coordination.services.replacing import replaced
from tests.journeys.arena import Arena, call, until

pytestmark = pytest.mark.django_db(transaction=True)
LATER = (codes.LETTRE_DE_LIAISON_SORTIE.code, codes.CR_BIOLOGIE.code, codes.ORDONNANCE_AUTRE.code)


@pytest.fixture
def insi(arena: Arena) -> Iterator[InsiSandbox]:
    """It speaks for the whole journey; the workers look at their calendar each second, at any hour."""
    with InsiSandbox() as sandbox:
        arena.env |= {
            "IDENTITY_SERVICE": CONNECTOR, "INSI_URL": sandbox.url, "IDENTITY_HOURS": "0,24", "IDENTITY_SECONDS": "1",
        }  # fmt: skip
        yield sandbox


@pytest.fixture
def child(arena: Arena, ward: world.Ward, insi: InsiSandbox) -> Person:
    """Born five days ago, verified on a document before it left; known by the DMP under the INS to come."""
    person, _ = waits(ward, days_ago=5)
    identities.verify(person, evidence="AN", by=ward.secretary)
    ins = world.ins(77)
    known = {
        "matricule": ins.matricule, "oid": ins.oid, "state": "OK", "birth_name": person.birth_family_name,
        "given_names": person.birth_given_names, "sex": person.sex, "birth_date": f"{person.birth_date:%Y%m%d}",
    }  # fmt: skip
    call("PUT", f"{arena.dmp.admin_url}/people", [known])
    administer(insi, "PUT", "today", day=(person.birth_date + timedelta(days=5)).isoformat())
    return person


def in_dmp(arena: Arena) -> list[str]:
    """Identifiers of the documents that the DMP sandbox wrote down, in their order, read from its plain file."""
    path = next((arena.folder / "dmp").rglob("documents.jsonl"), None)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path else []
    return [row["unique_id"] for row in rows]


def all_there(papers: list[Document]) -> bool:
    """Each has one accepted deposit at the DMP."""
    deposited = Shipment.objects.filter(channel="dmp", status=S.ACCEPTED, versions__document__in=papers)
    return deposited.count() == len(papers)


def expected(papers: list[Document]) -> list[str]:
    return [paper.versions.get(cda_with_ins=True).unique_id for paper in papers]


def test_found_on_the_fifth_day(arena: Arena, ward: world.Ward, child: Person, insi: InsiSandbox) -> None:
    # Given four papers that wait, one replaced and one withdrawn meanwhile
    first = Document.objects.get(person=child, type_code=EXAM)
    stay = first.stay
    second, third, gone = [validated(ward, stay, person=child, type_code=kind) for kind in LATER]
    replaced(ward, third)
    documents.withdraw(gone, by=ward.doctor_user, reason="Papier d'une autre patiente")
    assert Shipment.objects.filter(channel="dmp", status=S.HELD).count() == 3 and in_dmp(arena) == []

    # When INSi knows the child, and nobody does anything
    publish(insi, child, known_from=child.birth_date + timedelta(days=5))
    arena.start_worker()
    arena.start_clock()
    until("the deposits", lambda: all_there([first, second, third]))

    # Then each is there once, in the order in which they were held, and the mother's INS was not asked
    assert in_dmp(arena) == expected([first, second, third])
    assert gone.versions.filter(cda_with_ins=True).count() == 0
    asked = IdentityQuestion.objects.exclude(answer="")
    assert [(row.person_id, row.answer) for row in asked] == [(child.pk, "FOUND")]
    assert insi.asked == {"00": 1}
    assert not Shipment.objects.filter(status__in=[S.REJECTED, S.FAILED]).exists()


def test_down_for_the_day_and_a_worker_killed_while_asking(
    arena: Arena, ward: world.Ward, child: Person, insi: InsiSandbox
) -> None:
    # Given a service that is down
    first = Document.objects.get(person=child)
    second = validated(ward, first.stay, person=child, type_code=LATER[0])
    publish(insi, child)
    administer(insi, "POST", "faults", kind="down", times=10_000)
    worker = arena.start_worker()
    arena.start_clock()
    today = IdentityQuestion.objects.filter(planned_on=child.birth_date + timedelta(days=5))
    until("a failed question", lambda: today.filter(failed_at__isnull=False).exists())
    assert insi.asked == {"down": 1}, "it is left alone"
    assert in_dmp(arena) == []

    # When a day has passed, it answers no more than slowly, and the worker that asks is killed
    administer(insi, "DELETE", "faults")
    administer(insi, "POST", "faults", kind="slow")
    day = timedelta(days=1)
    IdentityQuestion.objects.filter(failed_at__isnull=False).update(
        failed_at=F("failed_at") - day, due_at=F("due_at") - day
    )
    until("a question in a worker's hands", lambda: insi.asked["slow"])
    worker.kill()
    worker.wait()
    administer(insi, "DELETE", "faults")
    assert IdentityQuestion.objects.filter(lease_until__isnull=False, answer="").count() == 1
    IdentityQuestion.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now())
    arena.start_worker()

    # Then the next one asks again, and everything leaves once, in order
    until("the deposits", lambda: all_there([first, second]))
    assert in_dmp(arena) == expected([first, second])
    assert IdentityQuestion.objects.filter(answer="FOUND").count() == 1
