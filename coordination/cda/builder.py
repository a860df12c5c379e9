"""DocumentContent → bytes of a CDA R2 document: level 1 (a PDF in nonXMLBody) or level 3 (a volet).

Sources: « Structuration minimale » V1.16.8; IHE XDS-SD (templateId 1.3.6.1.4.1.19376.1.2.20); for level 3,
the model of each volet (`coordination.cda.volets`). Pure: identifiers and clock are given, so the same
content always gives the same bytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from coordination.cda import header
from coordination.cda.completeness import require_complete
from coordination.cda.entries.documents import PDF_COPY
from coordination.cda.errors import CdaContentError
from coordination.cda.markup import ILLEGAL
from coordination.cda.model import DocumentContent, InformantContent
from coordination.cda.spec.writing import Writer
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet
from perinat.standards import oids
from perinat.standards.codes import Code

_BODY_OPEN = '<component><nonXMLBody><text mediaType="application/pdf" representation="B64">'
_BODY_CLOSE = b"</text></nonXMLBody></component></ClinicalDocument>"
_MOTHER = Code("MTH", oids.HL7_ROLE_CODE, "Mère")
_N1_TEMPLATES = ((oids.TEMPLATE_CI_SIS, ""), (oids.TEMPLATE_XDS_SD, ""))


def build(content: DocumentContent, *, unique_id: str, now: datetime) -> bytes:
    """UTF-8 bytes of the document. `unique_id`: OID for id@root; `now`: aware, becomes effectiveTime.

    Raises CdaContentError (message in French) naming every datum that is missing or wrong.
    """
    require_complete(content, unique_id=unique_id, now=now)
    if content.volet:
        return _structured(content, VOLETS[content.volet], unique_id, now)
    head = build_header(content, unique_id=unique_id, now=now, templates=_N1_TEMPLATES)
    return b"".join(((head + _BODY_OPEN).encode(), b64encode(content.pdf), _BODY_CLOSE))


def _structured(content: DocumentContent, volet: Volet, unique_id: str, now: datetime) -> bytes:
    encounter = replace(
        content.encounter, event=content.encounter.event or volet.event, code=volet.encounter_of(content.encounter)
    )
    informants = (*_mother(content, volet), *content.informants)
    whole = replace(content, encounter=encounter, informants=informants)
    head = build_header(whole, unique_id=unique_id, now=now, templates=volet.templates)
    writer = Writer(unique_id=unique_id, at=content.authored_at, relatives=header.relatives(whole))
    body = writer.body(volet.sections, _with_copy(content, volet))
    _refuse_control_characters(body)
    return f"{head}<component>{body}</component></ClinicalDocument>".encode()


def _mother(content: DocumentContent, volet: Volet) -> Iterator[InformantContent]:
    """The mother as informant, from the guardian, where the volet wants her and no informant is she."""
    guardian = content.patient.guardian
    told = any(informant.relation and informant.relation.code == _MOTHER.code for informant in content.informants)
    if volet.mother_informs and guardian and not told:
        yield InformantContent(
            kind="informant",
            family_name=guardian.family_name,
            given_name=guardian.given_name,
            relation=_MOTHER,
            phone=guardian.phone,
            address=guardian.address,
        )


def _with_copy(content: DocumentContent, volet: Volet) -> Mapping[str, Any]:
    """The body, with the PDF as « Copie du document » when the volet has that section and the body says none."""
    has_section = any(section.name == PDF_COPY for section in volet.sections)
    if not content.pdf or not has_section or PDF_COPY in content.body:
        return content.body
    return {**content.body, PDF_COPY: {"document": b64encode(content.pdf).decode()}}


def build_header(
    content: DocumentContent, *, unique_id: str, now: datetime, templates: tuple[tuple[str, str], ...]
) -> str:
    """From the XML declaration to componentOf, root element left open for a body."""
    patient = content.patient
    head = "".join(
        (
            header.opening(sdtc=patient.birth_order is not None, xsi=_uses_xsi(content)),
            header.document(content, unique_id, now, templates),
            header.record_target(patient),
            header.author(content),
            header.informants(content),
            header.custodian(content.custodian),
            header.recipients(content),
            header.legal_authenticator(content),
            header.participants(content),
            header.documentation_of(content),
            header.related_document(content.replaces_unique_id),
            header.component_of(content.encounter),
        )
    )
    _refuse_control_characters(head)
    return head


def _uses_xsi(content: DocumentContent) -> bool:
    """A structured body types its values; of the header, only the time of a participant does."""
    return bool(content.volet or content.participants)


def _refuse_control_characters(written: str) -> None:
    if ILLEGAL.search(written):
        raise CdaContentError((), ("un texte contient un caractère de commande invisible, à effacer",))
