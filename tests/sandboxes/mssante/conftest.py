"""A running operator, and clients that are not ours: smtplib, imaplib, urllib."""

from __future__ import annotations

import base64
import imaplib
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mssante.sandbox.server import MssanteSandbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.sandboxes.mssante import mails

STRUCT = "1990000002"
OTHER_STRUCT = "1990780017"


@dataclass
class Http:
    """Plain client of the administration."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
            return json.loads(content) if "json" in answer.headers["Content-Type"] else content

    def status(self, method: str, path: str, body: Any = None) -> int:
        try:
            self.call(method, path, body)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        return 200


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pki")
    SandboxAuthority(directory).ensure([STRUCT, OTHER_STRUCT])
    return directory


@pytest.fixture
def sandbox(tmp_path: Path, pki: Path) -> Iterator[MssanteSandbox]:
    with MssanteSandbox(tmp_path / "operator", pki, automatic=False) as running:
        yield running


@pytest.fixture
def admin(sandbox: MssanteSandbox) -> Http:
    return Http(sandbox.admin_url)


def tls(pki: Path, struct: str | None = None, kind: str = "auth") -> ssl.SSLContext:
    """Client context; `struct`: show the certificate of that legal entity."""
    context = ssl.create_default_context(cafile=pki / "ca.pem")
    if struct:
        folder = pki / "structures" / struct
        context.load_cert_chain(folder / f"{kind}.pem", folder / f"{kind}.key")
    return context


@pytest.fixture
def smtp(sandbox: MssanteSandbox, pki: Path) -> Iterator[Callable[..., smtplib.SMTP]]:
    """smtp(): session of the hospital by EXTERNAL; smtp(user=…): by password; smtp(auth=False): none."""
    opened: list[smtplib.SMTP] = []

    def connect(user: str = "", struct: str | None = STRUCT, mailbox: str = mails.HOSPITAL, auth: bool = True) -> Any:
        client = smtplib.SMTP("localhost", sandbox.smtp_port, timeout=10)
        opened.append(client)
        client.starttls(context=tls(pki, None if user else struct))
        client.ehlo()
        if user:
            client.login(user, "bac-a-sable")
        elif auth:
            client.auth("EXTERNAL", lambda challenge=None: mailbox)
        return client

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def imap(sandbox: MssanteSandbox, pki: Path) -> Iterator[Callable[..., imaplib.IMAP4]]:
    """imap(): mailbox of the hospital by EXTERNAL; imap(user): by password."""
    opened: list[imaplib.IMAP4] = []

    def connect(user: str = "", mailbox: str = mails.HOSPITAL) -> imaplib.IMAP4:
        client = imaplib.IMAP4("localhost", sandbox.imap_port, timeout=10)
        opened.append(client)
        client.starttls(tls(pki, None if user else STRUCT))
        if user:
            client.login(user, "bac-a-sable")
        else:
            client.authenticate("EXTERNAL", lambda challenge: mailbox.encode())
        return client

    yield connect
    for client in opened:
        client.shutdown()


def received(client: imaplib.IMAP4, folder: str = "INBOX") -> list[EmailMessage]:
    """Every message of a folder, parsed, without marking them."""
    client.select(folder, readonly=True)
    _, numbers = client.uid("search", "ALL")
    found = []
    for uid in numbers[0].split():
        _, data = client.uid("fetch", uid.decode(), "(BODY.PEEK[])")
        found.append(message_from_bytes(data[0][1], policy=policy.default))
    return found  # type: ignore[return-value]


def wait_for(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Poll until true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.01)
    return value


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
