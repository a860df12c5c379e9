"""manage.py build_cda: a right case makes one file, a wrong one makes none and tells everything; exit code 2."""

from __future__ import annotations

import base64
import io
import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from coordination.cda import builder, reader
from coordination.cda.volets.read import body_of
from coordination.management.commands.build_cda import told
from coordination.papers import synthesis
from perinat.standards import cda_rules, codes, xml
from tests.conformance import run
from tests.conformance.cases import CASES
from tests.conformance.cases.unstructured import cases as level_one
from tests.conformance.test_mandatory_sections import EVERY, without

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def no_pack(settings: Any) -> None:
    settings.ANS_PACK = ""  # perinat's own check of the header: the national rules are run by tests/conformance


def on_disk(folder: Path, given: Any) -> str:
    path = folder / "cas.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
    return str(path)


def refused(*arguments: str) -> tuple[CommandError, str]:
    said = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("build_cda", *arguments, stderr=said, stdout=said)
    assert error.value.returncode == 2
    return error.value, said.getvalue()


def test_a_right_case_makes_one_file_and_always_the_same(tmp_path: Path) -> None:
    given = CASES["LDL-SES"]["maximal"]
    case = on_disk(tmp_path, given)
    for name in ("un", "deux"):
        call_command("build_cda", "LDL-SES", case, "--out", str(tmp_path / name), stdout=io.StringIO())
    (first,), (second,) = (list((tmp_path / name).iterdir()) for name in ("un", "deux"))
    assert first.name == f"LDL-SES_{given['document']['unique_id']}.xml"
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.skipif(not run.PACK.is_dir(), reason="règles nationales absentes (../shared/ans/pack)")
def test_what_the_national_rules_let_pass_is_not_written(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The builder is broken on purpose: it forgets a mandatory section, for which no schematron of OBP asks."""
    settings.ANS_PACK, out = str(run.PACK), tmp_path / "sortie"
    damaged = without("OBP-SCM", next(path for name, path in EVERY if name == "OBP-SCM" and path[-1] == "acts"))
    assert cda_rules.check(damaged, pack=run.PACK).errors == ()
    monkeypatch.setattr(builder, "build", lambda *given, **named: damaged)
    _, said = refused("OBP-SCM", on_disk(tmp_path, CASES["OBP-SCM"]["minimal"]), "--out", str(out))
    assert "Une section obligatoire de ce modèle de document est absente." in said
    assert not out.exists()


def test_a_wrong_case_tells_everything_and_writes_nothing(tmp_path: Path) -> None:
    given = deepcopy(CASES["LDL-SES"]["maximal"])
    del given["body"]["reason"]
    given["body"]["synthesis"]["transfusion"] = "non"
    given["patient"]["birth_date"] = "demain"
    out = tmp_path / "sortie"
    error, said = refused("LDL-SES", on_disk(tmp_path, given), "--out", str(out))
    assert str(error) == "Le cas n'est pas valide : 3 problème(s). Rien n'a été écrit."
    assert sorted(line.split(" : ")[0] for line in said.splitlines()) == [
        "- body.reason",
        "- body.synthesis.transfusion",
        "- patient.birth_date",
    ]
    assert not out.exists()


def test_what_the_header_lacks_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    given = deepcopy(CASES["LDL-SES"]["minimal"])
    given["document"]["version"] = 1
    given["document"]["replaces"] = "1.2.250.1.999.1.2.1000"
    out = tmp_path / "sortie"
    _, said = refused("LDL-SES", on_disk(tmp_path, given), "--out", str(out))
    assert "au moins le numéro de version 2" in said
    assert not out.exists()


@pytest.mark.parametrize("content", ["", "{", "\x00", '{"body": NaN}', '{"body": -Infinity}', f"[{'9' * 5000}]"])
def test_a_file_that_is_not_json(tmp_path: Path, content: str) -> None:
    out = tmp_path / "sortie"
    error, _ = refused("LDL-SES", on_disk(tmp_path, content), "--out", str(out))
    assert "n'est pas du JSON" in str(error)
    assert not out.exists()


def test_a_bottomless_file_is_refused(tmp_path: Path) -> None:
    error, _ = refused("LDL-SES", on_disk(tmp_path, "[" * 200_000), "--out", str(tmp_path / "sortie"))
    assert str(error) == "Le fichier du cas a trop de niveaux imbriqués."


def test_a_broken_national_rule_tells_its_place_and_no_value() -> None:
    error = cda_rules.Level.ERROR
    broken = cda_rules.Finding("own", error, "Une date manque.", "found DUPONT", "ClinicalDocument/id")
    assert told(broken) == "règle nationale : ClinicalDocument/id : Une date manque."
    assert told(cda_rules.Finding("own", error, "Une date manque.")) == "règle nationale : Une date manque."


def test_an_absent_case_and_an_absent_folder(tmp_path: Path) -> None:
    assert "ne peut pas être ouvert" in str(refused("LDL-SES", str(tmp_path / "rien.json"), "--out", str(tmp_path))[0])
    assert "--out" in str(refused("LDL-SES", on_disk(tmp_path, CASES["LDL-SES"]["minimal"]))[0])


def test_a_folder_that_is_a_file_is_left_as_it_is(tmp_path: Path) -> None:
    case, taken = on_disk(tmp_path, CASES["LDL-SES"]["minimal"]), tmp_path / "sortie"
    taken.write_text("déjà là")
    for out in (taken, taken / "dessous"):
        assert "ne peut pas être écrit" in str(refused("LDL-SES", case, "--out", str(out))[0])
    assert taken.read_text() == "déjà là"


def test_a_document_that_cannot_take_its_name_leaves_nothing_behind(tmp_path: Path) -> None:
    given, out = CASES["LDL-SES"]["minimal"], tmp_path / "sortie"
    (out / f"LDL-SES_{given['document']['unique_id']}.xml").mkdir(parents=True)
    error, _ = refused("LDL-SES", on_disk(tmp_path, given), "--out", str(out))
    assert str(error).endswith("Rien n'a été écrit.")
    assert [path.is_dir() for path in out.iterdir()] == [True]


def test_an_unknown_type_is_refused_in_french(tmp_path: Path) -> None:
    error, _ = refused("LDL-XYZ", on_disk(tmp_path, {}), "--out", str(tmp_path / "sortie"))
    assert str(error).startswith("Ce type de document n'est pas connu. Types connus : ") and "OBP-SCM" in str(error)


def test_what_is_no_case_is_told_without_a_path(tmp_path: Path) -> None:
    _, said = refused("LDL-SES", on_disk(tmp_path, "[]"), "--out", str(tmp_path / "sortie"))
    assert said == "- un objet JSON est attendu\n"


def test_what_the_header_lacks_is_told_with_what_is_wrong_in_the_body(tmp_path: Path) -> None:
    given = deepcopy(CASES["CSE-CS8"]["minimal"])
    del given["patient"]["address"]["postal_code"]
    given["body"]["labour"]["events"]["gestational_age"] = 99
    _, said = refused("CSE-CS8", on_disk(tmp_path, given), "--out", str(tmp_path / "sortie"))
    assert sorted(line.split(" : ")[0] for line in said.splitlines()) == [
        "- body.labour.events.gestational_age",
        "- patient.address.postal_code",
    ]


def test_the_pdf_copy_is_the_section_of_the_norm(tmp_path: Path) -> None:
    pdf, out = tmp_path / "lettre.pdf", tmp_path / "sortie"
    pdf.write_bytes(PDF)
    case = on_disk(tmp_path, CASES["LDL-SES"]["minimal"])
    call_command("build_cda", "LDL-SES", case, "--out", str(out), "--pdf", str(pdf), stdout=io.StringIO())
    (made,) = out.iterdir()
    read = body_of(xml.parse(made.read_bytes()))
    assert read is not None
    assert base64.b64decode(read[1]["pdf_copy"]["document"]) == PDF


def test_what_is_no_pdf_is_refused(tmp_path: Path) -> None:
    other, out = tmp_path / "lettre.pdf", tmp_path / "sortie"
    other.write_bytes(b"PK")
    case = on_disk(tmp_path, CASES["LDL-SES"]["minimal"])
    assert "n'est pas un PDF" in str(refused("LDL-SES", case, "--out", str(out), "--pdf", str(other))[0])
    assert not out.exists()


def test_the_schema_is_printed_with_french_titles() -> None:
    said = io.StringIO()
    call_command("build_cda", "LDL-SES", "--schema", stdout=said)
    schema = json.loads(said.getvalue())
    synthesis = schema["properties"]["body"]["properties"]["synthesis"]["properties"]
    assert synthesis["summary"]["title"] == "Synthèse médicale"
    assert {"entry_mode", "exit_mode", "mdro_searched", "transfusion", "blood_derivatives"} <= set(synthesis)


def _paper(issued: datetime) -> bytes:
    return synthesis.render("Compte rendu", [("Mère", [("", "Texte.")])], written_at=issued, issuer=["Maternité"])


def paper(folder: Path, data: bytes = b"") -> str:
    path = folder / "papier.pdf"
    issued = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    path.write_bytes(data or _paper(issued))
    return str(path)


def unstructured(kind: str, name: str = "mother maximal") -> dict[str, Any]:
    return dict(level_one(codes.DOCUMENT_TYPES[kind]))[name]


@pytest.mark.parametrize("kind", ["15508-5", "89233-1", "PRESC-INF"])
def test_a_pdf_becomes_a_document_of_its_type(tmp_path: Path, kind: str) -> None:
    case, pdf, out = on_disk(tmp_path, unstructured(kind)), paper(tmp_path), tmp_path / "sortie"
    call_command("build_cda", kind, case, "--out", str(out), "--pdf", pdf, stdout=io.StringIO())
    (made,) = out.iterdir()
    read = reader.read(made.read_bytes())
    assert made.name.startswith(f"{kind}_") and read.pdf == Path(pdf).read_bytes()
    assert xml.parse(made.read_bytes()).find("{urn:hl7-org:v3}code").get("code") == kind  # type: ignore[union-attr]


def test_what_a_paper_lacks_is_told(tmp_path: Path) -> None:
    case, out = on_disk(tmp_path, unstructured("15508-5")), str(tmp_path / "sortie")
    assert "--pdf" in str(refused("15508-5", case, "--out", out)[0])
    assert "PDF/A-1" in str(refused("15508-5", case, "--out", out, "--pdf", paper(tmp_path, PDF))[0])
    of_child = on_disk(tmp_path, unstructured("11488-4", "newborn minimal"))
    assert "celui de la mère" in refused("15508-5", of_child, "--out", out, "--pdf", paper(tmp_path))[1]
    with_body = on_disk(tmp_path, unstructured("15508-5") | {"body": {}})
    assert "body" in refused("15508-5", with_body, "--out", out, "--pdf", paper(tmp_path))[1]
    assert not Path(out).exists()


def test_the_schema_of_a_paper_has_no_body() -> None:
    said = io.StringIO()
    call_command("build_cda", "PRESC-AAT", "--schema", stdout=said)
    schema = json.loads(said.getvalue())
    assert "patient" in schema["properties"] and "body" not in schema["properties"]
