"""Real sockets, real processes: both sandboxes in this process, workers and clock in their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from coordination.demo.judge import dmp_store, mail_store
from dmp_gateway.sandbox.server import DmpSandbox
from mssante.sandbox.server import MssanteSandbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority

ROOT = Path(__file__).resolve().parent.parent.parent
ENTITY, SITE = "1997800016", "1997800115"
SENDER, MIDWIFE = "perinat.essai@maternite.mssante.example", "claire.essai@sages-femmes.mssante.example"
PATIENCE = 100.0


def call(method: str, url: str, payload: Any = None) -> Any:
    """One request to the administration door of a sandbox."""
    body = json.dumps(payload).encode() if payload is not None else None
    request = urllib.request.Request(url, body, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def until(what: str, ready: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for a fact; say which one never came."""
    deadline = time.monotonic() + patience
    while not ready():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)


@dataclass
class Arena:
    """The world of one journey. `env`: what its processes are told."""

    folder: Path
    dmp: DmpSandbox
    mssante: MssanteSandbox
    env: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str, **changes: str) -> subprocess.Popen[bytes]:
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words], cwd=ROOT, env=self.env | changes, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def start_worker(self, **changes: str) -> subprocess.Popen[bytes]:
        options = ("--without-gossip", "--without-mingle", "-l", "warning")
        return self.start("-m", "celery", "-A", "perinat", "worker", "-P", "solo", *options, **changes)

    def start_clock(self, **changes: str) -> subprocess.Popen[bytes]:
        schedule = self.folder / f"beat-{len(self.processes)}"
        return self.start("-m", "celery", "-A", "perinat", "beat", "-l", "warning", "-s", str(schedule), **changes)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()

    def in_dmp(self) -> dict[str, int]:
        return dict(dmp_store(self.folder / "dmp"))

    def in_mail(self) -> dict[tuple[str, str], int]:
        return dict(mail_store(self.folder / "mssante"))

    def fault(self, channel: str, **script: Any) -> None:
        admin = self.dmp.admin_url if channel == "dmp" else self.mssante.admin_url
        call("PUT", f"{admin}/faults", script if channel == "mssante" else [script])

    def waiting(self, channel: str) -> bool:
        admin = self.dmp.admin_url if channel == "dmp" else self.mssante.admin_url
        faults = call("GET", f"{admin}/faults")
        return any(fault["waiting"] for fault in faults)

    def release(self, channel: str) -> None:
        if channel == "dmp":
            call("POST", f"{self.dmp.admin_url}/faults/release", {})
            return
        for fault in call("GET", f"{self.mssante.admin_url}/faults"):
            call("POST", f"{self.mssante.admin_url}/faults/{fault['id']}/release", {})


def database_url() -> str:
    """The test database, as another process must name it."""
    database = connection.settings_dict
    host = database["OPTIONS"].get("host") or database["HOST"]
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={host}"


def environment(folder: Path, dmp: DmpSandbox, mssante: MssanteSandbox) -> dict[str, str]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    broker = settings.REDIS_URL.partition("?")[0]
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "perinat.settings.dev",
        "DATABASE_URL": database_url(),
        "REDIS_URL": f"{broker}?virtual_host={worker}",
        "VAR_DIR": str(folder),
        "PKI_DIR": str(folder / "pki"),
        "BLOB_DIR": str(settings.BLOB_DIR),
        "BLOB_KEYS_DIR": str(settings.BLOB_KEYS_DIR),
        "DMP_BASE_URL": dmp.base_url,
        "DMP_READ_TIMEOUT": "20",
        "MSSANTE_SMTP_PORT": str(mssante.smtp_port),
        "MSSANTE_IMAP_PORT": str(mssante.imap_port),
        "MSSANTE_MAILBOXES": f"{SENDER}={ENTITY}",
        "OUTBOX_LEASE_SECONDS": "3",
        "MSSANTE_DATA_TIMEOUT": "5",
        "UNDO_SECONDS": "0",
        "ANS_PACK": "",
    }


def prepare_pki(folder: Path) -> None:
    SandboxAuthority(folder).ensure([ENTITY])
