"""What a mail carries, whoever wrote it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from coordination.ports import ReceiptKind
from mssante import answers, contents, receipts
from mssante.conf import MssanteConfig
from mssante.disposition import judge
from perinat.standards.received import Disposition, ReceivedMessage
from tests.mssante.archives import archive, attached, forwarding, mail, with_archive
from tests.mssante.test_xdm_reader import CDA

NOW = datetime(2026, 3, 16, 8, 5, tzinfo=UTC)
PDF = b"%PDF-1.4 essai"


def read(raw: bytes) -> ReceivedMessage:
    found = contents.read(raw)
    assert found is not None
    return found


class TestMail:
    def test_an_archive_and_its_copies(self) -> None:
        found = read(with_archive(archive(CDA), attached("application/pdf", "copie.pdf", PDF)))
        assert [one.data for one in found.documents] == [CDA] and [one.data for one in found.attachments] == [PDF]
        assert (found.sender, found.sender_name) == ("ville@essai.mssante.example", "Cabinet d'essai")
        assert found.subject == "Lettre ACACIA Louise" and found.text == "Bonjour, voici les documents."
        assert found.message_id == "m1@essai.mssante.example" and found.refusal_fr == ""

    def test_the_name_of_the_archive_whatever_its_case(self) -> None:
        assert read(mail(attached("application/octet-stream", "ihe_xdm.ZIP", archive(CDA)), subject="CR")).documents

    def test_a_pdf_without_archive(self) -> None:
        found = read(mail(attached("application/pdf", "a/b/resultat.pdf", PDF), subject="Résultat"))
        assert [one.name for one in found.attachments] == ["resultat.pdf"] and not found.refusal_fr

    def test_an_archive_that_is_refused_keeps_its_sentence(self) -> None:
        found = read(with_archive(archive(CDA, digest="0" * 40), attached("application/pdf", "c.pdf", PDF)))
        assert not found.documents and "empreinte" in found.refusal_fr and len(found.attachments) == 1

    def test_several_archives_are_refused(self) -> None:
        one = attached("application/zip", "IHE_XDM.zip", archive(CDA))
        assert read(mail(one, one)).refusal_fr == contents.SEVERAL_FR

    def test_a_mail_of_text_alone_carries_nothing(self) -> None:
        raw = b"Subject: Bonjour\r\n\r\nUne question au sujet de l'attachment.\r\n"
        assert contents.may_carry(raw) and contents.read(raw) is None

    def test_the_archive_of_a_forwarded_mail_is_read_with_the_same_guards(self) -> None:
        found = read(forwarding(with_archive(archive(CDA))))
        assert [one.data for one in found.documents] == [CDA] and found.warnings == (contents.FORWARDED_FR,)
        assert found.sender == "ville@essai.mssante.example" and found.subject == "TR"
        lying = read(forwarding(with_archive(archive(CDA, digest="0" * 40))))
        assert not lying.documents and "empreinte" in lying.refusal_fr

    def test_an_archive_of_another_name_is_known_by_the_subject_of_the_forwarded_mail(self) -> None:
        renamed = mail(attached("application/zip", "documents.zip", archive(CDA)))
        assert read(forwarding(renamed)).documents
        assert not read(
            forwarding(mail(attached("application/zip", "photos.zip", archive(CDA)), subject="x"))
        ).documents

    def test_what_is_forwarded_beside_an_archive_is_not_another_patient(self) -> None:
        inside, own = with_archive(archive(CDA)), attached("application/zip", "IHE_XDM.zip", archive(CDA))
        assert read(forwarding(inside, own)).refusal_fr == contents.SEVERAL_FR

    @pytest.mark.parametrize(("times", "opened"), [(1, True), (3, True), (4, False), (40, False)])
    def test_forwarded_again_and_again(self, times: int, opened: bool) -> None:
        raw = with_archive(archive(CDA))
        for _ in range(times):
            raw = forwarding(raw)
        found = read(raw)
        assert bool(found.documents) == opened and (opened or found.refusal_fr == contents.TOO_DEEP_FR)

    def test_a_forwarded_mail_of_text_alone_carries_nothing(self) -> None:
        assert contents.read(forwarding(b"Subject: Bonjour\r\n\r\nUne question.\r\n")) is None

    @pytest.mark.parametrize(
        "subject",
        ["XDM/1.0/DDM+Lettre", "TR: XDM/1.0/DDM+Lettre", "RE: TR: xdm/1.0/ddm + Lettre", "XDM/1.0/DDM Lettre"],
    )
    def test_the_prefix_of_the_archive_is_never_shown(self, subject: str) -> None:
        assert "XDM" not in contents.shown_subject(subject).upper() and contents.shown_subject(subject).endswith(
            "Lettre"
        )

    @pytest.mark.parametrize(
        ("headers", "wanted"),
        [
            ("Disposition-Notification-To: ville@essai.mssante.example\r\n", "ville@essai.mssante.example"),
            ("Disposition-Notification-To: <Ville@essai.mssante.example>\r\n", "Ville@essai.mssante.example"),
            ("Disposition-Notification-To: autre@essai.mssante.example\r\n", ""),
            ("", ""),
        ],
    )
    def test_an_answer_goes_to_who_sends_or_to_nobody(self, headers: str, wanted: str) -> None:
        assert read(with_archive(archive(CDA), headers=headers)).receipt_to == wanted

    def test_a_charset_of_no_table_and_no_alphabet_breaks_nothing(self) -> None:
        raw = mail(attached("application/pdf", "a.pdf", PDF), subject="=?\x80utf-8?q?CR?=")
        assert read(raw).attachments and receipts.parse(raw, token="1", received_at=NOW).kind is ReceiptKind.DOCUMENTS

    def test_a_receipt_is_never_taken_for_documents(self) -> None:
        raw = with_archive(archive(CDA), headers="Auto-Submitted: auto-replied\r\n")
        assert receipts.parse(raw, token="1", received_at=NOW).kind is ReceiptKind.AUTOREPLY

    def test_the_kind_of_a_mail_with_documents(self) -> None:
        found = receipts.parse(with_archive(archive(CDA)), token="1", received_at=NOW)
        assert found.kind is ReceiptKind.DOCUMENTS and found.code == "IHE_XDM" and found.mail is not None


class TestAnswer:
    CONFIG = MssanteConfig(pki_dir=Path("/nulle/part"))

    def composed(self, code: str = "", original: bytes = b"") -> bytes:
        raw = original or with_archive(archive(CDA))
        return answers.compose(
            Disposition("perinat@essai.mssante.example", "ville@essai.mssante.example", "mdn.1", code, NOW, raw),
            self.CONFIG,
        ).content

    @pytest.mark.parametrize(("code", "kind"), [("", ReceiptKind.INTEGRATED), ("902", ReceiptKind.NOT_INTEGRATED)])
    def test_our_own_reader_understands_it(self, code: str, kind: ReceiptKind) -> None:
        found = receipts.parse(self.composed(code), token="1", received_at=NOW)
        assert (found.kind, found.message_id) == (kind, "m1@essai.mssante.example")
        assert found.code == (code or "processed")

    def test_three_parts_and_the_original_once(self) -> None:
        message = message_from_bytes(self.composed("904"))
        parts = message.get_payload()
        assert isinstance(parts, list)
        kinds = [part.get_content_type() for part in parts]  # type: ignore[union-attr]
        assert kinds == ["text/plain", "message/disposition-notification", "message/rfc822"]
        assert str(message["Subject"]).startswith("=?") or "[904]" in str(message["Subject"])
        assert str(message["In-Reply-To"]) == "<m1@essai.mssante.example>"
        assert judge("automatic-action/MDN-sent-automatically; processed/error", "904^x").code == "904"

    def test_the_same_disposition_gives_the_same_bytes(self) -> None:
        assert self.composed() == self.composed()

    def test_a_line_that_is_a_dot_cannot_end_the_mail(self) -> None:
        """What was received is sent back: it must not smuggle another mail."""
        smuggled = b"Subject: x\r\n\r\nun\r\n.\r\nMAIL FROM:<a@b>\r\n.deux\nseul\rfin\r\n"
        wire = self.composed(original=smuggled)
        assert b"\r\n.\r\n" not in wire and b"\r\n..\r\n" in wire and b"\r\n..deux\r\n" in wire
        assert b"\n" not in wire.replace(b"\r\n", b"") and b"\r" not in wire.replace(b"\r\n", b"")
