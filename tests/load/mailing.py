"""P10: mails read from IMAP with their archive, beside the standard library doing the same steps; and mails sent.

Reading: fetch, parts, archive, metadata, digest, header of the CDA. The floor does them without a guard, a cursor nor a
port. The CPU of this process is what is compared: the operator of the tests is slower than both sides, and waiting for
it would make them equal. Sending: 500 kB attached, one connection; the floor hands the very same bytes to smtplib.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import imaplib
import io
import json
import secrets
import smtplib
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

from lxml import etree

from coordination.ports import Parcel
from coordination.services import mail_reading
from mssante import message
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.load.goals import Rounds
from tests.mssante.archives import archive, attached, with_archive
from tests.mssante.memory import MemoryCursors
from tests.mssante.operator import MATERNITY, PEOPLE, READER, parcel
from tests.mssante.parcels import EJ

READ, SENT = 12, 10  # mails in a round
ATTACHED = 370_000  # bytes of the PDF twin: 500 kB once in base64
RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"
HL7 = "{urn:hl7-org:v3}"


class MiscountError(RuntimeError):
    """One side did not do the work that is measured."""


@contextlib.contextmanager
def operator(folder: Path) -> Iterator[tuple[MssanteConfig, str]]:
    """The operator, its certificates, and how the gateway finds it."""
    authority = SandboxAuthority(folder / "pki")
    authority.ensure([EJ])
    argv = [sys.executable, "-m", "tests.load.mail_server", str(folder / "store"), str(folder / "pki")]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    try:
        smtp, imap, admin = json.loads(process.stdout.readline())
        config = MssanteConfig(
            pki_dir=folder / "pki", smtp_host="localhost", imap_host="localhost", smtp_port=smtp, imap_port=imap,
            mailboxes={MATERNITY: EJ},
        )  # fmt: skip
        _ask(admin, "PUT", "/mailboxes", json.dumps(PEOPLE).encode())
        yield config, admin
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def _ask(admin: str, method: str, path: str, body: bytes) -> None:
    urllib.request.urlopen(urllib.request.Request(admin + path, body, method=method), timeout=60).close()


def measure(*, rounds: int) -> tuple[Rounds, Rounds]:
    """(reading, in mails per second of CPU; sending, in mails per second)."""
    with tempfile.TemporaryDirectory(prefix="perinat-bench-mail-") as folder, operator(Path(folder)) as (config, admin):
        for number in range(READ):
            _ask(admin, "POST", f"/inject?mailbox={MATERNITY}", _mail(number))
        return _reading(config, rounds), _sending(config, rounds)


def _mail(number: int) -> bytes:
    """About a megabyte: an N1 CDA around a PDF of 300 kB, and the PDF beside it."""
    pdf = b"%PDF-1.4\n" + secrets.token_bytes(300_000)
    one = parcel(READER)
    filling = b"<!-- " + secrets.token_hex(200_000).encode() + b" --></ClinicalDocument>"
    cda = one.documents[0].cda.replace(b"</ClinicalDocument>", filling)
    return with_archive(archive(cda), attached("application/pdf", "copie.pdf", pdf), number=number)


# --- Reading --------------------------------------------------------------------------------------


def _reading(config: MssanteConfig, rounds: int) -> Rounds:
    channel = MssanteChannel(config, MemoryCursors())
    floor = _imap(config)
    pairs = []
    for _ in range(rounds + 1):
        mine = _rate(READ, lambda: _collected(channel), time.process_time)
        pairs.append((mine, _rate(READ, lambda: _fetched(floor), time.process_time)))
    channel.close()
    floor.logout()
    return Rounds(*zip(*pairs[1:], strict=True))  # the first pair opens the connections


def _rate(count: int, act: object, clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    done = act()  # type: ignore[operator]
    if done != count:
        raise MiscountError(f"{done} mails instead of {count}")
    return count / (clock() - began)


def _collected(channel: MssanteChannel) -> int:
    """What the product does before its database: nothing is acknowledged, so that the next round reads it again."""
    count = 0
    for incoming in channel.collect():
        if incoming.mail is None or incoming.mail.refusal_fr:
            raise MiscountError("a mail was not read")
        told = [mail_reading.read(one) for one in incoming.mail.documents]
        count += all(one.patient is not None for one in told)
    return count


def _imap(config: MssanteConfig) -> imaplib.IMAP4:
    client = imaplib.IMAP4("localhost", config.imap_port)
    client.starttls(_context(config))
    client.authenticate("EXTERNAL", lambda _: MATERNITY.encode())
    client.select("INBOX")
    return client


def _context(config: MssanteConfig) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(config.pki_dir / "ca.pem"))
    folder = config.pki_dir / "structures" / EJ
    context.load_cert_chain(folder / "auth.pem", folder / "auth.key")
    return context


def _fetched(client: imaplib.IMAP4) -> int:
    """The plainest program: the standard library and lxml."""
    count = 0
    for uid in client.uid("SEARCH", "ALL")[1][0].split():
        raw = client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1]
        parts = [part for part in message_from_bytes(raw).walk() if part.get_filename()]
        contents = {str(part.get_filename()): part.get_payload(decode=True) for part in parts}
        package = zipfile.ZipFile(io.BytesIO(contents["IHE_XDM.zip"]))  # type: ignore[arg-type]
        described = etree.fromstring(package.read("IHE_XDM/SUBSET01/METADATA.XML"))
        for entry in described.iter(f"{RIM}ExtrinsicObject"):
            slots = {slot.get("name"): slot.findtext(f".//{RIM}Value") for slot in entry.iter(f"{RIM}Slot")}
            data = package.read(f"IHE_XDM/SUBSET01/{slots['URI']}")
            same = hashlib.sha1(data, usedforsecurity=False).hexdigest() == slots["hash"]
            count += same and etree.fromstring(data).find(f"{HL7}recordTarget") is not None
    return count


# --- Sending --------------------------------------------------------------------------------------


def _sending(config: MssanteConfig, rounds: int) -> Rounds:
    channel = MssanteChannel(config, MemoryCursors())
    client = smtplib.SMTP("localhost", config.smtp_port)
    client.starttls(context=_context(config))
    client.ehlo()
    client.docmd("AUTH", f"EXTERNAL {base64.b64encode(MATERNITY.encode()).decode()}")
    pairs = []
    for _ in range(rounds + 1):
        parcels = [_heavy() for _ in range(SENT)]
        raws = [message.compose(one, config).content for one in parcels]
        mine = _rate(SENT, lambda parcels=parcels: sum(bool(channel.submit(one).code) for one in parcels))  # type: ignore[misc]
        floor = _rate(SENT, lambda raws=raws: sum(client.sendmail(MATERNITY, [READER], raw) == {} for raw in raws))  # type: ignore[misc]
        pairs.append((mine, floor))
    channel.close()
    client.quit()
    return Rounds(*zip(*pairs[1:], strict=True))


def _heavy() -> Parcel:
    one = parcel(READER)
    return replace(one, documents=(replace(one.documents[0], pdf_a=b"%PDF-1.4\n" + secrets.token_bytes(ATTACHED)),))
