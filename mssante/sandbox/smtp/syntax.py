"""Arguments of MAIL and RCPT: paths and ESMTP parameters (RFC 5321 §4.1.2, RFC 3461 §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mssante.sandbox.submission import EnvelopeRecipient

_PATH = re.compile(r"\s*<([^<>\s]*)>(.*)")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")


class SyntaxRefusal(ValueError):  # noqa: N818 - the text is a whole SMTP reply
    """The argument is wrong; `str(error)` is the reply to send."""


@dataclass(slots=True)
class Reverse:
    """MAIL FROM. `address` empty: null reverse-path. `size`: announced bytes, 0 when not."""

    address: str
    size: int = 0
    return_full: bool = False
    envelope_id: str = ""
    recipients: list[EnvelopeRecipient] = field(default_factory=list)


def _split(argument: str, keyword: str) -> tuple[str, dict[str, str]]:
    if not argument.upper().startswith(keyword):
        raise SyntaxRefusal(f"501 5.5.4 Syntax: {keyword}<address>")
    found = _PATH.fullmatch(argument[len(keyword) :])
    if found is None:
        raise SyntaxRefusal(f"501 5.5.4 Syntax: {keyword}<address>")
    path, rest = found.groups()
    parameters: dict[str, str] = {}
    for word in rest.split():
        name, _, value = word.partition("=")
        if name.upper() in parameters:
            raise SyntaxRefusal("501 5.5.4 parameter given twice")
        parameters[name.upper()] = value
    return path.rpartition(":")[2].lower(), parameters


def xtext(value: str) -> str:
    """Decode RFC 3461 xtext. Raises SyntaxRefusal."""
    if not _XTEXT.fullmatch(value):
        raise SyntaxRefusal("501 5.5.4 bad xtext")
    octets = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), value)
    if not octets.isprintable() or not octets.isascii():
        raise SyntaxRefusal("501 5.5.4 bad xtext")
    return octets


def parse_mail(argument: str) -> Reverse:
    """MAIL FROM:<…> [SIZE=] [BODY=] [RET=] [ENVID=] [AUTH=]."""
    address, parameters = _split(argument, "FROM:")
    reverse = Reverse(address)
    for name, value in parameters.items():
        if name == "SIZE" and value.isdigit():
            reverse.size = int(value)
        elif name == "BODY" and value.upper() in ("7BIT", "8BITMIME"):
            continue
        elif name == "RET" and value.upper() in ("FULL", "HDRS"):
            reverse.return_full = value.upper() == "FULL"
        elif name == "ENVID" and 0 < len(value) <= 100:
            reverse.envelope_id = xtext(value)
        elif name == "AUTH":
            xtext(value)
        elif name in ("SIZE", "BODY", "RET", "ENVID"):
            raise SyntaxRefusal(f"501 5.5.4 bad value of {name}")
        else:
            raise SyntaxRefusal("555 5.5.4 parameter not recognised")
    return reverse


def parse_rcpt(argument: str) -> EnvelopeRecipient:
    """RCPT TO:<…> [NOTIFY=] [ORCPT=]."""
    address, parameters = _split(argument, "TO:")
    notify: frozenset[str] = frozenset()
    original = ""
    for name, value in parameters.items():
        if name == "NOTIFY":
            notify = frozenset(value.upper().split(","))
            if not notify <= {"SUCCESS", "FAILURE", "DELAY"} and notify != {"NEVER"}:
                raise SyntaxRefusal("501 5.5.4 bad value of NOTIFY")
        elif name == "ORCPT":
            kind, mark, coded = value.partition(";")
            if not kind or not mark or len(value) > 500:
                raise SyntaxRefusal("501 5.5.4 bad value of ORCPT")
            original = f"{kind.lower()};{xtext(coded)}"
        else:
            raise SyntaxRefusal("555 5.5.4 parameter not recognised")
    return EnvelopeRecipient(address, notify, original)
