"""Who reads, whose record, and how a refusal is caught."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coordination.ports import (
    ChannelError,
    PermanentChannelError,
    Reader,
)
from dmp_gateway.consultation import DmpConsultation
from perinat.standards.shared_record import HeldDocument, RecordDocument
from tests.dmp_gateway import parcels

SIGNED_IN = datetime.now(UTC) - timedelta(minutes=2)
MOTHER = parcels.parcel().patient
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def reader(user=parcels.MIDWIFE, role: str = "50", *, strong: bool = True, secret: bool = False) -> Reader:
    return Reader(parcels.sender(user, role), SIGNED_IN, strong, secret)


MIDWIFE, DOCTOR, SECRETARY = reader(), reader(parcels.DOCTOR, "10"), reader(role="SECRETARIAT_MEDICAL")
LOCAL = reader(strong=False)


def refusal(act, kind: type[ChannelError] = PermanentChannelError) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        act()
    assert type(raised.value) is kind, raised.value
    return raised.value


def only(source: DmpConsultation, who: Reader = MIDWIFE) -> RecordDocument:
    (found,) = source.search(who, MOTHER, archived=True)
    return found


def held(*documents: RecordDocument) -> list[HeldDocument]:
    return [HeldDocument(d.unique_id, d.entry_uuid, d.logical_id) for d in documents]
