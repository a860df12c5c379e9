"""Files as a hospital drops them."""

from __future__ import annotations

import base64
from pathlib import Path

from perinat.connectors.watched_folder.conf import FolderConfig
from perinat.connectors.watched_folder.watch import look
from tests.coordination import world

CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="{unique_id}"/><code code="{type_code}" codeSystem="2.16.840.1.113883.6.1"/>
<title>Lettre</title><effectiveTime value="20261122080000+0100"/>
<recordTarget><patientRole>{ids}<patient><name><family qualifier="BR">{family}</family>
<given>{given}</given><given qualifier="BR">{given}</given></name>
<administrativeGenderCode code="{sex}"/><birthTime value="{born}"/></patient></patientRole></recordTarget>{replaces}
<component>{body}</component></ClinicalDocument>"""


def cda(
    *,
    pdf: bytes | None = None,
    unique_id: str = "2.25.501",
    family: str = "ACACIA",
    given: str = "LOUISE MARIE",
    born: str = "19930412",
    sex: str = "F",
    ids: str | None = None,
    replaces: str = "",
    type_code: str = "11490-0",
) -> bytes:
    """A CDA of the mother of `world.mother`, with her INS and its PDF, unless said otherwise."""
    ins = world.ins(1)
    known = f'<id root="{ins.oid}" extension="{ins.matricule}"/>' if ids is None else ids
    text = base64.b64encode(world.pdf_a() if pdf is None else pdf).decode()
    inside = f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{text}</text></nonXMLBody>'
    empty = "<structuredBody><component><section><text>Sans PDF.</text></section></component></structuredBody>"
    related = (
        f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{replaces}"/></parentDocument></relatedDocument>'
    )
    return CDA.format(
        unique_id=unique_id, family=family, given=given, born=born, sex=sex, ids=known, type_code=type_code,
        replaces=related if replaces else "", body=empty if pdf == b"" else inside,
    ).encode()  # fmt: skip


def one_round(folder: Path, config: FolderConfig) -> dict[str, int]:
    from coordination.services import intake

    return dict(look("secretaire", folder, config, intake.receive))


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir() if not one.name.startswith(".") and one.is_file()}
