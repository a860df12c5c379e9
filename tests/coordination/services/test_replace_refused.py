"""A replacement refused, by whom it may be done, who is told, and two at once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.utils import timezone

from coordination.access import AccessDeniedError
from coordination.models import (
    Blob,
    Delegation,
    Document,
    DocumentVersion,
    Newborn,
    Notice,
    Organisation,
    ReplacementReason,
    Shipment,
    User,
)
from coordination.services import documents, notices, readings, succession
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all, validated
from tests.coordination.services.replacing import WHY, Fakes, arrived, paper, pdf, replaced

pytestmark = pytest.mark.django_db
__all__ = ["arrived", "paper"]  # fixtures


class TestRefusals:
    def refused(self, ward: world.Ward, paper: Document, **more: object) -> str:
        before = Shipment.objects.count(), paper.versions.count()
        with pytest.raises(documents.DocumentRefusedError) as refusal:
            replaced(ward, paper, **more)  # type: ignore[arg-type]
        assert (Shipment.objects.count(), paper.versions.count()) == before
        return refusal.value.message_fr

    def test_no_reason(self, arrived: Document, ward: world.Ward) -> None:
        assert "motif" in self.refused(ward, arrived, reason="")
        assert "précisez" in self.refused(ward, arrived, reason=ReplacementReason.OTHER, comment="  ")

    def test_the_same_file(self, arrived: Document, ward: world.Ward) -> None:
        file = arrived.current_version.original
        with pytest.raises(documents.DocumentRefusedError, match="a déjà été envoyé le"):
            documents.replace(arrived, by=ward.doctor_user, original=file, readable=file, reason=WHY)

    def test_an_older_version_is_put_back_once_confirmed(self, arrived: Document, ward: world.Ward) -> None:
        replaced(ward, arrived, "Deuxième")
        first = arrived.versions.get(number=1).original
        with pytest.raises(documents.DocumentRefusedError, match="version précédente de ce papier, validée le"):
            documents.replace(arrived, by=ward.doctor_user, original=first, readable=first, reason=WHY)
        arrived.refresh_from_db()
        third = documents.replace(
            arrived, by=ward.doctor_user, original=first, readable=first, reason=WHY, sent_again=True
        )
        assert arrived.current_version == third and third.number == 3
        with pytest.raises(documents.DocumentRefusedError, match="a déjà été envoyé le"):
            documents.replace(arrived, by=ward.doctor_user, original=first, readable=first, reason=WHY, sent_again=True)

    def test_the_file_of_another_paper_of_hers(self, arrived: Document, ward: world.Ward) -> None:
        other = validated(ward, arrived.stay, type_code=codes.CR_ACCOUCHEMENT.code)
        replaced(ward, other, "Deuxième")
        assert "déjà été envoyé" in self.refused(ward, arrived, text="Deuxième")

    def test_a_file_taken_back_may_leave_again_once_confirmed(self, arrived: Document, ward: world.Ward) -> None:
        other = validated(ward, arrived.stay, type_code=codes.CR_ACCOUCHEMENT.code)
        replaced(ward, other, "Deuxième")
        deliver_all()
        documents.withdraw(other, by=ward.doctor_user, reason="erreur")
        assert "papier retiré" in self.refused(ward, arrived, text="Deuxième")
        assert replaced(ward, arrived, "Deuxième", sent_again=True)

    def test_a_paper_that_is_not_in_force(self, ward: world.Ward, fakes: Fakes) -> None:
        paper = world.letter(ward, world.stay(ward))
        assert "attend encore sa validation" in self.refused(ward, paper)
        documents.validate(paper, by=ward.doctor_user)
        documents.withdraw(paper, by=ward.doctor_user, reason="erreur")
        assert "retiré" in self.refused(ward, paper)

    def test_the_page_was_about_an_older_version(self, arrived: Document, ward: world.Ward) -> None:
        seen = arrived.current_version
        replaced(ward, arrived, "Deuxième")
        assert "vient de changer" in self.refused(ward, arrived, text="Troisième", instead_of=seen)

    def test_a_failure_in_the_middle_leaves_nothing(
        self, arrived: Document, ward: world.Ward, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: object, **__: object) -> None:
            raise RuntimeError("killed")

        monkeypatch.setattr(succession, "queue", dies)
        with pytest.raises(RuntimeError):
            replaced(ward, arrived)
        arrived.refresh_from_db()
        assert arrived.versions.count() == 1 and arrived.attempt == 1
        assert not Shipment.objects.filter(action="REPLACE").exists()


class TestAuthority:
    def test_nobody_else(self, arrived: Document, ward: world.Ward) -> None:
        for user in (ward.secretary, ward.midwife_user):
            with pytest.raises(AccessDeniedError):
                replaced(ward, arrived, by=user)

    def test_a_secretary_under_a_delegation(self, arrived: Document, ward: world.Ward) -> None:
        today = timezone.localdate()
        delegation = Delegation.objects.create(
            professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
            recorded_by=ward.doctor_user,
        )  # fmt: skip
        version = replaced(ward, arrived, by=ward.secretary, under=delegation)
        assert version.validated_under == delegation
        delegation.revoked_at = timezone.now()
        delegation.save()
        with pytest.raises(AccessDeniedError):
            replaced(ward, arrived, "Troisième", by=ward.secretary, under=delegation)

    def test_another_ward_under_the_delegation(self, arrived: Document, ward: world.Ward) -> None:
        elsewhere = Organisation.objects.create(kind="MATERNITY", name="Autre", finess="997800123")
        stranger: User = world.user("autre", ward.secretary.role, elsewhere)  # type: ignore[arg-type]
        today = timezone.localdate()
        delegation = Delegation.objects.create(
            professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
            recorded_by=ward.doctor_user,
        )  # fmt: skip
        with pytest.raises(AccessDeniedError):
            replaced(ward, arrived, by=stranger, under=delegation)


class TestTold:
    def test_a_notice_without_content(self, arrived: Document, ward: world.Ward) -> None:
        replaced(ward, arrived)
        assert notices.NOTICE_REPLACED == "Un document a été remplacé par une nouvelle version dans perinat."
        assert Notice.objects.get(text=notices.NOTICE_REPLACED).professional == ward.midwife

    def test_who_never_had_it_is_told_of_nothing(self, paper: Document, ward: world.Ward) -> None:
        replaced(ward, paper)
        assert not Notice.objects.filter(text=notices.NOTICE_REPLACED).exists()

    def test_of_a_paper_closed_to_her_carers_nobody_is_told(self, arrived: Document, ward: world.Ward) -> None:
        for kept in (Document, DocumentVersion):  # in force, and what the next version inherits
            kept.objects.update(masks=[codes.MASQUE_PS.code])
        replaced(ward, arrived)
        assert not Notice.objects.filter(text=notices.NOTICE_REPLACED).exists()

    def test_of_a_child_placed_apart_nobody_is_told(self, ward: world.Ward, fakes: Fakes) -> None:
        stay = world.stay(ward)
        paper = validated(ward, stay, person=child(stay), type_code=codes.CR_EXAMEN_ENFANT.code)
        deliver_all()
        Newborn.objects.update(link_ended_at=timezone.now())
        replaced(ward, paper)
        assert not Notice.objects.filter(text=notices.NOTICE_REPLACED).exists()

    def test_a_reader_who_received_no_mail_is_told(self, paper: Document, ward: world.Ward) -> None:
        readings.open_version(paper.current_version, by=ward.midwife_user)
        replaced(ward, paper)
        assert Notice.objects.filter(professional=ward.midwife, text=notices.NOTICE_REPLACED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_replacements_at_once(ward: world.Ward, fakes: Fakes) -> None:
    """One wins, the other reads a sentence; one new version, one replacement for each place."""
    paper = validated(ward, world.stay(ward))
    deliver_all()
    files = [pdf("Deuxième"), pdf("Autre deuxième")]
    barrier, said = threading.Barrier(2), []

    def run(file: Blob) -> None:
        row = Document.objects.get(pk=paper.pk)
        barrier.wait()
        try:
            documents.replace(row, by=ward.doctor_user, original=file, readable=file, reason=WHY)
            said.append("")
        except documents.DocumentRefusedError as refusal:
            said.append(refusal.message_fr)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(said) == ["", documents.REPLACED_MEANWHILE]
    assert paper.versions.count() == 2 and Shipment.objects.filter(action="REPLACE").count() == 2
