"""One suite, three channels: what the core expects of a channel, the fake and the real ones keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.ports import DocumentSize, Proof, TemporaryChannelError, UncertainChannelError
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.contracts import subjects
from tests.contracts.subjects import Subject, recall_of
from tests.dmp_gateway.parcels import EJ as DMP_EJ
from tests.mssante.parcels import EJ as MSSANTE_EJ


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> SandboxAuthority:
    made = SandboxAuthority(tmp_path_factory.mktemp("pki"))
    made.ensure(sorted({DMP_EJ, MSSANTE_EJ}))
    return made


@pytest.fixture(params=["fake", "dmp", "mssante"])
def subject(request: pytest.FixtureRequest, authority: SandboxAuthority, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "fake":
        yield subjects.Fake()
    elif request.param == "dmp":
        with subjects.dmp(tmp_path, authority) as made:
            yield made
    else:
        with subjects.mssante(tmp_path, authority.directory) as made:
            yield made


def assert_names_each_document(proof: Proof, parcel: subjects.Parcel) -> None:
    assert proof.code and proof.at.tzinfo is not None
    assert set(proof.documents) == {document.unique_id for document in parcel.documents}


def test_submit_stores_everything_and_proves_each_document(subject: Subject) -> None:
    parcel = subject.parcel()
    proof = subject.channel.submit(parcel)
    assert_names_each_document(proof, parcel)
    assert proof.raw, "the raw answer is kept as evidence"
    assert subject.stored(parcel) == set(proof.documents)


def test_the_same_parcel_again_is_harmless(subject: Subject) -> None:
    parcel = subject.parcel()
    first, second = subject.channel.submit(parcel), subject.channel.submit(parcel)
    assert set(first.documents) == set(second.documents) == subject.stored(parcel)


def test_find_says_what_was_received_or_that_it_cannot_tell(subject: Subject) -> None:
    parcel, other = subject.parcel(), subject.parcel()
    assert subject.channel.find(parcel) is None
    subject.channel.submit(parcel)
    found = subject.channel.find(parcel)
    assert (found is not None) is subject.can_be_asked
    if found is not None:
        assert_names_each_document(found, parcel)
    assert subject.channel.find(other) is None, "never a proof for somebody else's parcel"


def test_withdraw_takes_back_and_may_be_said_twice(subject: Subject) -> None:
    parcel = subject.parcel()
    subject.channel.submit(parcel)
    recall = recall_of(parcel)
    assert subject.channel.withdraw(recall).code
    assert subject.stored(parcel) == set()
    assert subject.channel.withdraw(recall).code


def test_an_unreachable_server_received_nothing_surely(subject: Subject) -> None:
    channel = subject.unreachable()
    for act in (channel.submit, lambda p: channel.withdraw(recall_of(p))):
        with pytest.raises(TemporaryChannelError) as failure:
            act(subject.parcel())
        assert failure.value.code and failure.value.message_fr.endswith(".")


def test_a_cut_after_the_sending_is_uncertain_then_found_or_sent_again(subject: Subject) -> None:
    parcel = subject.parcel()
    subject.cut_after_receiving()
    with pytest.raises(UncertainChannelError) as failure:
        subject.channel.submit(parcel)
    assert failure.value.code and failure.value.message_fr.endswith(".")
    proof = subject.channel.find(parcel)
    assert (proof is not None) is subject.can_be_asked
    again = proof or subject.channel.submit(parcel)
    assert_names_each_document(again, parcel)
    assert subject.stored(parcel) == set(again.documents)


def test_what_is_said_to_weigh_too_much_is_what_would_be_refused(subject: Subject) -> None:
    """The core makes its lots by `size_of` and `max_bytes`, before any network."""
    parcel = subject.parcel()
    sizes = [DocumentSize(len(document.cda), len(document.pdf_a)) for document in parcel.documents]
    weights = [subject.channel.size_of(sizes[:count]) for count in range(1, len(sizes) + 1)]
    assert 0 < weights[0] < weights[-1] <= subject.channel.max_bytes
    assert weights[-1] >= sum(len(document.cda) for document in parcel.documents)
    huge = DocumentSize(subject.channel.max_bytes + 1, 0)
    assert subject.channel.size_of([huge]) > subject.channel.max_bytes


def test_nothing_to_collect_is_an_empty_round(subject: Subject) -> None:
    assert list(subject.channel.collect()) == []
