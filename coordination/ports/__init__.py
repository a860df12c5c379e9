"""The border between the core and the outside: what the core asks, what an adapter answers.

No ORM object, no protocol object crosses it. Adapters are found by dotted path in settings
(`CHANNELS`, `IDENTITY`, …); they import this module and `perinat.standards`, nothing else of the core.
"""

from __future__ import annotations

from coordination.ports.channels import (
    Action,
    Channel,
    ChannelError,
    Correspondent,
    DocumentSize,
    Incoming,
    Letter,
    Parcel,
    ParcelDocument,
    PermanentChannelError,
    PreviousAbsentError,
    Proof,
    ReceiptKind,
    Recipient,
    Sender,
    TemporaryChannelError,
    UncertainChannelError,
)
from coordination.ports.consultation import (
    DocumentSource,
    Reader,
    RecordAct,
    Scope,
)
from coordination.ports.outside import (
    AccessTokens,
    BoxKeeper,
    Directory,
    IdentityService,
    Intake,
    IntakeReports,
    Notifier,
    OpenedBox,
)

__all__ = [
    "AccessTokens",
    "Action",
    "BoxKeeper",
    "Channel",
    "ChannelError",
    "Correspondent",
    "Directory",
    "DocumentSize",
    "DocumentSource",
    "IdentityService",
    "Incoming",
    "Intake",
    "IntakeReports",
    "Letter",
    "Notifier",
    "OpenedBox",
    "Parcel",
    "ParcelDocument",
    "PermanentChannelError",
    "PreviousAbsentError",
    "Proof",
    "Reader",
    "ReceiptKind",
    "Recipient",
    "RecordAct",
    "Scope",
    "Sender",
    "TemporaryChannelError",
    "UncertainChannelError",
]
