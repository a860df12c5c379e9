"""multipart/related: what is built is read back byte for byte, by us and by the standard e-mail parser."""

from __future__ import annotations

import email
import os
from email.policy import HTTP

import pytest

from dmp_gateway import mtom

ENVELOPE = b"<e>corps</e>"
ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"


def boundary_of(message: mtom.Message) -> bytes:
    return mtom.parameters(message.content_type)["boundary"].encode()


def test_five_megabytes_with_a_fake_boundary_inside_come_back_whole():
    fake = b"\r\n--uuid_" + b"0" * 32 + b"\r\nContent-ID: <x>\r\n\r\nfaux\r\n--uuid_" + b"0" * 32 + b"--\r\n"
    document = os.urandom(2_500_000) + fake + os.urandom(2_500_000) + b"\r\n--"
    message = mtom.build(
        ENVELOPE, [mtom.Part("d1@p", "text/xml", document), mtom.Part("d2@p", "text/xml", b"")], action=ACTION
    )
    root, parts = mtom.parse(message.content_type, b"".join(message.chunks))
    assert root == ENVELOPE
    assert parts == {"d1@p": document, "d2@p": b""}


def test_a_line_that_only_begins_like_the_boundary_is_content():
    message = mtom.build(ENVELOPE, [mtom.Part("d1@p", "text/xml", b"PLACE")], action=ACTION)
    longer = b"a\r\n--" + boundary_of(message) + b"xyz\r\nb"
    body = b"".join(message.chunks).replace(b"PLACE", longer)
    assert mtom.parse(message.content_type, body)[1] == {"d1@p": longer}


def test_headers_say_xop_and_a_foreign_parser_agrees():
    message = mtom.build(ENVELOPE, [mtom.Part("d1@p", "text/xml", b"<d/>")], action=ACTION)
    given = mtom.parameters(message.content_type)
    assert given["type"] == "application/xop+xml" and given["start-info"] == "application/soap+xml"
    assert given["action"] == ACTION
    whole = f"Content-Type: {message.content_type}\r\n\r\n".encode() + b"".join(message.chunks)
    parsed = email.message_from_bytes(whole, policy=HTTP)
    root, document = parsed.iter_parts()
    assert root["Content-ID"] == given["start"] and root.get_content_type() == "application/xop+xml"
    assert document["Content-Transfer-Encoding"] == "binary"
    assert document.get_payload(decode=True) == b"<d/>"


def test_answers_of_other_makers_are_read():
    body = b"before\r\n--b1\r\ncontent-id:<r@x>\r\n\r\n<e/>\r\n--b1\r\nContent-ID: <a:b@x>\r\n\r\n1\r\n--b1--\r\nafter"
    root, parts = mtom.parse('Multipart/Related; Boundary=b1; start="<r@x>"', body)
    assert (root, parts) == (b"<e/>", {"a:b@x": b"1"})
    assert mtom.content_id("cid:a%3Ab@x") == "a:b@x"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/related", b"--b\r\n\r\n\r\nx\r\n--b--"),
        ("multipart/related; boundary=b", b"nothing here"),
        ("multipart/related; boundary=b", b"--b\r\nContent-ID: <r>\r\n\r\nno end"),
        ("multipart/related; boundary=b", b"--b\r\nContent-ID: <r>\r\n--b--"),
        ('multipart/related; boundary=b; start="<z>"', b"--b\r\nContent-ID: <r>\r\n\r\nx\r\n--b--"),
        ("multipart/related; boundary=b", b"--b--"),
        ("multipart/related; boundary=b", b""),
    ],
)
def test_what_is_not_a_message_is_refused(content_type, body):
    with pytest.raises(mtom.MtomError):
        mtom.parse(content_type, body)
