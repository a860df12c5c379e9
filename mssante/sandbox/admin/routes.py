"""Routes of the administration, and what each does to the operator."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from mssante.sandbox.admin import content, pages
from mssante.sandbox.admin.http import AdminError, Request, Response, as_json
from mssante.sandbox.dns_server import DnsError, DnsServer, record_from
from mssante.sandbox.faults import FaultError
from mssante.sandbox.mss_operator import Operator
from mssante.sandbox.people import PeopleError
from mssante.sandbox.sasl import Token
from mssante.sandbox.settings import SettingsError

Route = Callable[[Operator, Request], Awaitable[Response]]


class Administration:
    """`answer(request)` runs on the operator's loop."""

    def __init__(self, operator: Operator, dns: DnsServer | None = None) -> None:
        self._operator, self._dns = operator, dns

    async def answer(self, request: Request) -> Response:
        if request.path == ("dns",) and self._dns is not None:
            return _dns(self._dns, request)
        if request.method == "GET" and (page := pages.page(self._operator, request)) is not None:
            return page
        first = request.path[0] if request.path else ""
        route = ROUTES.get((request.method, first))
        if route is None:
            raise AdminError(404, "Adresse inconnue.")
        try:
            return await route(self._operator, request)
        except (PeopleError, FaultError, SettingsError) as error:
            raise AdminError(422, str(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            raise AdminError(422, "Un champ manque ou n'a pas la forme attendue.") from error


def _dns(server: DnsServer, request: Request) -> Response:
    """GET /dns; PUT /dns {"records": [{"name", "target", "port", "priority", "weight", "ttl"}], "silent": false}."""
    if request.method == "PUT":
        values = request.object()
        try:
            server.records = [record_from(dict(one)) for one in values.get("records", [])]
        except DnsError as error:
            raise AdminError(422, str(error)) from error
        server.silent = bool(values.get("silent", False))
    said = {"port": server.port, "silent": server.silent, "asked": server.asked[-50:]}
    return as_json(said | {"records": [asdict(record) for record in server.records]})


def _tail(request: Request) -> str:
    if len(request.path) != 2:
        raise AdminError(404, "Adresse inconnue.")
    return request.path[1]


# people and domains ---------------------------------------------------------------------------


async def list_mailboxes(operator: Operator, request: Request) -> Response:
    boxes = [asdict(box) for box in operator.people]
    if len(request.path) == 1:
        return as_json(boxes)
    wanted = _tail(request).lower()
    found = next((box for box in boxes if box["address"] == wanted), None)
    if found is None:
        raise AdminError(404, "Cette boîte n'existe pas.")
    return as_json(found)


async def put_mailboxes(operator: Operator, request: Request) -> Response:
    """PUT /mailboxes: one mailbox or a list; PUT /mailboxes/<address>: some fields of it.

    The domain of a new mailbox joins the white list as one of ours, unless it is there already.
    """
    if len(request.path) == 2 and operator.people.get(_tail(request)) is not None:
        return as_json(asdict(operator.people.change(_tail(request), request.object())))
    given = request.json()
    values = given if isinstance(given, list) else [given]
    if len(request.path) == 2:
        values = [dict(request.object(), address=_tail(request))]
    made: list[dict[str, Any]] = []
    for value in values:
        box = operator.people.put(dict(value))
        if not operator.trust.trusts(box.domain):
            operator.trust.put(box.domain, hosted=True)
        made.append(asdict(box))
    return as_json(made if isinstance(given, list) else made[0])


async def delete_mailbox(operator: Operator, request: Request) -> Response:
    return as_json({"removed": operator.people.remove(_tail(request))})


async def list_domains(operator: Operator, request: Request) -> Response:
    return as_json([{"domain": name, "hosted": hosted} for name, hosted in sorted(operator.trust.domains.items())])


async def put_domains(operator: Operator, request: Request) -> Response:
    values = request.object()
    operator.trust.put(str(values["domain"]), hosted=bool(values.get("hosted", False)))
    return await list_domains(operator, request)


async def delete_domain(operator: Operator, request: Request) -> Response:
    return as_json({"removed": operator.trust.remove(_tail(request))})


async def white_list(operator: Operator, request: Request) -> Response:
    return Response(operator.trust.to_xml(), "application/xml; charset=utf-8")


async def put_tokens(operator: Operator, request: Request) -> Response:
    """{"token", "address", "seconds"}: a Pro Santé Connect access token this operator believes."""
    values = request.object()
    end = operator.clock.timestamp() + float(values.get("seconds", 240))
    operator.authenticator.tokens[str(values["token"])] = Token(str(values["address"]).lower(), end)
    return as_json({"expires_at": end})


# running ---------------------------------------------------------------------------------------


async def get_settings(operator: Operator, request: Request) -> Response:
    return as_json(operator.settings.to_json())


async def put_settings(operator: Operator, request: Request) -> Response:
    operator.settings.update(request.object())
    operator.settings.save(operator.root / "settings.json")
    operator.disk.sync = operator.settings.sync
    operator.agenda.wake()
    return as_json(operator.settings.to_json())


async def list_faults(operator: Operator, request: Request) -> Response:
    return as_json(operator.faults.to_json())


async def put_faults(operator: Operator, request: Request) -> Response:
    """PUT replaces the whole script (a list); POST adds one fault."""
    given = request.json()
    if request.method == "PUT":
        operator.faults.clear()
    for values in given if isinstance(given, list) else [given]:
        operator.faults.add(dict(values))
    return as_json(operator.faults.to_json())


async def post_faults(operator: Operator, request: Request) -> Response:
    if len(request.path) == 3 and request.path[2] == "release":
        return as_json({"released": operator.faults.release(request.path[1])})
    return await put_faults(operator, request)


async def delete_faults(operator: Operator, request: Request) -> Response:
    operator.faults.clear()
    return as_json([])


async def tick(operator: Operator, request: Request) -> Response:
    """{"seconds": n} pushes the clock; {"all": true} does all that waits, due or not."""
    values = request.object()
    done = await operator.tick(float(values.get("seconds", 0)), everything=bool(values.get("all", False)))
    operator.agenda.wake()
    return as_json({"done": done, "waiting": len(operator.agenda)})


async def list_agenda(operator: Operator, request: Request) -> Response:
    return as_json(operator.agenda.to_json())


async def reset(operator: Operator, request: Request) -> Response:
    """Forget every mail; with {"people": true} also the mailboxes, domains and tokens added."""
    await operator.reset()
    if request.object().get("people"):
        operator.people.reset()
        operator.trust.reset()
        operator.authenticator.tokens.clear()
    return as_json({"reset": True})


async def uid_validity(operator: Operator, request: Request) -> Response:
    """{"address", "folder": "INBOX", "value"}: every UID of the folder is void."""
    values = request.object()
    try:
        folder = operator.store.folder(str(values["address"]), str(values.get("folder", "INBOX")))
    except KeyError as error:
        raise AdminError(404, "Ce dossier n'existe pas.") from error
    value = int(values.get("value", max(int(time.time()), folder.uid_validity + 1)))
    await operator.store.run(lambda: folder.change_uid_validity(value))
    folder.notify()
    return as_json({"uidvalidity": value})


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "mailboxes"): list_mailboxes,
    ("PUT", "mailboxes"): put_mailboxes,
    ("DELETE", "mailboxes"): delete_mailbox,
    ("GET", "domains"): list_domains,
    ("PUT", "domains"): put_domains,
    ("DELETE", "domains"): delete_domain,
    ("GET", "listeblanchemssante.xml"): white_list,
    ("PUT", "tokens"): put_tokens,
    ("GET", "settings"): get_settings,
    ("PUT", "settings"): put_settings,
    ("GET", "faults"): list_faults,
    ("PUT", "faults"): put_faults,
    ("POST", "faults"): post_faults,
    ("DELETE", "faults"): delete_faults,
    ("POST", "tick"): tick,
    ("GET", "agenda"): list_agenda,
    ("POST", "reset"): reset,
    ("POST", "uidvalidity"): uid_validity,
    ("GET", "messages"): content.get_messages,
    ("GET", "submissions"): content.list_submissions,
    ("GET", "refusals"): content.list_refusals,
    ("GET", "events"): content.list_events,
    ("GET", "indicators"): content.indicators,
    ("GET", "conversations"): content.conversations,
    ("GET", "lint"): content.lint_report,
    ("POST", "lint"): content.lint_mail,
    ("POST", "inject"): content.inject,
    ("POST", "write"): content.write,
}
