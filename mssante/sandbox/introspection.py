"""Whose token is this? Asked of the fictitious Pro Santé Connect (RFC 7662), as an operator would.

How a true operator checks a token is not published (mssante.md §1.2): introspection sees a session that has ended,
where a signature alone would not.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Of a live token: the RPPS of the professional, and the seconds left."""

    rpps: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Introspection:
    """`url`: introspection endpoint; empty, nobody is asked."""

    url: str
    client_id: str
    secret: str

    def holder(self, token: str) -> Holder | None:
        """None: refused, expired, or the provider does not answer. Blocks: call it in a thread."""
        if not self.url.startswith(("http://", "https://")):
            return None
        form = {"token": token, "client_id": self.client_id, "client_secret": self.secret}
        request = urllib.request.Request(self.url, urllib.parse.urlencode(form).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                said = json.load(answer)
        except (OSError, ValueError):
            return None
        national_id = str(said.get("preferred_username", ""))
        if said.get("active") is not True or not national_id.startswith("8"):
            return None
        return Holder(national_id[1:], float(said.get("expires_in", 0)))
