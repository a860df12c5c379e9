"""What a true provider refuses, each with its clause. `redirect`: told to the client by the browser, else on a page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ACR = "eidas1"
SCOPES = frozenset({"openid", "scope_all"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client. Addresses are exact, or `loopback:/path`: any port of this machine (RFC 8252 §7.3).

    `struct_idnat`: OU of its certificate when it signs in by TLS (tls_client_auth, RFC 8705 §2.1).
    """

    client_id: str = "perinat"
    secret: str = field(default="bac-a-sable-pro-sante-connect-0001", repr=False)
    redirect_uris: tuple[str, ...] = ("loopback:/psc/retour/",)
    logout_uris: tuple[str, ...] = ("loopback:/connexion/",)
    struct_idnat: str = ""


# A protected resource that asks whose a token is: the fictitious MSSanté operator (RFC 7662 §2.1).
OPERATOR = Client(
    client_id="operateur-mssante", secret="bac-a-sable-operateur-mssante-0001", redirect_uris=(), logout_uris=()
)


@dataclass(frozen=True, slots=True)
class Refusal:
    error: str
    reason: str
    clause: str
    status: int = 400
    redirect: bool = True


def registered(uri: str, allowed: Sequence[str]) -> bool:
    """Whether this address is one of those registered, character for character."""
    if uri in allowed:
        return True
    parts = urlsplit(uri)
    loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK and not (parts.query or parts.fragment)
    return loopback and f"loopback:{parts.path}" in allowed


def only(parameters: Parameters, name: str) -> str:
    """The value of a parameter given once; '' when absent."""
    values = parameters.get(name, [])
    return values[0] if len(values) == 1 else ""


def authorization(query: Parameters, client: Client) -> Refusal | None:
    """OpenID Connect Core §3.1.2.2, RFC 6749 §4.1.1, RFC 7636 §4.3, référentiel Pro Santé Connect."""
    if only(query, "client_id") != client.client_id:
        return Refusal("invalid_client", "client_id inconnu", "RFC 6749 §4.1.2.1", redirect=False)
    if not registered(only(query, "redirect_uri"), client.redirect_uris):
        return Refusal("invalid_request", "redirect_uri non enregistrée", "RFC 6749 §4.1.2.1", redirect=False)
    if any(len(values) > 1 for values in query.values()):
        return Refusal("invalid_request", "paramètre répété", "RFC 6749 §3.1")
    if only(query, "response_type") != "code":
        return Refusal("unsupported_response_type", "response_type doit valoir code", "RFC 6749 §4.1.1")
    if not set(only(query, "scope").split()) >= SCOPES:
        return Refusal("invalid_scope", "scope doit contenir openid et scope_all", "référentiel PSC")
    if only(query, "acr_values") != ACR:
        return Refusal("invalid_request", "acr_values doit valoir eidas1", "référentiel PSC")
    if not only(query, "state"):
        return Refusal("invalid_request", "state absent", "RFC 6749 §10.12")
    if not only(query, "nonce"):
        return Refusal("invalid_request", "nonce absent", "OIDC Core §3.1.2.1")
    if only(query, "code_challenge_method") != "S256":
        return Refusal("invalid_request", "code_challenge_method doit valoir S256", "RFC 7636 §4.4.1")
    if not _CHALLENGE.fullmatch(only(query, "code_challenge")):
        return Refusal("invalid_request", "code_challenge absent ou mal formé", "RFC 7636 §4.4.1")
    if not set(only(query, "prompt").split()) <= {"login", "none"}:
        return Refusal("invalid_request", "prompt inconnu", "OIDC Core §3.1.2.1")
    return None


def client_authentication(
    form: Parameters, basic: tuple[str, str] | None, certificate_ou: str, client: Client
) -> Refusal | None:
    """client_secret_post, client_secret_basic, or tls_client_auth; one method at a time (RFC 6749 §2.3)."""
    client_id, secret = basic or (only(form, "client_id"), only(form, "client_secret"))
    if basic and form.get("client_secret"):
        return Refusal("invalid_request", "deux authentifications du client", "RFC 6749 §2.3")
    by_secret = bool(secret) and secrets.compare_digest(secret.encode(), client.secret.encode())
    by_tls = not secret and bool(client.struct_idnat) and certificate_ou == client.struct_idnat
    if client_id != client.client_id or not (by_secret or by_tls):
        return Refusal("invalid_client", "client inconnu ou secret faux", "RFC 6749 §5.2", status=401)
    return None


def token_form(form: Parameters) -> Refusal | None:
    """RFC 6749 §4.1.3 and RFC 7636 §4.5: what must be there, before the code is looked at."""
    if any(len(values) > 1 for values in form.values()):
        return Refusal("invalid_request", "paramètre répété", "RFC 6749 §3.2")
    if only(form, "grant_type") == "refresh_token":
        return None if only(form, "refresh_token") else Refusal("invalid_request", "jeton absent", "RFC 6749 §6")
    if only(form, "grant_type") != "authorization_code":
        return Refusal("unsupported_grant_type", "grant_type inconnu", "RFC 6749 §5.2")
    if not only(form, "code"):
        return Refusal("invalid_request", "code absent", "RFC 6749 §4.1.3")
    if not _VERIFIER.fullmatch(only(form, "code_verifier")):
        return Refusal("invalid_request", "code_verifier absent ou mal formé", "RFC 7636 §4.1")
    return None
