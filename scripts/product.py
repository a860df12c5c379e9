"""The processes of perinat on one machine: their environment, how each is started, when each is ready."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from scripts.ports import HOST, Ports
from scripts.processes import Child, start, stop

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0
# process: the queues it serves
WORKERS = {"worker": "perinat,dmp", "worker_mssante": "mssante", "worker_collection": "collection"}


class LaunchError(RuntimeError):
    """A process did not do what was expected; the sentence is in French and names its log."""


class Product:
    """Starts the parts of perinat; whoever makes one stops it with `stop()`.

    `var` holds all the data of this run, `logs` one file per process, `servers` is what `stack()` yields.
    """

    def __init__(self, var: Path, logs: Path, ports: Ports, servers: dict[str, str]) -> None:
        self.var, self.logs, self.ports = var, logs, ports
        self.children: list[Child] = []
        self.env = os.environ | national_rules() | servers | addresses(ports)
        self.env |= {"DJANGO_SETTINGS_MODULE": "perinat.settings.dev", "VAR_DIR": str(var), "PKI_DIR": str(var / "pki")}

    def prepare(self) -> str:
        """Certificates, tables, static files, sites and accounts; gives the sign-ins. Raises LaunchError."""
        printed = self.logs / "prepare.out"
        printed.unlink(missing_ok=True)
        child = self._start("prepare", [sys.executable, "-m", "scripts.prepare"], printed)
        try:
            code = child.popen.wait()
        finally:
            stop([child])
        if code:
            raise LaunchError(
                f"La préparation de la base a échoué (code {code}, journal : {child.log}).\n{child.tail()}"
            )
        return printed.read_text(encoding="utf-8", errors="replace").strip()

    def play_week(self, *arguments: str) -> int:
        """Plays the demonstration week, in front of the person who waits; gives its exit code."""
        argv = [sys.executable, ROOT / "manage.py", "play_week", "--skip-checks", *arguments]
        env = self.env | {"LOG_LEVEL": "WARNING"}
        child = start("play_week", argv, log=self.logs / "play_week.log", foreground=True, env=env, cwd=ROOT)
        try:
            while child.running():
                self.check()
                time.sleep(0.1)
        finally:
            stop([child])
        return child.popen.returncode

    def start_channels(self) -> None:
        """The DMP and the MSSanté operator of the sandbox, each a process, listening at return."""
        folder, pki, ports = self.var / "sandbox", str(self.var / "pki"), self.ports
        self._serve_dmp()
        self._serve(
            *("mssante_sandbox", "--smtp-port", ports.smtp, "--imap-port", ports.imap),
            *("--admin-port", ports.mail_admin, "--dns-port", ports.dns, "--psc", f"http://{HOST}:{ports.psc}"),
            *("--dir", folder / "mssante", "--pki-dir", pki),
        )
        self._await(ports.dmp, ports.dmp_admin, ports.smtp, ports.imap, ports.mail_admin)

    def start_dmp(self) -> None:
        """The DMP of the sandbox alone, listening at return."""
        self._serve_dmp()
        self._await(self.ports.dmp, self.ports.dmp_admin)

    def _serve_dmp(self) -> None:
        self._serve(
            *("dmp_sandbox", "--port", self.ports.dmp, "--admin-port", self.ports.dmp_admin),
            *("--dir", self.var / "sandbox" / "dmp", "--pki-dir", self.var / "pki"),
        )

    def start_services(self) -> None:
        """Pro Santé Connect, Annuaire Santé and INSi of the sandbox: no document passes there."""
        ports = self.ports
        self._serve("psc_sandbox", "--port", ports.psc)
        self._serve("annuaire_sandbox", "--port", ports.annuaire, "--admin-port", ports.annuaire_admin)
        self.env["IDENTITY_SERVICE"] = "perinat.connectors.insi.client.Insi"  # asked from here on
        self._serve("insi_sandbox", "--port", ports.insi, "--admin-port", ports.insi_admin)
        self._await(ports.psc, ports.annuaire, ports.annuaire_admin, ports.insi, ports.insi_admin)

    def _await(self, *awaited: int) -> None:
        self._until(lambda: all(map(_listens, awaited)))

    def start_worker(self, *names: str, program: Sequence[object] = ()) -> None:
        """Threads that do what the outbox asks, those of MSSanté apart (ADR 0017), and the clock that wakes them.

        `names`: these processes of WORKERS only. `program`: module that takes the words of celery in its place.
        """
        celery = [sys.executable, "-m", "celery", "-A", "perinat"]
        served = [sys.executable, "-m", *program] if program else celery
        worker = ["worker", "-P", "threads", "-c", "2", "-l", "info", "--without-gossip", "--without-mingle"]
        for name, queues in WORKERS.items():
            if names and name not in names:
                continue
            self.children.append(self._start(name, [*served, *worker, "-Q", queues, "-n", f"{name}@perinat"]))
        schedule = self.var / "beat" / "schedule"
        schedule.parent.mkdir(parents=True, exist_ok=True)
        self.children.append(self._start("beat", [*celery, "beat", "-l", "info", "-s", str(schedule)]))

    def start_web(self) -> str:
        """The pages; gives their address once they answer."""
        gunicorn = [sys.executable, "-m", "gunicorn", "perinat.wsgi", "--bind", f"{HOST}:{self.ports.web}"]
        options = ["-k", "gthread", "--threads", "8", "--graceful-timeout", "3", "--no-control-socket"]
        self.children.append(self._start("web", [*gunicorn, *options]))
        address = self.env["PUBLIC_URL"]
        self._until(lambda: _answers(f"{address}/etat"))
        return address

    def check(self) -> None:
        """Raises LaunchError when one of the processes has ended."""
        for child in self.children:
            if not child.running():
                raise LaunchError(
                    f"Le processus « {child.name} » s'est arrêté (code {child.popen.returncode},"
                    f" journal : {child.log}).\n{child.tail()}"
                )

    def stop(self) -> None:
        """All of them at once: none needs another to end well."""
        stop(self.children)

    def _serve(self, command: str, *arguments: object) -> None:
        words = [sys.executable, ROOT / "manage.py", command, *map(str, arguments)]
        self.children.append(self._start(command, words))

    def _start(self, name: str, argv: Iterable[object], printed: Path | None = None) -> Child:
        return start(name, list(argv), log=self.logs / f"{name}.log", printed=printed, env=self.env, cwd=ROOT)

    def _until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise LaunchError(f"Un service ne répond pas après {READY_SECONDS:.0f} s (journaux : {self.logs}).")
            time.sleep(0.05)


def addresses(ports: Ports) -> dict[str, str]:
    """The variables that tell the product where its pages and its sandboxes are."""
    return {
        "PUBLIC_URL": f"http://{HOST}:{ports.web}",
        "DMP_BASE_URL": f"https://{HOST}:{ports.dmp}/si-dmp-server/v2/services",
        "DMP_SANDBOX_ADMIN_URL": f"http://{HOST}:{ports.dmp_admin}",
        "MSSANTE_SMTP_HOST": HOST,
        "MSSANTE_SMTP_PORT": str(ports.smtp),
        "MSSANTE_IMAP_HOST": HOST,
        "MSSANTE_IMAP_PORT": str(ports.imap),
        "MSSANTE_SANDBOX_ADMIN_URL": f"http://{HOST}:{ports.mail_admin}",
        "PSC_DISCOVERY_URL": f"http://{HOST}:{ports.psc}/.well-known/wallet-openid-configuration",
        "ANNUAIRE_BASE_URL": f"http://{HOST}:{ports.annuaire}/fhir/v2",
        "INSI_URL": f"http://{HOST}:{ports.insi}/lps",
    }


def national_rules() -> dict[str, str]:
    """The published schemas and rules, when they stand beside the checkout: the sandbox DMP checks with them."""
    beside = {"ANS_PACK": ROOT.parent / "shared" / "ans" / "pack", "XSD_DIR": ROOT.parent / "shared" / "xsd"}
    return {name: str(folder) for name, folder in beside.items() if folder.is_dir() and not os.environ.get(name)}


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:  # nobody listens yet, or the answer is a refusal
        return False
