"""A bare mutual-TLS client: `http.client` and `ssl`, nothing of the product."""

from __future__ import annotations

import http.client
import json
import ssl
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from lxml import etree

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://www.w3.org/2005/08/addressing",
    "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "q": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
    "h": "urn:hl7-org:v3",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


@dataclass(frozen=True)
class Answer:
    """What came back, read by XPath."""

    status: int
    body: bytes

    content_type: str = ""

    @property
    def segments(self) -> list[tuple[str, bytes]]:
        """(headers, bytes) of the parts of a multipart answer, cut at its boundary."""
        boundary = self.content_type.split('boundary="')[1].split('"')[0].encode()
        cut = self.body.split(b"--" + boundary)[1:-1]
        heads = (part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n") for part in cut)
        return [(head.decode(), data) for head, _, data in heads]

    @property
    def tree(self) -> etree._Element:
        multipart = self.content_type.startswith("multipart/")
        return etree.fromstring(self.segments[0][1] if multipart else self.body)

    def texts(self, path: str) -> list[str]:
        return [str(item) for item in self.tree.xpath(path, namespaces=NS)]

    @property
    def success(self) -> bool:
        status = self.texts("//rs:RegistryResponse/@status | //q:AdhocQueryResponse/@status")
        return self.status == 200 and status == ["urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"]

    @property
    def codes(self) -> list[str]:
        """Error codes, whatever their shape: fault subcode, RegistryError, HL7 detail, DMP status."""
        return self.texts(
            "//s:Subcode/s:Value/text() | //rs:RegistryError/@errorCode | //h:acknowledgementDetail/h:code/@code"
            " | //*[local-name()='output']/*[local-name()='status'][.!='DMPOk']/text()"
        )

    @property
    def reasons(self) -> str:
        return " ".join(
            self.texts(
                "//s:Reason/s:Text/text() | //rs:RegistryError/@codeContext | //h:text/text()"
                " | //*[local-name()='output']/*[local-name()='context']/text()"
            )
        )


def tls_context(authority: Path, pem: Path | None, key: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority))
    if pem is not None:
        context.load_cert_chain(pem, key)
    return context


class PlainClient:
    """One connection, kept alive, with the certificate of one structure."""

    def __init__(self, base_url: str, context: ssl.SSLContext) -> None:
        parts = urlsplit(base_url)
        self.base = parts.path
        self.connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=60)

    def post(self, path: str, body: bytes, content_type: str = "application/soap+xml; charset=UTF-8") -> Answer:
        self.connection.request("POST", self.base + path, body, {"Content-Type": content_type})
        response = self.connection.getresponse()
        return Answer(response.status, response.read(), response.headers["Content-Type"] or "")

    def close(self) -> None:
        self.connection.close()


def multipart(root: bytes, parts: list[tuple[str, bytes]], **changes: str) -> tuple[bytes, str]:
    """An MTOM message with (Content-ID, bytes) parts; `changes` replace parameters of the Content-Type."""
    boundary = f"uuid:{uuid.uuid4()}"
    lines = [
        f'--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\n'
        "Content-Transfer-Encoding: binary\r\nContent-ID: <root@essai>\r\n\r\n".encode()
        + root
    ]
    lines += [
        f"--{boundary}\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{name}>\r\n\r\n"
        .encode() + data
        for name, data in parts
    ]  # fmt: skip
    given = {
        "type": "application/xop+xml",
        "start": "<root@essai>",
        "start-info": "application/soap+xml",
        "boundary": boundary,
    } | changes
    header = "multipart/related" + "".join(f'; {name}="{value}"' for name, value in given.items() if value)
    return b"\r\n".join([*lines, f"--{boundary}--\r\n".encode()]), header


def admin(url: str, method: str = "GET", body: Any = None) -> Any:
    """The admin door: JSON in, JSON (or bytes) out."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, method=method), timeout=10) as response:
        raw = response.read()
        return json.loads(raw) if "json" in response.headers["Content-Type"] else raw
