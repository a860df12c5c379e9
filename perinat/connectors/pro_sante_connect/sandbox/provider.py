"""The OpenID provider: what each address answers. Paths as Keycloak's under an issuer, as Pro Santé Connect's."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from urllib.parse import unquote, urlencode

from perinat.connectors.pro_sante_connect.sandbox import pages, rules
from perinat.connectors.pro_sante_connect.sandbox.faults import Faults
from perinat.connectors.pro_sante_connect.sandbox.journal import Journal
from perinat.connectors.pro_sante_connect.sandbox.people import Person
from perinat.connectors.pro_sante_connect.sandbox.rules import Client, Parameters, Refusal, only
from perinat.connectors.pro_sante_connect.sandbox.sessions import ACCESS_SECONDS, CODE_SECONDS, Clock, Grant, Memory
from perinat.connectors.pro_sante_connect.sandbox.tokens import FAULTS as TOKEN_FAULTS
from perinat.connectors.pro_sante_connect.sandbox.tokens import ID_TOKEN_SECONDS, Signer, challenge_of
from perinat.connectors.pro_sante_connect.sandbox.wire import (
    NO_STORE,
    Reply,
    Request,
    html_reply,
    json_reply,
    redirect,
)

COOKIE = "psc_bac_a_sable"
MEANS = {"CARD": "carte CPS", "MOBILE": "application e-CPS"}
NOBODY = "889999999991"  # a national id in good order that no account holds
EDITOR_ACCOUNT = "ANS20210107161422"


class Provider:
    """Shared by the threads of the server. `issuer` is set once the port is known."""

    def __init__(self, people: dict[str, Person], client: Client) -> None:
        self.people, self.client = people, client
        self.issuer = ""
        self.clock, self.faults, self.journal = Clock(), Faults(), Journal()
        self.memory, self.signer = Memory(self.clock), Signer()

    # --- OpenID Connect Discovery 1.0 §3 ------------------------------------------------------------
    def discovery(self, request: Request) -> Reply:
        if self.faults.strike("garbled"):
            return html_reply("<p>Maintenance en cours</p>")
        protocol = f"{self.issuer}/protocol/openid-connect"
        self.journal.write("discovery", "given")
        return json_reply(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{protocol}/token",
                "userinfo_endpoint": f"{protocol}/userinfo",
                "jwks_uri": f"{protocol}/certs",
                "end_session_endpoint": f"{protocol}/logout",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "introspection_endpoint": f"{protocol}/token/introspect",
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "acr_values_supported": [rules.ACR],
                "scopes_supported": sorted(rules.SCOPES),
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post", "client_secret_basic", "tls_client_auth",
                ],
                "mtls_endpoint_aliases": {
                    "token_endpoint": f"{protocol}/token", "userinfo_endpoint": f"{protocol}/userinfo",
                },
                "authorization_response_iss_parameter_supported": True,
            }
        )  # fmt: skip

    def keys(self, request: Request) -> Reply:
        if self.faults.strike("keys_down"):
            return json_reply({"error": "temporarily_unavailable"}, 503)
        return json_reply(self.signer.published())

    # --- Authorization: RFC 6749 §4.1.1, OpenID Connect Core §3.1.2 ------------------------------------
    def authorize(self, request: Request) -> Reply:
        """GET shows who may sign in (or goes on at once under a session); POST is her choice."""
        query = request.query
        refusal = rules.authorization(query, self.client)
        if refusal:
            return self._refuse_authorization(refusal, query)
        if self.faults.strike("refused"):
            return self._back(query, {"error": "server_error"})
        if request.method == "POST":
            return self._choice(query, request.form())
        browser = self.memory.browser(request.cookie(COOKIE))
        prompt = only(query, "prompt").split()
        if browser and "login" not in prompt:
            return self._give_code(query, browser.national_id, browser.sid, browser.since)
        if "none" in prompt:
            return self._back(query, {"error": "login_required"})
        self.journal.write("authorization", "page")
        return html_reply(pages.choice(self.people.values(), request.query_string))

    def _choice(self, query: Parameters, form: Parameters) -> Reply:
        person = self.people.get(only(form, "person"))
        if only(form, "choice") == "cancel":
            self.journal.write("authorization", "cancelled")
            return self._back(query, {"error": "access_denied"})
        if person is None or only(form, "means") not in MEANS:
            return html_reply(pages.refusal("Personne ou moyen inconnu."), 400)
        cookie, browser = self.memory.sign_in(person.national_id)
        header = ("Set-Cookie", f"{COOKIE}={cookie}; Path=/auth; HttpOnly; SameSite=Lax")
        return self._give_code(query, person.national_id, browser.sid, browser.since, header)

    def _give_code(
        self, query: Parameters, national_id: str, sid: str, auth_time: float, *headers: tuple[str, str]
    ) -> Reply:
        late = -1 if self.faults.strike("expired_code") else CODE_SECONDS
        grant = Grant(
            national_id=national_id,
            client_id=only(query, "client_id"),
            redirect_uri=only(query, "redirect_uri"),
            nonce=only(query, "nonce"),
            challenge=only(query, "code_challenge"),
            sid=sid,
            auth_time=auth_time,
            expires=self.clock.now() + late,
        )
        self.journal.write("authorization", "code")
        return self._back(query, {"code": self.memory.grant(grant), "session_state": sid}, *headers)

    def _back(self, query: Parameters, answer: dict[str, str], *headers: tuple[str, str]) -> Reply:
        state = "un-autre-state" if self.faults.strike("wrong_state") else only(query, "state")
        issuer = "https://autre-emetteur.example" if self.faults.strike("wrong_issuer_back") else self.issuer
        return redirect(
            f"{only(query, 'redirect_uri')}?{urlencode({**answer, 'state': state, 'iss': issuer})}", *headers
        )

    def _refuse_authorization(self, refusal: Refusal, query: Parameters) -> Reply:
        self.journal.refused("authorization", refusal)
        if refusal.redirect:
            return self._back(query, {"error": refusal.error, "error_description": refusal.reason})
        return html_reply(pages.refusal(f"{refusal.reason} ({refusal.clause})."), refusal.status)

    # --- Token: RFC 6749 §4.1.3, OpenID Connect Core §3.1.3 --------------------------------------------
    def token(self, request: Request) -> Reply:
        if self.faults.strike("token_down"):
            return json_reply({"error": "temporarily_unavailable"}, 503)
        form = request.form()
        refusal = rules.client_authentication(form, _basic(request), request.certificate_ou, self.client)
        refusal = refusal or rules.token_form(form)
        if refusal:
            return self._refuse_token(refusal)
        if only(form, "grant_type") == "refresh_token":
            grant = None if self.faults.strike("ended") else self.memory.renewed(only(form, "refresh_token"))
            refusal = None if grant else Refusal("invalid_grant", "session terminée", "RFC 6749 §5.2")
        else:
            grant, replay = self.memory.redeem(only(form, "code"))
            refusal = self._refuse_grant(grant, replay, form)
        if refusal or grant is None:
            return self._refuse_token(refusal or Refusal("invalid_grant", "code inconnu", "RFC 6749 §5.2"))
        self.journal.write("token", "renewed" if only(form, "grant_type") == "refresh_token" else "given")
        return self._give_tokens(grant)

    def _give_tokens(self, grant: Grant) -> Reply:
        access_token = self.memory.access_token(grant)
        refresh_token, refresh_seconds = self.memory.refresh_token(grant)
        answer = {
            "access_token": access_token,
            "id_token": self._id_token(grant, access_token),
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": refresh_token,
            "refresh_expires_in": refresh_seconds,
            "scope": "openid scope_all",
            "session_state": grant.sid,
        }
        return json_reply(answer, 200, ("Pragma", "no-cache"))

    def _refuse_grant(self, grant: Grant | None, replay: bool, form: Parameters) -> Refusal | None:
        if grant is None:
            return Refusal("invalid_grant", "code inconnu", "RFC 6749 §5.2")
        if replay:
            return Refusal("invalid_grant", "code déjà utilisé", "RFC 6749 §4.1.2")
        if grant.expires <= self.clock.now():
            return Refusal("invalid_grant", "code périmé", "RFC 6749 §4.1.2")
        if grant.redirect_uri != only(form, "redirect_uri"):
            return Refusal("invalid_grant", "redirect_uri différente", "RFC 6749 §4.1.3")
        if challenge_of(only(form, "code_verifier")) != grant.challenge:
            return Refusal("invalid_grant", "code_verifier faux", "RFC 7636 §4.6")
        return None

    def _refuse_token(self, refusal: Refusal) -> Reply:
        self.journal.refused("token", refusal)
        return json_reply({"error": refusal.error, "error_description": refusal.reason}, refusal.status)

    def _id_token(self, grant: Grant, access_token: str) -> str:
        now = int(self.clock.now())
        claims = {
            "iss": self.issuer,
            "aud": grant.client_id,
            "azp": grant.client_id,
            "sub": self._sub(grant.national_id),
            "iat": now,
            "exp": now + ID_TOKEN_SECONDS,
            "auth_time": int(grant.auth_time),
            "nonce": grant.nonce,
            "session_state": grant.sid,
            "sid": grant.sid,
            "preferred_username": grant.national_id,
        }
        fault = self.faults.first(*TOKEN_FAULTS)
        return self.signer.id_token(claims, access_token=access_token, secret=self.client.secret, fault=fault)

    def _sub(self, national_id: str) -> str:
        person = self.people.get(national_id)
        return person.sub if person else ""

    # --- UserInfo: OpenID Connect Core §5.3 ------------------------------------------------------------
    def userinfo(self, request: Request) -> Reply:
        if self.faults.strike("userinfo_down"):
            return json_reply({"error": "temporarily_unavailable"}, 503)
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        holder = self.memory.holder(value) if scheme.lower() == "bearer" else None
        person = self.people.get(holder or "")
        if person is None:
            refusal = Refusal("invalid_token", "jeton inconnu, révoqué ou périmé", "RFC 6750 §3.1", status=401)
            self.journal.refused("userinfo", refusal)
            return json_reply({"error": refusal.error}, 401, ("WWW-Authenticate", 'Bearer error="invalid_token"'))
        self.journal.write("userinfo", "given")
        claims = person.claims()
        match self.faults.first("other_person", "unknown_rpps", "no_rpps", "incomplete"):
            case "other_person":
                claims["sub"] = f"{claims['sub']}-autre"
            case "unknown_rpps":
                claims |= {"SubjectNameID": NOBODY, "preferred_username": NOBODY}
            case "no_rpps":
                claims |= {"SubjectNameID": EDITOR_ACCOUNT, "preferred_username": EDITOR_ACCOUNT}
            case "incomplete":
                del claims["SubjectNameID"], claims["SubjectRole"], claims["SubjectRefPro"]
        return json_reply(claims)

    # --- Introspection: RFC 7662, for the fictitious MSSanté operator ---------------------------------------
    def introspect(self, request: Request) -> Reply:
        form = request.form()
        refusal = rules.client_authentication(form, _basic(request), "", rules.OPERATOR)
        if refusal:
            self.journal.refused("introspection", refusal)
            return json_reply({"error": refusal.error}, refusal.status)
        access = self.memory.access(only(form, "token"))
        self.journal.write("introspection", "active" if access else "inactive")
        if access is None:
            return json_reply({"active": False})
        return json_reply(
            {
                "active": True,
                "sub": self._sub(access.national_id),
                "preferred_username": access.national_id,
                "expires_in": max(0, int(access.expires - self.clock.now())),
                "client_id": access.grant.client_id,
                "iss": self.issuer,
            }
        )

    # --- Logout: OpenID Connect RP-Initiated Logout 1.0 §2 ------------------------------------------------
    def end_session(self, request: Request) -> Reply:
        query = request.query if request.method == "GET" else request.form()
        claims = self.signer.read(only(query, "id_token_hint"))
        back = only(query, "post_logout_redirect_uri")
        if claims is None or claims.get("aud") != self.client.client_id:
            refusal = Refusal("invalid_request", "id_token_hint absent ou faux", "RP-Initiated Logout §2")
        elif back and not rules.registered(back, self.client.logout_uris):
            refusal = Refusal("invalid_request", "post_logout_redirect_uri non enregistrée", "RP-Initiated Logout §3")
        else:
            ended = self.memory.sign_out(str(claims.get("sid")))
            self.journal.write("logout", "ended" if ended else "already ended")
            if not back:
                return html_reply(pages.signed_out())
            state = only(query, "state")
            suffix = f"?{urlencode({'state': state})}" if state else ""
            return Reply(303, b"", (("Location", back + suffix), NO_STORE))
        self.journal.refused("logout", refusal)
        return html_reply(pages.refusal(f"{refusal.reason} ({refusal.clause})."), 400)

    def add_people(self, people: Iterable[Person]) -> None:
        """Register or replace, by national id."""
        self.people = self.people | {person.national_id: person for person in people}


def _basic(request: Request) -> tuple[str, str] | None:
    """HTTP Basic, values form-encoded (RFC 6749 §2.3.1)."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(name), unquote(secret)
