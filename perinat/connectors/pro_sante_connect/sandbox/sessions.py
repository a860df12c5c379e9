"""What the provider remembers: codes, access tokens, and who is signed in at which browser. In memory only."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field

CODE_SECONDS = 60
ACCESS_SECONDS = 120  # interop.esante.gouv.fr, IG securisation-transport
SSO_IDLE_SECONDS, SSO_MAX_SECONDS = 30 * 60, 4 * 3600


class Clock:
    """Seconds since 1970; may be pushed forward by the administration."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset


@dataclass(slots=True)
class Browser:
    """A session of single sign-on."""

    sid: str
    national_id: str
    since: float
    seen: float


@dataclass(slots=True)
class Grant:
    """One authorization: given to a client for a person, redeemed once."""

    national_id: str
    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str
    sid: str
    auth_time: float
    expires: float
    used: bool = False
    access_tokens: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Access:
    """What an access or a refresh token stands for."""

    national_id: str
    expires: float
    grant: Grant


class Memory:
    """Thread-safe; every number is random and says nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Access] = {}
        self._browsers: dict[str, Browser] = {}

    def sign_in(self, national_id: str) -> tuple[str, Browser]:
        """Open a session of single sign-on; its cookie value, and it."""
        cookie, now = secrets.token_urlsafe(24), self._clock.now()
        browser = Browser(secrets.token_hex(16), national_id, now, now)
        with self._lock:
            self._browsers[cookie] = browser
        return cookie, browser

    def browser(self, cookie: str) -> Browser | None:
        """The live session of this cookie: 30 minutes idle, four hours at most."""
        now = self._clock.now()
        with self._lock:
            found = self._browsers.get(cookie)
            if found is None or now - found.seen > SSO_IDLE_SECONDS or now - found.since > SSO_MAX_SECONDS:
                self._browsers.pop(cookie, None)
                return None
            found.seen = now
            return found

    def sign_out(self, sid: str) -> int:
        """End the sessions of this sid, and the tokens they gave; how many sessions there were."""
        with self._lock:
            ended = [cookie for cookie, browser in self._browsers.items() if browser.sid == sid]
            for cookie in ended:
                del self._browsers[cookie]
            for tokens in (self._access, self._refresh):
                for token in [token for token, given in tokens.items() if given.grant.sid == sid]:
                    del tokens[token]
        return len(ended)

    def grant(self, grant: Grant) -> str:
        """Keep it; its code."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._grants[code] = grant
        return code

    def redeem(self, code: str) -> tuple[Grant | None, bool]:
        """The grant of a code and whether this is a replay, which revokes what it gave (RFC 6749 §4.1.2)."""
        with self._lock:
            grant = self._grants.get(code)
            if grant is None:
                return None, False
            replay, grant.used = grant.used, True
            if replay:
                for token in grant.access_tokens:
                    self._access.pop(token, None)
                    self._refresh.pop(token, None)
            return grant, replay

    def access_token(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._access[token] = Access(grant.national_id, self._clock.now() + ACCESS_SECONDS, grant)
            grant.access_tokens.append(token)
        return token

    def refresh_token(self, grant: Grant) -> tuple[str, int]:
        """A refresh token and its seconds: those of the session, 30 minutes idle and four hours at most."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        seconds = min(SSO_IDLE_SECONDS, int(grant.auth_time + SSO_MAX_SECONDS - now))
        with self._lock:
            self._refresh[token] = Access(grant.national_id, now + seconds, grant)
            grant.access_tokens.append(token)
        return token, seconds

    def renewed(self, refresh_token: str) -> Grant | None:
        """The grant of a refresh token, which serves once (RFC 6749 §10.4). None: its session has ended."""
        with self._lock:
            given = self._refresh.pop(refresh_token, None)
            if given is None or given.expires <= self._clock.now():
                return None
            for browser in self._browsers.values():
                if browser.sid == given.grant.sid:
                    browser.seen = self._clock.now()
            return given.grant

    def access(self, access_token: str) -> Access | None:
        """What this token stands for; None when it is unknown, revoked or expired."""
        with self._lock:
            access = self._access.get(access_token)
        return access if access and access.expires > self._clock.now() else None

    def holder(self, access_token: str) -> str | None:
        """National id of whom this token speaks for; None when unknown, revoked or expired."""
        access = self.access(access_token)
        return access.national_id if access else None

    def clear(self) -> None:
        with self._lock:
            self._grants.clear()
            self._access.clear()
            self._refresh.clear()
            self._browsers.clear()
