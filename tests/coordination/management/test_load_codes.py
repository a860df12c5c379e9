"""manage.py load_codes: codes leave and come back on a day; a folder with one bad file changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coordination.management.commands import load_codes
from perinat.standards import value_sets

ENTRY, ENTRY_OID = "JDV_ModaliteEntree", "1.2.250.1.213.1.1.5.73"
SNOMED, TA_ASIP = "2.16.840.1.113883.6.96", "1.2.250.1.213.1.1.4.322"
URGENT = ("183452005", SNOMED, "hospitalisation en urgence")
PLANNED = ("8715000", SNOMED, "hospitalisation programmée")
TRANSFER = ("107724000", SNOMED, "transfert du patient")
OTHER = ("GEN-092.06.07", TA_ASIP, "Autre modalité d'entrée")
ALL = (URGENT, PLANNED, TRANSFER, OTHER)
Row = tuple[str, ...]


@pytest.fixture(autouse=True)
def codes_dir(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.CODES_DIR = str(tmp_path / "codes")
    yield tmp_path / "codes"
    value_sets.configure(None)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "officiel"
    folder.mkdir()
    return folder


def svs(*rows: Row, day: str = "2026-03-01", name: str = f"{ENTRY}_CISIS", oid: str = ENTRY_OID) -> str:
    """A fourth member of a row is its dateFin."""
    concepts = "".join(
        f'<Concept code="{r[0]}" codeSystem="{r[1]}" displayName="{r[2]}" dateFin="{"".join(r[3:])}"/>' for r in rows
    )
    return (
        f'<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet displayName="{name}" id="{oid}" '
        f'revisionDate="{day}T00:00:00+01:00" version="test"><ConceptList>{concepts}</ConceptList></ValueSet>'
        "</RetrieveValueSetResponse>"
    )


def fhir(kind: str, name: str, oid: str, day: str = "2026-03-01", **more: Any) -> str:
    head = {"resourceType": kind, "name": name, "version": day.replace("-", ""), "date": f"{day}T12:00:00+01:00"}
    return json.dumps({**head, "identifier": [{"value": f"urn:oid:{oid}"}], **more})


def load(folder: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("load_codes", str(folder), *options, stdout=out)
    return out.getvalue()


def refused(folder: Path, *options: str) -> str:
    """What is said when nothing is written; exit status 2."""
    err = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("load_codes", str(folder), *options, stdout=io.StringIO(), stderr=err)
    assert caught.value.returncode == 2 and "Rien n'a été enregistré." in str(caught.value)
    return err.getvalue() + str(caught.value)


def left_on(code: str) -> date | None:
    concept = value_sets.value_set(ENTRY).find(code)
    assert concept is not None
    return concept.left_on


def test_a_code_leaves_then_comes_back(given: Path, codes_dir: Path) -> None:
    new = ("32485007", SNOMED, "hospitalisation")
    (given / "a.xml").write_text(svs(URGENT, TRANSFER, OTHER, new), encoding="utf-8")
    out = load(given)
    assert f"{ENTRY} (01/03/2026) : 1 ajouté (32485007), 1 sorti (8715000), 3 sans changement." in out
    assert left_on("8715000") == date(2026, 3, 1) and left_on("32485007") is None
    assert value_sets.refusal(ENTRY, "8715000", date(2026, 3, 1)) == (
        f"Le code 8715000 n'est plus dans la liste {ENTRY} depuis le 01/03/2026."
    )
    assert value_sets.refusal(ENTRY, "8715000", date(2026, 2, 28)) is None

    (given / "a.xml").write_text(svs(URGENT, TRANSFER, OTHER, new, day="2026-06-01"), encoding="utf-8")
    assert "sorti" not in load(given)
    assert left_on("8715000") == date(2026, 3, 1)

    (given / "a.xml").write_text(svs(*ALL, new, day="2026-09-01"), encoding="utf-8")
    assert f"{ENTRY} (01/09/2026) : 1 revenu (8715000), 4 sans changement." in load(given)
    assert left_on("8715000") is None
    assert [path.name for path in (codes_dir / "value_sets").iterdir()] == [f"{ENTRY}.json"]


def test_the_end_date_of_the_official_file_is_the_day_of_leaving(given: Path) -> None:
    (given / "a.xml").write_text(svs(URGENT, (*PLANNED, "20260115000000"), TRANSFER, OTHER), encoding="utf-8")
    assert "1 sorti (8715000)" in load(given)
    assert left_on("8715000") == date(2026, 1, 15)


def test_an_installation_without_certificates_can_refresh_its_lists() -> None:
    assert load_codes.Command.requires_system_checks == []


def test_a_new_label_is_told(given: Path) -> None:
    (given / "a.xml").write_text(svs(URGENT, PLANNED, TRANSFER, (*OTHER[:2], "Autre")), encoding="utf-8")
    assert "1 renommé (GEN-092.06.07), 3 sans changement" in load(given)


def test_a_dry_run_tells_and_writes_nothing(given: Path, codes_dir: Path) -> None:
    (given / "a.xml").write_text(svs(URGENT), encoding="utf-8")
    out = load(given, "--dry-run")
    assert "3 sortis (8715000, 107724000, GEN-092.06.07)" in out and "Rien n'a été enregistré." in out
    assert not codes_dir.exists() and left_on("8715000") is None


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("b.xml", "<RetrieveValueSetResponse", "illisible"),
        ("b.xml", "", "illisible"),
        ("b.xml", BOMB + svs(*ALL), "DOCTYPE"),
        ("b.xml", "<html/>", "n'est pas un jeu de valeurs"),
        ("b.xml", svs(URGENT, day="2020-01-01"), "plus ancienne que celle en place (10/09/2024)"),
        ("b.xml", svs(), "aucun code"),
        ("b.xml", svs(URGENT, URGENT), "deux fois"),
        ("b.xml", svs(("1", "", "sans système")), "système ou son libellé"),
        ("b.xml", svs(URGENT, day="hier"), "n'en est pas une"),
        ("b.xml", svs(URGENT, oid="1.2.3"), "l'OID est 1.2.3"),
        ("b.xml", svs(URGENT, name="JDV_Autre_CISIS", oid="1.2.3"), "n'utilise pas la liste JDV_Autre"),
        ("b.json", "{", "illisible"),
        ("b.json", "[" * 100_000, "illisible"),
        ("b.json", '{"resourceType": "Patient"}', "ni un ValueSet"),
        ("b.json", fhir("ValueSet", "JDV_ModaliteSortie_CISIS", "1.2.250.1.213.1.1.5.74"), "forme attendue"),
    ],
)
def test_one_bad_file_and_nothing_is_written(
    given: Path, codes_dir: Path, name: str, content: str, sentence: str
) -> None:
    other = svs(("1", SNOMED, "essai"), name="JDV_GroupeRhesus_CISIS", oid="1.2.250.1.213.1.1.5.755")
    (given / "a.xml").write_text(other, encoding="utf-8")
    (given / name).write_text(content, encoding="utf-8")
    said = refused(given)
    assert f"{name} : " in said and sentence in said and "1 fichier(s) refusé(s)" in said
    assert not codes_dir.exists()


def test_a_folder_without_any_list_or_that_is_none(given: Path) -> None:
    assert "aucune liste de perinat" in refused(given)
    assert "n'est pas un dossier" in refused(given / "absent")


def test_the_same_list_twice(given: Path) -> None:
    for name in ("a.xml", "b.xml"):
        (given / name).write_text(svs(*ALL), encoding="utf-8")
    assert f"b.xml : la liste {ENTRY} est déjà donnée par a.xml." in refused(given)


def test_unknown_lists_are_skipped_or_added_when_asked(given: Path) -> None:
    (given / "a.xml").write_text(svs(*ALL), encoding="utf-8")
    (given / "b.xml").write_text(svs(URGENT, name="JDV_Autre_CISIS", oid="1.2.3"), encoding="utf-8")
    (given / "vide.xml").write_text("", encoding="utf-8")
    out = load(given, "--unknown", "skip")
    assert "1 fichier(s) ignoré(s)." in out and "Laissé de côté : vide.xml : Le document XML est illisible." in out
    (given / "vide.xml").unlink()
    assert "JDV_Autre (01/03/2026) : 1 ajouté (183452005), 0 sans changement." in load(given, "--unknown", "add")
    assert value_sets.value_set("JDV_Autre").find("183452005") is not None


@pytest.mark.parametrize("name", ["../ailleurs", "a/b", "", "."])
def test_a_name_is_never_a_path(given: Path, codes_dir: Path, name: str) -> None:
    (given / "a.xml").write_text(svs(URGENT, name=name, oid="1.2.3"), encoding="utf-8")
    (given / "b.json").write_text(fhir("CodeSystem", name, "1.2.4", url="urn:x", concept=[{"code": "1"}]))
    said = refused(given, "--unknown", "add")
    assert (
        said.count("le nom de la liste manque ou n'en est pas un.") == 2
        and not codes_dir.parent.joinpath("ailleurs.json").exists()
    )


def test_a_mixed_folder_of_svs_and_fhir(given: Path) -> None:
    """NOS names a system by its URL: the OID comes from the concept, the CodeSystem file or perinat's table."""
    tre = "https://mos.esante.gouv.fr/NOS/TRE_R999-Essai/FHIR/TRE-R999-Essai"
    own = {"code": "A", "display": "un", "designation": [{"use": {"code": "OID"}, "value": "urn:oid:2.8.7"}]}
    loinc = {"system": "http://loinc.org", "concept": [{"code": "L", "display": "trois"}]}
    include = [{"system": "https://exemple.fr/x", "concept": [own]}, {"system": tre}, loinc]
    ended = [{"code": "dateFin", "valueDateTime": "2026-02-01T00:00:00+01:00"}]
    concepts = [{"code": "B", "display": "deux"}, {"code": "C", "display": "fini", "property": ended}]
    group = {
        "source": "http://loinc.org",
        "target": "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument",
        "element": [{"code": "11490-0", "target": [{"code": "11"}]}],
    }
    (given / "a.xml").write_text(svs(*ALL), encoding="utf-8")
    (given / "b.json").write_text(
        fhir("ValueSet", "JDV_ModaliteSortie_CISIS", "1.2.250.1.213.1.1.5.74", compose={"include": include})
    )
    (given / "c.json").write_text(fhir("CodeSystem", "TRE_R999-Essai", "2.5.4", url=tre, concept=concepts))
    (given / "d.json").write_text(
        fhir("ConceptMap", "ASS_X16-CorrespondanceType-Classe-DMP", "1.2.250.1.213.1.1.5.587", group=[group])
    )
    (given / "LISEZMOI.txt").write_text("rien")
    out = load(given)
    assert "Nomenclatures lues pour leurs OID : TRE_R999_Essai." in out and "1 fichier(s) ignoré(s)." in out
    exits = value_sets.value_set("JDV_ModaliteSortie")
    systems = {code.code: code.system for code in exits.current(date(2026, 11, 2))}
    assert systems == {"A": "2.8.7", "B": "2.5.4", "L": "2.16.840.1.113883.6.1"}
    ended_one = exits.find("C")
    assert ended_one is not None and ended_one.left_on == date(2026, 2, 1)
    assert value_sets.class_of("11490-0", "2.16.840.1.113883.6.1") == "11"
    assert "À revoir dans perinat : La classe du type 11490-0 est 11 dans ASS_X16 ; perinat écrit 10." in out


def test_an_expansion_is_taken_before_the_definition(given: Path) -> None:
    contains = [{"system": "http://snomed.info/sct", "code": "1", "display": "un"}, {"abstract": True, "code": "2"}]
    text = fhir("ValueSet", "JDV_ModaliteEntree_CISIS", ENTRY_OID, expansion={"contains": contains}, compose={})
    (given / "a.json").write_text(text)
    assert "1 ajouté (1), 4 sortis" in load(given)


@pytest.mark.parametrize(
    ("compose", "sentence"),
    [
        ({"include": [{"system": "http://loinc.org", "filter": [{}]}]}, "filtre"),
        ({"include": [{"system": "http://loinc.org"}]}, "reprend tout"),
        ({"include": [], "exclude": [{}]}, "exclusions"),
        ({"include": [{"system": "https://exemple.fr/x", "concept": [{"code": "1"}]}]}, "n'est pas connu"),
    ],
)
def test_definitions_that_cannot_be_followed(given: Path, compose: dict[str, Any], sentence: str) -> None:
    (given / "a.json").write_text(fhir("ValueSet", "JDV_ModaliteEntree_CISIS", ENTRY_OID, compose=compose))
    assert sentence in refused(given)


SHARED = Path(__file__).parents[4] / "shared"


@pytest.mark.skipif(not (SHARED / "ans/pack").is_dir(), reason="jeux de valeurs officiels absents (../shared/ans/pack)")
def test_the_whole_published_folder_changes_nothing() -> None:
    out = load(SHARED / "ans/pack/jeuxDeValeurs", "--unknown", "skip")
    assert "136 liste(s) enregistrée(s)" in out
    assert not any(word in out for word in ("ajouté", "sorti", "renommé", "À revoir"))


@pytest.mark.skipif(not (SHARED / "samples/nos").is_dir(), reason="fichiers NOS absents (../shared/samples/nos)")
def test_a_published_code_system(given: Path) -> None:
    out = load(SHARED / "samples/nos", "--unknown", "add")
    assert "TRE_G15_ProfessionSante (17/12/2021)" in out
    midwife = value_sets.value_set("TRE_G15_ProfessionSante").find("50")
    assert midwife is not None and midwife.code.label == "Sage-Femme" and midwife.code.system == "1.2.250.1.71.1.2.7"
