"""One IMAP session: states, TLS, identity, IDLE. Folder and message commands stand in their own files."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable

from mssante.sandbox import sasl
from mssante.sandbox.faults import GARBAGE
from mssante.sandbox.imap import folders, messages
from mssante.sandbox.imap.errors import NoError
from mssante.sandbox.imap.parser import (
    Command,
    ImapSyntaxError,
    LiteralTooLargeError,
    parse,
    read_chunks,
    text,
)
from mssante.sandbox.imap.view import View
from mssante.sandbox.mss_operator import Operator
from mssante.sandbox.tls import Certificate, read_certificate
from mssante.sandbox.wire import TooLongError, Wire

CLEAR = "IMAP4rev1 STARTTLS LOGINDISABLED SASL-IR LITERAL+ ID"
EXTENSIONS = "IMAP4rev1 SASL-IR LITERAL+ ID IDLE UIDPLUS MOVE UNSELECT NAMESPACE"
MAX_AUTH_FAILURES = 3
MAX_ERRORS = 20
Handler = Callable[["ImapSession", Command], Awaitable[str]]


class ImapSession:
    def __init__(self, wire: Wire, operator: Operator, context: ssl.SSLContext) -> None:
        self.wire = wire
        self.operator = operator
        self._context = context
        self._certificate: Certificate | None = None
        self._party: sasl.Party | None = None
        self.address = ""  # mailbox opened by this session, empty before authentication
        self.view: View | None = None
        self._auth_failures = 0
        self._errors = 0
        self._open = True

    async def run(self) -> None:
        answer = await self.operator.faults.at("imap.banner")
        if answer is None:
            await self.untagged(f"OK [CAPABILITY {self.capability()}] MSSante bac a sable")
        else:
            await self.wire.send(answer)
            self._open = answer != GARBAGE
        try:
            while self._open:
                await self._one_command()
        finally:
            self.leave()

    async def _one_command(self) -> None:
        try:
            chunks = await read_chunks(self.wire, self.proceed, self.operator.settings.max_bytes + 1024)
        except (TooLongError, LiteralTooLargeError):
            await self.untagged("BYE [TOOBIG] sandbox: larger than the limit of this operator")
            self._open = False
            return
        tag = chunks[0].partition(b" ")[0].decode("ascii", "replace") or "*"
        try:
            command = parse(chunks)
            outcome = await self._handle(command)
        except ImapSyntaxError as error:
            self._errors += 1
            outcome = f"BAD {error or 'command malformed'}"
        except NoError as error:
            outcome = f"NO {error}"
        if outcome:
            await self.wire.send(f"{tag} {outcome}\r\n".encode("utf-8", "replace"))
        if self._errors > MAX_ERRORS:
            await self.untagged("BYE too many errors")
            self._open = False

    async def _handle(self, command: Command) -> str:
        await self._end_with_token()
        point = text(command.arguments[0]) if command.name == "UID" and command.arguments else command.name
        answer = await self.operator.faults.at(f"imap.{point.lower()}", mailbox=self.address)
        if answer is not None:
            await self.wire.send(answer.replace(b"{tag}", command.tag.encode()))
            self._open = self._open and answer != GARBAGE
            return ""
        handler = COMMANDS.get(command.name)
        if handler is None:
            raise ImapSyntaxError("unknown command")
        if command.name not in ANYTIME and not self.address:
            if command.name not in BEFORE:
                raise NoError("authenticate first")
        elif command.name in BEFORE:
            raise ImapSyntaxError("already authenticated")
        if command.name in SELECTED and self.view is None:
            raise ImapSyntaxError("no folder selected")
        await self._end_if_void()
        outcome = await handler(self, command)
        if self._open:
            await self.update(expunges=command.name not in KEEPS_NUMBERS)
        return outcome

    # talking ----------------------------------------------------------------------------------

    async def untagged(self, *lines: str) -> None:
        await self.wire.send("".join(f"* {line}\r\n" for line in lines).encode("utf-8", "replace"))

    async def proceed(self) -> None:
        await self.wire.send(b"+ go ahead\r\n")

    def capability(self) -> str:
        if not self.wire.encrypted:
            return CLEAR
        if self.address:
            return EXTENSIONS
        mechanisms = self.operator.authenticator.mechanisms(self._certificate)
        return " ".join([EXTENSIONS, *(f"AUTH={name}" for name in mechanisms if name != "LOGIN")])

    async def update(self, *, expunges: bool) -> None:
        """Tell what changed in the selected folder; end the session if its UIDs are void."""
        await self._end_if_void()
        if self.view is None:
            return
        lines = self.view.changes(expunges=expunges)
        if lines:
            await self.wire.send("".join(f"{line}\r\n" for line in lines).encode())

    async def _end_with_token(self) -> None:
        if self._party is not None and self.operator.authenticator.is_over(self._party):
            await self.untagged("BYE sandbox: access token expired, reconnect (ECO.1.2.6)")
            self._open = False
            raise ConnectionAbortedError

    async def _end_if_void(self) -> None:
        if self.view is not None and self.view.folder.uid_validity != self.view.uid_validity:
            await self.untagged("BYE sandbox: UIDVALIDITY changed, reconnect")
            self._open = False
            raise ConnectionAbortedError

    def enter(self, view: View) -> None:
        self.leave()
        self.view = view

    def leave(self) -> None:
        self.view = None

    # commands of any state --------------------------------------------------------------------

    async def do_capability(self, command: Command) -> str:
        await self.untagged(f"CAPABILITY {self.capability()}")
        return "OK done"

    async def do_noop(self, command: Command) -> str:
        return "OK done"

    async def do_id(self, command: Command) -> str:
        await self.untagged('ID ("name" "mssante-sandbox")')
        return "OK done"

    async def do_logout(self, command: Command) -> str:
        await self.untagged("BYE see you")
        self._open = False
        return "OK bye"

    async def do_starttls(self, command: Command) -> str:
        if self.wire.encrypted:
            raise ImapSyntaxError("TLS already active")
        if self.wire.pending:
            self._open = False
            raise ImapSyntaxError("sandbox: nothing may follow STARTTLS before TLS")
        try:
            await self.wire.start_tls(self._context, f"{command.tag} OK begin TLS\r\n".encode())
        except ssl.SSLError as error:
            self.operator.note("imap", "tls-refused", reason=str(error.reason))
            raise
        self._certificate = read_certificate(self.wire.peer_certificate)
        return ""

    # identity ---------------------------------------------------------------------------------

    async def do_authenticate(self, command: Command) -> str:
        self._require_tls()
        if not command.arguments:
            raise ImapSyntaxError("mechanism expected")
        mechanism = text(command.arguments[0])
        try:
            given = sasl.decode(text(command.arguments[1]).encode()) if len(command.arguments) > 1 else None
            party = await self.operator.authenticator.run(mechanism, given, self._ask, self._certificate)
            return self._admit(party)
        except sasl.SaslSyntaxError as error:
            raise ImapSyntaxError(str(error)) from error
        except sasl.AuthenticationError as error:
            raise self._refused(error) from error

    async def do_login(self, command: Command) -> str:
        self._require_tls()
        if len(command.arguments) != 2:
            raise ImapSyntaxError("LOGIN needs a user and a password")
        try:
            user, password = map(text, command.arguments)
            return self._admit(self.operator.authenticator.by_password(user, password))
        except sasl.AuthenticationError as error:
            raise self._refused(error) from error

    def _require_tls(self) -> None:
        if not self.wire.encrypted:
            raise NoError("[PRIVACYREQUIRED] STARTTLS first")

    async def _ask(self, challenge: bytes) -> bytes:
        await self.wire.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
        answer = await self.wire.read_line()
        if answer == b"*":
            raise sasl.SaslSyntaxError("cancelled")
        return sasl.decode(answer)

    def _admit(self, party: sasl.Party) -> str:
        """EXTERNAL without authorisation identity opens the only mailbox of the structure."""
        address = party.mailbox
        if not address:
            boxes = self.operator.people.of_structure(party.legal_struct)
            if len(boxes) != 1:
                raise sasl.AuthenticationError("several mailboxes for this certificate: name one")
            address = boxes[0].address
        self.address, self._party = address, party
        return f"OK [CAPABILITY {self.capability()}] authenticated"

    def _refused(self, error: sasl.AuthenticationError) -> NoError:
        self.operator.note("imap", "authentication-refused", reason=str(error))
        self._auth_failures += 1
        self._open = self._auth_failures < MAX_AUTH_FAILURES
        return NoError(f"[AUTHENTICATIONFAILED] {error}")

    # waiting ----------------------------------------------------------------------------------

    async def do_idle(self, command: Command) -> str:
        """RFC 2177: tell news as they come, until DONE."""
        await self.wire.send(b"+ idling\r\n")
        done = asyncio.get_running_loop().create_task(self.wire.read_line())
        news = asyncio.Event()
        folder = self.view.folder if self.view else None
        if folder:
            folder.watchers.add(news.set)
        try:
            while not done.done():
                await self.update(expunges=True)
                waiting = asyncio.get_running_loop().create_task(news.wait())
                await asyncio.wait({done, waiting}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                news.clear()
        finally:
            if folder:
                folder.watchers.discard(news.set)
            if not done.done():
                done.cancel()
        if done.result().upper() != b"DONE":
            raise ImapSyntaxError("DONE expected")
        return "OK idle ended"


COMMANDS: dict[str, Handler] = {
    "CAPABILITY": ImapSession.do_capability,
    "NOOP": ImapSession.do_noop,
    "ID": ImapSession.do_id,
    "LOGOUT": ImapSession.do_logout,
    "STARTTLS": ImapSession.do_starttls,
    "AUTHENTICATE": ImapSession.do_authenticate,
    "LOGIN": ImapSession.do_login,
    "IDLE": ImapSession.do_idle,
    **folders.COMMANDS,
    **messages.COMMANDS,
}
ANYTIME = {"CAPABILITY", "NOOP", "ID", "LOGOUT"}
BEFORE = {"STARTTLS", "AUTHENTICATE", "LOGIN"}
KEEPS_NUMBERS = {"FETCH", "STORE", "SEARCH"}  # no EXPUNGE may be told during these (RFC 3501 §7.4.1)
SELECTED = {"CHECK", "CLOSE", "UNSELECT", *messages.COMMANDS}
