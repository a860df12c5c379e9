"""The archive read back with the standard library, its metadata against the official ebRIM schemas."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from coordination.ports import Action, Parcel, PermanentChannelError
from mssante import xdm
from perinat.standards import codes, ebrim
from tests.mssante.parcels import MOTHER, config, document, parcel

XSD = Path(__file__).resolve().parents[3] / "shared" / "xsd" / "xds"
RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"


def members(sent: Parcel) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(xdm.archive(sent, config()))) as package:
        assert package.testzip() is None
        assert {info.compress_type for info in package.infolist()} == {zipfile.ZIP_STORED}
        return {name: package.read(name) for name in package.namelist()}


def metadata(sent: Parcel) -> etree._Element:
    return etree.fromstring(members(sent)["IHE_XDM/SUBSET01/METADATA.XML"])


def slot(element: etree._Element, name: str) -> list[str]:
    return [str(value.text) for value in element.iterfind(f"{RIM}Slot[@name='{name}']/{RIM}ValueList/{RIM}Value")]


def test_layout_and_names() -> None:
    sent = parcel(document(), document(codes.CR_BIOLOGIE))
    found = members(sent)
    assert list(found) == [
        "README.TXT",
        "INDEX.HTM",
        "IHE_XDM/SUBSET01/METADATA.XML",
        "IHE_XDM/SUBSET01/DOC0001.XML",
        "IHE_XDM/SUBSET01/DOC0002.XML",
    ]
    for name in found:
        assert all(re.fullmatch(r"[A-Z0-9_]{1,8}(\.[A-Z0-9]{1,3})?", step) for step in name.split("/"))
    assert found["IHE_XDM/SUBSET01/DOC0002.XML"] == sent.documents[1].cda


def test_each_entry_describes_its_file() -> None:
    sent = parcel(document(), document(codes.CR_BIOLOGIE))
    found = members(sent)
    entries = metadata(sent).findall(f".//{RIM}ExtrinsicObject")
    assert len(entries) == 2
    for entry in entries:
        (uri,) = slot(entry, "URI")
        content = found[f"IHE_XDM/SUBSET01/{uri}"]
        assert slot(entry, "hash") == [hashlib.sha1(content, usedforsecurity=False).hexdigest()]
        assert slot(entry, "size") == [str(len(content))]


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.skipif(not XSD.is_dir(), reason="../shared/xsd est absent : schémas ebRIM officiels non disponibles")
def test_the_metadata_are_valid_ebrim(action: Action) -> None:
    schema = etree.XMLSchema(etree.parse(XSD / "lcm.xsd"))
    root = metadata(parcel(document(), document(codes.ORDONNANCE_KINE), action=action))
    assert schema.validate(root), schema.error_log
    broken = root.find(f".//{RIM}ExtrinsicObject")
    assert broken is not None
    del broken.attrib["id"]
    assert not schema.validate(root)


@pytest.mark.parametrize(("action", "value"), [(Action.SEND, []), (Action.REPLACE, ["C"]), (Action.WITHDRAW, ["D"])])
def test_the_action_slot(action: Action, value: list[str]) -> None:
    entry = metadata(parcel(action=action)).find(f".//{RIM}ExtrinsicObject")
    assert entry is not None
    assert slot(entry, "action") == value


def test_the_name_of_the_action_slot_is_a_setting() -> None:
    archive = xdm.archive(parcel(action=Action.WITHDRAW), config(action_slot="urn:x:action"))
    assert b'name="urn:x:action"' in archive


def test_the_patient_is_identified_by_the_qualified_ins() -> None:
    assert MOTHER.ins is not None
    read = ebrim.read_submission(metadata(parcel()))
    assert MOTHER.ins.cx in members(parcel())["IHE_XDM/SUBSET01/METADATA.XML"].decode().replace("&amp;", "&")
    assert len(read.entries) == 1


def test_without_ins_the_metadata_hold_no_matricule() -> None:
    newborn = dataclasses.replace(MOTHER, ins=None)
    text = members(parcel(patient=newborn))["IHE_XDM/SUBSET01/METADATA.XML"].decode()
    assert MOTHER.ins is not None and MOTHER.ins.matricule not in text
    assert "1.2.250.1.213.1.4." not in text
    assert "IPP000042^^^&amp;1.2.250.1.999.1.2&amp;ISO^PI" in text


def test_the_readable_pages_name_the_sender_and_not_the_patient() -> None:
    found = members(parcel())
    readme, index = found["README.TXT"].decode(), found["INDEX.HTM"].decode()
    assert ". Organisme : Maternité de l'hôpital fictif\r\n" in readme
    assert "      DOC0001.XML\r\n" in readme
    assert 'href="README.TXT"' in index
    for page in (readme, index):
        assert not re.search("lef[eè]vre|zo[eé]|IPP000042", page, re.IGNORECASE)


def test_a_name_cannot_add_markup_to_the_index() -> None:
    sent = parcel()
    sender = dataclasses.replace(sent.sender, name='<script src="x">&')
    index = members(dataclasses.replace(sent, sender=sender))["INDEX.HTM"]
    assert b"<script" not in index


def test_a_document_that_changed_since_it_was_sealed_is_stopped() -> None:
    changed = dataclasses.replace(document(), cda=document().cda.replace(b"ligne", b"LIGNE"))
    with pytest.raises(PermanentChannelError) as caught:
        xdm.archive(parcel(changed), config())
    assert caught.value.code == "HASH"


def test_two_people_in_one_archive_are_refused() -> None:
    other = document(codes.CR_BIOLOGIE, patient=dataclasses.replace(MOTHER, ins=None))
    with pytest.raises(PermanentChannelError) as caught:
        xdm.archive(parcel(document(), other), config())
    assert caught.value.code == "METADATA"
