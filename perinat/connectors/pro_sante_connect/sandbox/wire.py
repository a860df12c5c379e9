"""One request and one reply of the sandbox, as plain values: the rules see no socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


class BadBodyError(ValueError):
    """The body is not what its content type says."""


@dataclass(frozen=True, slots=True)
class Request:
    """`query` and `form()` keep every value of a repeated parameter (RFC 6749 §3.1 forbids repeating)."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""
    certificate_ou: str = ""  # OU of the TLS client certificate, when one was presented

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.query_string, keep_blank_values=True)

    def form(self) -> dict[str, list[str]]:
        if not self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def json(self) -> dict[str, Any]:
        """An object, {} for an empty body. Raises BadBodyError."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError as error:
            raise BadBodyError("Le corps n'est pas du JSON.") from error
        if not isinstance(value, dict):
            raise BadBodyError("Le corps doit être un objet JSON.")
        return value

    def cookie(self, name: str) -> str:
        for pair in self.headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return ""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=())


NO_STORE = ("Cache-Control", "no-store")


def json_reply(value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
    body = json.dumps(value, ensure_ascii=False, indent=1).encode()
    return Reply(status, body, (("Content-Type", "application/json"), NO_STORE, *headers))


def html_reply(text: str, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(status, text.encode(), (("Content-Type", "text/html; charset=utf-8"), NO_STORE, *headers))


def redirect(url: str, *headers: tuple[str, str]) -> Reply:
    """303: the browser goes on with a GET, whatever it sent."""
    return Reply(303, b"", (("Location", url), NO_STORE, *headers))
