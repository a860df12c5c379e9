"""The three channels of the suite, each with the same few handles on its other side."""

from __future__ import annotations

import email
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from coordination.ports import Action, Channel, Parcel, TemporaryChannelError, UncertainChannelError
from dmp_gateway.channel import DmpChannel
from dmp_gateway.sandbox.server import DmpSandbox
from mssante.channel import MssanteChannel
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.standards import codes
from perinat.standards.identifiers import oid_from_uuid
from tests.coordination.cda import samples
from tests.dmp_gateway import parcels as dmp_parcels
from tests.fakes import FakeChannel
from tests.mssante import operator
from tests.mssante.memory import MemoryCursors


class Subject(Protocol):
    """A channel under contract. `can_be_asked`: `find` tells what was received."""

    channel: Channel
    can_be_asked: bool

    def parcel(self) -> Parcel:
        """A new parcel of two documents."""
        ...

    def stored(self, parcel: Parcel) -> set[str]:
        """uniqueIds of this parcel that the other side holds (a recalled one is held no more)."""
        ...

    def cut_after_receiving(self) -> None:
        """The next sending is received, and its answer lost."""
        ...

    def unreachable(self) -> Channel:
        """The same channel towards a port where nobody listens."""
        ...


def recall_of(parcel: Parcel) -> Parcel:
    """The shipment that takes these documents back."""
    identifier = uuid4()
    lot = replace(parcel.submission_set, unique_id=oid_from_uuid(identifier))
    documents = tuple(replace(d, replaces_unique_id=d.unique_id) for d in parcel.documents)
    return replace(
        parcel, shipment_id=identifier, action=Action.WITHDRAW, submission_set=lot, documents=documents,
        message_id=f"{identifier}@perinat.example", previous_message_id=parcel.message_id, reason="Erreur de patiente",
    )  # fmt: skip


@dataclass
class Fake:
    channel: FakeChannel = field(default_factory=FakeChannel)
    can_be_asked: bool = True

    def parcel(self) -> Parcel:
        return dmp_parcels.parcel(dmp_parcels.document(), dmp_parcels.document(codes.ORDONNANCE_PRODUITS))

    def stored(self, parcel: Parcel) -> set[str]:
        kept = {d.unique_id for one in self.channel.kept.values() for d in one.documents}
        return (kept & {d.unique_id for d in parcel.documents}) - set(self.channel.withdrawn)

    def cut_after_receiving(self) -> None:
        self.channel.failures, self.channel.keep_despite_failure = [UncertainChannelError("cut", "Coupure.")], True

    def unreachable(self) -> Channel:
        return FakeChannel(failures=[TemporaryChannelError("down", "Injoignable.")] * 3)


@dataclass
class Dmp:
    sandbox: DmpSandbox
    authority: SandboxAuthority
    can_be_asked: bool = True

    def __post_init__(self) -> None:
        self.channel = self._towards(self.sandbox.base_url)
        site = {"struct_idnat": dmp_parcels.EG, "legal": dmp_parcels.EJ, "name": dmp_parcels.MATERNITY.name}
        self._admin("PUT", "/structures", site)
        ins = dmp_parcels.MOTHER.ins
        assert ins is not None
        self._admin("PUT", "/people", {"matricule": ins.matricule, "oid": ins.oid, "state": "NO_AUTHORIZATION"})

    def _towards(self, url: str) -> DmpChannel:
        config = replace(dmp_parcels.config(self.authority.directory, url), read_timeout=20.0)
        return DmpChannel(lambda: config)

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.sandbox.admin_url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def parcel(self) -> Parcel:
        return dmp_parcels.parcel(dmp_parcels.document(), dmp_parcels.document(codes.ORDONNANCE_PRODUITS))

    def stored(self, parcel: Parcel) -> set[str]:
        rows = self._admin("GET", "/documents")
        alive = {row["unique_id"] for row in rows if row["status"].endswith(":Approved")}
        return alive & {d.unique_id for d in parcel.documents}

    def cut_after_receiving(self) -> None:
        self._admin("PUT", "/faults", {"kind": "cut_after_storing", "endpoint": "repository"})

    def unreachable(self) -> Channel:
        return self._towards("https://127.0.0.1:1/services")


@dataclass
class Mssante:
    world: operator.World
    folder: Path
    can_be_asked: bool = False

    @property
    def channel(self) -> Channel:
        return self.world.channel

    def parcel(self) -> Parcel:
        return operator.parcel(operator.READER, samples.LETTER, samples.PRESCRIPTION)

    def stored(self, parcel: Parcel) -> set[str]:
        """The mails that the operator wrote on its disk; a recall is a mail that answers the first."""
        mails = [email.message_from_bytes(path.read_bytes()) for path in (self.folder / "messages").glob("*.eml")]
        received = any(parcel.message_id in mail["Message-ID"] for mail in mails)
        recalled = any(parcel.message_id in (mail["In-Reply-To"] or "") for mail in mails)
        return {d.unique_id for d in parcel.documents} if received and not recalled else set()

    def cut_after_receiving(self) -> None:
        self.world.ask("PUT", "/faults", [{"point": "smtp.answer", "action": "cut"}])

    def unreachable(self) -> Channel:
        return MssanteChannel(replace(self.world.config, smtp_port=1, imap_port=1), MemoryCursors())


@contextmanager
def dmp(folder: Path, authority: SandboxAuthority) -> Iterator[Dmp]:
    with DmpSandbox(folder, authority.directory) as sandbox:
        yield Dmp(sandbox, authority)


@contextmanager
def mssante(folder: Path, pki_dir: Path) -> Iterator[Mssante]:
    with operator.running(folder, pki_dir) as world:
        yield Mssante(world, folder)
