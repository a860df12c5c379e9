"""Acts on the documents of a DMP, who has access to it, the end of an access."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import AuditEntry, RecordQuery
from coordination.ports import RecordAct, TemporaryChannelError
from perinat.standards import codes
from tests.coordination.views.town.conftest import Home
from tests.coordination.views.town.consulted import consult, post, text, work
from tests.fake_record import FakeRecord, described

pytestmark = pytest.mark.django_db
DEAD = TemporaryChannelError("UNREACHABLE", "Le DMP ne répond pas. Réessayez dans quelques minutes.")
NARRATIVE = "<paragraph>Hémoglobine 12,1 g/dL</paragraph>"


def test_an_act_is_done_once_and_shown(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    consult(claire, home, accord="1")
    assert "Seuls la patiente, l’auteur et le médecin traitant" in text(claire, home)
    post(claire, home, "record_change", document=one.unique_id, acte=RecordAct.MASK.value)
    work()
    page = text(claire, home)
    assert "Masqué aux professionnels" in page and dmp.calls.count("mask") == 1
    assert AuditEntry.objects.get(action="dmp.changed").data == {"act": "3.3a masquage", "document": one.unique_id}
    post(claire, home, "record_change", document=one.unique_id, acte=RecordAct.ARCHIVE.value)
    work()
    assert "Bilan sanguin" not in text(claire, home)
    page = consult(claire, home, plus="1")
    assert "Archivé" in page and "Rendre actif" in page and "search wide" in dmp.calls


def test_what_the_rights_do_not_give_is_not_offered_nor_done(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.acts = frozenset({RecordAct.READ})
    page = consult(claire, home, accord="1")
    assert "Agir dans le DMP" not in page
    post(claire, home, "record_change", document=one.unique_id, acte=RecordAct.MASK.value)
    work()
    assert "Le DMP ne vous donne pas cet acte" in text(claire, home) and "mask" not in dmp.calls
    post(claire, home, "record_change", document=one.unique_id, acte=RecordAct.DELETE.value)
    assert RecordQuery.objects.filter(kind="CHANGE").count() == 1 and "delete" not in dmp.calls


def test_a_mask_is_lifted_for_good(home: Home, claire: Client, dmp: FakeRecord) -> None:
    hidden = codes.INVISIBLE_PATIENT.code
    dmp.documents = [described("Résultat à annoncer", confidentiality=frozenset({"N", hidden}))]
    dmp.acts = frozenset({RecordAct.REVEAL})
    page = consult(claire, home, accord="1")
    assert "Non visible par la patiente" in page and "il ne pourra plus lui être caché" in page
    post(claire, home, "record_change", document=dmp.documents[0].unique_id, acte="3.3b", masque=hidden)
    work()
    assert "Non visible par la patiente" not in text(claire, home) and "reveal" in dmp.calls


def test_an_act_done_without_a_list_says_so(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    consult(claire, home, accord="1")
    dmp.fail("search", DEAD)
    post(claire, home, "record_change", document=one.unique_id, acte=RecordAct.MASK.value)
    work()
    assert "C’est fait. La liste n’a pas pu être relue" in text(claire, home) and "mask" in dmp.calls


def test_who_has_access(home: Home, claire: Client, dmp: FakeRecord) -> None:
    consult(claire, home, accord="1")
    post(claire, home, "record_accesses")
    work()
    page = text(claire, home)
    assert "Claire AUBÉPINE" in page and "Bloqué :" in page and "Jean HOUX" in page


def test_her_access_ended_the_list_is_forgotten(home: Home, claire: Client, dmp: FakeRecord) -> None:
    consult(claire, home, accord="1")
    post(claire, home, "record_revoke")
    work()
    page = text(claire, home)
    assert "Bilan sanguin" not in page and "Elle est d’accord : consulter" in page
    assert AuditEntry.objects.filter(action="dmp.revoked").exists()


def test_the_list_of_her_authorisations(home: Home, claire: Client, midwife: Client, dmp: FakeRecord) -> None:
    where = reverse("record_patients")
    claire.post(reverse("record_patients_ask"))
    assert "Recherche en cours" in claire.get(where).content.decode()
    work()
    assert "ACACIA" in claire.get(where).content.decode()
