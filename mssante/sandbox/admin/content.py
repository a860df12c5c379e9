"""What was stored, said and refused; and mails put in by hand."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from mssante.sandbox import letters, mdn, report
from mssante.sandbox.admin.http import AdminError, Request, Response, as_json
from mssante.sandbox.lint import lint
from mssante.sandbox.mss_operator import Operator
from mssante.sandbox.people import Mailbox
from perinat.standards import xml


def stored(operator: Operator, request: Request) -> list[dict[str, Any]]:
    """Every message of every folder; query `mailbox`, `folder`, `message_id` narrow it."""
    wanted = request.query
    found: list[dict[str, Any]] = []
    for address, name, folder in operator.store.all_folders():
        if wanted.get("mailbox", address).lower() != address or wanted.get("folder", name) != name:
            continue
        for entry in folder.entries:
            if wanted.get("message_id", entry.message_id).strip("<>") == entry.message_id.strip("<>"):
                found.append({"mailbox": address, "folder": name} | entry.to_json())
    return found


def raw_mail(operator: Operator, id: str) -> bytes:
    """Bytes of a stored message (accepted mail, or message of a folder). Raises AdminError (404)."""
    path = operator.store.message_path(id)
    if path.exists():
        return path.read_bytes()
    for _, _, folder in operator.store.all_folders():
        for entry in folder.entries:
            if entry.id == id:
                return folder.raw(entry)
    raise AdminError(404, "Ce message n'existe pas.")


async def get_messages(operator: Operator, request: Request) -> Response:
    """GET /messages, /messages/<id>, /messages/<id>/raw."""
    if len(request.path) == 1:
        return as_json(stored(operator, request))
    id = request.path[1]
    if request.path[2:] == ("raw",):
        return Response(raw_mail(operator, id), "message/rfc822")
    found = [record for record in stored(operator, request) if record["id"] == id]
    found += [dict(record, submission=True) for record in operator.store.submissions if record["id"] == id]
    if not found:
        raise AdminError(404, "Ce message n'existe pas.")
    return as_json(found)


async def list_submissions(operator: Operator, request: Request) -> Response:
    return as_json(list(operator.store.submissions))


async def list_refusals(operator: Operator, request: Request) -> Response:
    return as_json(list(operator.store.refusals))


async def list_events(operator: Operator, request: Request) -> Response:
    return as_json(list(operator.store.events))


async def indicators(operator: Operator, request: Request) -> Response:
    """Mails accepted per X-MSS-NIL (what the monthly statistics of an operator count)."""
    return as_json(operator.products)


async def conversations(operator: Operator, request: Request) -> Response:
    return as_json(operator.conversations.open)


async def lint_report(operator: Operator, request: Request) -> Response:
    """Findings kept on accepted and refused mails, oldest first."""
    seen = [dict(record, verdict="accepted") for record in operator.store.submissions if record["findings"]]
    seen += [dict(record, verdict="refused") for record in operator.store.refusals]
    names = ("at", "verdict", "message_id", "sender", "findings")
    kept = [{name: record[name] for name in names} for record in seen]
    return as_json(sorted(kept, key=lambda record: str(record["at"])))


async def lint_mail(operator: Operator, request: Request) -> Response:
    """POST a raw mail; query `from` and `to` (comma-separated) give its envelope. Nothing is stored."""
    recipients = [address for address in request.query.get("to", "").split(",") if address]
    found = lint(
        request.body,
        mail_from=request.query.get("from", ""),
        recipients=recipients,
        known_nils=frozenset(operator.settings.known_nils),
    )
    return as_json([finding.to_json() for finding in found])


async def inject(operator: Operator, request: Request) -> Response:
    """POST a raw mail into `?mailbox=`, as if another operator had delivered it (no check at all)."""
    id = await operator.post.put(request.query.get("mailbox", ""), request.body, trace=False)
    if not id:
        raise AdminError(404, "Cette boîte n'existe pas.")
    return as_json({"id": id}, 201)


async def write(operator: Operator, request: Request) -> Response:
    """{"from", "to", "subject", "body"}: a correspondent writes. A patient only answers (409).

    "documents": CDA in base64, sent in an IHE_XDM archive with their readable copies; the subject is then the XDM one.
    """
    given = request.object()
    values = {name: str(value) for name, value in given.items()}
    author = operator.people.get(values.get("from", ""))
    if author is None or operator.people.get(values.get("to", "")) is None:
        raise AdminError(404, "Cette boîte n'existe pas.")
    if author.kind == "PAT" and not operator.conversations.may_write(author.address, values["to"]):
        raise AdminError(409, "La conversation est close : l'usager ne peut pas écrire à ce professionnel.")
    documents = _documents(given.get("documents", []))
    mail = _letter(operator, author, values, documents) if documents else _words(operator, author, values)
    id = await operator.post.put(values["to"], mail, trace=False)
    return as_json({"id": id}, 201)


def _documents(given: Any) -> tuple[bytes, ...]:
    try:
        return tuple(base64.b64decode(str(one), validate=True) for one in given)
    except (TypeError, binascii.Error) as error:
        raise AdminError(400, "Les documents sont une liste de CDA en base64.") from error


def _letter(operator: Operator, author: Mailbox, values: dict[str, str], documents: tuple[bytes, ...]) -> bytes:
    letter = letters.Letter(author, values["to"], values.get("body", "").replace("\n", "\r\n"), documents)
    try:
        return letters.compose(letter, operator.clock)
    except xml.XmlError as error:
        raise AdminError(400, "L'un des documents n'est pas un CDA.") from error


def _words(operator: Operator, author: Mailbox, values: dict[str, str]) -> bytes:
    name = f"{report.encode_subject(author.owner)} " if author.owner else ""
    top = report.headers(
        [
            ("Return-Path", f"<{author.address}>"),
            ("From", f"{name}<{author.address}>"),
            ("To", values["to"]),
            ("Subject", report.encode_subject(values.get("subject", ""))),
            ("Date", operator.clock.rfc5322()),
            ("Message-ID", report.message_id("courrier", author.domain)),
            ("X-MSS-NIL", mdn.NIL),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]
    )
    return top + b"\r\n" + values.get("body", "").encode() + b"\r\n"
