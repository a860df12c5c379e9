"""Mails that bring documents: filed by themselves when everything is equal, else one question with its code."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest

from coordination import blobs, tasks
from coordination.lifecycles import ReceivedStatus as R
from coordination.models import Event, Organisation, Person, ReceivedDocument, ReceivedMail
from coordination.ports import Incoming
from coordination.services import mail_filing, mail_intake
from coordination.services.mail_filing import FilingRefusedError
from tests.coordination import world
from tests.coordination.cda import samples
from tests.coordination.services.letters_in import arrive, cda, incoming, letter, mail_of
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, attached, mail, with_archive

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]


@pytest.fixture
def stay(ward: world.Ward) -> Any:
    return world.stay(ward)


class TestByItself:
    def test_everything_equal_is_filed_in_the_record_of_the_mother(self, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes)
        assert (document.status, document.code, document.question) == (R.FILED, "", "")
        assert document.person == stay.mother and document.stay == stay
        assert document.type_code == samples.LETTER.type.code and document.title == samples.LETTER.title
        assert blobs.read(document.blob).startswith(b"<?xml")
        assert Event.objects.filter(subject="received", subject_id=document.pk, target=R.FILED, by_id=None).exists()

    def test_the_same_mail_twice_is_one(self, stay: Any, fakes: Fakes) -> None:
        raw = with_archive(archive(cda()))
        assert len(arrive(fakes, raw)) == 1 and arrive(fakes, raw) == [] and ReceivedMail.objects.count() == 1

    def test_the_same_document_in_another_mail_is_already_filed(self, stay: Any, fakes: Fakes) -> None:
        first, second = letter(fakes), letter(fakes, number=2)
        assert (second.status, second.same_as, second.person) == (R.KNOWN, first, first.person)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"ins": None}, "903"),
            ({"ins": world.ins(8)}, "904"),  # her traits, another matricule
            ({"birth_given_names": "LUCIE"}, "904"),
            ({"birth_family_name": "ACACIAS"}, "904"),
            ({"birth_date": date(1993, 4, 13)}, "904"),
            ({"sex": "U"}, "905"),
            ({"ins": world.ins(8), "birth_family_name": "FRENE", "birth_date": date(1990, 1, 1)}, "902"),
        ],
    )
    def test_one_trait_less_asks_a_person(self, stay: Any, fakes: Fakes, changes: dict[str, Any], code: str) -> None:
        document = letter(fakes, **changes)
        assert (document.status, document.code) == (R.TO_SORT, code) and document.question

    def test_an_identity_that_is_not_qualified_asks_a_person(self, stay: Any, fakes: Fakes) -> None:
        Person.objects.filter(pk=stay.mother.pk).update(ins_status="RECUP")
        document = letter(fakes)
        assert (document.status, document.code) == (R.TO_SORT, "904") and "qualifiée" in document.question

    def test_metadata_that_name_somebody_else(self, stay: Any, fakes: Fakes) -> None:
        other = f"{world.ins(7).matricule}^^^&amp;{world.ins(7).oid}&amp;ISO^NH"
        (document,) = arrive(fakes, with_archive(archive(cda(), patient=other)))
        assert (document.status, document.code) == (R.TO_SORT, "904") and "même personne" in document.question

    def test_two_people_in_one_mail(self, stay: Any, fakes: Fakes) -> None:
        two = archive(cda(), cda("1.2.250.1.999.9.2", ins=world.ins(8)))
        found = arrive(fakes, with_archive(two))
        assert [(one.status, one.code) for one in found] == [(R.TO_SORT, "906")] * 2

    def test_several_documents_of_one_person_are_all_filed(self, stay: Any, fakes: Fakes) -> None:
        found = arrive(fakes, with_archive(archive(cda(), cda("1.2.250.1.999.9.2"))))
        assert [one.status for one in found] == [R.FILED, R.FILED]


class TestLines:
    def test_a_cda_and_its_pdf_are_one_line(self, stay: Any, fakes: Fakes) -> None:
        copy = attached("application/pdf", "20260328_Lettre_ACACIA_Louise.pdf", world.pdf_a())
        assert len(arrive(fakes, with_archive(archive(cda()), copy))) == 1

    def test_a_copy_that_was_converted_is_still_the_copy(self, stay: Any, fakes: Fakes) -> None:
        copy = attached("application/pdf", "copie.pdf", b"%PDF-1.4 autre forme")
        assert len(arrive(fakes, with_archive(archive(cda()), copy))) == 1

    def test_a_pdf_too_many_is_a_line_of_its_own(self, stay: Any, fakes: Fakes) -> None:
        copies = [attached("application/pdf", f"{n}.pdf", b"%PDF-1.4 " + str(n).encode()) for n in (1, 2)]
        found = arrive(fakes, with_archive(archive(cda()), *copies))
        assert [one.status for one in found] == [R.FILED, R.TO_SORT, R.TO_SORT]

    def test_a_mail_without_archive_waits_for_a_person(self, stay: Any, fakes: Fakes) -> None:
        (document,) = arrive(fakes, mail(attached("application/pdf", "bio.pdf", b"%PDF-1.4 x"), subject="Résultat"))
        assert (document.status, document.code) == (R.TO_SORT, "903") and "lisez-le" in document.question

    def test_an_archive_refused_is_a_line_with_its_sentence(self, stay: Any, fakes: Fakes) -> None:
        found = arrive(fakes, with_archive(archive(cda(), digest="0" * 40)))
        assert [(one.status, one.media_type) for one in found] == [(R.TO_SORT, "message/rfc822")]
        assert "empreinte" in found[0].question and mail_of(found[0]).refusal == found[0].question

    def test_a_cda_that_cannot_be_read(self, stay: Any, fakes: Fakes) -> None:
        (document,) = arrive(fakes, with_archive(archive(b"<?xml version='1.0'?><ClinicalDocument")))
        assert (document.status, document.code) == (R.TO_SORT, "906") and document.question

    def test_nothing_of_a_person_in_the_log(self, stay: Any, fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG, logger="coordination"):
            letter(fakes, birth_given_names="LUCIE")
            arrive(fakes, with_archive(archive(cda(), digest="0" * 40)))
        assert "ACACIA" not in caplog.text and world.ins().matricule not in caplog.text

    def test_a_mail_to_a_box_of_nobody_is_kept_as_before(self, stay: Any, fakes: Fakes) -> None:
        assert arrive(fakes, with_archive(archive(cda())), mailbox="inconnue@essai.mssante.example") == []

    def test_a_poisoned_document_stops_nothing(self, stay: Any, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
        usual = mail_intake.store

        def surprised(one: Incoming, site: Organisation) -> ReceivedMail:
            if b"poison" in one.raw:
                raise ZeroDivisionError
            return usual(one, site)

        monkeypatch.setattr(mail_intake, "store", surprised)
        poisoned = with_archive(archive(cda()), headers="X-Essai: poison\r\n", number=5)
        fakes["mssante"].mail = [incoming(poisoned), incoming(with_archive(archive(cda()), number=6))]
        for _ in range(4):
            tasks.collect_receipts()
        assert ReceivedDocument.objects.filter(status=R.FILED).count() == 1 and not fakes["mssante"].mail


class TestVersions:
    def test_a_replacement_takes_the_place_of_the_former(self, stay: Any, fakes: Fakes) -> None:
        first = letter(fakes)
        second = letter(fakes, "1.2.250.1.999.9.2", number=2, action="C", replaces="1.2.250.1.999.9.1")
        first.refresh_from_db()
        assert (first.status, second.status, second.same_as) == (R.REPLACED, R.FILED, first)

    def test_what_replaces_an_old_version_is_900(self, stay: Any, fakes: Fakes) -> None:
        letter(fakes)
        letter(fakes, "1.2.250.1.999.9.2", number=2, action="C", replaces="1.2.250.1.999.9.1")
        third = letter(fakes, "1.2.250.1.999.9.3", number=3, action="C", replaces="1.2.250.1.999.9.1")
        assert (third.status, third.code) == (R.TO_SORT, "900")

    def test_another_domain_may_not_replace(self, stay: Any, fakes: Fakes) -> None:
        first = letter(fakes)
        forged = letter(
            fakes, "1.2.250.1.999.9.2", number=2, action="C", replaces="1.2.250.1.999.9.1", sender="x@autre.example"
        )
        first.refresh_from_db()
        assert (first.status, forged.status, forged.code) == (R.FILED, R.TO_SORT, "901")

    def test_a_deletion_leaves_the_document_said_to_be_deleted(self, stay: Any, fakes: Fakes) -> None:
        first = letter(fakes)
        deletion = letter(fakes, number=2, action="D")
        first.refresh_from_db()
        assert (first.status, deletion.status, deletion.same_as) == (R.DELETED, R.DELETED, first)
        assert blobs.read(first.blob)

    def test_another_domain_may_not_delete(self, stay: Any, fakes: Fakes) -> None:
        first = letter(fakes)
        deletion = letter(fakes, number=2, action="D", sender="x@autre.example")
        first.refresh_from_db()
        assert (first.status, deletion.status, deletion.code) == (R.FILED, R.TO_SORT, "901")

    def test_the_same_identifier_with_another_content_asks(self, stay: Any, fakes: Fakes) -> None:
        letter(fakes)
        other = letter(fakes, number=2, birth_place_cog="75056")
        assert (other.status, other.code) == (R.TO_SORT, "906")


class TestByAPerson:
    def test_one_act_files_it(self, ward: world.Ward, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes, ins=None)
        assert document.person == stay.mother
        mail_filing.file(document, person=stay.mother, stay=stay, by=ward.secretary)
        assert (document.status, document.code) == (R.FILED, "")

    def test_not_in_the_record_of_somebody_else(self, ward: world.Ward, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes, ins=world.ins(8))
        with pytest.raises(FilingRefusedError) as refused:
            mail_filing.file(document, person=stay.mother, stay=stay, by=ward.secretary)
        assert refused.value.message_fr == mail_filing.ANOTHER_PERSON and document.status == R.TO_SORT

    def test_twice_is_refused(self, ward: world.Ward, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes)
        with pytest.raises(FilingRefusedError):
            mail_filing.discard(document, by=ward.secretary, reason="Hors sujet")

    def test_taken_back_then_filed_again(self, ward: world.Ward, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes)
        mail_filing.reopen(document, by=ward.secretary)
        assert (document.status, document.person) == (R.TO_SORT, None)


class TestAnswers:
    def answered(self, fakes: Fakes) -> list[str]:
        tasks.answer_mails()
        return [one.code for one in fakes["mssante"].answers]

    def test_filed_is_told_once(self, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes)
        assert self.answered(fakes) == [""] and self.answered(fakes) == [""]
        answer = fakes["mssante"].answers[0]
        assert answer.to == "ville@essai.mssante.example" and answer.mailbox == mail_of(document).mailbox

    def test_what_waits_for_a_person_is_told_after_her(self, ward: world.Ward, stay: Any, fakes: Fakes) -> None:
        document = letter(fakes, ins=None)
        assert self.answered(fakes) == []
        mail_filing.discard(document, by=ward.secretary, reason="Hors sujet")
        assert self.answered(fakes) == ["903"]

    def test_nobody_asked(self, stay: Any, fakes: Fakes) -> None:
        arrive(fakes, with_archive(archive(cda())))
        assert self.answered(fakes) == []
