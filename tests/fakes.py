"""Stand-ins for the ports, in memory. `tests/contracts` proves that they behave like the real channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from coordination.ports import Action, ChannelError, DocumentSize, Incoming, Parcel, Proof
from mssante import receipts
from perinat.standards.received import Disposition


@dataclass
class FakeChannel:
    """Keeps what it accepted. `failures`: errors raised by the next submits, in order.

    `keep_despite_failure`: the remote stored the parcel although the caller saw a failure.
    """

    kept: dict[str, Parcel] = field(default_factory=dict)
    failures: list[ChannelError | Exception] = field(default_factory=list)
    keep_despite_failure: bool = False
    withdrawn: list[str] = field(default_factory=list)
    submits: int = 0
    finds: int = 0
    mail: list[Incoming] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    before_answer: Callable[[Parcel], None] | None = None
    max_bytes: int = 1_000_000_000
    answers: list[Disposition] = field(default_factory=list)

    def size_of(self, documents: Sequence[DocumentSize]) -> int:
        return sum(document.cda for document in documents)

    def _keep(self, parcel: Parcel) -> Proof:
        self.kept[parcel.submission_set.unique_id] = parcel
        documents = {document.unique_id: "fake" for document in parcel.documents}
        return Proof("fake:ok", parcel.submission_set.unique_id, datetime.now(UTC), b"ok", documents)

    def submit(self, parcel: Parcel) -> Proof:
        self.submits += 1
        if self.failures:
            failure = self.failures.pop(0)
            if self.keep_despite_failure:
                self._keep(parcel)
            raise failure
        proof = self._keep(parcel)
        if self.before_answer is not None:
            self.before_answer(parcel)
        return proof

    def find(self, parcel: Parcel) -> Proof | None:
        """The lot is known by its documents; for a withdrawal, none of them is there any more."""
        self.finds += 1
        asked = {document.unique_id for document in parcel.documents}
        there = {document.unique_id for kept in self.kept.values() for document in kept.documents} - set(self.withdrawn)
        if parcel.action is Action.WITHDRAW:
            return None if asked & there else Proof("fake:absent", parcel.submission_set.unique_id, datetime.now(UTC))
        if not asked <= there:
            return None
        documents = dict.fromkeys(asked, "fake")
        return Proof("fake:found", parcel.submission_set.unique_id, datetime.now(UTC), b"", documents)

    def withdraw(self, parcel: Parcel) -> Proof:
        if self.failures:
            raise self.failures.pop(0)
        self.withdrawn += [d.unique_id for d in parcel.documents if d.unique_id not in self.withdrawn]
        return Proof("fake:withdrawn", "", datetime.now(UTC), b"", dict.fromkeys(self.withdrawn, "fake"))

    def answer(self, disposition: Disposition) -> Proof:
        if self.failures:
            raise self.failures.pop(0)
        self.answers.append(disposition)
        return Proof("fake:ok", "", datetime.now(UTC))

    def reread(self, raw: bytes, *, mailbox: str, received_at: datetime) -> Incoming:
        return replace(receipts.parse(raw, token="", received_at=received_at), mailbox=mailbox)

    def collect(self) -> Iterator[Incoming]:
        yield from list(self.mail)

    def acknowledge(self, incoming: Incoming) -> None:
        self.acknowledged.append(incoming.token)
        self.mail = [item for item in self.mail if item.token != incoming.token]
