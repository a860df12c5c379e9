"""The DMP of a child, apart from that of its mother: its own list, its own agreement, its own rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination.models import AuditEntry, Newborn, Person, RecordQuery
from coordination.services import documents
from perinat.standards import codes, oids
from perinat.standards.identifiers import Ins, ins_key
from perinat.standards.shared_record import Authorization
from tests.coordination import world
from tests.coordination.views.town.conftest import Home
from tests.coordination.views.town.consulted import address, consult, post, text, work
from tests.fake_record import FakeRecord, described

pytestmark = pytest.mark.django_db


@pytest.fixture
def child(home: Home) -> Person:
    """Its INS is known and verified, its exam is in perinat."""
    person = Newborn.objects.get(stay=home.stay).person
    number = "1261178990123"
    ins = Ins(number + ins_key(number), oids.INS_NIR_TEST)
    Person.objects.filter(pk=person.pk).update(ins_status="QUAL", ins_matricule=ins.matricule, ins_oid=ins.oid)
    exam = world.letter(home.ward, home.stay, person=person)
    documents.validate(exam, by=home.ward.doctor_user)
    person.refresh_from_db()
    return person


def page_of(client: Client, home: Home, child: Person) -> str:
    return text(client, home, f"?enfant={child.pk}")


def asked(client: Client, home: Home, child: Person, name: str = "record_consult", **data: str) -> Any:
    answer = post(client, home, name, enfant=str(child.pk), **data)
    work()
    return answer


def test_both_records_are_offered_and_stand_apart(home: Home, claire: Client, dmp: FakeRecord, child: Person) -> None:
    mother = text(claire, home)
    assert f'href="{address(home)}?enfant={child.pk}"' in mother and "l’enfant" in mother
    consult(claire, home, accord="1")
    page = page_of(claire, home, child)
    assert "p-person--newborn" in page or "Nouveau-né" in page
    assert "Vous n’avez pas encore consulté son DMP" in page, "the mother's answer is not the child's"
    assert "Bilan sanguin" not in page and "Bilan sanguin" in text(claire, home)
    assert home.stay.mother.birth_date.strftime("%d/%m/%Y") not in page


def test_the_agreement_is_that_of_its_legal_representatives(
    home: Home, claire: Client, dmp: FakeRecord, child: Person
) -> None:
    dmp.authorization = Authorization.NONE
    assert "représentants légaux de l’enfant, informés" in page_of(claire, home, child)
    answer = asked(claire, home, child)
    assert f"?enfant={child.pk}" in answer["Location"]
    assert "accord à ses représentants légaux" in page_of(claire, home, child)
    asked(claire, home, child, accord="1")
    page = page_of(claire, home, child)
    assert "Bilan sanguin" in page and "Ils sont d’accord" not in page
    assert dmp.calls == ["state", "state", "authorize", "state", "search"]
    assert {one.person_id for one in RecordQuery.objects.all()} == {child.pk}
    assert dmp.patients_asked[-1].ins == child.ins != home.stay.mother.ins
    assert AuditEntry.objects.filter(action="dmp.asked", data__child=True).count() == 2
    assert "Vous n’avez pas encore consulté son DMP" in text(claire, home), "nothing was asked of the mother's"


def test_its_documents_of_perinat_are_its_own(home: Home, claire: Client, dmp: FakeRecord, child: Person) -> None:
    page = page_of(claire, home, child)
    assert page.count('<li class="p-record">') == 1 == text(claire, home).count('<li class="p-record">')
    dmp.documents.append(described("Synthèse de l'entretien prénatal précoce", codes.SYNTHESE_EPISODE.code))
    asked(claire, home, child, accord="1")
    assert 'id="epp"' not in page_of(claire, home, child), "a prenatal interview is the mother's"


def test_a_document_of_its_record_opens_under_its_name(
    home: Home, claire: Client, dmp: FakeRecord, child: Person
) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = b"<garbage/>"
    asked(claire, home, child, accord="1")
    where = asked(claire, home, child, "record_read", document=one.unique_id)["Location"]
    page = claire.get(where).content.decode()
    assert f"{address(home)}?enfant={child.pk}" in page
    assert claire.post(address(home, "record_read"), {"document": one.unique_id})["Location"] != where


def test_the_acts_speak_of_its_representatives(home: Home, claire: Client, dmp: FakeRecord, child: Person) -> None:
    asked(claire, home, child, accord="1")
    page = page_of(claire, home, child)
    assert "Seuls les représentants légaux de l’enfant" in page and "Seuls la patiente" not in page
    asked(claire, home, child, "record_change", document=dmp.documents[0].unique_id, acte="3.3d")
    assert RecordQuery.objects.filter(kind="CHANGE", person=child).exists()


def test_without_its_ins_it_waits(home: Home, claire: Client, dmp: FakeRecord) -> None:
    newborn = Newborn.objects.get(stay=home.stay).person
    assert "L’INS (identité nationale de santé) de l’enfant n’est pas encore qualifiée" in page_of(
        claire, home, newborn
    )
    asked(claire, home, newborn, accord="1")
    assert not RecordQuery.objects.exists() and dmp.calls == []


def test_a_child_apart_is_neither_offered_nor_asked(home: Home, claire: Client, dmp: FakeRecord, child: Person) -> None:
    asked(claire, home, child, accord="1")
    Newborn.objects.filter(person=child).update(link_ended_at=timezone.now())
    assert "enfant=" not in text(claire, home)
    assert claire.get(f"{address(home)}?enfant={child.pk}").status_code == 404
    opened = RecordQuery.objects.get(kind="SEARCH")
    assert not RecordQuery.objects.visible_to(home.ward.midwife_user).filter(pk=opened.pk).exists()


def test_any_other_person_is_a_404(home: Home, claire: Client, child: Person) -> None:
    for wrong in (str(home.stay.mother_id), "x", "00000000-0000-0000-0000-000000000000"):
        assert claire.get(f"{address(home)}?enfant={wrong}").status_code == 404
        answer = claire.post(reverse("record_consult", args=[home.stay.pk]), {"enfant": wrong, "accord": "1"})
        assert answer.status_code == 404
