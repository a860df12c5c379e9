"""A structured document already sent is corrected: by whom, under whose name, and nothing typed is ever lost."""

from __future__ import annotations

import pytest
from django.utils import timezone

from coordination import access, blobs
from coordination.cda.volets.read import body_of
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import (
    AuditEntry,
    Delegation,
    Deposit,
    Document,
    Draft,
    ReplacementReason,
    Shipment,
    Stay,
    User,
)
from coordination.ports import Action
from coordination.selectors import signatures
from coordination.services import corrections, documents, replacements, writing
from coordination.services.deposits import DepositRefusedError
from coordination.services.documents import DocumentRefusedError
from perinat.standards import xml
from tests.coordination import world
from tests.coordination.services import written
from tests.coordination.services.helpers import deliver_all
from tests.coordination.services.replacing import WHY, Fakes, named_in, pdf, sent

pytestmark = pytest.mark.django_db
LETTER = ("LDL-SES", "minimal")


@pytest.fixture
def stay(ward: world.Ward, fakes: Fakes) -> Stay:
    return world.stay(ward)


@pytest.fixture
def writer(ward: world.Ward) -> User:
    return written.writer(ward)


@pytest.fixture
def summary(stay: Stay, writer: User) -> Document:
    """A summary of the midwife's own, received everywhere."""
    made = written.sent(stay, writer)
    deliver_all()
    return made


@pytest.fixture
def letter(stay: Stay, writer: User, ward: world.Ward) -> Document:
    """A discharge letter that the midwife wrote and the physician validated."""
    made = written.sent(stay, writer, *LETTER)
    documents.validate(made, by=ward.doctor_user)
    deliver_all()
    return made


class TestHerOwn:
    def test_the_new_version_says_it_and_replaces_the_old_one_everywhere(
        self, summary: Document, writer: User, fakes: Fakes
    ) -> None:
        first = summary.current_version
        draft = written.correction(summary, writer, written.corrected(), comment="Relu avec le Dr")
        assert writing.finish(draft, by=writer) == summary
        version = summary.current_version
        assert (version.number, version.replaces, version.reason) == (2, first, WHY.label)
        assert version.body is not None and version.cda is not None and version.readable is not None
        read = body_of(xml.parse(blobs.read(version.cda)))
        assert read is not None and read[1]["acts"]["acts"][0]["comment"] == "Relu et corrigé."
        assert blobs.read_json(version.body) == read[1] and named_in(version) == first.unique_id
        assert blobs.read(version.readable).startswith(b"%PDF-") and version.readable_id != first.readable_id
        deliver_all()
        for fake in fakes.values():
            assert sent(fake) == [("SEND", 1, ""), ("REPLACE", 2, first.unique_id)]
            assert "Relu avec" not in repr(fake.kept)
        draft.refresh_from_db()
        assert draft.finished_at is not None and draft.deposit is not None
        assert draft.deposit.status == DepositStatus.FILED and version.comment == "Relu avec le Dr"

    def test_it_opens_with_what_the_version_in_force_says_and_only_once(self, summary: Document, writer: User) -> None:
        draft = corrections.open_correction(summary, by=writer)
        assert blobs.read_json(draft.body) == blobs.read_json(summary.current_version.body)  # type: ignore[arg-type]
        assert corrections.open_correction(summary, by=writer) == draft
        assert writing.open_draft(summary.stay, summary.person, "OBP-SCM", by=writer) != draft

    def test_what_changes_nothing_is_not_sent(self, summary: Document, writer: User) -> None:
        """White space and a default written out change nothing."""
        same = written.body()
        same["acts"]["acts"][0]["comment"] += "  "
        draft = written.correction(summary, writer, same)
        with pytest.raises(DocumentRefusedError, match="Rien n'a changé"):
            writing.finish(draft, by=writer)
        assert summary.versions.count() == 1 and not Deposit.objects.exists()

    @pytest.mark.parametrize(("reason", "words"), [("", "motif"), (ReplacementReason.OTHER, "précisez")])
    def test_a_reason_is_wanted(self, summary: Document, writer: User, reason: str, words: str) -> None:
        draft = written.correction(summary, writer, written.corrected(), reason=reason)
        with pytest.raises(DocumentRefusedError, match=words):
            writing.finish(draft, by=writer)
        draft.refresh_from_db()
        assert draft.is_open and summary.versions.count() == 1

    def test_a_file_replaces_no_written_document(self, summary: Document, ward: world.Ward, writer: User) -> None:
        file = pdf("Autre")
        with pytest.raises(DocumentRefusedError, match="écrit à l'écran"):
            documents.replace(summary, by=writer, original=file, readable=file, reason=WHY)
        with pytest.raises(DepositRefusedError, match="écrit à l'écran"):
            replacements.propose(summary, name="a.pdf", data=b"%PDF-", by=ward.secretary, reason=WHY)

    def test_a_deposited_paper_is_not_corrected(self, stay: Stay, ward: world.Ward, writer: User) -> None:
        paper = world.letter(ward, stay)
        with pytest.raises(DocumentRefusedError, match="pas encore validé|attend encore"):
            corrections.open_correction(paper, by=writer)
        documents.validate(paper, by=ward.doctor_user)
        with pytest.raises(DocumentRefusedError, match="remplacez-le par un nouveau fichier"):
            corrections.open_correction(paper, by=writer)

    @pytest.mark.parametrize("who", ["secretary", "midwife_user", "coordinator"])
    def test_only_writers_of_the_ward(self, summary: Document, ward: world.Ward, who: str) -> None:
        with pytest.raises(access.AccessDeniedError):
            corrections.open_correction(summary, by=getattr(ward, who))

    def test_what_is_in_force_cannot_be_read(self, summary: Document, writer: User) -> None:
        body = summary.current_version.body
        assert body is not None
        blobs._path(body.pk).unlink()
        with pytest.raises(DocumentRefusedError, match="ne se relit pas"):
            corrections.open_correction(summary, by=writer)
        assert not Draft.objects.filter(replaces__isnull=False).exists()


class TestUnderAnotherName:
    def test_the_letter_waits_for_its_physician(
        self, letter: Document, writer: User, ward: world.Ward, fakes: Fakes
    ) -> None:
        """Even on a day when she has delegated that type of paper: as for the first version."""
        today = timezone.localdate()
        Delegation.objects.create(
            professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
            recorded_by=ward.doctor_user,
        )  # fmt: skip
        writing.finish(written.correction(letter, writer, written.corrected(*LETTER)), by=writer)
        assert letter.versions.count() == 1 and letter.status == DocumentStatus.VALIDATED
        (waiting,) = signatures.waiting_for(ward.doctor_user)
        deposit = Deposit.objects.get(pk=waiting.replacement_id)
        assert deposit.asked_by == writer and deposit.body is not None
        with pytest.raises(access.AccessDeniedError):
            replacements.sign(deposit, by=writer)
        version = replacements.sign(deposit, by=ward.doctor_user)
        assert version.body == deposit.body and version.number == 2
        assert version.letter_check is not None, "what the new letter lacks is told too"
        deliver_all()
        assert sent(fakes["dmp"])[-1][:2] == ("REPLACE", 2)

    def test_a_colleague_s_correction_waits_for_the_author(
        self, summary: Document, writer: User, ward: world.Ward
    ) -> None:
        colleague = written.writer(ward, "89900001101", "autre.ward")
        writing.finish(written.correction(summary, colleague, written.corrected()), by=colleague)
        assert summary.versions.count() == 1
        assert [one.document_id for one in signatures.waiting_for(writer)] == [summary.pk]

    def test_one_at_a_time_and_put_aside_it_is_open_again(
        self, letter: Document, writer: User, ward: world.Ward
    ) -> None:
        draft = written.correction(letter, writer, written.corrected(*LETTER))
        writing.finish(draft, by=writer)
        with pytest.raises(DepositRefusedError, match="attend déjà la validation"):
            corrections.open_correction(letter, by=writer)
        deposit = Deposit.objects.get()
        with pytest.raises(access.AccessDeniedError):
            replacements.discard(deposit, by=ward.secretary)
        replacements.discard(deposit, by=ward.doctor_user)
        reopened = corrections.open_correction(letter, by=writer)
        assert reopened == draft and writing.body_of(reopened)["reason"] == "Relu et corrigé."
        writing.finish(reopened, by=writer)
        assert Deposit.objects.filter(status=DepositStatus.READY, asked_at__isnull=False).count() == 1


class TestMeanwhile:
    def replaced(self, document: Document, by: User) -> None:
        """Somebody else's new version, while a correction is being written."""
        file, case = pdf("Entre-temps"), written.corrected(words="Entre-temps.")
        documents.replace(document, by=by, original=file, readable=file, body=blobs.store_json(case), reason=WHY)

    def test_another_version_came(self, summary: Document, writer: User) -> None:
        draft = written.correction(summary, writer, written.corrected())
        self.replaced(summary, writer)
        with pytest.raises(DocumentRefusedError, match="rien n'est perdu"):
            writing.finish(draft, by=writer)
        draft.refresh_from_db()
        assert draft.is_open and writing.body_of(draft) == written.corrected()
        corrections.catch_up(draft, by=writer)
        writing.finish(draft, by=writer)
        assert summary.versions.count() == 3 and AuditEntry.objects.filter(action="correction.resumed").exists()

    def test_an_edition_of_the_same_version_changes_nothing(self, summary: Document, writer: User) -> None:
        draft = written.correction(summary, writer, written.corrected())
        current = summary.current_version
        current.pk, current.number, current.unique_id, current._state.adding = None, 2, "2.25.7", True
        current.save(force_insert=True)
        assert summary.current_version.number == 2 and corrections.refusal(draft) == ""

    def test_it_was_taken_back(self, summary: Document, writer: User) -> None:
        draft = written.correction(summary, writer, written.corrected())
        documents.withdraw(summary, by=writer, reason="Erreur de dossier")
        draft = Draft.objects.get(pk=draft.pk)
        with pytest.raises(DocumentRefusedError, match="retiré"):
            writing.finish(draft, by=writer)
        with pytest.raises(DocumentRefusedError, match="retiré"):
            corrections.catch_up(draft, by=writer)
        assert corrections.open_correction(summary, by=writer) == draft, "what was typed is still to be read"
        assert not Shipment.objects.filter(action=Action.REPLACE).exists()
