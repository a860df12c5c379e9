"""The signing key and the tokens: RS256 with a kid (OpenID Connect Core §2, RFC 7515, RFC 7517)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey, RSAKey

ID_TOKEN_SECONDS = 120
FAULTS = (
    "wrong_nonce", "expired_id_token", "wrong_audience", "wrong_party", "wrong_issuer", "wrong_signature",
    "unknown_key", "no_kid", "hs256", "unsigned",
)  # fmt: skip


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge_of(verifier: str) -> str:
    """RFC 7636 §4.2, method S256."""
    return b64url(hashlib.sha256(verifier.encode()).digest())


class Signer:
    """Signs and verifies with one key, made at start: a restart is a rotation of keys."""

    def __init__(self) -> None:
        self.key = new_key()

    def published(self) -> dict[str, Any]:
        """The JWK set, public halves only."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def id_token(self, claims: dict[str, Any], *, access_token: str, secret: str, fault: str = "") -> str:
        """A signed ID token; `fault` (of FAULTS) spoils it on purpose."""
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {**claims, "typ": "ID", "acr": "eidas1", "at_hash": b64url(half)}
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key.kid}
        match fault:
            case "wrong_nonce":
                claims["nonce"] = "un-autre-nonce"
            case "expired_id_token":
                claims |= {"iat": claims["iat"] - 3600, "exp": claims["iat"] - 3600 + ID_TOKEN_SECONDS}
            case "wrong_audience":
                claims["aud"] = "un-autre-client"
            case "wrong_party":
                claims["azp"] = "un-autre-client"
            case "wrong_issuer":
                claims["iss"] = "https://autre-emetteur.example"
            case "wrong_signature":
                return str(jwt.encode(header, claims, new_key()))
            case "unknown_key":
                other = new_key()
                return str(jwt.encode({**header, "kid": other.kid}, claims, other))
            case "no_kid":
                del header["kid"]
            case "hs256":
                return str(jwt.encode({**header, "alg": "HS256"}, claims, OctKey.import_key(secret)))
            case "unsigned":
                parts = ({**header, "alg": "none"}, claims)
                return ".".join([*(b64url(json.dumps(part).encode()) for part in parts), ""])
        return str(jwt.encode(header, claims, self.key))

    def read(self, token: str) -> dict[str, Any] | None:
        """Claims of a token that we signed, expired or not; None for any other text."""
        try:
            return dict(jwt.decode(token, self.key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return None
