"""The rules engine: same findings as the reference script, safe input, threads, forks, own check."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from perinat.standards import xml
from perinat.standards.cda_rules import Level, RuleReport, RulesError, before_leaving, check, own_check
from perinat.standards.cda_rules.sentences import for_rule, for_xsd

ROOT = Path(__file__).parents[2]
ANS = ROOT.parent / "shared/ans"
PACK, EXAMPLES = ANS / "pack", ANS / "examples"
GOLDEN = ROOT / "tests/golden"
LETTER = (GOLDEN / "cda_lettre_de_liaison_mere.xml").read_bytes()
needs_pack = pytest.mark.skipif(not PACK.is_dir(), reason="national CDA rules absent (../shared/ans/pack)")
NS = "{urn:hl7-org:v3}"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    """The script that the engine was taken from, run as published."""
    spec = importlib.util.spec_from_file_location("validate_cda", ANS / "validate_cda.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["validate_cda"] = module
    spec.loader.exec_module(module)
    return module


def findings(report: RuleReport) -> list[tuple[str, ...]]:
    every = (*report.errors, *report.warnings)
    return [(item.step, str(item.level), item.detail, item.where, item.test) for item in every]


def same_as_reference(reference: ModuleType, data: bytes) -> RuleReport:
    ours, theirs = check(data, pack=PACK), reference.validate(data)
    expected = [(f.step, f.level, f.text, f.where, f.test) for f in (*theirs.errors, *theirs.warnings)]
    assert findings(ours) == expected
    assert ours.fired == theirs.fired
    assert (ours.valid, ours.schematron, list(ours.notes)) == (theirs.valid, theirs.schematron, theirs.notes)
    return ours


@needs_pack
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_same_findings_on_the_official_examples(reference: ModuleType, path: Path) -> None:
    assert same_as_reference(reference, path.read_bytes()).valid


def _without(name: str, data: bytes, nth: int = 0) -> bytes:
    root = xml.parse(data)
    element = list(root.iter(NS + name))[nth]
    element.getparent().remove(element)
    return xml.to_bytes(root)


def _with(name: str, attribute: str, value: str, data: bytes) -> bytes:
    root = xml.parse(data)
    next(root.iter(NS + name)).set(attribute, value)
    return xml.to_bytes(root)


MUTATIONS = {
    "N1 without setId": ("DOC_NON", lambda d: _without("setId", d)),
    "N1 with an unknown type": ("DOC_NON", lambda d: _with("code", "code", "00000-0", d)),
    "N1 with a null title": ("DOC_NON", lambda d: _with("title", "nullFlavor", "UNK", d)),
    "N1 in a bad date": ("DOC_NON", lambda d: _with("effectiveTime", "value", "yesterday", d)),
    "SCM without its first entry": ("OBP-SCM", lambda d: _without("entry", d)),
    "SCM without custodian": ("OBP-SCM", lambda d: _without("custodian", d)),
    "SEM with a wrong section code": ("OBP-SEM", lambda d: d.replace(b'code="47420-5"', b'code="47420-6"')),
    "SNE of another version": ("OBP-SNE", lambda d: d.replace(b'extension="2024.01"', b'extension="2031.01"')),
    "SNM without author": ("OBP-SNM", lambda d: _without("author", d)),
    "LDL without birth time": ("LDL-SES", lambda d: _without("birthTime", d)),
    "MDE with a wrong unit": ("CSE-MDE", lambda d: d.replace(b'unit="g"', b'unit="stone"')),
    "CS8 with a wrong CIM-10 code": ("CSE-CS8", lambda d: d.replace(b'code="O82.9"', b'code="O82.99"')),
}


@needs_pack
@pytest.mark.parametrize("case", MUTATIONS)
def test_same_findings_on_damaged_documents(reference: ModuleType, case: str) -> None:
    name, damage = MUTATIONS[case]
    data = next(EXAMPLES.glob(f"{name}*.xml")).read_bytes()
    damaged = damage(data)
    assert damaged != data
    report = same_as_reference(reference, damaged)
    assert report.errors or report.warnings
    assert all(item.message_fr and item.message_fr.endswith(".") for item in (*report.errors, *report.warnings))


@needs_pack
def test_embedded_pdf_does_not_slow_the_rules() -> None:
    """The schematrons see the first characters of a base64 body; the findings are the same."""
    small, large = check(LETTER, pack=PACK), check(LETTER.replace(b"JVBERi", b"JVBERi" + b"AAAA" * 100_000), pack=PACK)
    assert (findings(small), small.fired) == (findings(large), large.fired)


@needs_pack
def test_external_entity_never_reaches_saxon(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET-OF-THE-DISK")
    doctype = f'<!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    data = LETTER.replace(b"<ClinicalDocument", doctype + b"<ClinicalDocument", 1)
    data = data.replace(b"<title>", b"<title>&x;", 1)
    for found in (check(data, pack=PACK).errors, own_check(data)):
        assert [item.message_fr for item in found] == [
            "Le document XML contient une déclaration DOCTYPE, ce qui est refusé."
        ]
        assert "SECRET" not in repr(found)


@needs_pack
@pytest.mark.parametrize("data", [b"", b"<a", b"<html/>", b"%PDF-1.4"])
def test_what_is_not_a_cda_is_a_finding(data: bytes) -> None:
    report = check(data, pack=PACK)
    assert (report.valid, report.errors[0].step) == (False, "xml")
    assert own_check(data)[0].message_fr.endswith(".")


@needs_pack
def test_no_rule_fired_is_not_valid() -> None:
    report = check(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', pack=PACK)
    assert not report.valid


@needs_pack
def test_self_presenting_document_is_checked_inside() -> None:
    inner = LETTER.partition(b"?>")[2]
    assert check(b"<stylesheet>" + inner + b"</stylesheet>", pack=PACK).valid


@needs_pack
def test_a_rule_that_stops_makes_the_document_invalid_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    low = b'<low value="20260325150000+0100"/>'
    damaged = LETTER.replace(b"<effectiveTime>" + low, b"<effectiveTime>" + low * 2)
    report = check(damaged, pack=PACK)
    stopped = [item for item in report.errors if item.step == "strucmin"]
    assert not report.valid and "terme" in stopped[0].message_fr
    assert capfd.readouterr() == ("", "")


@needs_pack
def test_several_threads_get_the_same_answers() -> None:
    damaged = _without("setId", LETTER)
    expected = {LETTER: findings(check(LETTER, pack=PACK)), damaged: findings(check(damaged, pack=PACK))}
    wrong: list[object] = []

    def run(data: bytes) -> None:
        for _ in range(3):
            found = findings(check(data, pack=PACK))
            if found != expected[data]:
                wrong.append(found)

    threads = [threading.Thread(target=run, args=(data,)) for data in (LETTER, damaged) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert expected[LETTER] == [] and expected[damaged] != []
    assert wrong == []


FORK = """
import os, sys, threading
from pathlib import Path
from perinat.standards.cda_rules import check, service
data, pack = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
if sys.argv[3] == "used":
    assert check(data, pack=pack).valid
service._engines.lock.acquire()  # as if another thread were checking at the time of the fork
pid = os.fork()
if pid == 0:
    os._exit(0 if check(data, pack=pack).valid else 3)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
print("child checked")
"""


@needs_pack
@pytest.mark.parametrize("parent", ["fresh", "used"])
def test_a_forked_worker_makes_its_own_engine(parent: str) -> None:
    arguments = [str(GOLDEN / "cda_ordonnance.xml"), str(PACK), parent]
    done = subprocess.run(
        [sys.executable, "-c", FORK, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "child checked\n"), done.stderr


def test_absent_pack_is_an_error_not_a_pass(tmp_path: Path) -> None:
    with pytest.raises(RulesError) as caught:
        check(LETTER, pack=tmp_path, cache=tmp_path / "cache")
    assert "n'a pas été contrôlé" in caught.value.message_fr


@needs_pack
def test_unusable_cache_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RulesError):
        check(LETTER, pack=PACK, cache=tmp_path / "file" / "cache")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("cda_*.xml")), ids=lambda path: path.stem)
def test_own_check_accepts_what_we_build(path: Path) -> None:
    assert own_check(path.read_bytes()) == ()


OWN = {
    "order": lambda d: d.replace(b'<languageCode code="fr-FR"/>', b"").replace(
        b'<realmCode code="FR"/>', b'<languageCode code="fr-FR"/><realmCode code="FR"/>'
    ),
    "unknown part": lambda d: d.replace(b"<title>", b"<surprise/><title>", 1),
    "two titles": lambda d: d.replace(b"<title>", b"<title>x</title><title>", 1),
    "unknown type": lambda d: _with("code", "code", "00000-0", d),
    "type of another system": lambda d: _with("code", "codeSystem", "1.2.3", d),
    "confidential": lambda d: _with("confidentialityCode", "code", "R", d),
    "id with extension": lambda d: _with("id", "extension", "1", d),
    "set id not an OID": lambda d: _with("setId", "root", "x", d),
    "version zero": lambda d: _with("versionNumber", "value", "0", d),
    "no offset": lambda d: _with("effectiveTime", "value", "20260329015930", d),
    "no COG beside the INS": lambda d: _without("county", d),
    "no practice setting": lambda d: _without("standardIndustryClassCode", d),
    "unknown facility": lambda d: d.replace(b'code="SA01"', b'code="SA99"'),
    "four templates": lambda d: d.replace(b"<id root", b'<templateId root="1.2.250.1.213.1.1.1.29"/><id root', 1),
    "empty body": lambda d: _emptied(d),
    "null author": lambda d: _with("author", "nullFlavor", "UNK", d),
}


def _emptied(data: bytes) -> bytes:
    root = xml.parse(data)
    next(root.iter(NS + "text")).text = ""
    return xml.to_bytes(root)


@pytest.mark.parametrize("case", OWN)
def test_own_check_refuses(case: str) -> None:
    damaged = OWN[case](LETTER)
    assert damaged != LETTER
    found = own_check(damaged)
    assert found and all(item.level is Level.ERROR and item.message_fr.endswith(".") for item in found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'code="SA01"', b'code="SA69"'),
        (b'code="G15_50"', b'code="G15_10/SM53"'),
        (b'code="G15_50"', b'code="G15_80"'),  # official, though perinat has nobody of that profession
        (b'code="ETABLISSEMENT"', b'code="HAD"'),
    ],
)
def test_own_check_knows_the_official_codes(before: bytes, after: bytes) -> None:
    assert before in LETTER
    assert own_check(LETTER.replace(before, after)) == ()
    assert own_check(LETTER.replace(before, b'code="ZZ"'))


@needs_pack
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b'1.2.250.1.213.1.4.10" extension="29', b'1.2.250.1.213.1.4.10" extension="9', "INS: 15 characters"),
        (b'root="1.2.250.1.213.1.4.10"', b'root="1.2.250.1.213.1.4.77"', "INS: unknown authority"),
    ],
)
def test_our_own_documents_are_asked_more_than_the_pack(before: bytes, after: bytes, said: str) -> None:
    assert before in LETTER and before_leaving(LETTER, pack=PACK) == ()
    damaged = LETTER.replace(before, after, 1)
    assert said in [finding.detail for finding in before_leaving(damaged, pack=PACK)]
    assert said not in [finding.detail for finding in check(damaged, pack=PACK).errors]


def test_sentences_hold_no_value_of_the_document() -> None:
    text = 'The value for code SHALL be selected from value set 1.2. Found: "JEANNE"'
    assert for_rule("strucmin", text, "/ClinicalDocument/recordTarget/patientRole/patient/name[2]") == (
        "Patient, le nom : ce code n'est pas dans la nomenclature nationale."
    )
    message = "Element '{urn:hl7-org:v3}birthTime', attribute 'value': 'JEANNE' is not a valid value"
    assert for_xsd(message) == "La date de naissance : le contenu ne respecte pas le schéma du CDA."
    assert for_rule("strucmin", "element hl7:setId[not(@nullFlavor)] is mandatory [min 1x].", "/") == (
        "L'identifiant de la série de versions : cette partie est absente ou n'a pas la forme attendue."
    )
