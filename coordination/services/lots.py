"""How much fits in one sending: the papers of one patient are split so that each lot stays under its channel's limit.

Only the channel knows what a document weighs once it is wrapped (the DMP takes the CDA as it is; a mail takes it in
base64, beside its PDF): it is asked by `size_of` and `max_bytes`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from coordination import channels
from coordination.models import ChannelName, Document, DocumentVersion
from coordination.ports import DocumentSize

# What a later edition may add to a sealed document: the INS of a newborn, the version that it replaces.
SPARE = 4096
_WHO = {ChannelName.DMP: "le DMP n'en admet que", ChannelName.MSSANTE: "la messagerie MSSanté n'en admet que"}


class TooLargeError(Exception):
    """One document alone passes the limit of its channel; `message_fr` says what to do."""

    def __init__(self, message_fr: str) -> None:
        super().__init__(message_fr)
        self.message_fr = message_fr


def split(
    channel: ChannelName, versions: Sequence[DocumentVersion], *, spare: int = SPARE
) -> list[list[DocumentVersion]]:
    """The fewest lots that the order allows: each version joins the first lot that has room for it.

    One that is too large by itself is alone in its lot: the channel says so, and a person is told.
    """
    lots: list[list[DocumentVersion]] = []
    for version in versions:
        room = next((lot for lot in lots if _weight(channel, [*lot, version], spare) <= limit(channel)), None)
        if room is None:
            lots.append([version])
        else:
            room.append(version)
    return lots


def limit(channel: ChannelName) -> int:
    return channels.get(channel).max_bytes


def _weight(channel: ChannelName, versions: Sequence[DocumentVersion], spare: int) -> int:
    return channels.get(channel).size_of([_size(version, spare) for version in versions])


def _size(version: DocumentVersion, spare: int) -> DocumentSize:
    cda, readable = version.cda, version.readable
    return DocumentSize(cda=(cda.size if cda else 0) + spare, pdf_a=readable.size if readable else 0)


def require_room(channel: ChannelName, document: Document, version: DocumentVersion, *, spare: int = SPARE) -> None:
    """Raises TooLargeError: this document does not fit in a sending of its own."""
    weight, most = _weight(channel, [version], spare), limit(channel)
    if weight > most:
        raise TooLargeError(
            f"« {document.title} » pèse {_megabytes(weight, up=True)} une fois préparé ; {_WHO[channel]} "
            f"{_megabytes(most, up=False)}. Numérisez-le en noir et blanc à 200 points par pouce, ou coupez-le en deux "
            "fichiers, puis déposez-le de nouveau."
        )


def _megabytes(size: int, *, up: bool) -> str:
    tenths = math.ceil(size / 1e5) if up else math.floor(size / 1e5)
    return f"{tenths / 10:.1f} Mo".replace(".", ",")
