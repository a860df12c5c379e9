"""The mail as a standard reader sees it, and its forbidden forms."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from coordination.ports import Action, DocumentSize, ParcelDocument, PermanentChannelError, Recipient
from mssante.message import compose, size_of
from perinat.standards import codes
from tests.mssante.parcels import MATERNITY, MIDWIFE, MOTHER, SENDER, config, document, parcel


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_headers_follow_the_referentiel() -> None:
    mail = compose(parcel(), config(nil="NIL0042"))
    message = read(mail.content)
    assert message["Subject"] == (
        "XDM/1.0/DDM+Lettre de liaison à la sortie d'un établ LEFEVRE-D'HEROUVILLE Zoe 02/05/1990"
    )
    sender = message["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Maternité de l'hôpital fictif", MATERNITY)
    assert message["To"].addresses[0].addr_spec == MIDWIFE
    assert message["Message-ID"] == "<6f2d2c53-43b5-4b9e-9f1e-2d7a54f1a001@perinat.example>"
    assert message["Date"].datetime == datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
    assert message["X-MSS-NIL"] == "NIL0042"
    assert message["X-MSS-CODECDA"] == "11490-0"
    assert message["X-MSS-INS"] == "O"
    assert message["Disposition-Notification-To"] == f"<{MATERNITY}>"
    assert message["In-Reply-To"] is None
    assert message["X-MSS-MES"] is None
    assert (mail.sender, mail.recipient) == (MATERNITY, MIDWIFE)
    assert mail.envelope_id == "6f2d2c53-43b5-4b9e-9f1e-2d7a54f1a001"


def test_professionals_answer_the_people_of_an_applicative_box_and_receipts_come_to_it() -> None:
    people = "secretariat@hopital-fictif.mssante.fr"
    message = read(compose(parcel(), config(reply_to={MATERNITY: people})).content)
    assert message["Reply-To"].addresses[0].addr_spec == people
    assert message["Disposition-Notification-To"] == f"<{MATERNITY}>"
    assert read(compose(parcel(), config(reply_to={"autre@x.fr": people})).content)["Reply-To"] is None
    with pytest.raises(PermanentChannelError, match="ADDRESS"):
        compose(parcel(), config(reply_to={MATERNITY: "a@b\r\nBcc: x@y.fr"}))


def test_parts_are_text_archive_and_pdf_twins() -> None:
    sent = parcel(document(), document(codes.ORDONNANCE_BIOLOGIE))
    message = read(compose(sent, config()).content)
    assert message.get_content_type() == "multipart/mixed"
    body, *attachments = message.iter_parts()
    assert body.get_content_type() == "text/plain"
    assert body.get_param("charset") == "utf-8"
    assert [part.get_filename() for part in attachments] == [
        "IHE_XDM.zip",
        "20260312_Lettre de liaison à la sortie d'un établ_LEFEVRE-D'HEROUVILLE_Zoe.pdf",
        "20260312_Prescription d'actes de biologie médical_LEFEVRE-D'HEROUVILLE_Zoe.pdf",
    ]
    assert [part.get_content_type() for part in attachments] == ["application/zip"] + ["application/pdf"] * 2
    assert [part.get_content() for part in attachments[1:]] == [one.pdf_a for one in sent.documents]
    assert message["X-MSS-CODECDA"] == "11490-0,PRESC-BIO"
    assert message["Subject"].startswith("XDM/1.0/DDM+2 documents LEFEVRE")


def test_the_bytes_are_safe_to_send_raw() -> None:
    content = compose(parcel(document(), document(codes.CR_BIOLOGIE)), config()).content
    assert content.endswith(b"--\r\n")
    assert content.isascii()
    assert b"\n." not in content
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert max(len(line) for line in content.split(b"\r\n")) <= 250


def test_the_same_parcel_gives_the_same_bytes() -> None:
    assert compose(parcel(), config()).content == compose(parcel(), config()).content


@pytest.mark.parametrize("action", list(Action))
def test_the_body_is_french_and_holds_nothing_of_the_patient(action: Action) -> None:
    sent = parcel(action=action, reason="Hémorragie de la délivrance")
    body = next(iter(read(compose(sent, config()).content).iter_parts())).get_content()
    assert body.startswith("Bonjour,")
    assert "Maternité de l'hôpital fictif" in body
    for private in ("Hémorragie", "Lettre", "11490", "Lefèvre", "LEFEVRE", "Zoé", "1990", MOTHER.local_id):
        assert private not in body
    assert MOTHER.ins is not None and MOTHER.ins.matricule not in body


def test_a_replacement_answers_the_mail_that_it_replaces() -> None:
    sent = parcel(action=Action.REPLACE, previous_message_id="premier@perinat.example")
    message = read(compose(sent, config()).content)
    assert message["In-Reply-To"] == "<premier@perinat.example>"
    assert message["References"] == "<premier@perinat.example>"
    assert message["Subject"].startswith("XDM/1.0/DDM+[Annule et remplace] Lettre")
    plain = read(compose(sent, config(subject_mentions=False)).content)
    assert plain["Subject"].startswith("XDM/1.0/DDM+Lettre")


def test_a_newborn_without_ins_leaves_with_the_local_identifier_only() -> None:
    newborn = dataclasses.replace(MOTHER, ins=None)
    content = compose(parcel(patient=newborn), config()).content
    assert read(content)["X-MSS-INS"] == "N"


def test_an_incomplete_set_of_traits_is_not_a_qualified_ins() -> None:
    unknown_sex = dataclasses.replace(MOTHER, sex="U")
    assert read(compose(parcel(patient=unknown_sex), config()).content)["X-MSS-INS"] == "N"


def test_names_cannot_add_a_header() -> None:
    forged = dataclasses.replace(SENDER, name="Maternité\r\nBcc: autre@mssante.fr")
    to = Recipient("Camille\nX-MSS-INS: O\r\n\r\ncorps", MIDWIFE)
    patient = dataclasses.replace(MOTHER, birth_family_name="LE\r\nBcc: x@y.fr", birth_given_names="Zoé\t")
    message = read(compose(parcel(sender=forged, recipient=to, patient=patient), config()).content)
    assert message["Bcc"] is None
    assert len(message.get_all("X-MSS-INS")) == 1
    assert message["X-MSS-NIL"] is not None


@pytest.mark.parametrize(
    "address", ["", "sans-arobase", "a@b", "a b@c.fr", "a@c.fr>\r\nRCPT TO:<x@y.fr", "é@c.fr", "a@é..fr"]
)
def test_an_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(PermanentChannelError) as caught:
        compose(parcel(recipient=Recipient("X", address)), config())
    assert caught.value.code == "ADDRESS"


def test_an_internationalised_domain_is_written_in_ascii() -> None:
    mail = compose(parcel(recipient=Recipient("X", "sf@maternité.mssante.fr")), config())
    assert mail.recipient == "sf@xn--maternit-i1a.mssante.fr"
    assert read(mail.content)["To"].addresses[0].addr_spec == mail.recipient


def test_a_mail_above_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(PermanentChannelError) as caught:
        compose(parcel(), config(max_bytes=4000))
    assert caught.value.code == "SIZE"
    assert "Mo" in caught.value.message_fr


def heavy(kind: codes.DocumentType, cda: int, pdf: int) -> ParcelDocument:
    """A document of these sizes, its metadata right."""
    made = document(kind)
    data = made.cda + b" " * max(0, cda - len(made.cda))
    entry = dataclasses.replace(
        made.entry, size=len(data), hash_sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest()
    )
    return dataclasses.replace(made, cda=data, pdf_a=b"%PDF" + bytes(pdf), entry=entry)


def sizes(*documents: ParcelDocument) -> list[DocumentSize]:
    return [DocumentSize(len(one.cda), len(one.pdf_a)) for one in documents]


@pytest.mark.parametrize("weights", [[(0, 0)], [(1_400_000, 1_000_000)], [(700_001, 500_002)] * 5, [(0, 0)] * 14])
def test_the_weight_told_beforehand_is_never_less_than_that_of_the_mail(weights: list[tuple[int, int]]) -> None:
    """The core splits by it: a lot that was said to fit must not be refused."""
    kinds = list(codes.DOCUMENT_TYPES.values())
    papers = [heavy(kinds[rank % len(kinds)], *weight) for rank, weight in enumerate(weights)]
    said = size_of(sizes(*papers))
    for action in (Action.SEND, Action.WITHDRAW):
        sent = parcel(*papers, action=action, previous_message_id="a" * 60 + "@perinat.example", reason="x" * 200)
        real = len(compose(sent, config(max_bytes=said)).content)
        assert real <= said <= real * 1.02 + 60_000 * len(papers), "an upper bound, and not a wild one"


def test_a_missing_pdf_twin_is_refused() -> None:
    with pytest.raises(PermanentChannelError) as caught:
        compose(parcel(dataclasses.replace(document(), pdf_a=b"")), config())
    assert caught.value.code == "PDF_TWIN"


class TestMonEspaceSante:
    def test_the_address_is_that_of_the_patient(self) -> None:
        assert MOTHER.ins is not None
        to = Recipient("Zoé", f"{MOTHER.ins.matricule}@patient.mssante.fr")
        message = read(compose(parcel(recipient=to), config()).content)
        assert message["X-MSS-MES"] is None
        moved = read(compose(parcel(recipient=to), config(reply_to={MATERNITY: "secretariat@x.mssante.fr"})).content)
        assert moved["Reply-To"] is None, "her answers come to the box that wrote to her"
        closed = read(compose(parcel(recipient=to), config(patient_may_answer=False)).content)
        assert closed["X-MSS-MES"] == "FIN"

    def test_another_matricule_is_refused(self) -> None:
        to = Recipient("Zoé", "290057864612399@patient.mssante.fr")
        with pytest.raises(PermanentChannelError) as caught:
            compose(parcel(recipient=to), config())
        assert caught.value.code == "PATIENT_ADDRESS"
        assert "2900578" not in str(caught.value)

    def test_a_newborn_without_ins_has_no_address(self) -> None:
        assert MOTHER.ins is not None
        to = Recipient("Zoé", f"{MOTHER.ins.matricule}@patient.mssante.fr")
        with pytest.raises(PermanentChannelError):
            compose(parcel(patient=dataclasses.replace(MOTHER, ins=None), recipient=to), config())

    def test_a_document_invisible_to_the_patient_does_not_leave(self) -> None:
        assert MOTHER.ins is not None
        to = Recipient("Zoé", f"{MOTHER.ins.matricule}@patient.mssante.fr")
        hidden = document(confidentiality=(codes.NORMAL, codes.INVISIBLE_PATIENT))
        with pytest.raises(PermanentChannelError) as caught:
            compose(parcel(hidden, recipient=to), config())
        assert caught.value.code == "INVISIBLE_PATIENT"
