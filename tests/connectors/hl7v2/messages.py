"""Messages of a fictitious hospital, as its software writes them."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from perinat.connectors.hl7v2.er7 import Message, parse
from tests.coordination import world

SENDER = "DPI@ESSAI"
INS = f"{world.ins(1).matricule}^^^ASIP-SANTE-INS-NIR&{world.ins(1).oid}&ISO^INS"
MOTHER = ("M1", "ACACIA", "LOUISE", "LOUISE MARIE", "19930412", "F")
START, END = b"\x0b", b"\x1c\r"


def message(
    event: str,
    control: str = "",
    *,
    at: str = "20260316090000",
    person: tuple[str, ...] = MOTHER,
    ins: str = "",
    state: str = "",
    stay: str = "S1",
    visit: dict[int, str] | None = None,
    mother: str = "",
    rank: str = "",
    more: tuple[str, ...] = (),
    charset: str = "UNICODE UTF-8",
) -> bytes:
    """An ADT; `visit`: fields of PV1 by their number."""
    ipp, family, given, names, born, sex = person
    numbers = "~".join(one for one in (ins, f"{ipp}^^^HOPITAL&1.2.250.1.999.1.7&ISO^PI") if one)
    pid = {3: numbers, 5: f"{family}^{given}^{names}^^^^L", 7: born, 8: sex, 11: "^^Valombre^^78990^FRA^H^^78990"}
    pid |= {21: f"{mother}^^^HOPITAL&1.2.250.1.999.1.7&ISO^PI" if mother else "", 25: rank, 32: state}
    pv1 = {2: "I", 3: "MATER^12^1", 19: f"{stay}^^^HOPITAL&1.2.250.1.999.1.8&ISO^VN"} | (visit or {})
    lines = [
        f"MSH|^~\\&|DPI|ESSAI|perinat|perinat|{at}||ADT^{event}^ADT_{event}|{control or event + at}|P|2.5"
        f"|||||FRA|{charset}|||2.11^IHE_FRANCE",
        f"EVN||{at}||||{at}",
        segment("PID", pid),
        segment("PV1", pv1),
        *more,
    ]
    return ("\r".join(lines) + "\r").encode("iso-8859-1" if charset == "8859/1" else "utf-8")


def segment(name: str, fields: dict[int, str]) -> str:
    return "|".join([name, *(fields.get(number, "") for number in range(1, max(fields) + 1))])


def admission(control: str = "", **changes: object) -> bytes:
    values = {"at": "20260313200000", "visit": {44: "20260313200000"}, **changes}
    return message("A01", control, **values)  # type: ignore[arg-type]


def birth(control: str, *, ipp: str = "E1", given: str = "JULES", rank: str = "1", **changes: object) -> bytes:
    person = (ipp, "ACACIA", given, given, "202603140410", "M")
    values = {
        "at": "20260314050000", "person": person, "mother": "M1", "rank": rank, "stay": f"N{ipp}",
        "visit": {44: "20260314041000"}, "more": ("OBX|1|NM|8339-4^Poids^LN||3.42|kg|||||F",), **changes,
    }  # fmt: skip
    return message("A01", control, **values)  # type: ignore[arg-type]


def paper(  # noqa: PLR0913
    data: bytes,
    control: str,
    *,
    kind: str = "MDM^T02^MDM_T02",
    order: str = "NW",
    status: str = "F",
    unique_id: str = "2.25.111",
    replaces: str = "",
    type_code: str = "11490-0",
    masks: str = "N",
    stay: str = "S1",
    person: tuple[str, ...] = MOTHER,
    recipient: str = "",
    flags: dict[str, str] | None = None,
    words: dict[str, str] | None = None,
    more: tuple[str, ...] = (),
) -> bytes:
    """A document by MDM (or ORU) as the CI-SIS guide says; `recipient`: PS_IdNat of a PRT|RCT.

    `flags`: metadata OBX → Y or N; `words`: CORPSMAIL_* → text.
    """
    ipp, family, given, names, born, sex = person
    pid = {3: f"{ipp}^^^HOPITAL^PI", 5: f"{family}^{given}^{names}^^^^L", 7: born, 8: sex}
    lines = [
        f"MSH|^~\\&|DPI|ESSAI|perinat|perinat|20260316090000||{kind}|{control}|P|2.6|||||FRA|UNICODE UTF-8"
        "|||2.1^CISIS_CDA_HL7_V2",
        segment("PID", pid),
        segment("PV1", {2: "I", 19: stay}),
        f"ORC|{order}",
        f"OBR|1|||{type_code}^Lettre^LN",
        segment("TXA", {1: "1", 2: type_code, 3: "TEXT", 12: unique_id, 13: replaces, 17: "AU"}),
        segment(
            "OBX", {1: "1", 2: "ED", 3: type_code, 5: f"^TEXT^PDF^Base64^{base64.b64encode(data).decode()}", 11: status}
        ),
    ]
    if recipient:
        lines.append(
            segment("PRT", {2: "UC", 4: "RCT", 5: f"{recipient}^HODA^Adam", 15: "^^X.400^adam@x.mssante.example"})
        )
    told = {"INVISIBLE_PATIENT": masks, **(flags or {})}
    for rank, (name, value) in enumerate(told.items(), start=2):
        answer = f"{value}^^expandedYes-NoIndicator"
        lines.append(segment("OBX", {1: str(rank), 2: "CWE", 3: f"{name}^^MetaDMPMSS", 5: answer, 11: "F"}))
    for rank, (name, text) in enumerate((words or {}).items(), start=20):
        coded = f"^text^^Base64^{base64.b64encode(text.encode()).decode()}"
        lines.append(segment("OBX", {1: str(rank), 2: "ED", 3: f"{name}^^MetaDMPMSS", 5: coded, 11: "F"}))
    lines += more
    return ("\r".join(lines) + "\r").encode()


@contextmanager
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def say(connection: socket.socket, data: bytes) -> Message:
    """Send one message and read its answer."""
    connection.sendall(START + data + END)
    return hear(connection)


def hear(connection: socket.socket) -> Message:
    received = b""
    while not received.endswith(END):
        chunk = connection.recv(65536)
        assert chunk, "the connection was closed without an answer"
        received += chunk
    assert received.startswith(START)
    return parse(received[1 : -len(END)])


def codes(answer: Message) -> tuple[str, str, str]:
    """(MSA-1, ERR-3, ERR-5)"""
    error = answer.first("ERR")
    return answer.need("MSA").get(1), error.get(3) if error else "", error.get(5) if error else ""
