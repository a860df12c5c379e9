"""The sandbox as one object: an event loop in its own thread, two doors and an administration."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from mssante.sandbox.admin.http import AdminServer
from mssante.sandbox.admin.routes import Administration
from mssante.sandbox.dns_server import DnsServer
from mssante.sandbox.imap.session import ImapSession
from mssante.sandbox.mss_operator import Operator, open_operator
from mssante.sandbox.smtp.session import SmtpSession
from mssante.sandbox.tls import server_context
from mssante.sandbox.wire import Wire

LOOPBACK = "127.0.0.1"


class MssanteSandbox:
    """A fictitious operator on 127.0.0.1. Port 0: a free one, known once started.

    `psc`: base address of the fictitious Pro Santé Connect, that says whose a token is.
    `dns_port`: of the DNS server that says where it is (UDP); None for none.
    `directory`: its store (kept from one run to the next); `pki_dir`: ca.pem, server.pem and
    server.key. `automatic` and `lint` override the stored settings (see settings.py).

        with MssanteSandbox(directory, pki_dir) as sandbox:
            smtplib.SMTP("localhost", sandbox.smtp_port)
    """

    def __init__(
        self,
        directory: Path | str,
        pki_dir: Path | str,
        smtp_port: int = 0,
        imap_port: int = 0,
        admin_port: int = 0,
        *,
        dns_port: int | None = 0,
        psc: str = "",
        automatic: bool | None = None,
        lint: str | None = None,
    ) -> None:
        self._directory = Path(directory)
        self._context = server_context(Path(pki_dir))
        self._wanted = (smtp_port, imap_port, admin_port)
        self._overrides = (automatic, lint)
        self._psc = psc.rstrip("/")
        self.dns = DnsServer(dns_port) if dns_port is not None else None
        self.smtp_port = smtp_port
        self.imap_port = imap_port
        self.admin_url = ""
        self._wires: set[Wire] = set()
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="mssante-sandbox", daemon=True)

    def __enter__(self) -> MssanteSandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve until `stop`. Raises OSError: a port is taken, the store cannot be opened."""
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Close the doors, cut the sessions, close the files."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        automatic, lint = self._overrides
        operator = open_operator(self._directory, automatic=automatic, lint=lint)
        if self._psc:
            operator.settings.psc_introspection = f"{self._psc}/protocol/openid-connect/token/introspect"
        servers: list[asyncio.Server] = []
        admin: AdminServer | None = None
        try:
            for session, port in ((SmtpSession, self._wanted[0]), (ImapSession, self._wanted[1])):
                servers.append(await self._open_door(operator, session, port))
            self.smtp_port, self.imap_port = (server.sockets[0].getsockname()[1] for server in servers)
            admin = AdminServer(self._wanted[2], Administration(operator, self.dns).answer, self._loop)
            self.admin_url = f"http://{LOOPBACK}:{admin.port}"
            admin.start()
            operator.start()
            if self.dns is not None:
                self.dns.start()
            self._started.set()
            await self._stop.wait()
        finally:
            for server in servers:
                server.close()
            if admin is not None:
                await asyncio.to_thread(admin.stop)
            if self.dns is not None:
                await asyncio.to_thread(self.dns.stop)
            await asyncio.gather(*(wire.stop() for wire in tuple(self._wires)))
            await operator.close()

    async def _open_door(
        self,
        operator: Operator,
        session: Callable[..., SmtpSession] | Callable[..., ImapSession],
        port: int,
    ) -> asyncio.Server:
        async def serve(wire: Wire) -> None:
            self._wires.add(wire)
            try:
                await session(wire, operator, self._context).run()
            finally:
                self._wires.discard(wire)

        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Wire(serve, idle_s=operator.settings.idle_s), LOOPBACK, port)
