"""What the tests of replacements share: a new version by the doctor, what each channel accepted."""

from __future__ import annotations

from functools import cache

import pytest
import typst

from coordination import blobs
from coordination.cda import reader
from coordination.models import Blob, Document, DocumentVersion, ReplacementReason, Shipment
from coordination.services import documents
from perinat.standards import oids
from perinat.standards.identifiers import Ins, ins_key
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all, validated
from tests.fakes import FakeChannel

WHY = ReplacementReason.WRONG_DATUM
CHILD = Ins("1260399350001" + ins_key("1260399350001"), oids.INS_NIR_TEST)
Fakes = dict[str, FakeChannel]


@pytest.fixture
def paper(ward: world.Ward, fakes: Fakes) -> Document:
    """A letter for the DMP and the midwife, queued."""
    return validated(ward, world.stay(ward))


@pytest.fixture
def arrived(paper: Document) -> Document:
    """The same, accepted everywhere."""
    deliver_all()
    return paper


def pdf(text: str = "Lettre de liaison corrigée") -> Blob:
    return blobs.store(compiled(text), media_type="application/pdf")


@cache
def compiled(text: str) -> bytes:
    return typst.compile(text.encode(), pdf_standards=["a-1b"])


def replaced(
    ward: world.Ward, paper: Document, text: str = "Lettre de liaison corrigée", **more: object
) -> DocumentVersion:
    """A new version by the doctor whose name the paper bears."""
    file = pdf(text)
    paper.refresh_from_db()
    values: dict[str, object] = {"by": ward.doctor_user, "reason": WHY} | more
    return documents.replace(paper, original=file, readable=file, **values)  # type: ignore[arg-type]


def of(channel: str) -> Shipment:
    """The newest sending by this channel."""
    return Shipment.objects.filter(channel=channel).exclude(action="WITHDRAW").latest("created_at")


def sent(fake: FakeChannel) -> list[tuple[str, int, str]]:
    """What a channel accepted: action, version number, uniqueId it replaces."""
    return [(p.action.value, d.version, d.replaces_unique_id) for p in fake.kept.values() for d in p.documents]


def named_in(version: DocumentVersion) -> str:
    """The version that the sealed CDA names as its parent."""
    assert version.cda is not None
    return reader.read(blobs.read(version.cda)).replaces
