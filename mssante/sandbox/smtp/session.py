"""One SMTP session: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA. Nothing is taken before TLS and identity."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Awaitable, Callable

from mssante.sandbox import sasl
from mssante.sandbox.faults import GARBAGE
from mssante.sandbox.mss_operator import Operator
from mssante.sandbox.smtp import reception
from mssante.sandbox.smtp.syntax import Reverse, SyntaxRefusal, parse_mail, parse_rcpt
from mssante.sandbox.submission import EnvelopeRecipient
from mssante.sandbox.tls import Certificate, read_certificate
from mssante.sandbox.wire import TooLongError, Wire

MAX_RECIPIENTS = 100
MAX_ERRORS = 20
MAX_AUTH_FAILURES = 3


class SmtpSession:
    def __init__(self, wire: Wire, operator: Operator, context: ssl.SSLContext) -> None:
        self.wire = wire
        self.operator = operator
        self._context = context
        self._greeted = False
        self._certificate: Certificate | None = None
        self.party: sasl.Party | None = None
        self._reverse: Reverse | None = None
        self._errors = 0
        self._auth_failures = 0
        self._open = True
        self._verbs: dict[str, Callable[[str], Awaitable[None]]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
            "QUIT": self._quit,
        }

    async def run(self) -> None:
        if not await self.suffers("smtp.banner"):
            await self.reply(f"220 {self.operator.settings.hostname} ESMTP MSSante bac a sable")
        while self._open:
            try:
                line = await self.wire.read_line()
                await self._command(line.decode("ascii"))
            except TooLongError:
                await self._mistake("500 5.5.2 line too long")
            except UnicodeDecodeError:
                await self._mistake("500 5.5.2 not ASCII")
            except SyntaxRefusal as refusal:
                await self._mistake(str(refusal))

    async def _command(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        handler = self._verbs.get(verb.upper())
        if handler is None:
            await self._mistake("500 5.5.1 command not recognised")
            return
        if self.party is not None and self.operator.authenticator.is_over(self.party):
            await self.reply("421 4.7.0 sandbox:token-expired access token expired, reconnect (ECO.1.2.6)")
            self._open = False
            return
        if not await self.suffers(f"smtp.{verb.lower()}", **self._context_of(argument)):
            await handler(argument.strip())

    def _context_of(self, argument: str) -> dict[str, str]:
        """What a scripted fault may match on."""
        path = argument.partition("<")[2].partition(">")[0]
        known = {"sender": self._reverse.address if self._reverse else path}
        return known | {"recipient": path} if self._reverse else known

    async def suffers(self, point: str, **context: str) -> bool:
        """True when a scripted fault answered instead of us."""
        answer = await self.operator.faults.at(point, **context)
        if answer is None:
            return False
        await self.wire.send(answer)
        if answer == GARBAGE or answer.startswith(b"421"):
            self._open = False
        return True

    async def reply(self, *lines: str) -> None:
        """One reply; all lines bear the code of the first."""
        code = lines[0][:3]
        texts = [lines[0][4:], *lines[1:]]
        body = [f"{code}-{text}" for text in texts[:-1]] + [f"{code} {texts[-1]}"]
        await self.wire.send("".join(f"{line}\r\n" for line in body).encode("ascii", "replace"))

    async def _mistake(self, text: str) -> None:
        self._errors += 1
        if self._errors > MAX_ERRORS:
            await self.reply("421 4.7.0 too many errors")
            self._open = False
            return
        await self.reply(text)

    # greeting and TLS -------------------------------------------------------------------------

    async def _helo(self, argument: str) -> None:
        await self._mistake("502 5.5.1 use EHLO: STARTTLS is required")

    async def _ehlo(self, argument: str) -> None:
        if not argument:
            raise SyntaxRefusal("501 5.5.4 Syntax: EHLO hostname")
        self._greeted = True
        self._reverse = None
        offers = [f"SIZE {self.operator.settings.max_bytes}", "8BITMIME", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES"]
        if not self.wire.encrypted:
            offers.append("STARTTLS")
        elif self.party is None:
            mechanisms = self.operator.authenticator.mechanisms(self._certificate)
            offers.append(f"AUTH {' '.join(mechanisms)}")
        await self.reply(f"250 {self.operator.settings.hostname}", *offers)

    async def _starttls(self, argument: str) -> None:
        if self.wire.encrypted:
            await self._mistake("503 5.5.1 TLS already active")
            return
        if argument:
            raise SyntaxRefusal("501 5.5.4 Syntax: STARTTLS")
        if self.wire.pending:
            self.operator.note("smtp", "plaintext-after-starttls")
            await self.reply("554 5.5.0 sandbox:pipelined-starttls nothing may follow STARTTLS (RFC 3207)")
            self._open = False
            return
        try:
            await self.wire.start_tls(self._context, b"220 2.0.0 ready to start TLS\r\n")
        except ssl.SSLError as error:
            self.operator.note("smtp", "tls-refused", reason=str(error.reason))
            raise
        self._greeted = False
        shown = self.wire.peer_certificate
        self._certificate = read_certificate(shown)
        if shown and self._certificate is None:
            self.operator.note("smtp", "certificate-not-auth-cli")

    # identity ---------------------------------------------------------------------------------

    async def _auth(self, argument: str) -> None:
        if not self.wire.encrypted:
            await self._mistake("538 5.7.11 encryption required: STARTTLS first")
            return
        if not self._greeted or self.party is not None:
            await self._mistake("503 5.5.1 bad sequence of commands")
            return
        mechanism, _, initial = argument.partition(" ")
        try:
            given = sasl.decode(initial.encode()) if initial else None
            self.party = await self.operator.authenticator.run(mechanism, given, self._ask, self._certificate)
        except sasl.SaslSyntaxError as error:
            await self._mistake(f"501 5.5.2 {error}")
            return
        except sasl.AuthenticationError as error:
            self.operator.note("smtp", "authentication-refused", reason=str(error))
            self._auth_failures += 1
            self._open = self._auth_failures < MAX_AUTH_FAILURES
            await self.reply(f"535 5.7.8 {error}")
            return
        await self.reply("235 2.7.0 authentication succeeded")

    async def _ask(self, challenge: bytes) -> bytes:
        await self.reply(f"334 {base64.b64encode(challenge).decode()}")
        answer = await self.wire.read_line()
        if answer == b"*":
            raise sasl.SaslSyntaxError("authentication cancelled")
        return sasl.decode(answer)

    # transaction ------------------------------------------------------------------------------

    async def _mail(self, argument: str) -> None:
        if not self.wire.encrypted:
            await self._mistake("530 5.7.0 STARTTLS required first")
            return
        if self.party is None and not self._identified_by_certificate():
            await self._mistake("530 5.7.0 authentication required")
            return
        if not self._greeted or self._reverse is not None:
            await self._mistake("503 5.5.1 bad sequence of commands")
            return
        assert self.party is not None
        reverse = parse_mail(argument)
        if refusal := reception.refuse_sender(self.operator, self.party, reverse):
            await self.reply(refusal)
            return
        self._reverse = reverse
        await self.reply("250 2.1.0 sender ok")

    def _identified_by_certificate(self) -> bool:
        """Some operators take the TLS certificate alone for identity: a setting, off by default."""
        if self._certificate is None or not self.operator.settings.certificate_alone:
            return False
        try:
            self.party = self.operator.authenticator.by_certificate(self._certificate)
        except sasl.AuthenticationError:
            return False
        return True

    async def _rcpt(self, argument: str) -> None:
        if self._reverse is None:
            await self._mistake("503 5.5.1 MAIL first")
            return
        recipient: EnvelopeRecipient = parse_rcpt(argument)
        if len(self._reverse.recipients) >= MAX_RECIPIENTS:
            await self.reply("452 4.5.3 too many recipients")
            return
        if refusal := reception.refuse_recipient(self.operator, recipient.address):
            await self.reply(refusal)
            return
        self._reverse.recipients.append(recipient)
        await self.reply("250 2.1.5 recipient ok")

    async def _data(self, argument: str) -> None:
        if self._reverse is None or not self._reverse.recipients:
            await self._mistake("503 5.5.1 no valid recipient")
            return
        await self.reply("354 end data with <CR><LF>.<CR><LF>")
        reverse, self._reverse = self._reverse, None
        try:
            raw = await self.wire.read_mail(self.operator.settings.max_bytes)
        except TooLongError:
            await self.reply("552 5.3.4 message larger than the limit of this operator (MSS/va1.13)")
            return
        assert self.party is not None
        await reception.receive(self, reverse, raw, self.party)

    async def _rset(self, argument: str) -> None:
        self._reverse = None
        await self.reply("250 2.0.0 ok")

    async def _noop(self, argument: str) -> None:
        await self.reply("250 2.0.0 ok")

    async def _vrfy(self, argument: str) -> None:
        await self.reply("252 2.5.0 try and see")

    async def _quit(self, argument: str) -> None:
        await self.reply("221 2.0.0 bye")
        self._open = False
