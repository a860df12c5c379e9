"""Somebody at a browser: Django's test client for perinat, `requests` over a socket for Pro Santé Connect."""

from __future__ import annotations

from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.http import HttpResponse
from django.test import Client

from perinat.connectors.pro_sante_connect.sandbox.server import PscSandbox

AUBEPINE, CORMIER, STRANGER, STUDENT = "889900001051", "889900001010", "889900001119", "889900001127"
HERE = "http://testserver"


class Person:
    """Follows the redirections one by one, as a browser does, so that a test may stop or spoil any of them."""

    def __init__(self, sandbox: PscSandbox, client: Client) -> None:
        self.sandbox, self.client = sandbox, client
        client.defaults["SERVER_NAME"] = "127.0.0.1"  # the sandbox registers loopback addresses only
        self.web = requests.Session()

    def __enter__(self) -> Person:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.web.close()

    def leave_for_psc(self, then: str = "") -> str:
        """Click on the button; the address of Pro Santé Connect."""
        answer = self.client.get("/psc/connexion/", {"next": then} if then else {})
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def choose(self, url: str, who: str = AUBEPINE, means: str = "CARD") -> str:
        """Choose who signs in; the address back to perinat, with its query."""
        page = self.web.get(url, allow_redirects=False, timeout=5)
        assert page.status_code == 200 and "Choisissez qui se connecte" in page.text, page.text
        return self._posted(url, {"person": who, "means": means})

    def cancel(self, url: str) -> str:
        return self._posted(url, {"choice": "cancel"})

    def come_back(self, url: str) -> HttpResponse:
        return self.client.get(url.removeprefix("http://127.0.0.1"))  # type: ignore[return-value]

    def sign_in(self, who: str = AUBEPINE, then: str = "") -> HttpResponse:
        """All of it."""
        return self.come_back(self.choose(self.leave_for_psc(then), who))

    def signed_in_as(self) -> int | None:
        """The user of the session, by its key."""
        key = self.client.session.get("_auth_user_id")
        return int(key) if key else None

    def fault(self, kind: str, times: int | None = 1, seconds: float = 0) -> None:
        self.admin(self.sandbox, "faults", {"kind": kind, "times": times, "seconds": seconds})

    @staticmethod
    def admin(sandbox: PscSandbox, what: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.post(f"{sandbox.admin_url}{what}", json=body or {}, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def journal(self) -> list[dict[str, Any]]:
        return list(requests.get(self.sandbox.admin_url, timeout=5).json()["journal"])

    def _posted(self, url: str, form: dict[str, str]) -> str:
        answer = self.web.post(url, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()
