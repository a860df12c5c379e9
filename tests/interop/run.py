"""`make interop-mail`: the gateway, unchanged, against Debian's Postfix and Dovecot on loopback.

interop-mail: sent=… dsn=… collected=… documents=… answers=… uidvalidity=… cuts=… duplicated=… errors=0
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import django

from coordination.ports import Incoming, ReceiptKind, TemporaryChannelError, UncertainChannelError
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.standards.received import Disposition
from tests.interop import debian
from tests.interop.cutter import Cutter, cutter
from tests.mssante.memory import MemoryCursors

WARD, MIDWIFE, NOBODY = (
    *("perinat@maternite.mssante.example", "claire@sages-femmes.mssante.example"),
    "inconnue@sages-femmes.mssante.example",
)
MAILS = 12
HEAVY = 400_000  # bytes of the PDF of the mail that is cut


class Interop:
    """What was done, and what did not happen as it should."""

    def __init__(self, servers: debian.Servers, pki: Path, idnat: str, line: Cutter) -> None:
        self.servers, self.line = servers, line
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []
        self.failure = ""
        self.cursors = MemoryCursors()
        config = MssanteConfig(
            pki_dir=pki, smtp_host="localhost", smtp_port=line.port, imap_host="localhost", imap_port=servers.imap_port,
            timeout=20.0, data_timeout=60.0, mailboxes={WARD: idnat, MIDWIFE: idnat},
        )  # fmt: skip
        self.channel = MssanteChannel(config, self.cursors)
        self.kept: dict[str, list[Incoming]] = {WARD: [], MIDWIFE: []}

    def expect(self, true: bool, what: str) -> None:
        if not true:
            self.errors.append(what)

    def collect(self) -> int:
        """One round: everything offered is kept and acknowledged."""
        count = 0
        try:
            for incoming in self.channel.collect():
                self.kept[incoming.mailbox].append(incoming)
                self.channel.acknowledge(incoming)
                count += 1
        except TemporaryChannelError as error:  # as in the core: the next round goes on
            self.failure = error.detail
        self.counts["collected"] += count
        return count

    def until(self, done: Callable[[], bool], what: str) -> None:
        ends = time.monotonic() + debian.PATIENCE
        while not done():
            if time.monotonic() > ends:
                self.errors.append(f"{what} {self.failure}".strip())
                return
            self.collect()
            time.sleep(0.1)

    def receipts(self, kind: ReceiptKind) -> list[Incoming]:
        return [one for one in self.kept[WARD] if one.kind is kind]

    # --- What is tried ---------------------------------------------------------------------------

    def send_and_receive(self) -> None:
        """Mails, their DSN, one refused address, and the documents read on the other side."""
        from tests.mssante.operator import parcel

        sent = [replace(parcel(MIDWIFE), sender=replace(parcel(MIDWIFE).sender, mailbox=WARD)) for _ in range(MAILS)]
        for one in sent:
            self.channel.submit(one)
            self.counts["sent"] += 1
        wanted = {one.message_id for one in sent}
        self.until(
            lambda: wanted <= {one.message_id for one in self.receipts(ReceiptKind.DELIVERED)}, "a DSN is missing"
        )
        found = [one for one in self.kept[MIDWIFE] if one.mail and one.mail.documents]
        self.expect({one.mail.message_id for one in found if one.mail} == wanted, "a mail did not arrive")
        self.expect(all(one.mail and not one.mail.refusal_fr for one in found), "an archive was refused")
        try:
            self.channel.submit(
                replace(sent[0], recipient=replace(sent[0].recipient, address=NOBODY), message_id="x@y.example")
            )
            self.expect(False, "an unknown recipient was accepted")
        except Exception as error:
            self.expect(getattr(error, "code", "").startswith("550"), f"unknown recipient: {error}")

    def answer(self) -> None:
        """The notification goes back and is understood."""
        original = next(one for one in self.kept[MIDWIFE] if one.mail and one.mail.documents)
        assert original.mail is not None
        self.channel.answer(Disposition(MIDWIFE, WARD, "mdn.interop", "", datetime.now(UTC), original.raw))
        self.until(lambda: bool(self.receipts(ReceiptKind.INTEGRATED)), "the answer did not come back")
        self.counts["answers"] = len(self.receipts(ReceiptKind.INTEGRATED))
        self.expect(
            [one.message_id for one in self.receipts(ReceiptKind.INTEGRATED)] == [original.mail.message_id],
            "the answer does not name its mail",
        )

    def cut_while_sending(self) -> None:
        """The line is cut in the middle of DATA: sent again with the same Message-ID and the same bytes."""
        from tests.mssante.operator import parcel

        one = parcel(MIDWIFE)
        heavy = replace(one.documents[0], pdf_a=b"%PDF-1.4\n" + bytes(HEAVY))
        one = replace(one, sender=replace(one.sender, mailbox=WARD), documents=(heavy,))
        self.channel.close()
        self.line.after = HEAVY // 2
        try:
            self.channel.submit(one)
            self.expect(False, "a line that was cut gave a proof")
        except (TemporaryChannelError, UncertainChannelError):
            self.counts["cuts"] += 1
        self.channel.submit(one)
        self.counts["sent"] += 1
        self.until(lambda: self._copies(one.message_id) > 0, "the mail that was cut never arrived")
        self.until(lambda: any(r.message_id == one.message_id for r in self.receipts(ReceiptKind.DELIVERED)), "no DSN")
        self.counts["duplicated"] += self._copies(one.message_id) - 1

    def settle(self) -> None:
        """Every mail sent has its DSN, and each was collected once: counted when everything is over."""

        def delivered() -> set[str]:
            return {one.message_id for one in self.receipts(ReceiptKind.DELIVERED)}

        self.until(lambda: len(delivered()) >= self.counts["sent"], "a DSN never came")
        self.counts["dsn"] = len(delivered())
        letters = [one.mail for one in self.kept[MIDWIFE] if one.mail]
        self.counts["documents"] = sum(len(mail.documents) for mail in letters)
        self.expect(len({mail.message_id for mail in letters}) == self.counts["sent"], "a mail is missing at the end")
        put_away = self.servers.folder(MIDWIFE) / ".Traites" / "cur"
        self.expect(len(list(put_away.iterdir())) == len(letters), "what is acknowledged was not put away")

    def _copies(self, message_id: str) -> int:
        return sum(one.mail is not None and one.mail.message_id == message_id for one in self.kept[MIDWIFE])

    def cut_while_collecting(self) -> None:
        """The IMAP server dies after the first mail: the rest comes at the next round, nothing twice."""
        from tests.mssante.operator import parcel

        sent = [replace(parcel(MIDWIFE), sender=replace(parcel(MIDWIFE).sender, mailbox=WARD)) for _ in range(4)]
        for one in sent:
            self.channel.submit(one)
            self.counts["sent"] += 1
        self._delivered(MIDWIFE, len(sent))
        before = len(self.kept[MIDWIFE])
        offered = self.channel.collect()
        for incoming in offered:
            self.kept[incoming.mailbox].append(incoming)
            self.channel.acknowledge(incoming)
            self.counts["collected"] += 1
            if len(self.kept[MIDWIFE]) == before + 1:
                self.expect(self.servers.cut_imap() > 0, "no IMAP process to cut")
                self.counts["cuts"] += 1
                break
        offered.close()  # type: ignore[attr-defined]  # a generator
        wanted = {one.message_id for one in sent}
        self.until(lambda: wanted <= {one.mail.message_id for one in self.kept[MIDWIFE] if one.mail}, "a mail was lost")
        twice = [identifier for identifier in wanted if self._copies(identifier) != 1]
        self.expect(not twice, "a mail was collected twice")

    def _delivered(self, address: str, count: int) -> None:
        new = self.servers.folder(address) / "new"
        ends = time.monotonic() + debian.PATIENCE
        while time.monotonic() < ends:
            if new.is_dir() and len(list(new.iterdir())) >= count:
                return
            time.sleep(0.1)
        self.errors.append("Postfix did not deliver")

    def another_uidvalidity(self) -> None:
        """The mailbox is rebuilt: everything that is still in the INBOX is offered again, known by its digest."""
        from tests.mssante.operator import parcel

        one = replace(parcel(MIDWIFE), sender=replace(parcel(MIDWIFE).sender, mailbox=WARD))
        self.collect()
        before = self.cursors.kept[MIDWIFE].uidvalidity
        self.channel.close()
        self.servers.forget_uids(MIDWIFE)
        time.sleep(1.1)  # UIDVALIDITY is made of the second
        self.channel.submit(one)
        self.counts["sent"] += 1
        self.until(lambda: self._copies(one.message_id) == 1, "nothing is collected after a change of UIDVALIDITY")
        changed = self.cursors.kept[MIDWIFE].uidvalidity != before
        self.expect(changed, "UIDVALIDITY did not change")
        self.counts["uidvalidity"] += changed


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "perinat.settings.test"  # importing `perinat` names those of development
    django.setup()
    from tests.mssante.parcels import EJ

    try:
        debian.install()
        with tempfile.TemporaryDirectory(prefix="perinat-interop-") as folder:
            root = Path(folder)
            authority = SandboxAuthority(root / "pki")
            authority.ensure([EJ])
            (root / "servers").mkdir()
            with (
                debian.running(root / "servers", authority, (WARD, MIDWIFE)) as servers,
                cutter(servers.smtp_port) as line,
            ):
                tried = Interop(servers, authority.directory, EJ, line)
                for act in (tried.send_and_receive, tried.answer, tried.cut_while_sending,
                            tried.cut_while_collecting, tried.another_uidvalidity, tried.settle):  # fmt: skip
                    act()
                tried.channel.close()
    except debian.NotHereError as error:
        print(f"interop-mail: {error}", file=sys.stderr)
        return 1
    for error in tried.errors:
        print(f"  error: {error}")
    names = ("sent", "dsn", "collected", "documents", "answers", "uidvalidity", "cuts", "duplicated")
    told = " ".join(f"{name}={tried.counts[name]}" for name in names)
    print(f"interop-mail: {told} errors={len(tried.errors)}", flush=True)
    return 1 if tried.errors else 0


if __name__ == "__main__":
    sys.exit(main())
