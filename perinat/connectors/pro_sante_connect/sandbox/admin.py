"""Administration of the sandbox under /sandbox/: faults, people, clock, journal. Not part of the real service."""

from __future__ import annotations

from collections.abc import Callable

from perinat.connectors.pro_sante_connect.sandbox import people
from perinat.connectors.pro_sante_connect.sandbox.faults import KINDS, UnknownFaultError
from perinat.connectors.pro_sante_connect.sandbox.people import PeopleError
from perinat.connectors.pro_sante_connect.sandbox.provider import Provider
from perinat.connectors.pro_sante_connect.sandbox.wire import BadBodyError, Reply, Request, json_reply

PREFIX = "/sandbox/"


class Administration:
    """GET /sandbox/ · POST, DELETE /sandbox/faults · POST /sandbox/people, /sandbox/clock, /sandbox/reset."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._initial = provider.people
        self._routes: dict[tuple[str, str], Callable[[Request], None]] = {
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda request: self._provider.faults.clear(),
            ("POST", "people"): self._add_person,
            ("POST", "clock"): self._push_clock,
            ("POST", "reset"): self._reset,
        }

    def answer(self, request: Request) -> Reply:
        """The state after the act; 4xx and {"error": …} in French for a wrong request."""
        name = request.path.removeprefix(PREFIX).strip("/")
        act = self._routes.get((request.method, name))
        if act is None and not (request.method == "GET" and not name):
            return json_reply({"error": "Adresse inconnue."}, 404)
        try:
            if act:
                act(request)
        except (BadBodyError, PeopleError, UnknownFaultError) as error:
            return json_reply({"error": str(error)}, 400)
        return json_reply(self._state())

    def _state(self) -> dict[str, object]:
        provider = self._provider
        return {
            "issuer": provider.issuer,
            "clock_offset_s": provider.clock.offset,
            "faults": provider.faults.all(),
            "known_faults": KINDS,
            "people": [
                {"national_id": p.national_id, "name": f"{p.given_name} {p.family_name}", "title": p.title}
                for p in provider.people.values()
            ],
            "journal": provider.journal.all(),
        }

    def _add_fault(self, request: Request) -> None:
        body = request.json()
        times, seconds = body.get("times", 1), body.get("seconds", 0)
        if not (times is None or isinstance(times, int)) or not isinstance(seconds, (int, float)):
            raise BadBodyError("« times » est un entier ou null, « seconds » un nombre.")
        self._provider.faults.add(str(body.get("kind")), times=times, seconds=float(seconds))

    def _add_person(self, request: Request) -> None:
        self._provider.add_people([people.person_from(request.json())])

    def _push_clock(self, request: Request) -> None:
        seconds = request.json().get("seconds")
        if not isinstance(seconds, (int, float)):
            raise BadBodyError("« seconds » est un nombre.")
        self._provider.clock.offset += seconds

    def _reset(self, request: Request) -> None:
        self._provider.people = self._initial
        self._provider.clock.offset = 0.0
        self._provider.faults.clear()
        self._provider.memory.clear()
        self._provider.journal.clear()
