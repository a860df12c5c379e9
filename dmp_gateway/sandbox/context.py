"""What the checks share: the settings of the sandbox and the request being judged."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from dmp_gateway.sandbox.authorizations import Authorizations
from dmp_gateway.sandbox.certificates import TrustAnchor
from dmp_gateway.sandbox.faults import FaultPlan
from dmp_gateway.sandbox.journal import Journal
from dmp_gateway.sandbox.national_rules import NationalRules
from dmp_gateway.sandbox.people import People
from dmp_gateway.sandbox.replay import ReplayMemory
from dmp_gateway.sandbox.schemas import Schemas
from dmp_gateway.sandbox.store import Store
from dmp_gateway.sandbox.structures import Structures


@dataclass(frozen=True, slots=True)
class Limits:
    """What the DMP keeps to itself, set here: sizes in bytes, durations in seconds.

    `request_bytes` bounds what is read; `lot_bytes` and `document_bytes` are rules of the DMP whose
    true values are unknown (dmp.md §3.5). `masks_together`: DMP parameter
    cumul-invisible_patient-masque_ps. `assertion_age` and `clock_skew` bound a VIHF in time.
    """

    request_bytes: int = 64 * 1024 * 1024
    lot_bytes: int = 50 * 1024 * 1024
    document_bytes: int = 5 * 1024 * 1024
    masks_together: bool = False
    assertion_age: int = 300
    clock_skew: int = 60
    idle: float = 120.0


@dataclass(slots=True)
class World:
    """The state of one sandbox. `commit` orders the acts that read then write the store."""

    limits: Limits
    trust: TrustAnchor
    schemas: Schemas
    national_rules: NationalRules
    people: People
    structures: Structures
    authorizations: Authorizations
    store: Store
    faults: FaultPlan
    journal: Journal
    replay: ReplayMemory
    commit: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Request:
    """One POST: `path` under the base path, `content_type` header, `body`, client certificate."""

    path: str
    content_type: str
    body: bytes
    certificate: x509.Certificate


def default_schema_directory(value: str | Path | None) -> Path | None:
    """Folder of the XSDs, None when it is not given or absent."""
    path = Path(value) if value else None
    return path if path and path.is_dir() else None
