"""In front of a server that takes the whole mail and never answers: doubt, then `find`, then the same mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination import blobs, channels
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Organisation, Shipment
from coordination.ports import Parcel, Proof
from mssante.channel import MssanteChannel
from tests.coordination import world
from tests.coordination.services.helpers import deliver, validated
from tests.mssante.memory import MemoryCursors
from tests.mssante.parcels import EJ, MATERNITY, config
from tests.mssante.smtp_server import Script, ScriptedSmtp


class Asked(MssanteChannel):
    """The real channel; `calls` says what the outbox asked of it, in order."""

    calls: list[str]

    def submit(self, parcel: Parcel) -> Proof:
        self.calls.append("submit")
        return super().submit(parcel)

    def find(self, parcel: Parcel) -> Proof | None:
        self.calls.append("find")
        return super().find(parcel)


@pytest.mark.django_db
def test_silence_after_the_content(
    pki_dir: Path, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BLOB_DIR, settings.BLOB_KEYS_DIR = tmp_path / "blobs", tmp_path / "keys"  # type: ignore[attr-defined]
    settings.ANS_PACK = ""  # type: ignore[attr-defined]
    blobs._current_key.cache_clear()
    with ScriptedSmtp(pki_dir, Script(silent={"END"}, once=True)) as server:
        made = config(pki_dir=pki_dir, smtp_port=server.port, timeout=5.0, data_timeout=0.5, mailboxes={MATERNITY: EJ})
        channel = Asked(made, MemoryCursors())
        channel.calls = []
        monkeypatch.setattr(channels, "get", lambda name: channel)
        ward = world.ward()
        Organisation.objects.filter(pk=ward.maternity.pk).update(mailbox=MATERNITY, deposits_in_dmp=False)
        ward.maternity.refresh_from_db()
        validated(ward, world.stay(ward))
        mail = Shipment.objects.get()
        assert deliver(mail) == S.QUEUED
        mail.refresh_from_db()
        assert mail.in_doubt and mail.last_code == "SILENCE"
        assert deliver(mail) == S.ACCEPTED
        channel.close()
    assert channel.calls == ["submit", "find", "submit"]
    first, second = server.received
    assert first.content == second.content, "the recipient sees one mail"
