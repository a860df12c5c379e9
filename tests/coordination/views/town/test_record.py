"""« Ses documents »: the mother's papers and her DMP as one list, asked by a worker, never by a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from coordination import checks, document_source, tasks
from coordination.cda.builder import build
from coordination.models import AuditEntry, Blob, ReceivedDocument, RecordQuery, Role
from coordination.ports import PermanentChannelError, RecordAct, Scope, TemporaryChannelError
from coordination.selectors import record_state
from dmp_gateway.consultation import DmpConsultation
from perinat.standards import codes
from perinat.standards.shared_record import Authorization
from tests.coordination import world
from tests.coordination.cda import samples
from tests.coordination.cda.samples import PDF
from tests.coordination.cda.writing import attached, document, section
from tests.coordination.services.letters_in import arrive, content
from tests.coordination.views.town.conftest import Home, SignIn, strong
from tests.coordination.views.town.consulted import address, consult, post, text, work
from tests.fake_record import FakeRecord, described
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, with_archive

pytestmark = pytest.mark.django_db
DEAD = TemporaryChannelError("UNREACHABLE", "Le DMP ne répond pas. Réessayez dans quelques minutes.")
INTERVIEW, MAILED = "Synthèse de l’entretien prénatal précoce", "1.2.250.1.999.9.34"
NARRATIVE = "<paragraph>Hémoglobine 12,1 g/dL</paragraph>"


def test_the_page_itself_asks_nothing(home: Home, claire: Client, dmp: FakeRecord) -> None:
    page = text(claire, home)
    assert "Vous n’avez pas encore consulté son DMP" in page and "Elle est d’accord : consulter" in page
    assert dmp.calls == []


def test_a_password_does_not_open_the_dmp(home: Home, midwife: Client, dmp: FakeRecord, settings: Any) -> None:
    settings.PSC_DISCOVERY_URL = "http://127.0.0.1/psc"
    page = text(midwife, home)
    assert "Le DMP ne s’ouvre qu’avec Pro Santé Connect" in page and "/psc/connexion/?next=" in page
    assert home.letter.title in page.replace("&#x27;", "'")
    post(midwife, home, "record_consult", accord="1")
    assert not RecordQuery.objects.exists() and dmp.calls == []


def test_the_first_time_is_an_agreement_declared(home: Home, claire: Client, dmp: FakeRecord) -> None:
    dmp.authorization = Authorization.NONE
    post(claire, home, "record_consult", accord="1")
    assert "Recherche en cours dans le DMP" in text(claire, home) and dmp.calls == []
    work()
    page = text(claire, home)
    assert "Bilan sanguin" in page and "Recherche en cours" not in page
    assert dmp.calls == ["state", "authorize", "state", "search"]
    assert dmp.readers[0].strong and dmp.readers[0].sender.user.ps_idnat == home.ward.midwife.ps_idnat
    assert AuditEntry.objects.filter(action="dmp.authorized").count() == 1
    asked = AuditEntry.objects.get(action="dmp.asked")
    assert asked.data["agreed"] is True and "ACACIA" not in str(asked.data)
    assert "Elle est d’accord" not in page  # from now on, one activation
    consult(claire, home)
    assert dmp.calls[4:] == ["state", "changes"]


def test_an_answer_that_comes_while_the_page_is_read_is_still_awaited(
    home: Home, claire: Client, dmp: FakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of an answer would stay on the page: it no longer looks for the rest."""
    post(claire, home, "record_consult", accord="1")
    plain = record_state._asked_well

    def meanwhile(*about: Any) -> RecordQuery | None:
        found = plain(*about)
        work()
        return found

    monkeypatch.setattr(record_state, "_asked_well", meanwhile)
    page = text(claire, home)
    assert "Recherche en cours dans le DMP" in page and "data-poll" in page, "it asks again"
    page = text(claire, home)
    assert "Recherche en cours" not in page and "Dans perinat et dans le DMP (2)" in page


def test_without_agreement_the_record_is_not_opened(home: Home, claire: Client, dmp: FakeRecord) -> None:
    consult(claire, home, accord="1")
    dmp.authorization = Authorization.EXPIRED
    page = consult(claire, home)
    assert "Votre autorisation d’accès à ce DMP a expiré" in page and "Elle est d’accord : consulter" in page
    assert "authorize" not in dmp.calls
    assert "Bilan sanguin" not in page  # what it gave is no longer shown to who may not read it


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"existing": False}, "Il n’y a pas de DMP à ce nom"),
        ({"closed": True}, "Le DMP est fermé"),
        ({"authorization": Authorization.FORBIDDEN}, "La patiente a bloqué votre accès"),
        ({"authorization": Authorization.NONE}, "Vous n’avez pas encore d’autorisation"),
    ],
)
def test_each_state_has_its_calm_sentence(
    home: Home, claire: Client, dmp: FakeRecord, change: dict[str, Any], said: str
) -> None:
    for name, value in change.items():
        setattr(dmp, name, value)
    page = consult(claire, home)
    assert said in page and "p-message--error" not in page
    assert "search" not in dmp.calls and "authorize" not in dmp.calls


def test_one_list_each_document_once(home: Home, claire: Client, dmp: FakeRecord) -> None:
    version = home.letter.versions.get()
    dmp.documents.append(described("La même lettre", codes.LETTRE_DE_LIAISON_SORTIE.code, unique_id=version.unique_id))
    page = consult(claire, home, accord="1")
    assert "La même lettre" not in page and "perinat et DMP" in page
    assert page.count('<li class="p-record">') == 2
    assert page.index("perinat et DMP") < page.index("Bilan sanguin")  # newest first


def test_the_list_is_filtered_by_kind(home: Home, claire: Client, dmp: FakeRecord) -> None:
    dmp.documents.append(described("Ordonnance de fer", codes.ORDONNANCE_PRODUITS.code))
    consult(claire, home, accord="1")
    page = text(claire, home, "?genre=42")
    assert "Ordonnance de fer" in page and "Bilan sanguin" not in page and "Prescription (1)" in page
    assert "Aucun document de ce genre" in text(claire, home, "?genre=99")


def test_the_prenatal_interview_stands_first(home: Home, claire: Client, dmp: FakeRecord) -> None:
    dmp.documents += [
        described("Synthèse de l'entretien prénatal précoce", codes.SYNTHESE_EPISODE.code, days_ago=200),
        described("Synthèse d'épisode : chirurgie", codes.SYNTHESE_EPISODE.code),
    ]
    page = consult(claire, home, accord="1")
    assert page.count('id="epp"') == 1 and page.index('id="epp"') < page.index('id="dmp"')
    essentials = claire.get(address(home, "essentials")).content.decode()
    assert "Entretien prénatal précoce" in essentials and address(home) in essentials
    dmp.documents.pop(1)
    RecordQuery.objects.all().delete()
    assert 'id="epp"' not in consult(claire, home, accord="1")


def test_a_document_is_read_in_one_activation_and_audited(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = document(section(NARRATIVE + "<script>alert(1)</script>"))
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    assert "Le document arrive du DMP" in claire.get(where).content.decode()
    assert claire.get(where + "etat").status_code == 204
    work()
    assert claire.get(where + "etat")["HX-Refresh"] == "true"
    page = claire.get(where).content.decode()
    assert "Hémoglobine 12,1" in page and "alert(1)" not in page
    entry = AuditEntry.objects.get(action="dmp.document_opened")
    assert entry.data == {"document": one.unique_id} and entry.by_id == home.ward.midwife_user.pk
    assert post(claire, home, "record_read", document=one.unique_id)["Location"] == where  # still kept
    assert dmp.calls.count("retrieve") == 1


def test_a_pdf_is_served_inline(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = document(section(NARRATIVE, entry=attached("application/pdf", PDF)))
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    work()
    assert "Ouvrir le PDF" in claire.get(where).content.decode()
    file = claire.get(where + "fichier")
    assert file["Content-Type"] == "application/pdf" and file.content == PDF
    assert "no-store" in file["Cache-Control"]


def test_a_pdf_is_drawn_for_a_phone_in_a_child(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = document(section(NARRATIVE, entry=attached("application/pdf", world.pdf_a())))
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    work()
    assert claire.get(where).content.decode().count("<img") == 1
    picture = claire.get(where + "page/1")
    assert picture["Content-Type"] == "image/webp" and picture.content[8:12] == b"WEBP"
    assert claire.get(where + "page/2").status_code == 404 == claire.get(where + "page/0").status_code


def test_a_pdf_that_cannot_be_drawn_keeps_its_button(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = document(section(NARRATIVE, entry=attached("application/pdf", b"%PDF-1.4 rien")))
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    work()
    page = claire.get(where).content.decode()
    assert "Ouvrir le PDF" in page and "<img" not in page


def test_bytes_that_are_no_document_are_said(home: Home, claire: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = b"<html>rien</html>"
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    work()
    assert "perinat ne sait pas afficher ce document" in claire.get(where).content.decode()
    assert claire.get(where + "fichier").status_code == 404


def test_nothing_of_the_record_is_kept_in_clear(home: Home, claire: Client, dmp: FakeRecord, settings: Any) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = document(section(NARRATIVE))
    consult(claire, home, accord="1")
    post(claire, home, "record_read", document=one.unique_id)
    work()
    for path in Path(settings.BLOB_DIR).rglob("*"):
        assert path.is_dir() or not any(word in path.read_bytes() for word in (b"Bilan", b"LAURIER", "Hémo".encode()))
    rows = str(list(RecordQuery.objects.values()))
    assert "Bilan" not in rows and "ACACIA" not in rows and world.ins().matricule not in rows


def test_what_was_kept_is_erased_when_its_time_is_over(
    home: Home, claire: Client, dmp: FakeRecord, settings: Any
) -> None:
    consult(claire, home, accord="1")
    kept = RecordQuery.objects.get().answer
    assert kept is not None
    files = sum(path.is_file() for path in Path(settings.BLOB_DIR).rglob("*"))
    RecordQuery.objects.update(kept_until=timezone.now() - timedelta(seconds=1))
    assert "Sa liste n’est plus gardée ici" in text(claire, home)
    assert RecordQuery.objects.get().answer_id is not None
    with TestCase.captureOnCommitCallbacks(execute=True):
        tasks.sweep_records()
    assert RecordQuery.objects.get().answer_id is None and not Blob.objects.filter(pk=kept.pk).exists()
    assert sum(path.is_file() for path in Path(settings.BLOB_DIR).rglob("*")) == files - 1


def test_a_dead_dmp_leaves_the_last_list_with_its_hour(home: Home, claire: Client, dmp: FakeRecord) -> None:
    consult(claire, home, accord="1")
    dmp.fail("state", DEAD)
    page = consult(claire, home)
    assert "Le DMP ne répond pas" in page and "Liste donnée par le DMP" in page and "Bilan sanguin" in page


def test_what_nobody_foresaw_is_a_sentence_too(home: Home, claire: Client, dmp: FakeRecord) -> None:
    dmp.fail("state", RuntimeError("une panne"))
    assert "La demande au DMP n’a pas abouti" in consult(claire, home, accord="1")


def test_an_unanswered_question_is_given_up(home: Home, claire: Client, dmp: FakeRecord) -> None:
    post(claire, home, "record_consult", accord="1")
    RecordQuery.objects.update(asked_at=timezone.now() - timedelta(hours=1), started_at=timezone.now())
    tasks.sweep_records()
    assert "Le DMP n’a pas répondu à temps" in text(claire, home) and dmp.calls == []


def test_two_taps_are_one_question(home: Home, claire: Client, dmp: FakeRecord) -> None:
    post(claire, home, "record_consult", accord="1")
    post(claire, home, "record_consult", accord="1")
    query = RecordQuery.objects.get()
    dmp.meanwhile = lambda: tasks.ask_record(str(query.pk))  # a second worker takes the same bell
    work()
    assert dmp.calls == ["state", "search"]


def test_a_refusal_of_the_dmp_is_told_as_it_is(home: Home, claire: Client, dmp: FakeRecord) -> None:
    refusal = PermanentChannelError("CERTIFICATE_UNUSABLE", "Le certificat de l'établissement ne peut pas servir.")
    dmp.fail("state", refusal)
    assert "Le certificat de l&#x27;établissement ne peut pas servir" in consult(claire, home, accord="1")


def test_without_right_structure_or_ins_nothing_is_asked(home: Home, claire: Client, dmp: FakeRecord) -> None:
    dmp.given = {RecordAct.TEST: Scope.YES}
    assert "Le DMP ne donne pas la lecture à votre profession" in text(claire, home)
    mother = home.stay.mother
    mother.ins_status = "VALI"
    mother.save()
    assert "n’est pas qualifiée : le DMP ne peut pas être consulté" in text(claire, home)
    home.ward.practice.finess = None
    home.ward.practice.save()
    assert "n’a pas de numéro FINESS" in text(claire, home)
    post(claire, home, "record_consult", accord="1")
    assert not RecordQuery.objects.exists()


def test_the_ward_says_why_it_opens_the_record(home: Home, claire: Client, sign_in: SignIn, dmp: FakeRecord) -> None:
    doctor = strong(sign_in(home.ward.doctor_user))
    page = text(doctor, home)
    assert "Urgence obstétricale" in page and "journal des accès" in page
    post(doctor, home, "record_consult")
    assert not RecordQuery.objects.exists()
    assert "Bilan sanguin" in consult(doctor, home, motif="OBSTETRIC")
    assert AuditEntry.objects.get(action="dmp.asked").data["reason"] == "OBSTETRIC"
    assert "Bilan sanguin" not in text(claire, home)  # what the record gave is for who asked it


def test_others_see_nothing(home: Home, claire: Client, sign_in: SignIn, stranger: Client, dmp: FakeRecord) -> None:
    (one,) = dmp.documents
    dmp.bytes_of[one.unique_id] = document(section(NARRATIVE))
    consult(claire, home, accord="1")
    where = post(claire, home, "record_read", document=one.unique_id)["Location"]
    work()
    assert stranger.get(address(home)).status_code == 404
    assert strong(sign_in(home.ward.doctor_user)).get(where).status_code == 404
    assert sign_in(home.ward.secretary).get(address(home)).status_code == 403
    cpam = world.user("cpam", Role.CPAM, home.ward.cpts)
    assert sign_in(cpam).get(address(home)).status_code == 403


def test_a_mother_not_informed_stays_closed(home: Home, claire: Client, dmp: FakeRecord) -> None:
    home.stay.care_team.update(informed_at=None)
    assert claire.get(address(home)).status_code == 302
    post(claire, home, "record_consult", accord="1")
    assert not RecordQuery.objects.exists()


def test_an_installation_may_consult_nothing(home: Home, claire: Client, settings: Any) -> None:
    settings.DOCUMENT_SOURCE = ""
    assert "n’est pas activée sur cette installation" in text(claire, home)
    assert checks.document_source(None) == []
    settings.DOCUMENT_SOURCE = "dmp_gateway.consultation.Rien"
    assert [one.id for one in checks.document_source(None)] == ["perinat.E002"]


def test_the_source_is_the_one_of_the_settings() -> None:
    assert isinstance(document_source.get(), DmpConsultation)
    assert document_source.get() is document_source.get()


# --- What came by MSSanté -------------------------------------------------------------------------------


@pytest.fixture
def interview_by_mail(home: Home, fakes: dict[str, FakeChannel]) -> ReceivedDocument:
    """The synthesis of her prenatal interview, sent by MSSanté to the practice and filed by itself."""
    letter = replace(content(), type=codes.DOCUMENT_TYPES[codes.SYNTHESE_EPISODE.code], title=INTERVIEW)
    raw = with_archive(archive(build(letter, unique_id=MAILED, now=samples.NOW)))
    (document,) = arrive(fakes, raw, mailbox="perinat@cabinet.mssante.example")
    assert (document.status, document.unique_id, document.type_code) == ("FILED", MAILED, "34133-9")
    return document


def test_what_came_by_mail_is_in_the_list_and_the_interview_first(
    home: Home, claire: Client, dmp: FakeRecord, interview_by_mail: ReceivedDocument
) -> None:
    page = text(claire, home)
    where = reverse("mail_document", args=[interview_by_mail.pk])
    assert page.count('id="epp"') == 1 and f'href="{where}"' in page and "MSSanté" in page
    assert page.count('<li class="p-record">') == 2, "with the letter of perinat"
    assert claire.get(where).status_code == 200
    essentials = claire.get(address(home, "essentials")).content.decode()
    assert "Entretien prénatal précoce" in essentials and f'href="{where}"' in essentials


def test_the_same_cda_by_mail_and_in_the_dmp_is_told_once(
    home: Home, claire: Client, dmp: FakeRecord, interview_by_mail: ReceivedDocument
) -> None:
    dmp.documents = [described("La même dans le DMP", codes.SYNTHESE_EPISODE.code, unique_id=MAILED)]
    page = consult(claire, home, accord="1")
    assert "La même dans le DMP" not in page and "MSSanté et DMP" in page
    assert page.count('<li class="p-record">') == 2


def test_what_waits_or_was_put_aside_is_not_there(
    home: Home, claire: Client, dmp: FakeRecord, interview_by_mail: ReceivedDocument
) -> None:
    for status in ("TO_SORT", "DISCARDED", "REPLACED", "DELETED"):
        ReceivedDocument.objects.update(status=status)
        assert 'id="epp"' not in text(claire, home), status
