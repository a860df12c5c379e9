"""The sandbox operator with its people, and real sealed documents: what the gateway meets on the wire."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from coordination.cda import builder
from coordination.cda.entry import document_entry, professional, source_patient
from coordination.cda.model import DocumentContent
from coordination.ports import Action, Parcel, ParcelDocument, Recipient, Sender
from mssante.channel import MssanteChannel
from mssante.conf import MssanteConfig
from mssante.sandbox.server import MssanteSandbox
from perinat.standards import codes
from perinat.standards.identifiers import oid_from_uuid
from perinat.standards.xds import SubmissionSet
from tests.coordination.cda import samples
from tests.mssante.memory import MemoryCursors
from tests.mssante.parcels import EJ

MATERNITY = "essai@maternite.mssante.example"
READER = "lectrice@sages-femmes.mssante.example"
SOFTWARE = "logiciel@sages-femmes.mssante.example"
OLD_SOFTWARE = "ancien@sages-femmes.mssante.example"
AWAY = "absente@sages-femmes.mssante.example"
FULL = "pleine@sages-femmes.mssante.example"
CLOSED = "fermee@sages-femmes.mssante.example"
LATE = "tardive@sages-femmes.mssante.example"
PEOPLE = [
    {"address": MATERNITY, "kind": "APP", "legal_struct": EJ},
    {"address": READER, "kind": "PER", "behaviour": "reader"},
    {"address": SOFTWARE, "kind": "APP", "legal_struct": EJ, "behaviour": "integrator"},
    {"address": OLD_SOFTWARE, "kind": "APP", "legal_struct": EJ, "behaviour": "integrator", "error": "902"}
    | {"grammar": "1.1.2"},
    {"address": AWAY, "kind": "PER", "behaviour": "out_of_office"},
    {"address": FULL, "kind": "PER", "behaviour": "full"},
    {"address": CLOSED, "kind": "PER", "behaviour": "closed"},
    {"address": LATE, "kind": "PER", "behaviour": "late_bounce"},
]


class World:
    """A running operator and a channel towards it."""

    def __init__(self, sandbox: MssanteSandbox, pki_dir: Path) -> None:
        self.sandbox = sandbox
        self.cursors = MemoryCursors()
        self.config = MssanteConfig(
            pki_dir=pki_dir,
            smtp_host="localhost",
            smtp_port=sandbox.smtp_port,
            imap_host="localhost",
            imap_port=sandbox.imap_port,
            timeout=5.0,
            mailboxes={MATERNITY: EJ},
        )
        self.channel = MssanteChannel(self.config, self.cursors)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the administration of the sandbox, in JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.sandbox.admin_url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def settle(self) -> None:
        """Every receipt, every reading that waits happens now."""
        while self.ask("POST", "/tick", {"all": True})["done"]:
            pass

    def restart_channel(self) -> None:
        """Another process takes over: same cursors, nothing in memory."""
        self.channel.close()
        self.channel = MssanteChannel(self.config, self.cursors)


@contextmanager
def running(directory: Path, pki_dir: Path) -> Iterator[World]:
    with MssanteSandbox(directory, pki_dir, automatic=False, lint="strict") as sandbox:
        world = World(sandbox, pki_dir)
        world.ask("PUT", "/mailboxes", PEOPLE)
        try:
            yield world
        finally:
            world.channel.close()


# The linter looks for the PDF/A-1 declaration; the content itself is nobody's business here.
PDF_A = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%<pdfaid:part>1</pdfaid:part>\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sealed(content: DocumentContent, unique_id: str) -> ParcelDocument:
    """A document built by the product, sealed as the core does."""
    content = replace(content, pdf=PDF_A)
    cda = builder.build(content, unique_id=unique_id, now=samples.NOW)
    return ParcelDocument(
        cda=cda,
        pdf_a=content.pdf,
        entry=document_entry(content, unique_id=unique_id, cda=cda, now=samples.NOW),
        set_id=content.set_id,
        version=content.version,
        replaces_unique_id=content.replaces_unique_id,
    )


def parcel(to: str, *contents: DocumentContent, action: Action = Action.SEND, previous: str = "") -> Parcel:
    """A parcel of real documents to `to`; its shipment id is new."""
    chosen = contents or (samples.LETTER,)
    shipment = uuid.uuid4()
    author = professional(chosen[0].author)
    patient = source_patient(chosen[0].patient)
    return Parcel(
        shipment_id=shipment,
        action=action,
        sender=Sender(
            name="Maternité d'essai",
            struct_idnat=samples.HOSPITAL.struct_idnat,
            legal_struct_idnat=EJ,
            facility_code="SA01",
            user=author,
            user_role="50",
            mailbox=MATERNITY,
        ),
        recipient=Recipient("Destinataire", to),
        patient=patient,
        submission_set=SubmissionSet(
            unique_id=oid_from_uuid(shipment),
            source_id="1.2.250.1.999.1.1",
            submitted_at=samples.NOW,
            author=author,
            content_type=codes.ACTIVITY_HOSPITAL_STAY,
            patient=patient,
        ),
        message_id=f"{shipment}@perinat.example",
        documents=tuple(
            sealed(content, oid_from_uuid(uuid.uuid5(shipment, str(rank)))) for rank, content in enumerate(chosen)
        ),
        previous_message_id=previous,
    )
