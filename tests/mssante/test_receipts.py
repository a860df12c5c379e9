"""What comes back, in both grammars, and what is not recognised."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.ports import ReceiptKind as Kind
from mssante import receipts
from tests.mssante import mails
from tests.mssante.mails import MESSAGE_ID, RECIPIENT

NOW = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)
AUTOMATIC = "automatic-action/MDN-sent-automatically"
ERROR_902 = "902^Identifiant de patient inconnu^applicationErrorCondition| E^Error^errorSeverity"


def read(raw: bytes) -> receipts.Incoming:
    return receipts.parse(raw, token="t", received_at=NOW)


class TestDeliveryStatus:
    @pytest.mark.parametrize(
        ("action", "status", "kind"),
        [
            ("delivered", "2.0.0", Kind.DELIVERED),
            ("relayed", "2.0.0", Kind.DELIVERED),
            ("expanded", "2.0.0", Kind.DELIVERED),
            ("Delivered", "2.1.5", Kind.DELIVERED),
            ("delayed", "4.4.1", Kind.DELAYED),
            ("failed", "5.1.1", Kind.BOUNCED),
            ("vanished", "2.0.0", Kind.UNKNOWN),
        ],
    )
    def test_actions(self, action: str, status: str, kind: Kind) -> None:
        incoming = read(mails.dsn(action, status))
        assert (incoming.kind, incoming.code) == (kind, status)
        assert (incoming.message_id, incoming.recipient) == (MESSAGE_ID, RECIPIENT)
        assert incoming.at == datetime(2026, 3, 16, 8, 5, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("status", "diagnostic", "words"),
        [
            ("5.1.1", "550 5.1.1 unknown", "n'existe pas"),
            ("5.2.1", "550 5.2.1 disabled", "fermée"),
            ("5.2.2", "552 5.2.2 full", "pleine"),
            ("5.0.0", "552 too much", "pleine ou le message trop volumineux"),
            ("", "550 no", "n'existe pas ou refuse"),
            ("5.9.9", "", "refuse le message"),
        ],
    )
    def test_the_cause_of_a_bounce_is_told_in_french(self, status: str, diagnostic: str, words: str) -> None:
        assert words in read(mails.dsn("failed", status, diagnostic)).message_fr

    def test_a_full_return_gives_the_message_id_too(self) -> None:
        assert read(mails.dsn("failed", "5.1.1", returned=mails.RETURNED_MAIL)).message_id == MESSAGE_ID

    def test_the_envelope_id_serves_when_nothing_is_returned(self) -> None:
        shipment = "6f2d2c53-43b5-4b9e-9f1e-2d7a54f1a001"
        assert read(mails.dsn("delivered", "2.0.0", envelope=shipment, returned="")).message_id == f"envid:{shipment}"
        assert read(mails.dsn("delivered", "2.0.0", envelope=shipment)).message_id == MESSAGE_ID
        assert read(mails.dsn("delivered", "2.0.0", returned="")).message_id == ""

    def test_the_recipient_is_the_one_we_wrote_to(self) -> None:
        forwarded = mails.dsn("delivered", "2.0.0", final="rfc822;app@hopital.mssante.fr")
        assert read(forwarded).recipient == RECIPIENT
        assert read(mails.dsn("delivered", "2.0.0", original="")).recipient == RECIPIENT

    def test_of_several_recipients_the_failure_is_kept(self) -> None:
        raw = mails.dsn("delivered", "2.0.0").replace(
            b"Status: 2.0.0\r\n",
            b"Status: 2.0.0\r\n\r\nFinal-Recipient: rfc822; b@c.fr\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        )
        incoming = read(raw)
        assert (incoming.kind, incoming.recipient, incoming.code) == (Kind.BOUNCED, "b@c.fr", "5.1.1")

    def test_a_report_without_recipient_is_kept_for_a_person(self) -> None:
        raw = mails.dsn("x", "x").replace(b"Action: x\r\n", b"")
        assert (read(raw).kind, read(raw).message_id) == (Kind.UNKNOWN, MESSAGE_ID)


class TestDisposition:
    @pytest.mark.parametrize(
        ("disposition", "error", "kind", "code"),
        [
            ("manual-action/MDN-sent-manually; displayed", "", Kind.DISPLAYED, "displayed"),
            ("manual-action/MDN-sent-automatically; displayed", "", Kind.DISPLAYED, "displayed"),
            ("MANUAL-ACTION/mdn-sent-manually;Displayed", "", Kind.DISPLAYED, "displayed"),
            (f"{AUTOMATIC}; displayed", "", Kind.DELIVERED, "displayed"),
            (f"{AUTOMATIC}; processed", "", Kind.INTEGRATED, "processed"),
            ("manual-action/MDN-sent-manually; processed", "", Kind.INTEGRATED, "processed"),
            (f"{AUTOMATIC}; processed/error", ERROR_902, Kind.NOT_INTEGRATED, "902"),
            (f"{AUTOMATIC}; processed/Error: {ERROR_902}", "", Kind.NOT_INTEGRATED, "902"),
            (f"{AUTOMATIC}; processed/error", "", Kind.NOT_INTEGRATED, "processed/error"),
            (
                f"{AUTOMATIC}; processed/error",
                "207^Application error^messageErrorCondition|E|905^INS incomplet^x",
                Kind.NOT_INTEGRATED,
                "905",
            ),
            (f"{AUTOMATIC}; processed/warning", "", Kind.INTEGRATED, "processed"),
            (f"{AUTOMATIC}; failed", "", Kind.NOT_INTEGRATED, "processed/error"),
            (f"{AUTOMATIC}; deleted", "", Kind.UNKNOWN, "deleted"),
            (f"{AUTOMATIC}; dispatched", "", Kind.UNKNOWN, "dispatched"),
            (f"{AUTOMATIC}; teleported", "", Kind.UNKNOWN, "teleported"),
            ("displayed", "", Kind.UNKNOWN, "MDN"),
            ("", "", Kind.UNKNOWN, "MDN"),
        ],
    )
    def test_forms(self, disposition: str, error: str, kind: Kind, code: str) -> None:
        incoming = read(mails.mdn(disposition, error))
        assert (incoming.kind, incoming.code) == (kind, code)
        assert (incoming.message_id, incoming.recipient) == (MESSAGE_ID, RECIPIENT)

    @pytest.mark.parametrize("code", [str(number) for number in range(900, 907)])
    def test_each_integration_error_has_its_sentence(self, code: str) -> None:
        incoming = read(mails.mdn(f"{AUTOMATIC}; processed/error", f"{code}^libellé^applicationErrorCondition"))
        assert incoming.code == code
        assert incoming.message_fr.endswith(".")

    def test_a_folded_disposition(self) -> None:
        assert read(mails.mdn("automatic-action/MDN-sent-automatically;\n processed")).kind is Kind.INTEGRATED

    def test_the_returned_mail_names_the_shipment_when_the_field_does_not(self) -> None:
        assert read(mails.mdn(f"{AUTOMATIC}; processed", original_id="")).message_id == MESSAGE_ID

    def test_attachments_repeated_as_in_v1_1_2_change_nothing(self) -> None:
        raw = mails.mdn(f"{AUTOMATIC}; processed")
        extra = b"--b\r\nContent-Type: application/zip; name=IHE_XDM.zip\r\n\r\nPK\r\n--b--\r\n"
        assert read(raw.replace(b"--b--\r\n", extra)).kind is Kind.INTEGRATED

    def test_a_large_original_is_not_in_the_way(self) -> None:
        heavy = b"QUJD" * 19 + b"\r\n"
        raw = mails.mdn(f"{AUTOMATIC}; processed").replace(b"Bonjour\r\n", heavy * 20_000)
        incoming = read(raw)
        assert (incoming.kind, incoming.message_id, incoming.raw) == (Kind.INTEGRATED, MESSAGE_ID, raw)
        wordy = mails.mdn(f"{AUTOMATIC}; processed").replace("Accusé".encode(), heavy * 2_000)
        assert (read(wordy).kind, read(wordy).message_id) == (Kind.INTEGRATED, MESSAGE_ID)

    def test_an_error_told_by_ordinary_mail(self) -> None:
        incoming = read(mails.standard_ko())
        assert (incoming.kind, incoming.code) == (Kind.NOT_INTEGRATED, "904")
        assert (incoming.message_id, incoming.recipient) == (MESSAGE_ID, RECIPIENT)

    def test_a_receipt_sent_as_an_automatic_reply_is_still_a_receipt(self) -> None:
        raw = b"Auto-Submitted: auto-replied\r\n" + mails.mdn("manual-action/MDN-sent-manually; displayed")
        assert read(raw).kind is Kind.DISPLAYED


class TestOthers:
    @pytest.mark.parametrize(
        "headers",
        [
            ("Auto-Submitted: auto-replied",),
            ("Auto-Submitted: auto-generated (vacation)",),
            ("Precedence: auto_reply",),
            ("X-Autoreply: yes",),
        ],
    )
    def test_an_absence_is_recognised(self, headers: tuple[str, ...]) -> None:
        incoming = read(mails.plain("Absente", *headers, f"In-Reply-To: <{MESSAGE_ID}>"))
        assert (incoming.kind, incoming.message_id, incoming.recipient) == (Kind.AUTOREPLY, MESSAGE_ID, RECIPIENT)

    def test_an_absence_known_by_its_subject(self) -> None:
        raw = mails.plain("=?utf-8?q?R=C3=A9ponse_automatique_=3A_cong=C3=A9s?=")
        assert read(raw).kind is Kind.AUTOREPLY

    def test_a_person_who_answers_is_no_automatic_reply(self) -> None:
        incoming = read(mails.plain("Re: CR", "Auto-Submitted: no", f"References: <a@b.fr> <{MESSAGE_ID}>"))
        assert (incoming.kind, incoming.code, incoming.message_id) == (Kind.UNKNOWN, "MAIL", MESSAGE_ID)

    def test_documents_that_arrive_are_told_apart(self) -> None:
        assert read(mails.plain("XDM/1.0/DDM+CR X Y")).code == "IHE_XDM"

    def test_a_mail_too_large_is_kept_without_its_content(self) -> None:
        headers = mails.plain("XDM/1.0/DDM+CR").split(b"\r\n\r\n")[0] + b"\r\n\r\n"
        incoming = receipts.too_large(headers, token="t", received_at=NOW)
        assert (incoming.kind, incoming.code, incoming.raw) == (Kind.UNKNOWN, "TOO_LARGE", headers)

    def test_digest_and_token(self) -> None:
        raw = mails.plain("x")
        assert read(raw).digest == hashlib.sha256(raw).hexdigest()
        assert (read(raw).raw, read(raw).token) == (raw, "t")

    @pytest.mark.parametrize("date", ["", "hier", "Mon, 99 Foo 2026"])
    def test_without_a_date_the_reception_serves(self, date: str) -> None:
        raw = mails.plain("x").replace(b"Mon, 16 Mar 2026 09:05:00 +0100", date.encode())
        assert read(raw).at == NOW

    def test_an_unknown_charset_in_a_subject(self) -> None:
        assert read(mails.plain("=?x-inconnu?q?=E9?=")).kind is Kind.UNKNOWN

    @given(st.binary(max_size=400))
    def test_any_bytes_are_kept(self, noise: bytes) -> None:
        assert read(noise).raw == noise

    @given(st.data())
    def test_a_damaged_receipt_never_breaks_the_reading(self, data: st.DataObject) -> None:
        source = data.draw(
            st.sampled_from([mails.dsn("failed", "5.1.1"), mails.mdn(f"{AUTOMATIC}; processed"), mails.standard_ko()])
        )
        start = data.draw(st.integers(0, len(source)))
        end = data.draw(st.integers(start, min(len(source), start + 60)))
        damaged = source[:start] + data.draw(st.binary(max_size=20)) + source[end:]
        incoming = read(damaged)
        assert incoming.at.tzinfo is not None
        assert "\n" not in incoming.message_id
