"""The DMP sandbox as one object: two servers (HTTPS for the DMP, plain loopback HTTP to administer it)."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from dmp_gateway.sandbox.admin import AdminServer
from dmp_gateway.sandbox.authorizations import Authorizations
from dmp_gateway.sandbox.certificates import TrustAnchor
from dmp_gateway.sandbox.context import Limits, World, default_schema_directory
from dmp_gateway.sandbox.faults import FaultPlan
from dmp_gateway.sandbox.journal import Journal
from dmp_gateway.sandbox.national_rules import NationalRules
from dmp_gateway.sandbox.people import People
from dmp_gateway.sandbox.replay import ReplayMemory
from dmp_gateway.sandbox.schemas import Schemas
from dmp_gateway.sandbox.store import Store
from dmp_gateway.sandbox.structures import Structures
from dmp_gateway.sandbox.tls import ServerIdentity
from dmp_gateway.sandbox.wire import BASE_PATH, TlsServer

LOOPBACK = "127.0.0.1"


class DmpSandbox:
    """A DMP on 127.0.0.1, usable as a context manager. Port 0 takes a free port.

    `directory` holds the store (see store.py); `pki_dir` holds ca.pem, server.pem and server.key;
    `pack`: folder of national CDA rules; `xsd_dir`: folder of the XDS, ebRIM and SAML schemas. What is
    not given is not checked, and GET /status of the admin door says so.
    """

    def __init__(
        self,
        directory: Path | str,
        pki_dir: Path | str,
        port: int = 0,
        admin_port: int = 0,
        pack: Path | str | None = None,
        xsd_dir: Path | str | None = None,
        *,
        cache: Path | str | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.directory = root = Path(directory)
        pki = Path(pki_dir)
        root.mkdir(parents=True, exist_ok=True)
        self.world = World(
            limits=limits or Limits(),
            trust=TrustAnchor(pki / "ca.pem"),
            schemas=Schemas(default_schema_directory(xsd_dir)),
            national_rules=NationalRules(Path(pack) if pack else None, Path(cache) if cache else None),
            people=People(root / "people.json"),
            structures=Structures(root / "structures.json"),
            authorizations=Authorizations(root / "authorizations.jsonl"),
            store=Store(root),
            faults=FaultPlan(),
            journal=Journal(),
            replay=ReplayMemory(),
        )
        self._wire = TlsServer((LOOPBACK, port), ServerIdentity(pki), self.world)
        self._admin = AdminServer((LOOPBACK, admin_port), self.world)
        self._threads: list[threading.Thread] = []

    @property
    def base_url(self) -> str:
        """DMP_BASE_URL of the client: the endpoints are /patients, /registry, /repository under it."""
        return f"https://{LOOPBACK}:{self._wire.server_address[1]}{BASE_PATH}"

    @property
    def admin_url(self) -> str:
        return f"http://{LOOPBACK}:{self._admin.server_address[1]}"

    def limit(self, **changes: object) -> None:
        """Change limits while running, e.g. `limit(document_bytes=1000)`."""
        self.world.limits = replace(self.world.limits, **changes)  # type: ignore[arg-type]

    def start(self) -> DmpSandbox:
        """Serve in two daemon threads."""
        for server in (self._wire, self._admin):
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        """Stop serving; paused requests go on, open connections are ended."""
        self.world.faults.stop()
        for server in (self._wire, self._admin):
            if self._threads:
                server.shutdown()
            server.close_connections()
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def __enter__(self) -> DmpSandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
