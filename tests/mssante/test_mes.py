"""Mon espace santé: a letter alone or with papers, what comes back from a person, and notices that are no report."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from coordination.ports import Letter, Parcel, PermanentChannelError, ReceiptKind, Recipient
from mssante import mes, receipts
from mssante.checks import check_gateway
from mssante.message import compose
from perinat.standards import codes
from perinat.standards.patient_box import Deduced, address_of, deduced, matricule_of
from tests.mssante.mails import dsn
from tests.mssante.parcels import MOTHER, MOTHER_INS, config, document, parcel

BOX = address_of(MOTHER_INS)
WORDS = "Bonjour,\n\nVotre sage-femme vient demain.\n\nLa maternité\n"
LETTER = Letter("Votre rendez-vous", WORDS)
AT = datetime(2026, 3, 16, 8, 5, tzinfo=UTC)


def composed(made: Parcel) -> EmailMessage:
    message = message_from_bytes(compose(made, config()).content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def to_her(*documents: Any, letter: Letter | None = LETTER, **changes: Any) -> Parcel:
    made = parcel(*documents, recipient=Recipient("Zoé", BOX), letter=letter, **changes)
    return made if documents else dataclasses.replace(made, documents=())


class TestSending:
    def test_a_letter_alone_is_its_text(self) -> None:
        mail = composed(to_her())
        assert mail["Subject"] == "Votre rendez-vous" and mail.get_content_type() == "text/plain"
        assert mail.get_content().replace("\r\n", "\n") == WORDS
        assert mail["X-MSS-CODECDA"] is None and mail["X-MSS-INS"] is None and mail["X-MSS-MES"] is None
        assert mail["X-MSS-NIL"] and mail["Disposition-Notification-To"]

    def test_the_same_parcel_gives_the_same_bytes(self) -> None:
        assert compose(to_her(), config()).content == compose(to_her(), config()).content

    def test_the_last_one_closes_the_conversation(self) -> None:
        assert composed(to_her(letter=dataclasses.replace(LETTER, closes=True)))["X-MSS-MES"] == "FIN"

    def test_with_papers_it_is_an_archive_and_its_copies(self) -> None:
        mail = composed(to_her(document()))
        assert mail["Subject"].startswith("XDM/1.0/DDM+") and mail["X-MSS-INS"] == "O" and mail["X-MSS-CODECDA"]
        names = [part.get_filename() for part in mail.iter_attachments()]
        assert names[0] == "IHE_XDM.zip" and str(names[1]).endswith(".pdf")
        body = mail.get_body(("plain",))
        assert body is not None and "sage-femme vient demain" in body.get_content()

    def test_a_letter_goes_to_nobody_else(self) -> None:
        with pytest.raises(PermanentChannelError) as caught:
            compose(dataclasses.replace(parcel(letter=LETTER), documents=()), config())
        assert caught.value.code == "LETTER"

    def test_nothing_at_all_is_no_mail(self) -> None:
        with pytest.raises(PermanentChannelError) as caught:
            compose(to_her(letter=None), config())
        assert caught.value.code == "EMPTY"

    def test_what_a_minor_hides_from_her_parents_does_not_go_there(self) -> None:
        minor = dataclasses.replace(MOTHER, birth_date=date(2010, 1, 2))
        hidden = document(patient=minor, confidentiality=(codes.NORMAL, codes.INVISIBLE_REPRESENTANTS_LEGAUX))
        with pytest.raises(PermanentChannelError) as caught:
            compose(to_her(hidden, patient=minor), config())
        assert caught.value.code == "INVISIBLE_REPRESENTANTS"


class TestAddress:
    def test_there_and_back(self) -> None:
        assert matricule_of(BOX) == MOTHER_INS.matricule == matricule_of(f"Zoé <{BOX.upper()}>")

    @pytest.mark.parametrize("address", ["", "a@b.fr", "12@patient.mssante.fr", f"1{BOX[1:]}", BOX + ".example"])
    def test_what_is_none(self, address: str) -> None:
        assert matricule_of(address) == ""

    def test_what_the_matricule_says(self) -> None:
        assert deduced(MOTHER_INS) == Deduced("F", 90, 5)


def mail(text: str, *, sender: str = f"Zoé LEFÈVRE <{BOX}>", top: str = "", kind: str = "text/plain") -> bytes:
    head = (
        f"From: {sender}\nTo: maternite@hopital-fictif.mssante.fr\nSubject: Re: Votre rendez-vous\n"
        f"Date: Mon, 16 Mar 2026 09:05:00 +0100\nMessage-ID: <r9@mes.example>\n{top}MIME-Version: 1.0\n"
    )
    body = text if "\n\n" in kind else f"Content-Type: {kind}; charset=utf-8\n\n{text}\n"
    return (head + body).replace("\n", "\r\n").encode()


def read(raw: bytes, **more: Any) -> Any:
    return receipts.parse(raw, token="t", received_at=AT, **more)


class TestReplies:
    def test_a_person_writes(self) -> None:
        found = read(mail("Merci, à demain.", top="In-Reply-To: <m1@perinat.example>\n"))
        assert found.kind is ReceiptKind.REPLY and found.message_id == "m1@perinat.example"
        assert found.mail.text == "Merci, à demain." and found.mail.sender == BOX
        assert found.recipient == "", "her matricule stands nowhere but in the mail"

    def test_words_in_html_alone_lose_their_markup(self) -> None:
        found = read(mail("<p>Merci&nbsp;!</p><script>alert(1)</script><p>À demain</p>", kind="text/html"))
        assert found.mail.text == "Merci !\n\nÀ demain"

    def test_files_stand_beside_the_words(self) -> None:
        parts = (
            'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nVoici.\n'
            '--b\nContent-Type: image/jpeg; name="photo.jpg"\nContent-Transfer-Encoding: base64\n'
            'Content-Disposition: attachment; filename="photo.jpg"\n\n/9j/4AA=\n--b--\n'
        )
        found = read(mail(parts, kind="\n\n"))
        assert found.kind is ReceiptKind.REPLY and found.mail.text == "Voici."
        assert [(one.name, one.media_type) for one in found.mail.attachments] == [("photo.jpg", "image/jpeg")]

    def test_her_absence_is_no_reply(self) -> None:
        assert read(mail("Absente", top="Auto-Submitted: auto-replied\n")).kind is ReceiptKind.AUTOREPLY


NOTICES = [
    ("La messagerie de votre correspondant est fermée.", "5.2.1", "fermée"),
    ("Ce patient est introuvable dans Mon espace santé.", "5.1.1", "ne connaît pas"),
    ("L'adresse indiquée est invalide.", "5.1.3", "refuse cette adresse"),
    ("Votre message dépasse la taille maximale de 25 Mo.", "5.3.4", "taille"),
]


class TestNotices:
    @pytest.mark.parametrize(("text", "status", "words"), NOTICES)
    def test_in_words_only(self, text: str, status: str, words: str) -> None:
        raw = mail(f"{text}\n\nMessage-ID: <m1@perinat.example>", sender="ne-pas-repondre@mes.mssante.example")
        found = read(raw.replace(b"Re: Votre rendez-vous", "Message non distribué".encode()))
        assert (found.kind, found.code, found.message_id) == (ReceiptKind.BOUNCED, status, "m1@perinat.example")
        assert words in found.message_fr

    @pytest.mark.parametrize(("text", "status", "words"), NOTICES)
    def test_in_a_report(self, text: str, status: str, words: str) -> None:
        found = read(dsn("failed", "5.0.0", f"550 {text}", original=f"rfc822;{BOX}", final=f"rfc822;{BOX}"))
        assert (found.kind, found.code) == (ReceiptKind.BOUNCED, status) and words in found.message_fr

    def test_a_cause_that_nobody_knows_is_for_a_person(self) -> None:
        raw = mail("Une raison neuve.", sender="x@mes.mssante.example", top="In-Reply-To: <m1@perinat.example>\n")
        found = read(raw.replace(b"Re: Votre rendez-vous", "Message non distribué".encode()))
        assert found.kind is ReceiptKind.UNKNOWN

    def test_another_file_of_patterns(self, tmp_path: Path) -> None:
        told = mes.DEFAULT.read_text("utf-8").replace("'invalid address'", "'raison neuve'")
        (tmp_path / "a.toml").write_text(told, "utf-8")
        raw = mail("Une raison neuve.", sender="x@mes.mssante.example", top="In-Reply-To: <m1@perinat.example>\n")
        raw = raw.replace(b"Re: Votre rendez-vous", "Message non distribué".encode())
        assert read(raw, bounces=mes.load(tmp_path / "a.toml")).code == "5.1.3"

    @pytest.mark.parametrize(
        "told", ["subjects = ['(']\ncause = []", "subjects = 3", "cause = []", "ceci n'est pas du TOML", None]
    )
    def test_a_file_that_is_none_leaves_ours(self, tmp_path: Path, told: str | None, settings: Any) -> None:
        path = tmp_path / "a.toml"
        if told is not None:
            path.write_text(told, "utf-8")
        with pytest.raises(mes.UNUSABLE):
            mes.read(path)
        assert mes.load(path) == mes.load()
        settings.MSSANTE_MES_BOUNCES = str(path)
        assert "mssante.E010" in {message.id for message in check_gateway()}

    def test_a_code_never_repeats_the_address(self) -> None:
        raw = dsn("failed", "", f"550 refused {BOX}", original=f"rfc822;{BOX}", final=f"rfc822;{BOX}")
        assert MOTHER_INS.matricule not in read(raw).code
