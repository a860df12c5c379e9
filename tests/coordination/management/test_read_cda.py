"""manage.py read_cda: a summary, the whole as JSON, or code 2 with a sentence."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coordination.cda.builder import build
from tests.coordination.cda import samples
from tests.coordination.cda.writing import document, section


def told(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("read_cda", str(path), *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "lettre.xml"
    path.write_bytes(build(samples.REPLACEMENT, unique_id=samples.UNIQUE_ID, now=samples.NOW))
    return path


def test_the_summary_is_in_french(letter: Path) -> None:
    text = told(letter)
    assert text.startswith("Lettre de liaison <corrigée>\n") and "Niveau 1 (non structuré)" in text
    assert f"Remplace : {samples.FIRST_VERSION}" in text and samples.MOTHER_INS.matricule in text
    assert "D'EXEMPLE" in text and f"application/pdf, {len(samples.PDF)} octets" in text


def test_the_json_is_whole_and_always_the_same(letter: Path) -> None:
    read: dict[str, Any] = json.loads(told(letter, "--json"))
    assert told(letter, "--json") == told(letter, "--json")
    assert read["header"]["patient"]["birth_date"] == "1991-03-14"
    assert read["header"]["patient"]["ins"]["matricule"] == samples.MOTHER_INS.matricule
    assert read["header"]["created_at"].startswith("2026-03-29T01:59:30+01:00")
    [file] = read["attachments"]
    assert (file["size"], file["sha256"]) == (len(samples.PDF), sha256(samples.PDF).hexdigest())


def test_sections_and_facts_of_a_structured_document(tmp_path: Path) -> None:
    entry = (
        '<observation classCode="OBS" moodCode="EVN" negationInd="true"><code code="A" codeSystem="1.2"/>'
        '<text><reference value="#t"/></text><effectiveTime value="202603"/>'
        '<value xsi:type="PQ" value="3.25" unit="kg"/></observation>'
    )
    path = tmp_path / "n3.xml"
    path.write_bytes(document(section('<content ID="t">3,25 kg</content>', title="Poids", entry=entry)))
    [part] = json.loads(told(path, "--json"))["sections"]
    [fact] = part["facts"]
    assert (fact["negated"], fact["text"], fact["times"]) == (
        True, "3,25 kg", [{"at": {"raw": "202603", "iso": "2026-03"}}],
    )  # fmt: skip
    assert fact["values"] == [{"type": "PQ", "value": "3.25", "unit": "kg"}]
    assert "- Poids : 1 observation" in told(path)


@pytest.mark.parametrize("data", [None, b"", b"<html/>", b"<!DOCTYPE a><a/>"])
def test_a_refusal_is_code_2_and_a_sentence(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "x.xml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(CommandError) as caught:
        told(path, "--json")
    assert caught.value.returncode == 2 and str(caught.value).endswith(".") and str(path) not in str(caught.value)


def test_the_size_admitted_can_be_set(letter: Path, settings: Any) -> None:
    settings.DEPOSIT_MAX_BYTES = 100
    with pytest.raises(CommandError, match="taille"):
        told(letter)
    assert told(letter, "--max-bytes", "100000")


@pytest.mark.parametrize("size", ["-5", "0", "abc", "1.5", "", "9" * 5000])
def test_a_size_that_is_none_is_refused_in_french(letter: Path, size: str) -> None:
    with pytest.raises(CommandError, match="nombre entier d'octets") as caught:
        told(letter, f"--max-bytes={size}")
    assert caught.value.returncode == 2
