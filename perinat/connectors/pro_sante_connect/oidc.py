"""The OpenID Connect client: mozilla-django-oidc, with what Pro Santé Connect and the standard ask beyond it.

Added here: discovery instead of fixed addresses; `iss`, `aud`, `azp` and required claims of the ID token (OpenID
Connect Core §3.1.3.7); `sub` of userinfo equal to that of the ID token (§5.3.2); TLS client authentication (RFC 8705);
errors that say what happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from perinat.connectors.pro_sante_connect import discovery
from perinat.connectors.pro_sante_connect.conf import PscConfig
from perinat.connectors.pro_sante_connect.discovery import Provider
from perinat.connectors.pro_sante_connect.errors import (
    ClientRefusedError,
    ExpiredCodeError,
    UnavailableError,
    UntrustedAnswerError,
)

CALLBACK = "psc_callback"  # name of the URL
LEEWAY_SECONDS = 30  # clocks of two machines
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]


def library_settings(config: PscConfig, provider: Provider) -> dict[str, object]:
    """The OIDC_* settings of mozilla-django-oidc, derived from PSC_* and from discovery."""
    prompt = {"prompt": config.prompt} if config.prompt else {}
    return {
        "OIDC_OP_AUTHORIZATION_ENDPOINT": provider.authorization_endpoint,
        "OIDC_OP_TOKEN_ENDPOINT": provider.token_endpoint,
        "OIDC_OP_USER_ENDPOINT": provider.userinfo_endpoint,
        "OIDC_OP_JWKS_ENDPOINT": provider.jwks_uri,
        "OIDC_RP_CLIENT_ID": config.client_id,
        "OIDC_RP_CLIENT_SECRET": config.client_secret,
        "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_RP_SCOPES": "openid scope_all",
        "OIDC_USE_PKCE": True,
        "OIDC_PKCE_CODE_CHALLENGE_METHOD": "S256",
        "OIDC_AUTH_REQUEST_EXTRA_PARAMS": {"acr_values": "eidas1"} | prompt,
        "OIDC_AUTHENTICATION_CALLBACK_URL": CALLBACK,
        "OIDC_TIMEOUT": config.timeouts,
    }


@dataclass(frozen=True, slots=True)
class Tokens:
    """What opens other services in her name, and for how many seconds. `refresh` is empty when none is given."""

    access: str = field(repr=False)
    seconds: int
    refresh: str = field(default="", repr=False)
    refresh_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a code gave, all of it verified."""

    id_token: str
    userinfo: dict[str, Any]
    tokens: Tokens


class PscClient(OIDCAuthenticationBackend):  # type: ignore[misc]  # the library brings no types
    """One sign-in. Not in AUTHENTICATION_BACKENDS: made by the callback, when the addresses are known."""

    def __init__(self, config: PscConfig, provider: Provider) -> None:
        self._config, self._provider = config, provider
        self._settings = library_settings(config, provider)
        super().__init__()

    def get_settings(self, attr: str, *args: Any) -> Any:
        if attr in self._settings:
            return self._settings[attr]
        if not args:
            raise ImproperlyConfigured(f"Setting {attr} not found")
        return args[0]

    def redeem(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> Answer:
        """Exchange the code and verify what comes back.

        Raises UnavailableError, ClientRefusedError, ExpiredCodeError, UntrustedAnswerError. Whenever the provider
        could not be reached or believed, its addresses are read again at the next sign-in.
        """
        try:
            return self._redeem(code, redirect_uri, nonce, verifier)
        except (UnavailableError, UntrustedAnswerError):
            discovery.forget(self._config)
            raise

    def _redeem(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Answer:
        form = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        try:
            tokens = self.get_token(form)
            id_token, access_token = str(tokens["id_token"]), str(tokens["access_token"])
            claims = self.verify_token(id_token, nonce=nonce)
            userinfo = self.get_userinfo(access_token, id_token, claims)
        except requests.RequestException as error:
            raise UnavailableError("token_or_userinfo_unreachable") from error
        except (jwt.PyJWTError, SuspiciousOperation) as error:
            raise UntrustedAnswerError(f"id_token_{type(error).__name__}") from error
        except (KeyError, TypeError, ValueError) as error:  # no id_token, no kid in its header, no list of keys
            raise UntrustedAnswerError("answer_incomplete") from error
        if not isinstance(userinfo, dict) or userinfo.get("sub") != claims["sub"]:
            raise UntrustedAnswerError("userinfo_subject")
        return Answer(id_token, userinfo, _tokens(tokens))

    def renew(self, refresh_token: str) -> Tokens:
        """RFC 6749 §6. Raises ExpiredCodeError (her session has ended), UnavailableError, ClientRefusedError."""
        form = {
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        try:
            return _tokens(self.get_token(form))
        except requests.RequestException as error:
            discovery.forget(self._config)
            raise UnavailableError("token_unreachable") from error
        except (KeyError, TypeError, ValueError) as error:
            raise UnavailableError("token_unreadable") from error

    def get_token(self, payload: dict[str, str]) -> Any:
        """client_secret_post, or the client certificate and no secret."""
        files = self._config.client_files
        if files:
            payload = {name: value for name, value in payload.items() if name != "client_secret"}
        answer = requests.post(self._provider.token_endpoint, data=payload, cert=files, timeout=self._config.timeouts)
        if answer.status_code in (400, 401):
            self._refused(answer)
        answer.raise_for_status()
        return answer.json()

    def _refused(self, answer: requests.Response) -> None:
        """RFC 6749 §5.2."""
        body = answer.json()
        error = body.get("error") if isinstance(body, dict) else None
        if error == "invalid_grant":
            raise ExpiredCodeError("invalid_grant")
        raise ClientRefusedError("token_refused")

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> Any:
        """A signed answer (application/jwt) is not asked for and not taken."""
        answer = requests.get(
            self._provider.userinfo_endpoint,
            headers={"Authorization": f"Bearer {access_token}"},
            cert=self._config.client_files,
            timeout=self._config.timeouts,
        )
        answer.raise_for_status()
        return answer.json()

    def get_payload_data(self, token: str, key: Any) -> dict[str, Any]:
        """Claims of the ID token: RS256 only, our client, this issuer, in date. Raises jwt.PyJWTError."""
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=self._config.client_id,
            issuer=self._provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED},
        )
        if claims.get("azp", self._config.client_id) != self._config.client_id:
            raise SuspiciousOperation("azp")
        return dict(claims)


def _tokens(answer: Any) -> Tokens:
    """Raises KeyError, TypeError, ValueError: an answer in no good order."""
    refresh = str(answer.get("refresh_token") or "")
    return Tokens(
        access=str(answer["access_token"]),
        seconds=int(answer.get("expires_in") or 0),
        refresh=refresh,
        refresh_seconds=int(answer.get("refresh_expires_in") or 0) if refresh else 0,
    )
