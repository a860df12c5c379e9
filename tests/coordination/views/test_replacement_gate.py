"""A maternity that asks to acknowledge what a letter lacks asks it of a new version too; and what its pages say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import tasks
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import AuditEntry, Delegation, Deposit, Document, ReplacementReason, Role, User
from coordination.selectors import signatures
from coordination.services import deposits, documents, replacements, writing
from tests.coordination import world
from tests.coordination.services import written
from tests.coordination.services.helpers import validated
from tests.coordination.services.replacing import Fakes
from tests.coordination.services.test_letter_checks import INCOMPLETE, ask_to_confirm, drop, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(ward: world.Ward, fakes: Fakes, settings: object) -> Document:
    """A letter in force, in a maternity that asks."""
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    ask_to_confirm(ward)
    return validated(ward, world.stay(ward))


@pytest.fixture
def delegated(ward: world.Ward) -> None:
    today = timezone.localdate()
    Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.doctor_user,
    )  # fmt: skip


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


def proposed(ward: world.Ward, sent: Document, *, without: tuple[str, ...] = INCOMPLETE) -> Deposit:
    """A new version of the letter, read, that lacks something."""
    made = replacements.propose(
        sent, name="corrigee.pdf", data=letter(sent.stay, without=without), by=ward.secretary,
        reason=ReplacementReason.WRONG_DATUM,
    )  # fmt: skip
    tasks.read_deposit(str(made.pk))
    made.refresh_from_db()
    assert made.status == DepositStatus.READY, made.refusal
    return made


def text(user: User, name: str, *args: object) -> str:
    return signed(user).get(reverse(name, args=args)).content.decode()


def box(deposit: Deposit) -> str:
    return f'name="vu" value="{deposit.pk}"'


class TestTheGate:
    def test_under_a_delegation_the_box_is_asked(self, ward: world.Ward, sent: Document, delegated: None) -> None:
        deposit = proposed(ward, sent)
        page = reverse("replacement", args=[deposit.pk])
        assert box(deposit) in text(ward.secretary, "replacement", deposit.pk)
        secretary, address = signed(ward.secretary), reverse("replacement_confirm", args=[deposit.pk])
        back = {"verifie": "1", "retour": reverse("stay", args=[sent.stay_id])}
        answer = secretary.post(address, back)
        assert answer["Location"] == page, "a refused confirmation comes back to the replacement"
        assert any("ai vu ce qui manque" in str(one) for one in get_messages(answer.wsgi_request))
        assert sent.versions.count() == 1
        answer = secretary.post(address, back | {"vu": str(deposit.pk)})
        assert answer["Location"] == back["retour"] and sent.versions.count() == 2
        assert sent.current_version.letter_check["seen"]["by"] == str(ward.secretary.pk)  # type: ignore[index]
        assert AuditEntry.objects.filter(action="letter.gaps_seen").count() == 1

    def test_the_signatory_sees_the_box_in_her_list(self, ward: world.Ward, sent: Document) -> None:
        deposit = proposed(ward, sent)
        assert box(deposit) not in text(ward.secretary, "replacement", deposit.pk), "it is for whoever makes it leave"
        replacements.confirm(deposit, by=ward.secretary, checked=True)
        page = text(ward.doctor_user, "to_validate")
        assert box(deposit) in page and f"{reverse('paper_pdf', args=[deposit.pk])}#page=1" in page
        assert reverse("document_pdf", args=[sent.pk]) not in page
        doctor, chosen = signed(ward.doctor_user), {"remplacements": [str(deposit.pk)]}
        doctor.post(reverse("validate"), chosen)
        assert sent.versions.count() == 1
        doctor.post(reverse("validate"), chosen | {"vu": [str(deposit.pk)]})
        assert sent.versions.count() == 2 and "seen" in sent.current_version.letter_check  # type: ignore[operator]

    def test_a_whole_letter_is_not_asked_about(self, ward: world.Ward, sent: Document) -> None:
        deposit = proposed(ward, sent, without=())
        assert replacements.confirm(deposit, by=ward.doctor_user, checked=True) is not None

    def test_elsewhere_it_warns(self, ward: world.Ward, sent: Document) -> None:
        type(ward.maternity).objects.filter(pk=ward.maternity.pk).update(letter_gate="WARN")
        deposit = Deposit.objects.get(pk=proposed(ward, sent).pk)
        page = text(ward.doctor_user, "replacement", deposit.pk)
        assert "manquent" in page and box(deposit) not in page
        assert replacements.confirm(deposit, by=ward.doctor_user, checked=True) is not None

    def test_a_corrected_letter_waits_for_its_signatory(self, ward: world.Ward, fakes: Fakes) -> None:
        """The screen where she writes shows no box: « À valider » does."""
        left = timezone.now() - timedelta(days=1)
        stay = world.stay(ward, expected_discharge_at=left)
        case = written.body("LDL-SES")
        case["synthesis"]["exit_mode"]["date"] = left.isoformat(timespec="seconds")  # not the day when it is written
        draft = writing.open_draft(stay, stay.mother, "LDL-SES", by=ward.doctor_user)
        assert writing.save(draft, case, revision=1, by=ward.doctor_user) == []
        paper = writing.finish(draft, by=ward.doctor_user)
        assert paper.status == DocumentStatus.VALIDATED
        ask_to_confirm(ward)
        draft = written.correction(paper, ward.doctor_user, case | {"reason": "Relu et corrigé."})
        writing.finish(draft, by=ward.doctor_user)
        (waiting,) = signatures.waiting_for(ward.doctor_user)
        assert waiting.check is not None and waiting.check.asks and paper.versions.count() == 1
        deposit = Deposit.objects.get(pk=waiting.replacement_id)
        assert box(deposit) in text(ward.doctor_user, "replacement", deposit.pk)
        replacements.sign(deposit, by=ward.doctor_user, seen=True)
        assert paper.versions.count() == 2


class TestSeenByWhoMay:
    @pytest.fixture
    def waiting(self, ward: world.Ward, fakes: Fakes) -> Document:
        ask_to_confirm(ward)
        stay = world.stay(ward)
        (made,) = deposits.send([drop(ward, letter(stay, without=INCOMPLETE))], by=ward.secretary)
        return made

    def test_a_colleague_leaves_no_trace(self, ward: world.Ward, waiting: Document) -> None:
        other = world._professional("89900001028", "Paul", "SORBIER", "G15_10/SM20", ward.maternity)
        colleague = world.user("medecin2", Role.HOSPITAL_DOCTOR, ward.maternity, other)
        signed(colleague).post(reverse("validate"), {"papiers": [str(waiting.pk)], "vu": [str(waiting.pk)]})
        assert "seen" not in waiting.current_version.letter_check  # type: ignore[operator]
        assert not AuditEntry.objects.filter(action="letter.gaps_seen").exists()

    def test_what_is_not_validated_is_not_seen(
        self, ward: world.Ward, waiting: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: object, **__: object) -> None:
            raise documents.DocumentRefusedError("non")

        monkeypatch.setattr(documents, "_seal_or_refuse", refused)
        signed(ward.doctor_user).post(reverse("validate"), {"papiers": [str(waiting.pk)], "vu": [str(waiting.pk)]})
        waiting.refresh_from_db()
        assert waiting.status == DocumentStatus.TO_VALIDATE
        assert "seen" not in waiting.current_version.letter_check  # type: ignore[operator]


class TestAnnounced:
    def test_a_refused_file_is_said_refused(self, ward: world.Ward, sent: Document) -> None:
        made = replacements.propose(
            sent, name="pas-un-pdf.pdf", data=b"%PDF-1.4 rien", by=ward.secretary, reason=ReplacementReason.WRONG_DATUM
        )
        assert 'data-said="Le fichier est en cours de lecture."' in text(ward.secretary, "replacement", made.pk)
        tasks.read_deposit(str(made.pk))
        page = text(ward.secretary, "replacement_state", made.pk)
        assert 'data-said="Le fichier est lu : il ne peut pas remplacer ce papier."' in page
