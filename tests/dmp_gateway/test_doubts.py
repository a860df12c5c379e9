"""Doubts and duplicates: what is already there, what was said twice, who shares a connection."""

from __future__ import annotations

import re
import threading

import pytest

from coordination.ports import Action, PermanentChannelError, TemporaryChannelError, UncertainChannelError
from dmp_gateway.channel import DmpChannel
from tests.dmp_gateway import parcels
from tests.dmp_gateway import rough_server as rough
from tests.dmp_gateway.rough_server import OPEN, channel, fails, soap

# --- Already there ---------------------------------------------------------------------------


def test_said_duplicate_and_found_is_a_success(server):
    parcel = parcels.parcel(parcels.document(), parcels.document())
    server.script = [
        OPEN,
        soap(rough.refused("XDSDuplicateUniqueIdInRegistry")),
        soap(rough.found("urn:uuid:1")),
        soap(rough.found("urn:uuid:2")),
    ]
    proof = channel(server).submit(parcel)
    assert proof.code == "XDSDuplicateUniqueIdInRegistry"
    assert proof.remote_id == parcel.submission_set.unique_id
    assert list(proof.documents.values()) == ["urn:uuid:1", "urn:uuid:2"]


def test_said_duplicate_and_not_found_needs_a_person(server):
    duplicate = soap(rough.refused("XDSDuplicateUniqueIdInRegistry"))
    error = fails(PermanentChannelError, server, OPEN, duplicate, soap(rough.found()))
    assert error.code == "XDSDuplicateUniqueIdInRegistry"
    assert "n'y figurent pas" in error.message_fr


def test_a_deletion_received_twice_is_a_success(server):
    """The first attempt got no answer; the reference says nothing of the status."""
    parcel = parcels.parcel(action=Action.WITHDRAW)
    shared = channel(server)
    there = soap(rough.found("urn:uuid:1"))
    server.script = [there, rough.cut, there, there, soap(rough.refused("XDSDuplicateUniqueIdInRegistry"))]
    with pytest.raises(UncertainChannelError):
        shared.withdraw(parcel)
    assert shared.find(parcel) is None
    assert shared.withdraw(parcel).code == "XDSDuplicateUniqueIdInRegistry"
    lots = [re.findall(rb'value="(2\.25\.\d+)"', exchange.body) for exchange in server.requests]
    assert lots[1] == lots[4] != []


def test_another_content_under_the_same_identifier_needs_a_person(server):
    error = fails(PermanentChannelError, server, OPEN, soap(rough.refused("XDSNonIdenticalHash")))
    assert "document différent sous le même identifiant" in error.message_fr


def test_find_says_none_as_soon_as_one_document_is_missing(server):
    parcel = parcels.parcel(parcels.document(), parcels.document())
    server.script = [soap(rough.found("urn:uuid:1")), soap(rough.found())]
    assert channel(server).find(parcel) is None


def test_find_that_cannot_ask_is_temporary_not_none(server):
    server.script = [rough.cut]
    with pytest.raises(TemporaryChannelError):
        channel(server).find(parcels.parcel())


# --- Sessions -------------------------------------------------------------------------------


def test_after_an_answer_that_is_not_ours_the_connection_is_not_used_again(server):
    """An answer too many would otherwise shift every following one."""

    def late(exchange: rough.Exchange) -> bool:
        return rough.http(200, rough.envelope(rough.td02(), "urn:uuid:another"))(exchange)

    shared = channel(server)
    server.script = [late, OPEN, soap(rough.registered())]
    with pytest.raises(TemporaryChannelError):
        shared.submit(parcels.parcel())
    assert shared.submit(parcels.parcel()).code == "Success"
    assert server.connections == 2


def test_one_connection_serves_many_calls(server):
    server.script = [OPEN, soap(rough.registered())] * 5
    shared = channel(server)
    for _ in range(5):
        shared.submit(parcels.parcel())
    assert (len(server.requests), server.connections) == (10, 1)


def test_threads_share_a_channel(server):
    """Every answer names its request (RelatesTo): a mix-up would be refused."""

    def by_service(exchange: rough.Exchange) -> bool:
        return soap(rough.td02() if exchange.path.endswith("patients") else rough.registered())(exchange)

    server.script = [by_service] * 40
    shared, proofs = channel(server), []
    threads = [
        threading.Thread(target=lambda: proofs.extend(shared.submit(parcels.parcel()).code for _ in range(5)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert proofs == ["Success"] * 20


def test_collect_and_acknowledge_have_nothing_to_do():
    assert list(DmpChannel().collect()) == []
