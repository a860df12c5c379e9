"""The sandbox on a real socket of 127.0.0.1, one thread per connection; its administration on another port."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import Counter
from datetime import date
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from perinat.connectors.insi.sandbox import people as people_file
from perinat.connectors.insi.sandbox import rules
from perinat.connectors.insi.sandbox.people import People, PersonError
from perinat.connectors.insi.sandbox.rules import RefusedError

HOST = "127.0.0.1"
HELD = 60.0
LABELS = {"00": "OK", "01": "Aucune identite trouvee", "02": "Plusieurs identites trouvees"}
FAULTS = ("down", "busy", "slow", "truncated", "garbled", "production", "wrong_key", "several")
ANSWER = """<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>
<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat"><CR><CodeCR>{code}</CodeCR><LibelleCR>{label}</LibelleCR></CR>{who}
</RESULTAT></soap:Body></soap:Envelope>"""
WHO = """<INDIVIDU><INSACTIF><IdIndividu><NumIdentifiant>{number}</NumIdentifiant><Cle>{key}</Cle></IdIndividu>
<OID>{oid}</OID></INSACTIF><TIQ><NomNaissance>{family}</NomNaissance><ListePrenom>{given}</ListePrenom>
<Sexe>{sex}</Sexe><DateNaissance>{birth_date}</DateNaissance><LieuNaissance>{cog}</LieuNaissance></TIQ></INDIVIDU>"""
FAULT = """<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body><soap:Fault>
<soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode><soap:Value>siram_100</soap:Value></soap:Subcode></soap:Code>
<soap:Reason><soap:Text xml:lang="fr">{text}</soap:Text></soap:Reason><soap:Detail>
<siram:Erreur xmlns:siram="urn:siram" code="{code}" severite="erreur"/></soap:Detail></soap:Fault></soap:Body>
</soap:Envelope>"""


class InsiSandbox:
    """A fictitious INSi. Port 0: a free one, known once made. `asked`: how many questions had each outcome.

    `tls`: mutual TLS, the client known by the name of its certificate; without it, plain HTTP and nobody is known.
    """

    def __init__(
        self,
        port: int = 0,
        admin_port: int = 0,
        *,
        data: Path = people_file.DEFAULT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.people, self.asked, self.faults = People(data), Counter[str](), Counter[str]()
        self._lock, self._released = threading.Lock(), threading.Event()
        self._servers = [_Server((HOST, port), _Handler), _Server((HOST, admin_port), _AdminHandler)]
        for server in self._servers:
            server.sandbox = self
        ports = [server.server_address[1] for server in self._servers]
        if tls is not None:
            self._servers[0].socket = tls.wrap_socket(self._servers[0].socket, server_side=True)
        scheme = "https" if tls is not None else "http"
        self.url, self.admin_url = f"{scheme}://{HOST}:{ports[0]}/lps", f"http://{HOST}:{ports[1]}"
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True) for one in self._servers]

    def __enter__(self) -> InsiSandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._released.set()
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    def strikes(self, kind: str) -> bool:
        """Whether this fault happens now; uses one of its times."""
        with self._lock:
            if self.faults[kind] <= 0:
                return False
            self.faults[kind] -= 1
            return True

    def hold(self) -> None:
        """A silent service: until its faults are cleared, HELD seconds at most."""
        self.count("slow")
        self._released.clear()
        self._released.wait(HELD)

    def answer(self, data: bytes, content_type: str, name: str | None) -> tuple[int, str]:
        """Status and body. `name`: CN of the client's certificate. The journal keeps outcomes, never a trait."""
        try:
            rules.check_name(name)
            code, row = rules.found(self.people, rules.asked(data, content_type))
        except RefusedError as error:
            self.count(error.code)
            return 500, FAULT.format(code=escape(error.code), text=escape(error.text))
        if self.strikes("several"):
            code, row = "02", None
        self.count(code)
        return 200, ANSWER.format(code=code, label=LABELS[code], who=self._who(row) if row else "")

    def _who(self, row: dict[str, str]) -> str:
        values = {name: escape(row[name]) for name in ("family", "given", "sex", "birth_date", "cog", "oid")}
        number, key = row["matricule"][:13], row["matricule"][13:]
        if self.strikes("wrong_key"):
            key = f"{int(key) % 97 + 1:02d}"
        if self.strikes("production"):
            values["oid"] = "1.2.250.1.213.1.4.8"
        return WHO.format(number=number, key=key, **values)

    def count(self, outcome: str) -> None:
        with self._lock:
            self.asked[outcome] += 1

    def administer(self, method: str, path: str, body: dict[str, Any]) -> bool:
        """GET / · POST /people · PUT /today {day} · POST /faults {kind, times} · DELETE /faults · POST /reset."""
        match method, path.strip("/"):
            case "GET", "":
                return True
            case "POST", "people":
                self.people.add(body)
            case "PUT", "today":
                self.people.today = date.fromisoformat(str(body["day"]))
            case "POST", "faults":
                if body.get("kind") not in FAULTS:
                    raise PersonError(f"Pannes connues : {', '.join(FAULTS)}.")
                self.faults[str(body["kind"])] = int(body.get("times", 1))
            case "DELETE", "faults":
                self.faults.clear()
                self._released.set()
            case "POST", "reset":
                self.people.reset()
                self.faults.clear()
                self.asked.clear()
            case _:
                return False
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    sandbox: InsiSandbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no event of the sandbox."""


class _Base(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def _read(self) -> bytes:
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), rules.MAX_BYTES + 1))

    def _send(self, status: int, kind: str, body: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a question holds traits."""


class _Handler(_Base):
    def do_POST(self) -> None:
        sandbox, data = self.server.sandbox, self._read()
        if sandbox.strikes("slow"):
            sandbox.hold()
        if sandbox.strikes("down"):
            sandbox.count("down")
            return self._send(503, "text/html", b"<p>Service indisponible</p>")
        if sandbox.strikes("busy"):
            sandbox.count("busy")
            return self._send(500, "text/xml", FAULT.format(code="sandbox:busy", text="Service saturé").encode())
        if sandbox.strikes("garbled"):
            sandbox.count("garbled")
            return self._send(200, "text/html", b"<html>maintenance")
        if self.path != "/lps":
            return self._send(404, "text/plain", b"")
        status, body = sandbox.answer(data, self.headers.get("Content-Type", ""), _name(self.connection))
        kind = "application/soap+xml; charset=utf-8"
        return self._send(status, kind, body.encode(), cut=sandbox.strikes("truncated"))


def _name(connection: socket.socket) -> str | None:
    """CN of the client's certificate; None on a plain connection."""
    if not isinstance(connection, ssl.SSLSocket):
        return None
    subject: Any = (connection.getpeercert() or {}).get("subject", ())
    return next((value for part in subject for kind, value in part if kind == "commonName"), "")


class _AdminHandler(_Base):
    def _serve(self) -> None:
        sandbox = self.server.sandbox
        try:
            known = sandbox.administer(self.command, self.path, json.loads(self._read() or b"{}"))
        except (ValueError, KeyError, TypeError) as error:
            return self._send(400, "application/json", json.dumps({"error": str(error)}).encode())
        state = {"asked": dict(sandbox.asked), "faults": +sandbox.faults, "known_faults": FAULTS}
        return self._send(200 if known else 404, "application/json", json.dumps(state).encode())

    do_GET = do_POST = do_PUT = do_DELETE = _serve
