"""METADATA.XML of public XDM archives made by other software (../shared/samples/xdm)."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from perinat.standards import ebrim, xml

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "xdm"


def metadata(archive: str) -> list[bytes]:
    path = SAMPLES / archive
    if not path.exists():
        pytest.skip("archives XDM publiques absentes : ../shared/samples n'est pas fourni")
    with zipfile.ZipFile(path) as files:
        names = [name for name in files.namelist() if name.upper().endswith("/METADATA.XML")]
        return [files.read(name) for name in names if not name.startswith("__MACOSX")]


@pytest.mark.parametrize(
    ("archive", "documents"),
    [
        ("Allscripts.zip", [1]),
        ("C32_Sample1_in_XDM.zip", [1]),
        ("Ccda.zip", [1, 1]),
        ("Sage.zip", [1, 1]),
        ("xdm_minimal.zip", [1]),
        ("samplexdm.zip", [1]),
    ],
)
def test_foreign_metadata_is_read(archive: str, documents: list[int]) -> None:
    parsed = [ebrim.read_submission(xml.parse(data)) for data in metadata(archive)]
    assert [len(lot.documents) for lot in parsed] == documents
    for lot in parsed:
        assert lot.submission_set is not None and lot.submission_set.unique_id
        for entry in lot.documents:
            assert entry.unique_id and entry.mime_type
            assert entry.patient_id is None or entry.patient_id.ins is None


def test_ebrim_2_is_refused() -> None:
    for data in metadata("lynn-xdm.zip"):
        with pytest.raises(ebrim.EbrimError):
            ebrim.read_submission(xml.parse(data))
