"""The gateway and the sandbox operator on real sockets: send, receipts, collection. The sandbox shares no code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.ports import (
    Action,
    Incoming,
    PermanentChannelError,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.ports import ReceiptKind as Kind
from mssante.channel import MssanteChannel
from perinat.standards import codes
from tests.coordination.cda import samples
from tests.mssante import operator as op
from tests.mssante.operator import World


@pytest.fixture
def world(tmp_path: Path, pki_dir: Path) -> Iterator[World]:
    with op.running(tmp_path / "operator", pki_dir) as made:
        yield made


def collected(world: World, *, acknowledge: bool = True) -> list[Incoming]:
    found = []
    for incoming in world.channel.collect():
        found.append(incoming)
        if acknowledge:
            world.channel.acknowledge(incoming)
    return found


class TestSending:
    """The linter of the sandbox is strict: what breaks a rule of the référentiel is refused at DATA."""

    @pytest.mark.parametrize(
        "contents",
        [
            (samples.LETTER,),
            (samples.LETTER, samples.PRESCRIPTION),
            tuple(samples.letter(kind) for kind in codes.DOCUMENT_TYPES.values()),
            (samples.NEWBORN_LETTER,),
        ],
        ids=["letter", "two documents", "every type", "newborn without INS"],
    )
    def test_the_operator_has_nothing_to_say_of_our_mails(self, world: World, contents: tuple[object, ...]) -> None:
        proof = world.channel.submit(op.parcel(op.READER, *contents))  # type: ignore[arg-type]
        assert proof.code.startswith("250")
        (submission,) = world.ask("GET", "/submissions")
        assert submission["findings"] == []

    def test_replacement_and_withdrawal(self, world: World) -> None:
        first = op.parcel(op.READER)
        world.channel.submit(first)
        newer = op.parcel(op.READER, samples.REPLACEMENT, action=Action.REPLACE, previous=first.message_id)
        world.channel.submit(newer)
        world.channel.withdraw(
            op.parcel(op.READER, samples.REPLACEMENT, action=Action.WITHDRAW, previous=newer.message_id)
        )
        submissions = world.ask("GET", "/submissions")
        assert [one["findings"] for one in submissions] == [[], [], []]

    def test_the_linter_is_awake(self, world: World) -> None:
        document = op.parcel(op.READER).documents[0]
        other_pdf = dataclasses.replace(document, pdf_a=document.pdf_a + b"\n%autre")
        with pytest.raises(PermanentChannelError) as caught:
            world.channel.submit(dataclasses.replace(op.parcel(op.READER), documents=(other_pdf,)))
        assert "sandbox:" in caught.value.detail

    def test_to_the_patient(self, world: World) -> None:
        assert samples.MOTHER_INS is not None
        address = f"{samples.MOTHER_INS.matricule}@patient.mssante.fr"
        world.ask("PUT", "/mailboxes", {"address": address, "kind": "PAT", "behaviour": "reader"})
        world.channel.submit(op.parcel(address))
        world.settle()
        assert Kind.DISPLAYED in [one.kind for one in collected(world)]

    @pytest.mark.parametrize(("to", "code"), [(op.FULL, "552 5.2.2"), (op.CLOSED, "550 5.2.1")])
    def test_a_mailbox_that_takes_nothing(self, world: World, to: str, code: str) -> None:
        with pytest.raises(PermanentChannelError) as caught:
            world.channel.submit(op.parcel(to))
        assert caught.value.code == code

    def test_a_domain_outside_of_the_trust_space(self, world: World) -> None:
        with pytest.raises(PermanentChannelError):
            world.channel.submit(op.parcel("quelquun@ailleurs.example"))

    def test_stored_but_not_answered_is_sent_again_as_the_same_mail(self, world: World) -> None:
        sent = op.parcel(op.READER)
        world.ask("PUT", "/faults", [{"point": "smtp.answer", "action": "cut"}])
        with pytest.raises(UncertainChannelError):
            world.channel.submit(sent)
        assert world.channel.find(sent) is None
        world.channel.submit(sent)
        ids = [one["message_id"].strip("<>") for one in world.ask("GET", "/submissions")]
        assert set(ids) == {sent.message_id}

    @pytest.mark.parametrize("verb", ["banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data"])
    def test_a_cut_before_the_content(self, world: World, verb: str) -> None:
        world.ask("PUT", "/faults", [{"point": f"smtp.{verb}", "action": "cut"}])
        with pytest.raises(TemporaryChannelError):
            world.channel.submit(op.parcel(op.READER))
        assert world.ask("GET", "/submissions") == []
        world.channel.submit(op.parcel(op.READER))


class TestReceipts:
    @pytest.mark.parametrize(
        ("to", "kinds"),
        [
            (op.READER, {Kind.DELIVERED, Kind.DISPLAYED}),
            (op.SOFTWARE, {Kind.DELIVERED, Kind.INTEGRATED}),
            (op.OLD_SOFTWARE, {Kind.DELIVERED, Kind.NOT_INTEGRATED}),
            (op.AWAY, {Kind.DELIVERED, Kind.AUTOREPLY}),
            (op.LATE, {Kind.BOUNCED}),
        ],
    )
    def test_what_comes_back_names_the_shipment(self, world: World, to: str, kinds: set[Kind]) -> None:
        sent = op.parcel(to)
        world.channel.submit(sent)
        world.settle()
        back = collected(world)
        assert {one.kind for one in back} == kinds
        assert {one.message_id for one in back} == {sent.message_id}
        assert {one.recipient for one in back} == {to}

    def test_the_old_grammar_gives_its_code(self, world: World) -> None:
        world.channel.submit(op.parcel(op.OLD_SOFTWARE))
        world.settle()
        (error,) = [one for one in collected(world) if one.kind is Kind.NOT_INTEGRATED]
        assert error.code == "902"

    def test_an_error_without_mdn_comes_by_ordinary_mail(self, world: World) -> None:
        channel = MssanteChannel(dataclasses.replace(world.config, request_receipts=False), world.cursors)
        sent = op.parcel(op.OLD_SOFTWARE)
        channel.submit(sent)
        channel.close()
        world.settle()
        (back,) = collected(world)
        assert (back.kind, back.code, back.message_id) == (Kind.NOT_INTEGRATED, "902", sent.message_id)


class TestCollecting:
    def test_acknowledged_mails_are_not_offered_again(self, world: World) -> None:
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        assert len(collected(world)) == 2
        assert collected(world) == []
        world.restart_channel()
        assert collected(world) == []
        folders = {one["folder"] for one in world.ask("GET", f"/messages?mailbox={op.MATERNITY}")}
        assert folders == {"Traites"}

    def test_what_is_not_acknowledged_is_offered_again(self, world: World) -> None:
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        first = collected(world, acknowledge=False)
        assert len(first) == 2
        world.restart_channel()
        again = collected(world, acknowledge=False)
        assert [one.digest for one in again] == [one.digest for one in first]

    def test_a_mail_that_the_core_could_not_commit_holds_the_cursor_back(self, world: World) -> None:
        world.config = dataclasses.replace(world.config, processed_folder="")
        world.restart_channel()
        for _ in range(3):
            world.channel.submit(op.parcel(op.SOFTWARE))
        world.settle()
        offered = list(world.channel.collect())
        assert len(offered) == 6
        for incoming in (*offered[:2], *offered[3:]):
            world.channel.acknowledge(incoming)
        world.restart_channel()
        assert offered[2].digest == collected(world)[0].digest
        assert collected(world) == []

    def test_without_a_folder_mails_stay_and_are_marked_as_read(self, world: World) -> None:
        world.config = dataclasses.replace(world.config, processed_folder="")
        world.restart_channel()
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        collected(world)
        kept = world.ask("GET", f"/messages?mailbox={op.MATERNITY}")
        assert {one["folder"] for one in kept} == {"INBOX"}
        assert all("\\Seen" in one["flags"] for one in kept)

    def test_a_new_uidvalidity_offers_what_is_still_there(self, world: World) -> None:
        world.config = dataclasses.replace(world.config, processed_folder="")
        world.restart_channel()
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        before = collected(world)
        world.ask("POST", "/uidvalidity", {"address": op.MATERNITY})
        after = collected(world)
        assert {one.digest for one in after} == {one.digest for one in before}
        assert {one.token for one in after}.isdisjoint({one.token for one in before})
        assert collected(world) == []

    def test_a_new_uidvalidity_before_the_acknowledgement(self, world: World) -> None:
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        rounds = world.channel.collect()
        first = next(rounds)
        world.ask("POST", "/uidvalidity", {"address": op.MATERNITY})
        world.channel.acknowledge(first)
        rounds.close()  # type: ignore[attr-defined]
        assert first.digest in {one.digest for one in collected(world)}

    def test_an_operator_that_is_down_costs_nothing_but_time(self, world: World) -> None:
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        world.ask("PUT", "/faults", [{"point": "imap.banner", "action": "cut"}])
        with pytest.raises(TemporaryChannelError):
            collected(world)
        assert len(collected(world)) == 2

    @pytest.mark.parametrize("point", ["imap.fetch", "imap.starttls", "imap.authenticate", "imap.select"])
    @pytest.mark.parametrize("action", ["cut", "garble"])
    def test_a_cut_while_collecting(self, world: World, point: str, action: str) -> None:
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        world.ask("PUT", "/faults", [{"point": point, "action": action}])
        with pytest.raises(TemporaryChannelError):
            collected(world)
        assert len(collected(world)) == 2

    def test_a_cut_while_putting_away_does_not_offer_again(self, world: World) -> None:
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        world.ask("PUT", "/faults", [{"point": "imap.store", "action": "cut", "times": 9}])
        first, *_ = collected(world, acknowledge=False)
        world.channel.acknowledge(first)
        world.ask("DELETE", "/faults")
        assert first.digest not in {one.digest for one in collected(world)}

    def test_one_mailbox_out_of_order_does_not_stop_the_others(self, world: World) -> None:
        world.config = dataclasses.replace(
            world.config, mailboxes={"inconnue@maternite.mssante.example": op.EJ} | world.config.mailboxes
        )
        world.restart_channel()
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        seen = []
        with pytest.raises(TemporaryChannelError):
            for incoming in world.channel.collect():
                seen.append(incoming)
        assert len(seen) == 2

    def test_a_mail_too_large_is_shown_by_its_headers(self, world: World) -> None:
        world.config = dataclasses.replace(world.config, collect_max_bytes=200)
        world.restart_channel()
        world.channel.submit(op.parcel(op.READER))
        world.settle()
        back = collected(world)
        assert {one.code for one in back} == {"TOO_LARGE"}

    def test_a_person_who_writes_is_kept_for_a_person(self, world: World) -> None:
        values = {"from": op.READER, "to": op.MATERNITY, "subject": "Rendez-vous", "body": "Bonjour"}
        world.ask("POST", "/write", values)
        (incoming,) = collected(world)
        assert (incoming.kind, incoming.code, incoming.recipient) == (Kind.UNKNOWN, "MAIL", op.READER)
