"""Each row of the table of errors, said by the sandbox over the wire: what the core is told, and on whose screen it is.

What the DMP never says (a setting that is missing, an INS…) is refused by perinat before any call: those rows are
named here with the test that makes them happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from coordination.lifecycles import ShipmentStatus, WorkItemStatus
from coordination.models import Shipment, WorkItem
from coordination.ports import (
    ChannelError,
    PermanentChannelError,
    PreviousAbsentError,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.selectors import administration, delivery
from coordination.services import documents, outbox
from dmp_gateway import errors
from dmp_gateway.channel import DmpChannel
from dmp_gateway.errors import Actor, Nature
from dmp_gateway.sandbox.server import DmpSandbox
from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from tests.coordination import world
from tests.coordination.conftest import fakes, files, ward  # noqa: F401  (fixtures)
from tests.dmp_gateway import parcels
from tests.fakes import FakeChannel

# Code → the file of tests that makes perinat or the transport say it; never words of the DMP.
OURS = {
    "CERTIFICATE_REFUSED": "test_failure_modes.py",
    "SERVER_NOT_TRUSTED": "test_failure_modes.py",
    "CERTIFICATE_UNUSABLE": "test_failure_modes.py",
    "CONFIGURATION": "test_table_on_the_wire.py",
    "INS_MISSING": "test_failure_modes.py",
    "INS_NOT_ALLOWED": "test_failure_modes.py",
    "TOO_LARGE": "test_failure_modes.py",
    "MASKS_EXCLUSIVE": "test_failure_modes.py",
    "SPECIALTY_MISSING": "test_failure_modes.py",
    "PREVIOUS_ABSENT": "test_against_sandbox.py",
    "RIGHT_DENIED": "consultation/",
    "AGREEMENT_MISSING": "consultation/",
    "AUTHORIZATION_NONE": "test_four_shapes.py",
    "AUTHORIZATION_EXPIRED": "test_four_shapes.py",
    "DOCUMENT_ALTERED": "consultation/",
    "DOCUMENT_UNFIT": "test_failure_modes.py",
    "UNREACHABLE": "test_failure_modes.py",
    "UNKNOWN_OUTCOME": "test_failure_modes.py",
    "GARBLED_ANSWER": "test_failure_modes.py",
}
SAID = [code for code in errors.TABLE if code not in OURS]
KINDS: dict[Nature, type[ChannelError]] = {
    Nature.PERMANENT: PermanentChannelError,
    Nature.FUNCTIONAL: PermanentChannelError,
    Nature.TEMPORARY: TemporaryChannelError,
    Nature.UNCERTAIN: UncertainChannelError,
    Nature.ALREADY_THERE: PermanentChannelError,  # said, and TD3.1b does not confirm
    Nature.NOTHING_TO_REPLACE: PreviousAbsentError,
}


@pytest.fixture(scope="module")
def sandbox(authority: SandboxAuthority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DmpSandbox]:
    with DmpSandbox(tmp_path_factory.mktemp("dmp"), authority.directory) as running:
        mother, site = parcels.MOTHER, parcels.sender()
        assert mother.ins is not None
        person = {
            "matricule": mother.ins.matricule, "oid": mother.ins.oid, "birth_name": mother.birth_family_name,
            "given_names": mother.birth_given_names, "sex": mother.sex, "birth_date": f"{mother.birth_date:%Y%m%d}",
        }  # fmt: skip
        put(running, "people", [person])
        put(
            running,
            "structures",
            {"struct_idnat": site.struct_idnat, "legal": site.legal_struct_idnat, "name": "Essai"},
        )
        yield running


def put(sandbox: DmpSandbox, path: str, payload: Any) -> None:
    requests.put(f"{sandbox.admin_url}/{path}", json=payload, timeout=20).raise_for_status()


def said_on_the_wire(sandbox: DmpSandbox, pki_dir: Path, code: str) -> ChannelError:
    requests.delete(f"{sandbox.admin_url}/faults", timeout=20).raise_for_status()
    shape = "soap" if code.startswith(("DMP", "Message")) else "registry"
    fault = {"kind": "refusal", "shape": shape, "code": code, "party": "Sender", "reason": "Madame FICTIVE"}
    put(sandbox, "faults", [{**fault, "transaction": "2.1a"}])
    config = parcels.config(pki_dir, sandbox.base_url)
    with pytest.raises(ChannelError) as raised:
        DmpChannel(lambda: config).submit(parcels.parcel())
    return raised.value


@pytest.mark.parametrize("code", SAID)
def test_each_row_that_the_dmp_says(sandbox: DmpSandbox, pki_dir: Path, code: str) -> None:
    error, rule = said_on_the_wire(sandbox, pki_dir, code), errors.TABLE[code]
    assert (type(error), error.code) == (KINDS[rule.nature], code)
    assert "FICTIVE" not in f"{error} {error.message_fr} {error.detail}"
    assert error.message_fr.startswith(rule.fact_fr.split("{", maxsplit=1)[0])
    if rule.nature is not Nature.ALREADY_THERE:
        assert error.message_fr.endswith(rule.next.deposit_fr.rsplit("}", maxsplit=1)[-1])
        assert error.of_channel == (rule.nature in (Nature.TEMPORARY, Nature.UNCERTAIN))


def test_a_setting_that_is_missing_is_told_before_any_call(settings: Any) -> None:
    settings.DMP_BASE_URL = ""
    with pytest.raises(PermanentChannelError) as raised:
        DmpChannel().submit(parcels.parcel())
    assert (raised.value.code, raised.value.detail) == ("CONFIGURATION", "Le réglage DMP_BASE_URL est absent.")


def test_each_row_of_ours_names_a_test_that_speaks_of_it() -> None:
    here = Path(__file__).parent
    for code, place in OURS.items():
        paths = (here / place).glob("*.py") if place.endswith("/") else [here / place]
        assert any(code in path.read_text(encoding="utf-8") for path in paths), code
    assert set(OURS) <= set(errors.TABLE)


@pytest.mark.django_db
@pytest.mark.parametrize("code", errors.TABLE)
def test_each_sentence_reaches_who_must_act(
    code: str,
    ward: world.Ward,  # noqa: F811
    fakes: dict[str, FakeChannel],  # noqa: F811
) -> None:
    """A line for the ward when somebody must act; the same words for the administrator; nobody else is called."""
    documents.validate(world.letter(ward, world.stay(ward, with_midwife=False)), by=ward.doctor_user)
    sent = Shipment.objects.get(channel="dmp")
    rule, error = errors.TABLE[code], errors.error(code)
    fakes["dmp"].failures = [error]
    status = outbox.deliver(sent.pk)
    sent.refresh_from_db()
    lines = WorkItem.objects.filter(shipment=sent, status=WorkItemStatus.OPEN)
    told = [answer for line in administration.channel_lines() for answer in line.answers]
    if rule.nature is Nature.PERMANENT:
        assert status == ShipmentStatus.REJECTED and rule.next.actor is not Actor.NOBODY
        assert [line.message for line in lines] == [error.message_fr]
        assert [line.organisation for line in lines] == [ward.maternity]
        assert [(one.code, one.sentence, one.count) for one in told] == [(code, error.message_fr, 1)]
        assert delivery.sentence(sent) == error.message_fr
    elif rule.nature is not Nature.NOTHING_TO_REPLACE:  # about a replacement, which then goes as a first sending
        assert not lines and not told
    if rule.nature is Nature.FUNCTIONAL:
        assert error.message_fr in delivery.sentence(sent)
    if rule.nature in (Nature.TEMPORARY, Nature.UNCERTAIN, Nature.ALREADY_THERE):
        assert status == ShipmentStatus.QUEUED and error.message_fr in delivery.sentence(sent)
