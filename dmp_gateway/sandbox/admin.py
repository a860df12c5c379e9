"""The admin door: plain HTTP and JSON on loopback. Not part of the DMP: for tests and for looking.

GET /status · GET, PUT, DELETE /people (/<oid>/<matricule>) · GET, PUT, DELETE /structures
(/<Struct_IdNat>) · GET, PUT, DELETE /faults · POST /faults/release (/<id>) · GET /documents ·
GET /documents/<uniqueId>/bytes, /metadata, /page · GET, PUT /authorizations · GET /requests · POST /reset ·
PUT /limits · GET / (a page; /?refus=1: refused requests only).
"""

from __future__ import annotations

import json
import socketserver
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from dmp_gateway.sandbox import page
from dmp_gateway.sandbox.context import Limits, World

BODY_MAX = 32 * 1024 * 1024


class AdminServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], world: World) -> None:
        self.world = world
        super().__init__(address, AdminHandler)

    def close_connections(self) -> None:
        """Nothing is kept open: every answer closes its connection."""


class AdminHandler(BaseHTTPRequestHandler):
    """Answers JSON, with `erreur` in French when it refuses."""

    server: AdminServer

    def do_GET(self) -> None:
        self._route("GET")

    def do_PUT(self) -> None:
        self._route("PUT")

    def do_POST(self) -> None:
        self._route("POST")

    def do_DELETE(self) -> None:
        self._route("DELETE")

    def _route(self, method: str) -> None:
        path, _, query = self.path.partition("?")
        parts = [part for part in path.split("/") if part]
        resource = parts[0] if parts else ""
        action = _ACTIONS.get((method, resource))
        if action is None:
            self._json({"erreur": "Adresse inconnue."}, HTTPStatus.NOT_FOUND)
            return
        try:
            length = int(self.headers.get("Content-Length") or 0)
            if length > BODY_MAX:
                raise ValueError("Corps trop grand.")
            raw = self.rfile.read(length)
            body = json.loads(raw) if raw else None
            answer = action(self.server.world, parts[1:], body, query)
        except (ValueError, TypeError) as error:
            self._json({"erreur": str(error)}, HTTPStatus.BAD_REQUEST)
            return
        except (KeyError, FileNotFoundError):
            self._json({"erreur": "Introuvable."}, HTTPStatus.NOT_FOUND)
            return
        if isinstance(answer, bytes):
            self._send(answer, "application/xml; charset=UTF-8")
        elif isinstance(answer, str):
            self._send(answer.encode("utf-8"), "text/html; charset=UTF-8")
        else:
            self._json(answer)

    def _json(self, value: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(value, ensure_ascii=False).encode("utf-8"), "application/json; charset=UTF-8", status)

    def _send(self, data: bytes, content_type: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr."""


Action = Callable[[World, list[str], Any, str], Any]


def _status(world: World, parts: list[str], body: Any, query: str) -> Any:
    """What is checked and what is not, and counts."""
    return {
        "documents": world.store.count,
        "requests": world.journal.count,
        "connections": world.journal.connections,
        "people": len(world.people.all()),
        "schemas": world.schemas.present,
        "national_rules": world.national_rules.present,
        "limits": asdict(world.limits),
    }


def _put_authorizations(world: World, parts: list[str], body: Any, query: str) -> Any:
    """What a holder or the DMP itself does to authorisations: AJOUT, SUPPRESSION, INTERDICTION."""
    return [asdict(world.authorizations.register(row)) for row in _rows(body)]


def _rows(body: Any) -> list[dict[str, Any]]:
    rows = body if isinstance(body, list) else [body]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("Un objet JSON, ou une liste d'objets, est attendu.")
    return rows


def _put_people(world: World, parts: list[str], body: Any, query: str) -> Any:
    return {"registered": len(world.people.register(_rows(body)))}


def _delete_people(world: World, parts: list[str], body: Any, query: str) -> Any:
    if len(parts) != 2 or not world.people.remove(parts[1], parts[0]):
        raise KeyError
    return {"removed": 1}


def _put_structures(world: World, parts: list[str], body: Any, query: str) -> Any:
    return [asdict(world.structures.register(row)) for row in _rows(body)]


def _delete_structures(world: World, parts: list[str], body: Any, query: str) -> Any:
    if len(parts) != 1 or not world.structures.remove(parts[0]):
        raise KeyError
    return {"removed": 1}


def _put_faults(world: World, parts: list[str], body: Any, query: str) -> Any:
    return [world.faults.add(row).as_dict() for row in _rows(body)]


def _delete_faults(world: World, parts: list[str], body: Any, query: str) -> Any:
    world.faults.clear()
    return {"removed": "all"}


def _release(world: World, parts: list[str], body: Any, query: str) -> Any:
    if parts[:1] != ["release"]:
        raise KeyError
    return {"released": world.faults.release(parts[1] if len(parts) > 1 else "")}


def _documents(world: World, parts: list[str], body: Any, query: str) -> Any:
    if not parts:
        return [asdict(record) for record in world.store.all()]
    record = world.store.by_unique_id(parts[0])
    if record is None:
        raise KeyError
    match parts[1:]:
        case ["bytes"]:
            return world.store.data(record.unique_id)
        case ["metadata"]:
            return world.store.metadata(record.unique_id)
        case ["page"]:
            return page.one_document(world, record)
        case []:
            return asdict(record)
        case _:
            raise KeyError


def _requests(world: World, parts: list[str], body: Any, query: str) -> Any:
    limit = int(query.removeprefix("limit=") or 100)
    return world.journal.recent(limit)


def _reset(world: World, parts: list[str], body: Any, query: str) -> Any:
    """Forget documents, faults, requests and used VIHF; with {"people": true}, people and structures too."""
    world.faults.clear()
    with world.commit:
        world.store.clear()
    world.replay.clear()
    world.journal.clear()
    if isinstance(body, dict) and body.get("people"):
        world.people.reset()
        world.structures.clear()
        world.authorizations.clear()
    return {"documents": world.store.count}


def _put_limits(world: World, parts: list[str], body: Any, query: str) -> Any:
    known = {field.name for field in fields(Limits)}
    if not isinstance(body, dict) or set(body) - known:
        raise ValueError("Limites admises : " + ", ".join(sorted(known)))
    world.limits = replace(world.limits, **body)
    return asdict(world.limits)


_ACTIONS: dict[tuple[str, str], Action] = {
    ("GET", ""): lambda world, parts, body, query: page.render(world, query),
    ("GET", "status"): _status,
    ("GET", "people"): lambda world, parts, body, query: world.people.all(),
    ("PUT", "people"): _put_people,
    ("DELETE", "people"): _delete_people,
    ("GET", "structures"): lambda world, parts, body, query: world.structures.all(),
    ("PUT", "structures"): _put_structures,
    ("DELETE", "structures"): _delete_structures,
    ("GET", "authorizations"): lambda world, parts, body, query: world.authorizations.all(),
    ("PUT", "authorizations"): _put_authorizations,
    ("GET", "faults"): lambda world, parts, body, query: world.faults.all(),
    ("PUT", "faults"): _put_faults,
    ("DELETE", "faults"): _delete_faults,
    ("POST", "faults"): _release,
    ("GET", "documents"): _documents,
    ("GET", "requests"): _requests,
    ("POST", "reset"): _reset,
    ("PUT", "limits"): _put_limits,
}
