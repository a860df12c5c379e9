"""The pipeline limit: the plainest program that does the same steps, without a framework, in two processes.

    SHA-256, AES-GCM, file · transaction · CDA · parse and XSD · signed assertion · MTOM over TLS ·
    transaction · XDM zip · MIME · SMTP over STARTTLS · transaction

Standard library, lxml, cryptography and psycopg; keys, connections and the schema are loaded once. It asks
the DMP nothing before the deposit, keeps no raw answer, records no attempt and runs no national rule.
"""

from __future__ import annotations

import hashlib
import http.client
import multiprocessing
import os
import secrets
import signal
import smtplib
import socket
import ssl
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from scripts.processes import die_with_parent
from tests.load import limit_messages as messages

HOST = "127.0.0.1"
TABLES = """
CREATE TABLE IF NOT EXISTS limit_document (id uuid PRIMARY KEY, sha256 text, size int, status text, at timestamptz);
CREATE TABLE IF NOT EXISTS limit_event (id bigserial PRIMARY KEY, document uuid, target text, at timestamptz);
"""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What both processes of the limit are told. `xsd` empty: no national pack, the CDA is only parsed."""

    database: str
    pki: Path
    structure: str
    folder: Path
    dmp_port: int
    smtp_port: int
    xsd: str
    template: tuple[bytes, bytes]
    pdf: bytes
    sender: str
    recipient: str


class Sender:
    """One process of the limit, with everything it opens once. `cpu`: milliseconds by step."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.cpu = setting, defaultdict[str, float](float)
        keys = setting.pki / "structures" / setting.structure
        der = ssl.PEM_cert_to_DER_cert((keys / "sign.pem").read_text())
        key: Any = load_pem_private_key((keys / "sign.key").read_bytes(), password=None)
        self.signer = messages.Signer(key, messages.base64.b64encode(der).decode())
        self.cipher = AESGCM(secrets.token_bytes(32))
        self.database = psycopg.connect(setting.database)
        self.schema = etree.XMLSchema(etree.parse(setting.xsd)) if setting.xsd else None
        self.tls = ssl.create_default_context(cafile=str(setting.pki / "ca.pem"))
        self.tls.maximum_version = ssl.TLSVersion.TLSv1_2
        self.tls.load_cert_chain(keys / "auth.pem", keys / "auth.key")
        self.dmp = http.client.HTTPSConnection(HOST, setting.dmp_port, context=self.tls)
        self.smtp = self._smtp()

    def _smtp(self) -> smtplib.SMTP:
        smtp = smtplib.SMTP(HOST, self.setting.smtp_port, local_hostname="limit")
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.starttls(context=self.tls)
        return smtp

    def step(self, name: str, act: Callable[..., T], *args: Any, **named: Any) -> T:
        began = time.process_time()
        done = act(*args, **named)
        self.cpu[name] += (time.process_time() - began) * 1e3
        return done

    def send(self) -> None:
        """One document, from its PDF to both acknowledgements."""
        setting, identifier = self.setting, uuid.uuid4()
        self.step("store", self._store, identifier)
        self.step("transactions", self._created, identifier)
        document = self.step("cda", messages.cda, setting.template, setting.pdf)
        self.step("xsd", self._check, document)
        signed = self.step("assertion", messages.assertion, self.signer)
        self.step("mtom", self._deposit, document, str(identifier), signed)
        self.step("transactions", self._moved, identifier, "deposited")
        archive = self.step("zip", messages.xdm, document, str(identifier))
        addresses = {"sender": setting.sender, "recipient": setting.recipient}
        mail = self.step("mime", messages.mime, archive, setting.pdf, identifier=str(identifier), **addresses)
        self.step("smtp", self.smtp.sendmail, setting.sender, [setting.recipient], mail)
        self.step("transactions", self._moved, identifier, "sent")

    def _store(self, identifier: uuid.UUID) -> None:
        hashlib.sha256(self.setting.pdf).hexdigest()
        nonce = secrets.token_bytes(12)
        path = self.setting.folder / identifier.hex
        with open(path.with_suffix(".tmp"), "wb") as file:
            file.write(nonce + self.cipher.encrypt(nonce, self.setting.pdf, identifier.bytes))
            file.flush()
            os.fsync(file.fileno())
        path.with_suffix(".tmp").rename(path)

    def _created(self, identifier: uuid.UUID) -> None:
        with self.database.transaction():
            self.database.execute(
                "INSERT INTO limit_document VALUES (%s, %s, %s, 'created', now())",
                [identifier, "0" * 64, len(self.setting.pdf)],
            )
            self._event(identifier, "created")

    def _moved(self, identifier: uuid.UUID, target: str) -> None:
        with self.database.transaction():
            self.database.execute("UPDATE limit_document SET status = %s WHERE id = %s", [target, identifier])
            self._event(identifier, target)

    def _event(self, identifier: uuid.UUID, target: str) -> None:
        self.database.execute(
            "INSERT INTO limit_event (document, target, at) VALUES (%s, %s, now())", [identifier, target]
        )

    def _check(self, document: bytes) -> None:
        tree = etree.fromstring(document)
        if self.schema is not None:
            self.schema.assertValid(tree)

    def _deposit(self, document: bytes, identifier: str, signed: str) -> None:
        content_type, body = messages.mtom(document, identifier, signed)
        self.dmp.request("POST", "/si-dmp-server/v2/services/repository", body, {"Content-Type": content_type})
        answer = self.dmp.getresponse()
        assert answer.status == 200 and b"Success" in answer.read()


def _serve(parent: int, setting: Setting, orders: Connection) -> None:
    """One process: waits for « n documents », does them, gives its CPU by step."""
    die_with_parent(parent, signal.SIGKILL)
    sender = Sender(setting)
    while count := orders.recv():
        sender.cpu.clear()
        for _ in range(count):
            sender.send()
        orders.send(dict(sender.cpu))


@dataclass(frozen=True, slots=True)
class Limit:
    """The two processes, warm."""

    workers: tuple[tuple[BaseProcess, Connection], ...]

    def run(self, count: int) -> tuple[float, dict[str, float]]:
        """Documents per second over `count` documents, and CPU milliseconds of each step per document."""
        share = count // len(self.workers)
        began = time.perf_counter()
        for _, orders in self.workers:
            orders.send(share)
        spent = [orders.recv() for _, orders in self.workers]
        done = share * len(self.workers)
        rate = done / (time.perf_counter() - began)
        return rate, {name: sum(one[name] for one in spent) / done for name in spent[0]}

    def stop(self) -> None:
        for process, orders in self.workers:
            orders.send(0)
            process.join(5)


def start(setting: Setting, *, workers: int = 2) -> Limit:
    """Make the tables, start the processes and warm each with a few documents."""
    with psycopg.connect(setting.database) as database:
        database.execute(TABLES)
    setting.folder.mkdir(parents=True, exist_ok=True)
    made, started = multiprocessing.get_context("spawn"), []
    for _ in range(workers):
        here, there = made.Pipe()
        process = made.Process(target=_serve, args=(os.getpid(), setting, there), daemon=True)
        process.start()
        there.close()
        started.append((process, here))
    limit = Limit(tuple(started))
    limit.run(4 * workers)
    return limit
