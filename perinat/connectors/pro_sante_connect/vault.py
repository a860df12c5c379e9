"""Access tokens of who is signed in, for the workers that open her mailbox (ADR 0021).

In the cache `tokens`, encrypted, under the user's id, until the refresh token ends: never in a row, a log or the
argument of a task (ECO.1.2.5). An entry answers only while the perinat session that made it lives. When the cache or
Pro Santé Connect is silent there is no token, and nothing else fails (ECO.1.2.3).
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from dataclasses import asdict, dataclass
from importlib import import_module

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

from perinat.connectors.pro_sante_connect import conf, discovery, session
from perinat.connectors.pro_sante_connect.errors import ExpiredCodeError, PscError
from perinat.connectors.pro_sante_connect.oidc import PscClient, Tokens

log = logging.getLogger(__name__)
CACHE = "tokens"
MARGIN_SECONDS = 30  # a token is not handed out for its last moments
RENEWAL_SECONDS = 30  # at most, that one process renews alone
_NONCE_BYTES = 12
_SILENT = (RedisError, OSError)


@dataclass(frozen=True, slots=True)
class _Entry:
    """`ends`, `refresh_ends`: seconds since 1970."""

    access: str
    ends: float
    refresh: str
    refresh_ends: float
    session_key: str

    @property
    def is_fresh(self) -> bool:
        return self.ends - time.time() > MARGIN_SECONDS

    @property
    def is_renewable(self) -> bool:
        return bool(self.refresh) and self.refresh_ends > time.time()


def keep(user_id: str, tokens: Tokens, *, session_key: str) -> None:
    """She has signed in: what her boxes open with, for as long as this session lives."""
    now = time.time()
    entry = _Entry(tokens.access, now + tokens.seconds, tokens.refresh, now + tokens.refresh_seconds, session_key)
    try:
        _write(user_id, entry)
    except _SILENT as error:
        log.warning("psc.vault_silent cause=%s", type(error).__name__)


def close(user_id: str, *, session_key: str) -> None:
    """This session has ended; what another one of hers has opened since stays."""
    try:
        entry = _read(user_id)
        if entry is not None and entry.session_key == session_key:
            _forget(user_id)
    except _SILENT as error:
        log.warning("psc.vault_silent cause=%s", type(error).__name__)


def is_open(user_id: str) -> bool:
    """Whether a token may be asked for: she is signed in, here and at Pro Santé Connect. No network but the cache."""
    try:
        entry = _living(user_id)
    except _SILENT as error:
        log.warning("psc.vault_silent cause=%s", type(error).__name__)
        return False
    return entry is not None and (entry.is_fresh or entry.is_renewable)


def access_token(user_id: str) -> str | None:
    """A token good for some time yet, renewed if need be (ECO.1.2.7); None: she is not signed in, or nobody answers."""
    try:
        entry = _living(user_id)
        if entry is None or entry.is_fresh:
            return entry.access if entry else None
        return _renewed(user_id, entry)
    except _SILENT as error:
        log.warning("psc.vault_silent cause=%s", type(error).__name__)
        return None


def _renewed(user_id: str, entry: _Entry) -> str | None:
    """One process renews: a refresh token serves once. The others come back at their next round."""
    alone = f"{_name(user_id)}:renewing"
    if not entry.is_renewable or not caches[CACHE].add(alone, "1", RENEWAL_SECONDS):
        return None
    try:
        latest = _living(user_id)  # somebody has perhaps just renewed it
        if latest is None or latest.is_fresh:
            return latest.access if latest else None
        config = conf.load()
        tokens = PscClient(config, discovery.provider(config)).renew(latest.refresh)
        keep(user_id, tokens, session_key=latest.session_key)
        return tokens.access
    except ExpiredCodeError:  # ECO.1.2.6
        log.info("psc.session_ended user=%s", user_id)
        _forget(user_id)
        return None
    except PscError as error:
        log.warning("psc.not_renewed user=%s code=%s", user_id, error.code)
        return None
    finally:
        caches[CACHE].delete(alone)


def _forget(user_id: str) -> None:
    caches[CACHE].delete(_name(user_id))


def _living(user_id: str) -> _Entry | None:
    entry = _read(user_id)
    if entry is None:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(entry.session_key)
    if str(store.get("_auth_user_id", "")) != user_id or session.OPENED not in store:
        _forget(user_id)
        return None
    return entry


def _write(user_id: str, entry: _Entry) -> None:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + _cipher().encrypt(nonce, json.dumps(asdict(entry)).encode(), user_id.encode())
    seconds = int(max(entry.ends, entry.refresh_ends) - time.time())
    if seconds > 0:
        caches[CACHE].set(_name(user_id), sealed, seconds)


def _read(user_id: str) -> _Entry | None:
    sealed = caches[CACHE].get(_name(user_id))
    if not isinstance(sealed, bytes):
        return None
    try:
        clear = _cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], user_id.encode())
        return _Entry(**json.loads(clear))
    except (InvalidTag, ValueError, TypeError):  # another SECRET_KEY, or somebody else's entry
        log.warning("psc.vault_unreadable user=%s", user_id)
        return None


def _name(user_id: str) -> str:
    return f"psc:tokens:{user_id}"


def _cipher() -> AESGCM:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"perinat psc vault")
    return AESGCM(kdf.derive(settings.SECRET_KEY.encode()))
