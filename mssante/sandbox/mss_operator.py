"""The operator as one value: what both doors, the agenda and the administration share."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from mssante.sandbox.agenda import Agenda, Handler
from mssante.sandbox.clock import Clock
from mssante.sandbox.correspondents import Correspondents
from mssante.sandbox.faults import Faults
from mssante.sandbox.journal import Disk
from mssante.sandbox.mes import Conversations
from mssante.sandbox.people import People
from mssante.sandbox.post_office import PostOffice
from mssante.sandbox.sasl import Authenticator
from mssante.sandbox.settings import Settings
from mssante.sandbox.store import Store
from mssante.sandbox.trust_space import TrustSpace

DATA = Path(__file__).parent / "data"


@dataclass(slots=True)
class Operator:
    """Made by `open_operator` inside the event loop that serves it."""

    root: Path
    settings: Settings
    disk: Disk
    clock: Clock
    people: People
    trust: TrustSpace
    store: Store
    agenda: Agenda
    faults: Faults
    conversations: Conversations
    authenticator: Authenticator
    post: PostOffice
    correspondents: Correspondents
    products: dict[str, int] = field(default_factory=dict)  # mails accepted per X-MSS-NIL
    _runner: asyncio.Task[None] | None = None

    @property
    def handlers(self) -> dict[str, Handler]:
        return {
            "dsn": self.post.send_dsn,
            "deliver": self.post.deliver_late,
            "react": self.correspondents.react,
            "patient": self.correspondents.note_patient,
        }

    def start(self) -> None:
        """Receipts leave by themselves from now on, as long as `settings.automatic`."""
        running = self.agenda.run_forever(self.handlers, lambda: self.settings.automatic)
        self._runner = asyncio.get_running_loop().create_task(running)

    async def tick(self, seconds: float = 0.0, *, everything: bool = False) -> int:
        """Push the clock forward and do what is due; how many receipts or readings happened."""
        self.clock.ahead_s += seconds
        return await self.agenda.run_due(self.handlers, everything=everything)

    def note(self, door: str, event: str, **facts: str) -> None:
        """One line of events.jsonl (technical facts only)."""
        self.store.events.append({"at": self.clock.iso(), "door": door, "event": event} | facts, sync=False)

    async def reset(self) -> None:
        """Forget mails, receipts to come, faults and counters; keep people, domains and settings.

        A receipt or a mail being written is finished first.
        """
        self.faults.clear()
        async with self.agenda.running, self.store.writing:
            self.agenda.clear()
            self.store.reset()
            self.conversations.reset()
            self.products.clear()
            self.clock.ahead_s = 0.0

    async def close(self) -> None:
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        self.agenda.close()
        self.store.close()


def open_operator(root: Path, *, automatic: bool | None = None, lint: str | None = None) -> Operator:
    """Open, or create, the operator whose files stand under `root`."""
    root.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    settings.load(root / "settings.json")
    settings.update({key: value for key, value in (("automatic", automatic), ("lint", lint)) if value is not None})
    clock = Clock()
    people = People(root / "mailboxes.json", DATA / "mailboxes.json")
    trust = TrustSpace(root / "liste_blanche.xml", DATA / "liste_blanche.xml")
    disk = Disk(sync=settings.sync)
    store = Store(root, disk)
    agenda = Agenda(root / "agenda.jsonl", clock, disk)
    faults = Faults()
    conversations = Conversations(root / "conversations.json")
    post = PostOffice(
        store=store, people=people, trust=trust, agenda=agenda, faults=faults, settings=settings, clock=clock
    )
    correspondents = Correspondents(
        people=people, post=post, store=store, settings=settings, conversations=conversations, clock=clock
    )
    return Operator(
        root=root,
        settings=settings,
        disk=disk,
        clock=clock,
        people=people,
        trust=trust,
        store=store,
        agenda=agenda,
        faults=faults,
        conversations=conversations,
        authenticator=Authenticator(people, clock, settings),
        post=post,
        correspondents=correspondents,
    )
