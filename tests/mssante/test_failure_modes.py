"""Where the line breaks decides what the failure means: refused, later, or perhaps received."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination.ports import (
    Action,
    ChannelError,
    PermanentChannelError,
    Recipient,
    TemporaryChannelError,
    UncertainChannelError,
)
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig, Sasl
from mssante.message import compose
from perinat.connectors.igc_sante.sandbox import spoiled
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.mssante.memory import MemoryCursors
from tests.mssante.parcels import EJ, MATERNITY, MIDWIFE, config, parcel
from tests.mssante.smtp_server import Script, ScriptedSmtp


@contextmanager
def channel_to(server: ScriptedSmtp, pki_dir: Path, **changes: object) -> Iterator[MssanteChannel]:
    quick = config(pki_dir=pki_dir, smtp_port=server.port, timeout=2.0, data_timeout=2.0)
    settings = dataclasses.replace(quick, **changes)
    channel = MssanteChannel(settings, MemoryCursors())
    try:
        yield channel
    finally:
        channel.close()


def failure(script: Script, pki_dir: Path, **changes: object) -> tuple[ChannelError, ScriptedSmtp]:
    with (
        ScriptedSmtp(pki_dir, script) as server,
        channel_to(server, pki_dir, **changes) as channel,
        pytest.raises(ChannelError) as caught,
    ):
        channel.submit(parcel())
    return caught.value, server


def test_an_accepted_mail_gives_its_proof(pki_dir: Path) -> None:
    with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir) as channel:
        proof = channel.submit(parcel())
    (mail,) = server.received
    assert proof.code == "250 2.0.0"
    assert "4F1A2B" in proof.remote_id
    assert proof.documents == {parcel().documents[0].unique_id: parcel().message_id}
    assert mail.content == compose(parcel(), config()).content
    assert server.peers == [EJ]  # the certificate shown is that of the legal entity
    assert mail.commands[-3:] == [
        f"MAIL FROM:<{MATERNITY}> SIZE={len(mail.content)} RET=HDRS ENVID={parcel().shipment_id}",
        f"RCPT TO:<{MIDWIFE}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;{MIDWIFE}",
        "DATA",
    ]
    assert "AUTH EXTERNAL bWF0ZXJuaXRlQGhvcGl0YWwtZmljdGlmLm1zc2FudGUuZnI=" in mail.commands
    assert server.names[-1] == "hopital-fictif.mssante.fr"


def test_an_operator_without_dsn_is_not_asked_for_one(pki_dir: Path) -> None:
    with ScriptedSmtp(pki_dir, Script(extensions=(), auth="")) as server, channel_to(server, pki_dir) as channel:
        channel.submit(parcel())
    assert server.received[0].commands[-3:-1] == [f"MAIL FROM:<{MATERNITY}>", f"RCPT TO:<{MIDWIFE}>"]


@pytest.mark.parametrize(
    ("step", "reply", "kind", "code"),
    [
        ("RCPT", "550 5.1.1 <a@b.fr>: no such user", PermanentChannelError, "550 5.1.1"),
        ("RCPT", "552 5.2.2 mailbox full", PermanentChannelError, "552 5.2.2"),
        ("RCPT", "554 relay denied", PermanentChannelError, "554"),
        ("RCPT", "450 4.2.1 mailbox busy", TemporaryChannelError, "450 4.2.1"),
        ("RCPT", "421 4.3.2 shutting down", TemporaryChannelError, "421 4.3.2"),
        ("MAIL", "552 5.3.4 too big", PermanentChannelError, "552 5.3.4"),
        ("MAIL", "451 4.3.0 try later", TemporaryChannelError, "451 4.3.0"),
        ("DATA", "451 4.3.0 no room", TemporaryChannelError, "451 4.3.0"),
        ("END", "554 5.6.0 sandbox:subject", PermanentChannelError, "554 5.6.0"),
        ("END", "451 4.3.0 local error", TemporaryChannelError, "451 4.3.0"),
        ("AUTH", "535 5.7.8 certificate unknown", TemporaryChannelError, "535 5.7.8"),
        ("STARTTLS", "454 4.7.0 not now", TemporaryChannelError, "454 4.7.0"),
        ("BANNER", "554 5.3.2 closed today", TemporaryChannelError, "554 5.3.2"),
    ],
)
def test_a_refusal_by_its_code(
    pki_dir: Path, step: str, reply: str, kind: type[ChannelError] | None, code: str
) -> None:
    error, server = failure(Script({step: reply}), pki_dir)
    assert type(error) is kind
    assert error.code == code
    assert error.message_fr.endswith(".")
    assert "@" not in str(error)  # the reply repeats the address, the log must not
    assert error.raw.startswith(reply[:3].encode())
    assert (step == "END") == bool(server.received)


@pytest.mark.parametrize("step", ["BANNER", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_cut_before_the_end_of_the_content_is_surely_not_received(pki_dir: Path, step: str) -> None:
    error, server = failure(Script(cut={step}), pki_dir)
    assert type(error) is TemporaryChannelError
    assert error.code == "UNREACHABLE"
    assert not server.received


def test_a_cut_in_the_middle_of_the_content_is_surely_not_received(pki_dir: Path) -> None:
    # Large enough not to fit in the buffers of the system: a small one would have left whole.
    document = parcel().documents[0]
    heavy = parcel(dataclasses.replace(document, pdf_a=b"%PDF" + bytes(3_000_000)))
    with (
        ScriptedSmtp(pki_dir, Script(cut={"BODY"})) as server,
        channel_to(server, pki_dir) as channel,
        pytest.raises(TemporaryChannelError),
    ):
        channel.submit(heavy)


def test_a_cut_after_the_content_leaves_a_doubt(pki_dir: Path) -> None:
    error, server = failure(Script(cut={"END"}), pki_dir)
    assert type(error) is UncertainChannelError
    assert len(server.received) == 1


def test_a_resend_in_doubt_is_the_same_mail(pki_dir: Path) -> None:
    with ScriptedSmtp(pki_dir, Script(cut={"END"}, once=True)) as server, channel_to(server, pki_dir) as channel:
        with pytest.raises(UncertainChannelError):
            channel.submit(parcel())
        assert channel.find(parcel()) is None
        channel.submit(parcel())
    first, second = server.received
    assert first.content == second.content


def test_a_slow_answer_after_the_content_leaves_a_doubt(pki_dir: Path) -> None:
    error, _ = failure(Script(slow={"END": 1.5}), pki_dir, data_timeout=0.5)
    assert (type(error), error.code) == (UncertainChannelError, "SILENCE")


def test_a_server_that_never_answers_after_the_content(pki_dir: Path) -> None:
    began = time.monotonic()
    error, server = failure(Script(silent={"END"}), pki_dir, timeout=5.0, data_timeout=0.5)
    assert (type(error), error.code) == (UncertainChannelError, "SILENCE")
    assert len(server.received) == 1 and 0.5 <= time.monotonic() - began < 4


def test_the_reply_to_the_final_dot_has_a_patience_of_its_own(pki_dir: Path) -> None:
    """RFC 5321 §4.5.3.2.6: a server that takes its time has received the mail; sending it again would double it."""
    script = Script(slow={"END": 1.2})
    with ScriptedSmtp(pki_dir, script) as server, channel_to(server, pki_dir, timeout=0.5, data_timeout=5.0) as channel:
        assert channel.submit(parcel()).code == "250 2.0.0"
        script.slow = {"RCPT": 1.2}
        with pytest.raises(TemporaryChannelError):  # the next mail on the same connection: usual patience again
            channel.submit(parcel())
    assert len(server.received) == 1


def test_a_slow_answer_before_the_content_is_only_late(pki_dir: Path) -> None:
    error, server = failure(Script(slow={"RCPT": 1.5}), pki_dir, timeout=0.5)
    assert type(error) is TemporaryChannelError
    assert not server.received


def test_many_late_answers_do_not_add_up_beyond_one_deadline(pki_dir: Path) -> None:
    """Each comes in time, all of them do not: a sending that outlasts its lease would be begun again by another."""
    late = dict.fromkeys(("BANNER", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"), 0.45)
    began = time.monotonic()
    error, server = failure(Script(slow=late), pki_dir, timeout=0.5)
    made = config(timeout=0.5)
    assert isinstance(error, TemporaryChannelError) and error.code == "UNREACHABLE" and server.received == []
    assert time.monotonic() - began < made.hand_over_timeout + 2 * made.timeout


def test_an_answer_that_is_no_smtp(pki_dir: Path) -> None:
    error, _ = failure(Script({"END": "\x00\x81 ok"}), pki_dir)
    assert type(error) is UncertainChannelError
    error, _ = failure(Script({"MAIL": "\x00\x81 ok"}), pki_dir)
    assert type(error) is TemporaryChannelError


def test_nobody_listens(pki_dir: Path) -> None:
    with ScriptedSmtp(pki_dir) as server:
        gone = server.port
    channel = MssanteChannel(config(pki_dir=pki_dir, smtp_port=gone), MemoryCursors())
    with pytest.raises(TemporaryChannelError) as caught:
        channel.submit(parcel())
    assert caught.value.code == "UNREACHABLE"


class TestTls:
    def test_without_starttls_nothing_leaves(self, pki_dir: Path) -> None:
        error, server = failure(Script(starttls=False), pki_dir)
        assert (type(error), error.code) == (TemporaryChannelError, "STARTTLS")
        assert not server.received

    def test_external_can_be_required(self, pki_dir: Path) -> None:
        error, _ = failure(Script(auth="PLAIN LOGIN"), pki_dir, sasl=Sasl.EXTERNAL)
        assert (type(error), error.code) == (TemporaryChannelError, "AUTH")

    def test_the_certificate_alone_can_be_enough(self, pki_dir: Path) -> None:
        with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir, sasl=Sasl.NONE) as channel:
            channel.submit(parcel())
        assert not any(command.startswith("AUTH") for command in server.received[0].commands)

    def test_a_server_of_another_authority_is_not_trusted(self, pki_dir: Path, tmp_path: Path) -> None:
        SandboxAuthority(tmp_path).ensure()
        with (
            ScriptedSmtp(tmp_path) as server,
            channel_to(server, pki_dir) as channel,
            pytest.raises(TemporaryChannelError) as caught,
        ):
            channel.submit(parcel())
        assert caught.value.code == "TLS"
        assert not server.received

    def test_a_client_certificate_of_another_authority_is_refused(
        self, authority: SandboxAuthority, tmp_path: Path
    ) -> None:
        copy = tmp_path / "pki"
        shutil.copytree(authority.directory, copy)
        files = spoiled.issue(authority, EJ, spoiled.Flaw.OTHER_AUTHORITY)
        shutil.copy(files.auth_pem, copy / "structures" / EJ / "auth.pem")
        shutil.copy(files.auth_key, copy / "structures" / EJ / "auth.key")
        with (
            ScriptedSmtp(authority.directory) as server,
            channel_to(server, copy) as channel,
            pytest.raises(TemporaryChannelError),
        ):
            channel.submit(parcel())
        assert not server.received

    def test_an_expired_certificate_is_named_before_anything_is_sent(
        self, authority: SandboxAuthority, tmp_path: Path
    ) -> None:
        copy = tmp_path / "pki"
        shutil.copytree(authority.directory, copy)
        files = spoiled.issue(authority, EJ, spoiled.Flaw.EXPIRED)
        shutil.copy(files.auth_pem, copy / "structures" / EJ / "auth.pem")
        shutil.copy(files.auth_key, copy / "structures" / EJ / "auth.key")
        with (
            ScriptedSmtp(authority.directory) as server,
            channel_to(server, copy) as channel,
            pytest.raises(TemporaryChannelError) as caught,
        ):
            channel.submit(parcel())
        assert caught.value.code == "CERTIFICATE"
        assert "a expiré le" in caught.value.message_fr
        assert server.connections == 0

    def test_an_absent_certificate_waits(self, tmp_path: Path) -> None:
        channel = MssanteChannel(config(pki_dir=tmp_path), MemoryCursors())
        with pytest.raises(TemporaryChannelError) as caught:
            channel.submit(parcel())
        assert caught.value.code == "CERTIFICATE"

    def test_a_revoked_server_is_not_trusted(self, authority: SandboxAuthority, tmp_path: Path) -> None:
        from tests.mssante.revocation import write_crl

        pki_dir, clean, revoking = authority.directory, tmp_path / "clean.pem", tmp_path / "revoking.pem"
        write_crl(authority, clean, revoked=False)
        write_crl(authority, revoking, revoked=True)
        with ScriptedSmtp(pki_dir) as server:
            with channel_to(server, pki_dir, crl=clean) as channel:
                channel.submit(parcel())
            with channel_to(server, pki_dir, crl=revoking) as channel, pytest.raises(TemporaryChannelError) as caught:
                channel.submit(parcel())
        assert caught.value.code == "TLS"
        assert len(server.received) == 1


class TestPool:
    def test_one_connection_carries_many_mails(self, pki_dir: Path) -> None:
        with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir) as channel:
            for _ in range(5):
                channel.submit(parcel())
        assert (server.connections, len(server.received)) == (1, 5)

    def test_a_connection_closed_while_idle_is_opened_again(self, pki_dir: Path) -> None:
        with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir) as channel:
            channel.submit(parcel())
            server.drop_everyone()
            channel.submit(parcel())
        assert (server.connections, len(server.received)) == (2, 2)

    def test_a_refused_recipient_leaves_the_connection_usable(self, pki_dir: Path) -> None:
        script = Script({"RCPT": "550 5.1.1 unknown"})
        with ScriptedSmtp(pki_dir, script) as server, channel_to(server, pki_dir) as channel:
            with pytest.raises(PermanentChannelError):
                channel.submit(parcel())
            script.replies.clear()
            channel.submit(parcel())
        assert (server.connections, len(server.received)) == (1, 1)

    def test_a_doubtful_connection_is_not_kept(self, pki_dir: Path) -> None:
        script = Script(slow={"END": 1.0}, once=True)
        with ScriptedSmtp(pki_dir, script) as server, channel_to(server, pki_dir, data_timeout=0.4) as channel:
            with pytest.raises(UncertainChannelError):
                channel.submit(parcel())
            proof = channel.submit(parcel())
        assert (server.connections, proof.code) == (2, "250 2.0.0")

    def test_threads_do_not_mix_their_mails(self, pki_dir: Path) -> None:
        sent = [parcel(message_id=f"{number}@perinat.example") for number in range(12)]
        errors: list[ChannelError] = []

        def run(part: int) -> None:
            for one in sent[part::3]:
                try:
                    channel.submit(one)
                except ChannelError as error:
                    errors.append(error)

        with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir) as channel:
            threads = [threading.Thread(target=run, args=(part,)) for part in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        assert not errors
        expected = {compose(one, config()).content for one in sent}
        assert {mail.content for mail in server.received} == expected
        assert server.connections <= 3


class TestBeforeTheNetwork:
    def test_a_site_without_mailbox(self, pki_dir: Path) -> None:
        channel = MssanteChannel(MssanteConfig(pki_dir=pki_dir), MemoryCursors())
        with pytest.raises(PermanentChannelError) as caught:
            channel.submit(parcel())
        assert caught.value.code == "MAILBOX"

    def test_a_domain_outside_of_the_trust_space(self, pki_dir: Path, tmp_path: Path) -> None:
        listed = tmp_path / "listeblanche.xml"
        listed.write_text(
            '<ListeBlanche xmlns="https://listeblanche.mssante.fr/schema">'
            "<Domaine><Nom>Sage-Femme.mssante.fr</Nom></Domaine></ListeBlanche>"
        )
        with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir, trust_list=listed) as channel:
            channel.submit(parcel())
            with pytest.raises(PermanentChannelError) as caught:
                channel.submit(parcel(recipient=Recipient("X", "sf@messagerie.example")))
        assert caught.value.code == "TRUST_SPACE"
        assert len(server.received) == 1

    def test_a_damaged_trust_list_waits(self, pki_dir: Path, tmp_path: Path) -> None:
        listed = tmp_path / "listeblanche.xml"
        listed.write_text("<ListeBlanche>")
        channel = MssanteChannel(config(pki_dir=pki_dir, trust_list=listed), MemoryCursors())
        with pytest.raises(TemporaryChannelError) as caught:
            channel.submit(parcel())
        assert caught.value.code == "TRUST_LIST"

    def test_a_withdrawal_is_a_mail_and_a_sending_is_no_withdrawal(self, pki_dir: Path) -> None:
        with ScriptedSmtp(pki_dir) as server, channel_to(server, pki_dir) as channel:
            channel.withdraw(parcel(action=Action.WITHDRAW))
            with pytest.raises(PermanentChannelError):
                channel.withdraw(parcel())
        assert len(server.received) == 1
