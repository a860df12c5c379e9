"""Archives received: the public samples as their table says, and each flaw refused in one sentence, never a crash."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import pytest

from mssante import xdm_reader, zip_guard
from mssante.zip_guard import ArchiveError
from tests.mssante.archives import archive, entry, metadata, zipped

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "xdm"
CDA = b"<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'/>"
ROW = re.compile(r"^\| (\S+\.zip) \|[^|]*\| (read|refuse)")
COUNTS = {"Ccda.zip": 2, "Sage.zip": 2}  # two trees whose metadata differ, two subsets


def _expected() -> list[tuple[str, str]]:
    table = SAMPLES / "SOURCES.md"
    return [match.groups() for line in table.read_text().splitlines() if (match := ROW.match(line))] if table.exists() else []  # type: ignore[misc]  # fmt: skip  # noqa: E501


def _refusal(data: bytes) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        xdm_reader.read(data)
    assert caught.value.message_fr.endswith(".") and len(caught.value.message_fr) > 30
    return caught.value


@pytest.mark.skipif(not SAMPLES.exists(), reason="les archives de référence ne sont pas à côté du projet")
class TestSamples:
    def test_every_sample_has_its_row(self) -> None:
        assert {name for name, _ in _expected()} == {path.name for path in SAMPLES.glob("*.zip")} != set()

    @pytest.mark.parametrize(("name", "expected"), _expected())
    def test_a_sample_is_read_or_refused_as_its_table_says(self, name: str, expected: str) -> None:
        data = (SAMPLES / name).read_bytes()
        if expected == "refuse":
            error = _refusal(data)
            assert ("ebRIM 2.1" in error.message_fr) == (name == "lynn-xdm.zip")
            return
        read = xdm_reader.read(data)
        assert len(read.documents) == COUNTS.get(name, 1)
        assert all(one.data and one.unique_id and one.ins is None for one in read.documents)
        assert bool(read.warnings) == (name == "samplexdm.zip")

    def test_no_byte_changed_in_a_sample_breaks_the_reader(self) -> None:
        chance, data = random.Random(5), (SAMPLES / "Sage.zip").read_bytes()
        for _ in range(400):
            broken = bytearray(data)
            for _ in range(chance.randint(1, 8)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            try:
                xdm_reader.read(bytes(broken))
            except ArchiveError as error:
                assert error.message_fr


class TestRead:
    def test_a_folder_above_and_any_case(self) -> None:
        data = archive(CDA, folder="envoi/ihe_xdm/ss1").replace(b"METADATA.XML", b"metadata.xml")
        assert xdm_reader.read(data).documents[0].name == "DOC0001.XML"

    def test_the_pdf_beside_a_document_is_its_copy(self) -> None:
        data = archive(CDA, extra={"IHE_XDM/SUBSET01/DOC0001.PDF": b"%PDF-1.4"})
        assert [one.twin for one in xdm_reader.read(data).documents] == [b"%PDF-1.4"]

    def test_the_action_and_the_patient_of_the_metadata(self) -> None:
        data = archive(CDA, action="C", patient="279035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH")
        document = xdm_reader.read(data).documents[0]
        assert document.action == "C" and document.ins is not None and document.ins.matricule == "279035121518989"

    def test_the_same_document_twice_is_one(self) -> None:
        one, two = archive(CDA), "autre/IHE_XDM/S1"
        files = {
            f"{two}/METADATA.XML": metadata(entry(CDA, unique_id="1.2.250.1.999.9.0001")),
            f"{two}/DOC0001.XML": CDA,
        }
        with zipfile.ZipFile(io.BytesIO(one)) as package:
            files |= {name: package.read(name) for name in package.namelist()}
        read = xdm_reader.read(zipped(files))
        assert len(read.documents) == 1 and read.warnings == (xdm_reader.TWICE_FR,)


class TestRefused:
    def test_a_hash_that_lies(self) -> None:
        assert _refusal(archive(CDA, digest="0" * 40)).code == "HASH"

    def test_a_size_that_lies(self) -> None:
        assert _refusal(archive(CDA, size=3)).code == "HASH"

    def test_a_document_that_is_not_there(self) -> None:
        assert _refusal(archive(CDA, uri="../../etc/passwd")).code == "ABSENT"

    @pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "IHE_XDM/../../x", "a\\..\\b", "C:/x"])
    def test_a_name_that_leaves_its_folder(self, name: str) -> None:
        assert _refusal(archive(CDA, extra={name: b"x"})).code == "PATH"

    def test_a_link(self) -> None:
        info = zipfile.ZipInfo("IHE_XDM/SUBSET01/lien")
        info.external_attr = 0o120777 << 16
        buffer = io.BytesIO(archive(CDA))
        with zipfile.ZipFile(buffer, "a") as package:
            package.writestr(info, "/etc/passwd")
        assert _refusal(buffer.getvalue()).code == "PATH"

    def test_ten_thousand_entries(self) -> None:
        assert _refusal(archive(CDA, extra={f"vide/{number}": b"" for number in range(10_000)})).code == "ENTRIES"

    def test_a_bomb(self) -> None:
        data = archive(CDA, extra={"IHE_XDM/SUBSET01/BOMB.BIN": bytes(30_000_000)}, deflated=True)
        assert len(data) < 100_000 and _refusal(data).code == "BOMB"

    def test_more_than_a_mail_can_unfold(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zip_guard, "MAX_UNPACKED", 1_000)
        assert _refusal(archive(CDA * 20)).code == "BOMB"

    def test_a_size_of_the_zip_that_lies(self) -> None:
        data = archive(CDA * 50, deflated=True)
        real = len(CDA * 50).to_bytes(4, "little")
        assert _refusal(data.replace(real, (len(CDA) * 50 - 7).to_bytes(4, "little"))).code == "CORRUPT"

    def test_a_password(self) -> None:
        data = bytearray(archive(CDA))
        at = data.index(b"PK\x01\x02")
        data[at + 8] |= 1
        assert _refusal(bytes(data)).code == "PASSWORD"

    def test_two_files_of_one_name(self) -> None:
        assert _refusal(archive(CDA, extra={"IHE_XDM/SUBSET01/doc0001.xml": b"autre"})).code == "TWICE"

    @pytest.mark.parametrize("raw", [b"", b"PK\x05\x06", b"Bonjour", zipped({})])
    def test_what_is_no_archive(self, raw: bytes) -> None:
        assert _refusal(raw).code in ("NO_ZIP", "NO_XDM")

    @pytest.mark.parametrize(
        ("raw", "code"),
        [(b"<a", "METADATA"), (b"<a/>", "METADATA"), (metadata(), "EMPTY"), (b"<!DOCTYPE a []><a/>", "METADATA")],
    )
    def test_metadata_that_say_nothing(self, raw: bytes, code: str) -> None:
        assert _refusal(zipped({"IHE_XDM/S/METADATA.XML": raw})).code == code
