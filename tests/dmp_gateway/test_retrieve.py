"""What comes back of TD3.2 is the document that the registry describes, or it is refused."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import pytest

from dmp_gateway import mtom, retrieve, soap
from dmp_gateway.retrieve import AlteredError
from tests.dmp_gateway import parcels
from tests.dmp_gateway.rough_server import OK, RS, envelope
from tests.dmp_gateway.test_four_shapes import DOCUMENT

SENT = parcels.document()
DESCRIBED = replace(
    DOCUMENT,
    unique_id=SENT.unique_id,
    hash_sha1=hashlib.sha1(SENT.cda, usedforsecurity=False).hexdigest(),
    size=len(SENT.cda),
)


def response(*documents: str) -> str:
    return (
        f'<x:RetrieveDocumentSetResponse xmlns:x="urn:ihe:iti:xds-b:2007"><rs:RegistryResponse xmlns:rs="{RS}" '
        f'status="{OK}"/>{"".join(documents)}</x:RetrieveDocumentSetResponse>'
    )


def document(content: str, unique_id: str = SENT.unique_id) -> str:
    return (
        "<x:DocumentResponse><x:RepositoryUniqueId>1.2</x:RepositoryUniqueId>"
        f"<x:DocumentUniqueId>{unique_id}</x:DocumentUniqueId><x:mimeType>text/xml</x:mimeType>{content}"
        "</x:DocumentResponse>"
    )


def include(href: str = "cid:urn%3Auuid%3A1%40dmp") -> str:
    return f'<x:Document><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="{href}"/></x:Document>'


def answer(body: str, data: bytes = SENT.cda) -> soap.Answer:
    message = mtom.build(envelope(body, "urn:uuid:1"), [mtom.Part("urn:uuid:1@dmp", "text/xml", data)], action="x")
    return soap.read(message.content_type, b"".join(message.chunks), message_id="urn:uuid:1")


def test_a_part_named_with_percent_encoding_is_found():
    assert retrieve.content(answer(response(document(include()))), DESCRIBED) == SENT.cda


def test_a_document_that_was_not_optimised_is_read():
    inline = f"<x:Document>{base64.b64encode(SENT.cda).decode()}</x:Document>"
    assert retrieve.content(answer(response(document(inline))), DESCRIBED) == SENT.cda


OTHER = parcels.sealed_again(SENT, pdf=parcels.PDF.replace(b"Catalog", b"Catalag"))
REFUSED = [
    ("another uniqueId", response(document(include(), "2.25.1")), SENT.cda, "uniqueId"),
    ("two documents", response(document(include()), document(include())), SENT.cda, "count"),
    ("no document", response(), SENT.cda, "count"),
    ("no content", response(document("")), SENT.cda, "no document"),
    ("href to nowhere", response(document(include("cid:absent"))), SENT.cda, "missing part"),
    ("href by http", response(document(include("http://127.0.0.1/x"))), SENT.cda, "missing part"),
    ("not base64", response(document("<x:Document>@@</x:Document>")), SENT.cda, "not base64"),
    ("one byte less", response(document(include())), SENT.cda[:-1], "size"),
    ("other bytes, same size", response(document(include())), OTHER.cda, "hash"),
]


@pytest.mark.parametrize(("body", "data", "why"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_not_the_document_is_refused(body, data, why):
    assert len(OTHER.cda) == len(SENT.cda)
    with pytest.raises(AlteredError, match=why):
        retrieve.content(answer(body, data), DESCRIBED)


def test_a_cda_under_another_identifier_is_refused():
    """Even when the registry gives neither hash nor size."""
    bare = replace(DESCRIBED, hash_sha1="", size=None)
    with pytest.raises(AlteredError, match="CDA id"):
        retrieve.content(answer(response(document(include())), parcels.document().cda), bare)
    assert retrieve.content(answer(response(document(include())), b"not a CDA"), bare) == b"not a CDA"
