"""An IHE_XDM archive that came without a mail (FOLDER_READERS): read with the same guards."""

from __future__ import annotations

from mssante import xdm_reader
from mssante.zip_guard import ArchiveError
from perinat.standards.received import ReceivedFile


def opened(data: bytes) -> tuple[tuple[ReceivedFile, ...], str]:
    """(documents, the French sentence that refuses the archive). Never raises on the content."""
    try:
        return xdm_reader.read(data).documents, ""
    except ArchiveError as error:
        return (), error.message_fr
