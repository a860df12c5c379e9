"""What is kept survives a restart and a crash; the admin door registers, lists and resets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from dmp_gateway.sandbox.server import DmpSandbox
from dmp_gateway.sandbox.store import Store
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.sandboxes.dmp import base
from tests.sandboxes.dmp.base import EG, EJ
from tests.sandboxes.dmp.conftest import SHARED, Caller, make_caller
from tests.sandboxes.dmp.content import Document
from tests.sandboxes.dmp.messages import Lot
from tests.sandboxes.dmp.plain_client import admin

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def own(authority: SandboxAuthority, tmp_path: Path) -> Iterator[tuple[DmpSandbox, Caller, Path]]:
    """A sandbox of its own, on tmp_path/dmp, with two documents: one replaced by the other."""
    directory = tmp_path / "dmp"
    with DmpSandbox(directory, authority.directory) as sandbox:
        admin(f"{sandbox.admin_url}/structures", "PUT", {"struct_idnat": EG, "legal": EJ})
        caller = make_caller(sandbox, authority, EJ)
        first = Document()
        assert caller.deposit(Lot((first,))).success
        assert caller.deposit(Lot((first.next_version(),), replaces=caller.entry_uuid(first))).success
        yield sandbox, caller, directory
        caller.client.close()


def test_a_restart_loses_nothing(own: tuple[DmpSandbox, Caller, Path]) -> None:
    sandbox, caller, directory = own
    last = caller.stored()[-1]["entry_uuid"]
    assert caller.delete(last).success
    before = sandbox.world.store.all()
    again = Store(directory)
    assert again.all() == before
    assert [record.status.split(":")[-1] for record in again.all()] == ["Deprecated", "Deleted"]
    assert again.has_lot(before[0].lot_unique_id)
    assert again.next_sequence == 3


def test_a_line_cut_by_a_crash_is_dropped(own: tuple[DmpSandbox, Caller, Path]) -> None:
    _, _, directory = own
    path = directory / "documents.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines()[0][:50])
    assert Store(directory).count == 2
    assert path.read_bytes() == whole


def test_half_a_lot_is_dropped(own: tuple[DmpSandbox, Caller, Path]) -> None:
    _, caller, directory = own
    assert caller.deposit(Lot((Document(), Document()))).success
    path = directory / "documents.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    (directory / "lots.jsonl").write_bytes(b"".join((directory / "lots.jsonl").read_bytes().splitlines(True)[:-1]))
    reopened = Store(directory)
    assert reopened.count == 2
    assert not reopened.has_lot(json.loads(lines[-1])["lot_unique_id"])


def test_concurrent_deposits_of_one_lot_keep_it_once(
    caller: Caller, sandbox: DmpSandbox, authority: SandboxAuthority
) -> None:
    lot = Lot((Document(),))
    callers = [make_caller(sandbox, authority, EJ) for _ in range(4)]
    outcomes: list[bool] = []
    threads = [threading.Thread(target=lambda c=one: outcomes.append(c.deposit(lot).success)) for one in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for one in callers:
        one.client.close()
    assert sorted(outcomes) == [False, False, False, True]
    assert len(caller.stored()) == 1


def test_people_are_registered_and_removed(caller: Caller) -> None:
    person = {"matricule": "290019999912385", "oid": "1.2.250.1.213.1.4.10", "state": "OK", "birth_name": "ESSAI"}
    cx = "290019999912385^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert caller.exists(cx).texts("//h:queryResponseCode/@code") == ["NF"]
    assert admin(f"{caller.admin_url}/people", "PUT", [person]) == {"registered": 1}
    assert caller.exists(cx).texts("//h:patientPerson//h:family/text()") == ["ESSAI"]
    admin(f"{caller.admin_url}/people", "PUT", person | {"state": "CLOSED"})
    assert caller.deposit(Lot((Document(patient=cx),), patient=cx)).codes == ["sandbox:DmpClosed"]
    admin(f"{caller.admin_url}/people/{person['oid']}/{person['matricule']}", "DELETE")
    assert caller.exists(cx).texts("//h:queryResponseCode/@code") == ["NF"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"matricule": "290019999912385", "oid": "1.2.250.1.213.1.4.8"},
        {"matricule": "290019999912386", "oid": "1.2.250.1.213.1.4.10"},
        {"matricule": "290019999912385", "oid": "1.2.250.1.213.1.4.10", "state": "AUTRE"},
        "290019999912385",
    ],
)
def test_a_real_or_wrong_identity_is_not_admitted(sandbox: DmpSandbox, wrong: object) -> None:
    with pytest.raises(OSError, match="400"):
        admin(f"{sandbox.admin_url}/people", "PUT", wrong)


@pytest.mark.parametrize("path", ["/autre", "/documents/2.25.1", "/documents/2.25.1/bytes"])
def test_what_is_not_there_is_not_found(sandbox: DmpSandbox, path: str) -> None:
    with pytest.raises(OSError, match="404"):
        admin(sandbox.admin_url + path)


def test_reset_empties_the_store_and_keeps_people(caller: Caller) -> None:
    caller.deposit(Lot((Document(),)))
    assert admin(f"{caller.admin_url}/reset", "POST") == {"documents": 0}
    assert admin(f"{caller.admin_url}/requests") == []
    assert caller.deposit(Lot((Document(),))).success
    assert caller.stored()[0]["sequence"] == 1


def test_status_says_what_is_checked(sandbox: DmpSandbox) -> None:
    status = admin(f"{sandbox.admin_url}/status")
    assert status["national_rules"] is False
    assert status["schemas"] == sandbox.world.schemas.present


def test_limits_are_changed_from_the_admin_door(caller: Caller) -> None:
    limits = admin(f"{caller.admin_url}/limits", "PUT", {"document_bytes": 2000})
    assert limits["document_bytes"] == 2000
    assert caller.deposit(Lot((Document(),))).codes == ["sandbox:DocumentTooLarge"]
    with pytest.raises(OSError, match="400"):
        admin(f"{caller.admin_url}/limits", "PUT", {"autre": 1})


def test_the_page_shows_documents_and_refusals(caller: Caller) -> None:
    document = Document()
    caller.deposit(Lot((document,)))
    caller.exists(algorithm="sha1")
    with urlopen(caller.admin_url, timeout=10) as response:
        page = response.read().decode()
    assert '<html lang="fr">' in page
    assert document.unique_id in page
    assert "sandbox:VihfSignature" in page
    assert "290019999900113" not in page


def test_the_command_runs_alone(authority: SandboxAuthority, tmp_path: Path) -> None:
    """In a process of its own, with Django, until SIGTERM."""
    arguments = ["dmp_sandbox", "--port", "0", "--admin-port", "0", "--dir", str(tmp_path / "store")]
    code = (
        "import django\nfrom django.conf import settings\n"
        "settings.configure(INSTALLED_APPS=['dmp_gateway.sandbox'], USE_TZ=True)\ndjango.setup()\n"
        "from django.core.management import call_command\n"
        f"call_command(*{[*arguments, '--pki-dir', str(authority.directory)]!r})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    assert "https://127.0.0.1:" in lines[0]
    assert admin(lines[1].split(" : ")[1].strip() + "/status")["documents"] == 0
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=10)
    assert "Arrêt" in rest
    assert process.returncode == 0


def test_national_rules_are_applied_when_the_pack_is_there(authority: SandboxAuthority, tmp_path: Path) -> None:
    pack = SHARED / "ans" / "pack"
    if not pack.is_dir():
        pytest.skip("../shared/ans/pack is absent: national rules cannot be applied")
    with DmpSandbox(tmp_path / "dmp", authority.directory, pack=pack, cache=tmp_path / "cache") as sandbox:
        admin(f"{sandbox.admin_url}/structures", "PUT", {"struct_idnat": EG, "legal": EJ})
        caller = make_caller(sandbox, authority, EJ)
        answer = caller.deposit(Lot((Document(),)))
        assert answer.success, answer.reasons
        wrong = Document(cda_edit=(('<languageCode code="fr-FR"/>', '<languageCode code="fr-FR"/><copyTime/>'),))
        assert set(caller.deposit(Lot((wrong,))).codes) == {"InvalidDocumentContent"}
        no_sex = Document(cda_edit=(('displayName="Féminin" codeSystem="2.16.840.1.113883.5.1"', ""),))
        assert set(caller.deposit(Lot((no_sex,))).codes) == {"InvalidDocumentContent"}
        caller.client.close()
        assert base.EG not in str(caller.last_request())
