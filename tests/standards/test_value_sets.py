"""The dated code lists: what they hold, who left when, and that they are those that ANS publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from perinat.standards import codes, official_svs, oids, own_codes, value_set_files, value_sets
from perinat.standards.cda_rules.includes import load_schema
from perinat.standards.codes import Code
from perinat.standards.value_set_files import Head, StoredConcept, StoredList

PACK = Path(__file__).parents[3] / "shared" / "ans" / "pack"
needs_pack = pytest.mark.skipif(not PACK.is_dir(), reason="jeux de valeurs officiels absents (../shared/ans/pack)")
VOLETS = (
    *("LDL-SES_2022.01", "OBP-SAP_2024.01", "OBP-SNM_2024.01", "OBP-SNE_2024.01", "OBP-SCM_2024.01"),
    *("OBP-SEM_2024.01", "CSE-CS8_2025.01", "CSE-MDE_2023.01"),
)
ABSENT_UPSTREAM = {"JDV_ClinicalStatusCodes_CISIS"}  # named by the rules, published nowhere
ANY_DAY = date(2026, 11, 2)
ENTRY = "JDV_ModaliteEntree"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of refreshed lists, as CODES_DIR."""
    value_sets.configure(tmp_path)
    yield tmp_path
    value_sets.configure(None)


def put(folder: Path, *concepts: StoredConcept, name: str = ENTRY) -> None:
    head = Head(name, "1.2.250.1.213.1.1.5.73", "20250101000000", date(2025, 1, 1), "essai")
    value_set_files.write(folder, [StoredList(head, concepts)])


def test_a_list_in_its_official_order() -> None:
    entry = value_sets.value_set(ENTRY)
    assert (entry.oid, entry.version, entry.published) == (
        "1.2.250.1.213.1.1.5.73",
        "20240910000000",
        date(2024, 9, 10),
    )
    assert [code.code for code in entry.current(ANY_DAY)] == ["183452005", "8715000", "107724000", "GEN-092.06.07"]
    found = entry.find("8715000")
    assert found is not None and found.code.label == "hospitalisation programmée" and found.left_on is None
    assert entry.find("0") is None
    assert value_sets.value_set(f"{ENTRY}_CISIS") is value_sets.value_set(ENTRY)


@pytest.mark.parametrize("name", ["JDV_Inconnue", "", "../codes", "JDV_ModaliteEntree.json"])
def test_a_name_that_no_list_has(name: str) -> None:
    with pytest.raises(value_sets.UnknownValueSetError):
        value_sets.value_set(name)


def test_a_code_that_left_is_refused_from_that_day_on(folder: Path) -> None:
    gone = StoredConcept(Code("A", "1.2.3", "ancien"), date(2024, 9, 10))
    put(folder, StoredConcept(Code("B", "1.2.3", "actuel")), gone)
    entry = value_sets.value_set(ENTRY)
    assert [code.code for code in entry.current(date(2024, 9, 9))] == ["B", "A"]
    assert [code.code for code in entry.current(date(2024, 9, 10))] == ["B"]
    assert value_sets.refusal(ENTRY, "A", date(2024, 9, 9)) is None
    assert value_sets.refusal(ENTRY, "A", date(2024, 9, 10)) == (
        "Le code A n'est plus dans la liste JDV_ModaliteEntree depuis le 10/09/2024."
    )
    assert value_sets.refusal(ENTRY, "C", ANY_DAY) == "Le code C n'est pas dans la liste JDV_ModaliteEntree."
    assert value_sets.refusal(ENTRY, "B", ANY_DAY, system="9.9") == "Le code B n'est pas dans la liste " + ENTRY + "."


def test_one_code_of_two_systems_in_one_list(folder: Path) -> None:
    put(folder, StoredConcept(Code("A", "1.2.3", "premier")), StoredConcept(Code("A", "4.5.6", "second")))
    entry = value_sets.value_set(ENTRY)
    first, second = entry.find("A"), entry.find("A", "4.5.6")
    assert first is not None and first.code.label == "premier" and entry.find("A", "1.2.3") is first
    assert second is not None and second.code.label == "second" and second is entry.find("A|4.5.6")
    assert len(entry.current(ANY_DAY)) == 2 and value_sets.refusal(ENTRY, "A", ANY_DAY, system="4.5.6") is None


def test_the_folder_comes_before_the_package_and_a_damaged_file_is_an_error(folder: Path) -> None:
    assert value_sets.value_set("JDV_GroupeRhesus").find("A") is None
    (folder / "value_sets").mkdir()
    (folder / "value_sets" / f"{ENTRY}.json").write_text('{"name": "x"', encoding="utf-8")
    with pytest.raises(value_sets.DamagedValueSetError):
        value_sets.value_set(ENTRY)


def test_every_list_of_the_package_says_where_and_when() -> None:
    assert len(value_sets.names()) > 100
    for name in value_sets.names():
        stored = value_sets.stored_list(name)
        assert stored is not None and stored.head.name == name and stored.concepts
        assert re.fullmatch(r"[0-2](\.\d+)+", stored.head.oid) and re.fullmatch(r"\d{8,14}", stored.head.version)
        assert stored.head.published is not None and stored.head.source.startswith("ANS, ")
        assert len(value_sets.value_set(name).concepts) == len(stored.concepts)
    every = [value_sets.value_set(name).oid for name in value_sets.names()]
    assert len(every) == len(set(every))


def test_the_classes_of_ass_x16() -> None:
    assert value_sets.class_of("57055-6", oids.LOINC) == "11"
    assert value_sets.class_of("CERT_DECL", oids.TRE_A05_TYPE_DOCUMENT_COMPL) == "52"
    assert value_sets.class_of("CERT_DECL", oids.LOINC) is None


def test_the_codes_written_by_hand_are_official_today() -> None:
    assert own_codes.disagreements(ANY_DAY) == ()


def test_a_code_written_by_hand_that_leaves_or_changes_its_label_is_told(folder: Path) -> None:
    name = "JDV_J04_XdsPracticeSettingCode"
    hospital, town = codes.PRACTICE_HOSPITAL, codes.PRACTICE_AMBULATORY
    left = StoredConcept(Code(hospital.code, hospital.system, hospital.label), date(2026, 1, 1))
    others = [StoredConcept(code) for code in codes.PRACTICES.values() if code not in (hospital, town)]
    put(folder, left, StoredConcept(Code(town.code, town.system, "En ville")), *others, name=name)
    assert own_codes.disagreements(ANY_DAY) == (
        f"Le code ETABLISSEMENT n'est plus dans la liste {name} depuis le 01/01/2026.",
        f"Le code AMBULATOIRE de la liste {name} s'intitule désormais « En ville ».",
    )
    assert len(own_codes.disagreements(date(2025, 12, 31))) == 1


@needs_pack
def test_the_package_has_every_list_that_the_rules_of_our_volets_read() -> None:
    schematrons = PACK / "schematrons"
    files = [schematrons / f"CI-SIS_{volet}.sch" for volet in VOLETS]
    files += sorted((schematrons / "profils").glob("CI-SIS_*.sch"))
    read: set[str] = set()
    for file in files:
        lets = load_schema(file, []).iter("{http://purl.oclc.org/dsdl/schematron}let")
        read |= {found for let in lets for found in re.findall(r"(JDV_[\w-]+)\.xml", let.get("value") or "")}
    assert len(read) > 50
    assert {name.removesuffix("_CISIS") for name in read - ABSENT_UPSTREAM} <= set(value_sets.names())


@needs_pack
def test_the_lists_of_the_package_are_the_published_ones() -> None:
    for name in value_sets.names():
        path = PACK / "jeuxDeValeurs" / f"{name}_CISIS.xml"
        stored = value_sets.stored_list(name)
        assert stored is not None
        official = official_svs.read(path.read_bytes(), stored.head.source)
        assert official == stored, name
