"""« Corriger » through the pages: who sees what, nothing typed is lost, one document whatever is pressed twice."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination import blobs
from coordination.lifecycles import DepositStatus
from coordination.models import Deposit, Document, Draft, Stay, User
from coordination.services import documents, writing
from tests.coordination import world
from tests.coordination.services import written
from tests.coordination.services.helpers import deliver_all
from tests.coordination.services.replacing import WHY, Fakes, pdf
from tests.coordination.views.test_hospital_writing import typed

pytestmark = pytest.mark.django_db
COMMENT = "body.acts.acts[0].comment"


@pytest.fixture
def stay(ward: world.Ward, fakes: Fakes, settings: object) -> Stay:
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    return world.stay(ward)


@pytest.fixture
def writer(ward: world.Ward) -> User:
    return written.writer(ward)


@pytest.fixture
def summary(stay: Stay, writer: User) -> Document:
    made = written.sent(stay, writer)
    deliver_all()
    return made


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stay_page(client: Client, document: Document) -> str:
    return client.get(reverse("stay", args=[document.stay_id])).content.decode()


def opened(client: Client, document: Document) -> Draft:
    answer = client.post(reverse("document_correct", args=[document.pk]))
    draft = Draft.objects.get(replaces__isnull=False)
    assert answer["Location"] == reverse("writing", args=[draft.pk])
    return draft


def form(volet: str = "OBP-SCM", name: str = "maximal", **values: str) -> dict[str, str]:
    """Every field of the page, one statement changed, its reason, and the button that finishes."""
    changed = {COMMENT: "Relu et corrigé."} if volet == "OBP-SCM" else {"body.reason": "Relu et corrigé."}
    whole = {"revision": "1", "acte": "terminer", "motif": "WRONG_DATUM", "precision": "Vu avec le Dr"}
    return typed(volet, name) | changed | whole | values


def test_the_midwife_corrects_what_she_sent(summary: Document, writer: User, ward: world.Ward) -> None:
    client = signed(writer)
    page = stay_page(client, summary)
    assert "Corriger" in page and reverse("document_replace", args=[summary.pk]) not in page
    draft = opened(client, summary)
    page = client.get(reverse("writing", args=[draft.pk])).content.decode()
    assert "Corriger : Synthèse" in page and "sans incident" in page and "Valider et remplacer" in page
    assert "Motif de la correction" in page and "mauvais fichier" not in page and "bon fichier" not in page
    answer = client.post(reverse("writing", args=[draft.pk]), form())
    assert answer["Location"] == reverse("stay", args=[summary.stay_id])
    page = stay_page(client, summary)
    assert "Le papier est remplacé" in page and "Versions (2)" in page and "Vu avec le Dr" in page
    deliver_all()
    page = signed(ward.midwife_user).get(reverse("document", args=[summary.pk])).content.decode()
    assert "Une information était inexacte" in page and "Vu avec le Dr" not in page


def test_the_secretary_reads_who_can(summary: Document, ward: world.Ward) -> None:
    client = signed(ward.secretary)
    page = stay_page(client, summary)
    assert "un médecin ou une sage-femme de la maternité peut le corriger" in page
    assert reverse("document_correct", args=[summary.pk]) not in page
    assert reverse("document_replace", args=[summary.pk]) not in page
    assert client.post(reverse("document_correct", args=[summary.pk])).status_code == 403
    answer = client.get(reverse("document_replace", args=[summary.pk]), follow=True)
    assert "un fichier ne le remplace pas" in answer.content.decode()


def test_other_wards_find_nothing(summary: Document, ward: world.Ward, writer: User) -> None:
    draft = opened(signed(writer), summary)
    for user in (ward.secretary, ward.midwife_user, ward.coordinator):
        assert signed(user).post(reverse("writing_catch_up", args=[draft.pk])).status_code in (403, 404)
        assert signed(user).post(reverse("document_correct", args=[summary.pk])).status_code in (403, 404)


def test_a_deposited_paper_is_still_replaced_by_a_file(stay: Stay, ward: world.Ward, writer: User) -> None:
    paper = world.letter(ward, stay)
    documents.validate(paper, by=ward.doctor_user)
    page = stay_page(signed(writer), paper)
    assert reverse("document_replace", args=[paper.pk]) in page and "Corriger" not in page
    answer = signed(writer).post(reverse("document_correct", args=[paper.pk]), follow=True)
    assert "remplacez-le par un nouveau fichier" in answer.content.decode()


def test_without_a_reason_nothing_typed_is_lost(summary: Document, writer: User) -> None:
    client = signed(writer)
    draft = opened(client, summary)
    answer = client.post(reverse("writing", args=[draft.pk]), form(motif="", precision="Gardée"))
    page = answer.content.decode()
    assert answer.status_code == 422 and 'href="#id_motif"' in page and "Il manque le motif" in page
    assert "Relu et corrigé." in page and "Gardée" in page and summary.versions.count() == 1
    page = client.get(reverse("writing", args=[draft.pk])).content.decode()
    assert "Relu et corrigé." in page and "Gardée" in page


def test_kept_as_she_types_with_its_reason(summary: Document, writer: User) -> None:
    client = signed(writer)
    draft = opened(client, summary)
    client.post(reverse("writing_keep", args=[draft.pk]), form(motif="LATE_RESULT"))
    draft.refresh_from_db()
    assert (draft.reason, draft.comment, draft.revision) == ("LATE_RESULT", "Vu avec le Dr", 2)
    assert "Reprendre la correction" in stay_page(client, summary)


def test_another_version_came_meanwhile(summary: Document, writer: User) -> None:
    client = signed(writer)
    draft = opened(client, summary)
    file, case = pdf("Entre-temps"), blobs.store_json(written.corrected(words="Entre-temps"))
    documents.replace(summary, by=writer, original=file, readable=file, body=case, reason=WHY)
    answer = client.post(reverse("writing", args=[draft.pk]), form())
    page = answer.content.decode()
    assert answer.status_code == 422 and "rien n&#x27;est perdu" in page and "Relu et corrigé." in page
    assert "Non enregistré" not in page
    client.post(reverse("writing_catch_up", args=[draft.pk]))
    draft.refresh_from_db()
    assert "a changé entre-temps" not in client.get(reverse("writing", args=[draft.pk])).content.decode()
    client.post(reverse("writing", args=[draft.pk]), form(revision=str(draft.revision)))
    assert summary.versions.count() == 3


def test_the_letter_waits_for_its_physician(stay: Stay, writer: User, ward: world.Ward) -> None:
    letter = written.sent(stay, writer, "LDL-SES", "minimal")
    documents.validate(letter, by=ward.doctor_user)
    midwife, doctor, secretary = signed(writer), signed(ward.doctor_user), signed(ward.secretary)
    draft = opened(midwife, letter)
    assert "CORMIER validera" in midwife.get(reverse("writing", args=[draft.pk])).content.decode()
    midwife.post(reverse("writing", args=[draft.pk]), form("LDL-SES", "minimal"))
    page = stay_page(midwife, letter)
    assert "attend la validation de Hélène CORMIER" in page and "Corriger" not in page
    deposit = Deposit.objects.get()
    look = reverse("replacement", args=[deposit.pk])
    assert "rouvrir" not in secretary.get(look).content.decode()
    secretary.post(reverse("paper_discard", args=[deposit.pk]))
    deposit.refresh_from_db()
    assert deposit.status == DepositStatus.READY, "not by another door either"
    assert "nouvelle version" in doctor.get("/a-valider/").content.decode()
    assert "rouvrir la correction" in doctor.get(look).content.decode()
    doctor.post(reverse("replacement_discard", args=[deposit.pk]))
    assert "Reprendre la correction" in stay_page(midwife, letter)
    draft.refresh_from_db()
    midwife.post(reverse("writing", args=[draft.pk]), form("LDL-SES", "minimal", revision=str(draft.revision)))
    again = Deposit.objects.get(status=DepositStatus.READY)
    assert doctor.get(reverse("paper_pdf", args=[again.pk])).content.startswith(b"%PDF-")
    doctor.post("/a-valider/valider/", {"remplacements": [str(again.pk)]})
    assert letter.versions.count() == 2 and letter.current_version.body is not None


class TestTwiceAndLost:
    @pytest.fixture
    def draft(self, stay: Stay, writer: User) -> Draft:
        return writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)

    def test_finished_meanwhile_leads_to_the_stay(
        self, draft: Draft, writer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The page was read before the other activation finished."""
        client, finish = signed(writer), writing.finish

        def after_the_other(one: Draft, **named: object) -> Document:
            finish(Draft.objects.get(pk=one.pk), by=writer)
            return finish(one, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(writing, "finish", after_the_other)
        answer = client.post(reverse("writing", args=[draft.pk]), form(), follow=True)
        assert answer.redirect_chain and "déjà terminé" in answer.content.decode()
        assert Document.objects.count() == 1

    @pytest.mark.parametrize("how", ["missing", "altered"])
    def test_what_was_kept_cannot_be_read(self, draft: Draft, writer: User, how: str) -> None:
        path, client = blobs._path(draft.body_id), signed(writer)
        if how == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        answer = client.get(reverse("writing", args=[draft.pk]))
        assert answer.status_code == 422 and "ne se relit pas" in answer.content.decode()
        client.post(reverse("writing_abandon", args=[draft.pk]))
        draft.refresh_from_db()
        assert draft.abandoned_at is not None
