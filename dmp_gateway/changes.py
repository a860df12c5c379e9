"""What arrived in a record since the last search: the incremental algorithm of ANS (dmp.md §1.6).

FindSubmissionSets since the last connection → GetAssociations → HasMember → documents by batches of 20.
Then: Deprecated is ignored; a replacement of what is held is told; a logicalId that is held is the same
document described anew; a uniqueId that is held is the same document, arrived by another channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from dmp_gateway import queries
from dmp_gateway.client import Call
from dmp_gateway.soap import Answer
from perinat.standards import ebrim_schemes
from perinat.standards.ebrim import ParsedAssociation
from perinat.standards.identifiers import Ins
from perinat.standards.shared_record import DocumentStatus, HeldDocument, RecordChanges, RecordDocument

Ask = Callable[[Call], Answer]


def since(ask: Ask, ins: Ins, *, since: datetime, held: Sequence[HeldDocument], until: datetime) -> RecordChanges:
    """Run the algorithm. `ask` makes one query; `until`: what to ask from, the next time."""
    lots = queries.read(ask(queries.find_submission_sets(ins, since=since)).body).references
    members = _members(ask, lots)
    found: dict[str, RecordDocument] = {}
    links: list[ParsedAssociation] = []
    for batch in _batches(members):
        answer = queries.read(ask(queries.documents_and_associations(batch)).body)
        found |= {document.entry_uuid: document for document in queries.documents(answer)}
        links += answer.associations
    return _sorted(list(found.values()), links, held, until)


def _members(ask: Ask, lots: Sequence[str]) -> list[str]:
    """What the lots hold, each once, in order."""
    seen: dict[str, None] = {}
    for batch in _batches(lots):
        links = queries.read(ask(queries.associations_of(batch)).body).associations
        seen |= {link.target: None for link in links if link.type == ebrim_schemes.HAS_MEMBER}
    return list(seen)


def _batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), queries.BATCH):
        yield values[start : start + queries.BATCH]


def _sorted(
    found: list[RecordDocument], links: list[ParsedAssociation], held: Sequence[HeldDocument], until: datetime
) -> RecordChanges:
    known_entries = {document.entry_uuid for document in held if document.entry_uuid}
    known_logical = {document.logical_id for document in held if document.logical_id}
    known_unique = {document.unique_id for document in held}
    living = [document for document in found if document.status is not DocumentStatus.REPLACED]
    same = [d for d in living if d.logical_id in known_logical or d.unique_id in known_unique]
    new = [d for d in living if d not in same and d.status is not DocumentStatus.DELETED]
    return RecordChanges(
        new=tuple({document.unique_id: document for document in new}.values()),
        redescribed=tuple(
            d for d in same if d.entry_uuid not in known_entries or d.status is not DocumentStatus.ACTIVE
        ),
        replaced={
            link.target: link.source
            for link in links
            if link.type == ebrim_schemes.RPLC and link.target in known_entries
        },
        until=until,
    )
