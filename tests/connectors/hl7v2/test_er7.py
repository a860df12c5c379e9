"""The reader of HL7 text: separators, character sets, escapes, what is no message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perinat.connectors.hl7v2 import times
from perinat.connectors.hl7v2.er7 import Message, escape, parse
from perinat.connectors.hl7v2.errors import Hl7RefusedError

MSH = r"MSH|^~\&|A|B|C|D|20260316||ADT^A01|1|P|2.5|||||FRA|"


def read(*lines: str, charset: str = "UNICODE UTF-8", encoding: str = "utf-8", end: str = "\r") -> Message:
    return parse(end.join([MSH + charset, *lines]).encode(encoding))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_end_as_they_may(end: str) -> None:
    assert [one.name for one in read("PID|1", "ZFU|x", end=end).segments] == ["MSH", "PID", "ZFU"]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("UNICODE UTF-8", "utf-8"), ("8859/1", "iso-8859-1"), ("8859/15", "iso-8859-15"), ("", "utf-8")],
)
def test_the_character_set_is_the_one_announced(charset: str, encoding: str) -> None:
    assert read("PID|É", charset=charset, encoding=encoding).need("PID").get(1) == "É"


def test_fields_components_repetitions_and_escapes() -> None:
    r"""\F\ \S\ \T\ \R\ \E\ \X..\ ; an escape that is none stays as written."""
    pid = read(r"PID|a^b&c~d|\F\\S\\T\\R\\E\\X41\|x\y|" "" + '|""|C:\\temp\\').need("PID")
    assert (pid.get(1, 2), pid.get(1, 2, 2), pid.repetitions(1)[1]) == ("b", "c", "d")
    assert pid.get(2) == "|^&~\\A"
    assert pid.get(3) == r"x\y" and pid.get(5) == "" and pid.get(99) == ""


def test_other_separators() -> None:
    message = parse(b"MSH!:*%#!A!B!!!20260316!!ADT:A01!7!P!2.5\rPID!!!1:::H#1.2#ISO:PI")
    assert message.header.get(9, 2) == "A01" and message.need("PID").get(3, 4, 2) == "1.2"


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        (b"", "100"), (b"GET / HTTP/1.1\r\n", "100"), (b"MSH", "100"), (b"MSH|^~\\", "100"), (b"MSH|^^\\&|A|B", "102"),
        (MSH.encode() + b"KLINGON", "103"), (MSH.encode() + b"UNICODE UTF-8\rPID|\xe9", "102"),
        (MSH.encode() + b"\rpid|1", "100"), (MSH.encode() + b"\r" + b"ZZZ|\r" * 5001, "100"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(data: bytes, condition: str) -> None:
    with pytest.raises(Hl7RefusedError) as caught:
        parse(data)
    assert caught.value.refusal.condition == condition


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, MSH.encode() + b"\r" + data):
        try:
            parse(whole)
        except Hl7RefusedError:
            continue


@given(st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs", "Cc", "Z"]), max_size=30))
def test_what_is_escaped_is_read_back(text: str) -> None:
    assert read(f"PID|{escape(text)}").need("PID").get(1) == text


def test_instants() -> None:
    assert str(times.instant("202603160910", "")) == "2026-03-16 09:10:00+01:00"
    assert str(times.instant("20260316091011.5+0200", "")) == "2026-03-16 09:10:11+02:00"
    assert times.instant("", "") is None and times.instant("20260316", "") is None
    for wrong in ("20261316", "hier", "202603162561", "2026"):
        with pytest.raises(Hl7RefusedError):
            times.day(wrong, "")
