"""What goes wrong between perinat and its operator, and how it must end. Data only.

A sending ends in a box of the recipient (`BOX`, with its DSN applied) or on the list of the ward (`WARD`), relaunched
once the cause is gone. `shared`: the box of her practice, where what her own refuses goes on (ADR 0022). Whatever
happens, one way lives: a sending under way or arrived, papers to hand over, or a line for a person. `may_double`: the
line broke when the operator had, or may have had, the whole mail. SMTP cannot be asked « did you receive this? »: the
mail is sent again, with the same Message-ID and the same bytes, so that its recipient sees one mail. A double anywhere
else, or one that is not the same bytes, is a fault of perinat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BOX, WARD, NO_RECEIPT = "box", "ward", "no receipt"
Script = dict[str, Any]
SESSION = ("banner", "ehlo", "starttls", "auth")  # before any mail is named: nothing is said of this one
MAIL = ("mail", "rcpt", "data", "store")
IMAP = ("banner", "capability", "starttls", "authenticate", "select", "fetch", "store", "move")


@dataclass(frozen=True, slots=True)
class Scenario:
    """`kind`: send, receive (a document comes in) or answer (its notification leaves)."""

    name: str
    faults: tuple[Script, ...] = ()
    kind: str = "send"
    ends: str = BOX
    may_double: bool = False
    recipient: str = "lectrice@sages-femmes.mssante.example"
    shared: str = ""
    rebuilt: bool = False  # the mailbox gets another UIDVALIDITY meanwhile

    @property
    def is_relaunched(self) -> bool:
        return self.ends == WARD and not self.recipient.startswith(("pleine", "fermee", "tardive", "nulle"))


def _scripts(point: str, *, refused: bool = True) -> Iterator[tuple[str, Script]]:
    yield "cut", {"point": point, "action": "cut"}
    yield "garbled", {"point": point, "action": "garble"}
    yield "slow", {"point": point, "action": "slow", "seconds": 3.0}
    yield "421", {"point": point, "action": "reply", "text": "421 4.3.2 sandbox: closing"}
    yield "451", {"point": point, "action": "reply", "text": "451 4.3.0 sandbox: later"}
    if refused:
        yield "554", {"point": point, "action": "reply", "text": "554 5.7.1 sandbox: refused"}


def _sending() -> Iterator[Scenario]:
    for point in (*SESSION, *MAIL):
        for name, script in _scripts(f"smtp.{point}"):
            ends = WARD if name == "554" and point in MAIL else BOX
            doubt = point == "store" and name == "slow"  # it stores all the same, after we hung up
            yield Scenario(f"smtp {point}, {name}", (script,), ends=ends, may_double=doubt)
    for name, script in _scripts("smtp.answer", refused=False):
        yield Scenario(f"smtp answer, {name}", (script,), may_double=True)
    yield Scenario("smtp three cuts in a row", ({"point": "smtp.mail", "action": "cut", "times": 3},))


def _boxes() -> Iterator[Scenario]:
    domain = "sages-femmes.mssante.example"
    for name, local in (("closed", "fermee"), ("unknown", "nulle"), ("refused later", "tardive"), ("full", "pleine")):
        yield Scenario(f"box {name}", ends=WARD, recipient=f"{local}@{domain}")
        yield Scenario(f"box {name}, then the practice", recipient=f"{local}@{domain}", shared=f"logiciel@{domain}")
        twice = f"fermee@{domain}" if local != "fermee" else f"pleine@{domain}"
        yield Scenario(f"box {name}, and the practice too", ends=WARD, recipient=f"{local}@{domain}", shared=twice)
    for action in ("duplicate", "mdn_first"):
        yield Scenario(f"receipt {action}", ({"point": "receipt", "action": action},))
    yield Scenario("receipt dropped", ({"point": "receipt", "action": "drop"},), ends=NO_RECEIPT)
    yield Scenario("absent", recipient=f"absente@{domain}")


def _collecting() -> Iterator[Scenario]:
    for kind in ("send", "receive"):
        for point in IMAP:
            for action in ("cut", "garble"):
                script = {"point": f"imap.{point}", "action": action}
                yield Scenario(f"imap {point}, {action}, {kind}", (script,), kind)
        for number in (2, 3):  # the list of the mails, then the mails themselves
            script = {"point": "imap.fetch", "action": "cut", "times": number}
            yield Scenario(f"imap fetch cut {number} times, {kind}", (script,), kind)
        yield Scenario(f"another UIDVALIDITY, {kind}", (), kind, rebuilt=True)


def _answering() -> Iterator[Scenario]:
    for point in (*SESSION, *MAIL, "answer"):
        for name, script in _scripts(f"smtp.{point}", refused=False):
            doubt = point == "answer" or (point == "store" and name == "slow")
            yield Scenario(f"answer, smtp {point}, {name}", (script,), "answer", may_double=doubt)


WHOLE = (*_sending(), *_boxes(), *_collecting(), *_answering())
SHORT_NAMES = (
    "smtp mail, cut", "smtp rcpt, 554", "smtp store, 451", "smtp answer, cut", "box closed", "box refused later",
    "box full, then the practice", "box refused later, and the practice too",
    "imap fetch, cut, send", "imap move, garble, receive", "another UIDVALIDITY, receive", "answer, smtp data, 421",
)  # fmt: skip
SHORT = tuple(one for one in WHOLE if one.name in SHORT_NAMES)
