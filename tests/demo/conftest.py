"""A small story that really happened: both sandboxes on sockets, this process as the worker."""

from __future__ import annotations

from typing import Any

import pytest

from coordination import channels
from coordination.models import Shipment
from tests.coordination import world
from tests.coordination.services.helpers import child, deliver_all, follow, professional, validated
from tests.journeys import arena as made
from tests.journeys.conftest import arena, journeys_pki, ward

__all__ = ["arena", "journeys_pki", "ward"]


@pytest.fixture
def story(arena: made.Arena, ward: world.Ward, settings: Any) -> made.Arena:
    """A letter of the mother and an exam of the child, sent; one carer without address, one newborn without INS."""
    settings.PKI_DIR, settings.DMP_BASE_URL = str(arena.folder / "pki"), arena.dmp.base_url
    settings.MSSANTE_SMTP_PORT, settings.MSSANTE_IMAP_PORT = arena.mssante.smtp_port, arena.mssante.imap_port
    settings.MSSANTE_MAILBOXES, settings.ANS_PACK = {made.SENDER: made.ENTITY}, ""
    settings.DATABASE_URL, settings.VAR_DIR = made.database_url(), arena.folder
    (arena.folder / "sandbox").mkdir()
    for name in ("dmp", "mssante"):
        (arena.folder / "sandbox" / name).symlink_to(arena.folder / name)
    channels._load.cache_clear()
    stay = world.stay(ward)
    follow(ward, stay, professional(ward.practice, mailbox=False))
    validated(ward, stay)
    validated(ward, stay, person=child(stay), type_code="59283-2")
    deliver_all()
    states = sorted(Shipment.objects.values_list("channel", "status"))
    assert states == [("dmp", "ACCEPTED"), ("dmp", "HELD"), *[("mssante", "ACCEPTED")] * 2, *[("mssante", "HELD")] * 2]
    yield arena
    channels._load("mssante.channel.MssanteChannel").close()  # type: ignore[attr-defined]
    channels._load.cache_clear()
