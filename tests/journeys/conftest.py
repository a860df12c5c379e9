"""One arena per journey, and the ward of the core's tests with addresses that the sandboxes know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import blobs
from coordination.models import Mailbox, Organisation
from dmp_gateway.sandbox.server import DmpSandbox
from mssante.sandbox.server import MssanteSandbox
from tests.coordination import world
from tests.journeys import arena as made


@pytest.fixture(scope="session")
def journeys_pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    made.prepare_pki(folder)
    return folder


@pytest.fixture
def arena(transactional_db: None, tmp_path: Path, journeys_pki: Path, settings: object) -> Iterator[made.Arena]:
    """Sandboxes that listen, and a place for the processes of the product."""
    settings.BLOB_DIR = tmp_path / "blobs"  # type: ignore[attr-defined]
    settings.BLOB_KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    blobs._current_key.cache_clear()
    (tmp_path / "pki").symlink_to(journeys_pki)
    with (
        DmpSandbox(tmp_path / "dmp", journeys_pki) as dmp,
        MssanteSandbox(tmp_path / "mssante", journeys_pki) as mssante,
    ):
        one = made.Arena(tmp_path, dmp, mssante)
        one.env = made.environment(tmp_path, dmp, mssante)
        made.call(
            "PUT",
            f"{dmp.admin_url}/structures",
            {"struct_idnat": made.SITE, "legal": made.ENTITY, "name": "Maternité d'essai"},
        )
        _people(dmp.admin_url)
        _mailboxes(mssante.admin_url)
        yield one
        one.stop()


def _people(admin: str) -> None:
    ins = world.ins()
    person = {
        "matricule": ins.matricule, "oid": ins.oid, "state": "OK", "birth_name": "ACACIA",
        "given_names": "LOUISE MARIE", "sex": "F", "birth_date": "19930412",
    }  # fmt: skip
    made.call("PUT", f"{admin}/people", [person])


def _mailboxes(admin: str) -> None:
    boxes = [
        {"address": made.SENDER, "kind": "APP", "owner": "Maternité d'essai", "legal_struct": made.ENTITY},
        {"address": made.MIDWIFE, "kind": "PER", "owner": "Claire AUBÉPINE", "behaviour": "reader", "delay_s": 0},
    ]
    for box in boxes:
        made.call("PUT", f"{admin}/mailboxes", box)


@pytest.fixture
def ward(arena: made.Arena) -> world.Ward:
    place = world.ward()
    Organisation.objects.filter(pk=place.maternity.pk).update(mailbox=made.SENDER)
    place.maternity.refresh_from_db()
    Mailbox.objects.filter(professional=place.midwife).update(address=made.MIDWIFE)
    return place
