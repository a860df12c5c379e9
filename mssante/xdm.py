"""The archive IHE_XDM.zip (IHE ITI TF-2 §3.32, volet Échange de documents de santé).

    README.TXT  INDEX.HTM  IHE_XDM/SUBSET01/METADATA.XML  IHE_XDM/SUBSET01/DOC0001.XML …

Names follow ISO 9660 level 1 (8.3, A-Z 0-9 _). The members are stored, not deflated: most of a CDA is
base64 already, and deflating it costs eighty times more than all the rest (15 ms against 0.2).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC

from coordination.ports import Action, Parcel, PermanentChannelError
from mssante.conf import MssanteConfig
from mssante.xdm_pages import index_htm, readme_txt
from perinat.standards import ebrim, ebrim_schemes, xml

SUBSET = "IHE_XDM/SUBSET01"
ACTIONS = {
    Action.SEND: "",
    Action.REPLACE: ebrim_schemes.REPLACE_ACTION,
    Action.WITHDRAW: ebrim_schemes.DELETE_ACTION,
}


def archive(parcel: Parcel, config: MssanteConfig) -> bytes:
    """Bytes of the archive; the same parcel gives the same bytes.

    Raises PermanentChannelError: a document is not the one that its metadata describe, or the
    metadata cannot be written.
    """
    names = [f"DOC{number:04d}.XML" for number in range(1, len(parcel.documents) + 1)]
    _check_digests(parcel)
    members = [
        ("README.TXT", readme_txt(parcel, names, config)),
        ("INDEX.HTM", index_htm(parcel)),
        (f"{SUBSET}/METADATA.XML", _metadata(parcel, names, config)),
    ]
    members += [(f"{SUBSET}/{name}", document.cda) for name, document in zip(names, parcel.documents, strict=True)]
    # A zip knows no time zone and counts from 1980; the instant of the lot keeps retries identical.
    stamp = parcel.submission_set.submitted_at.astimezone(UTC).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        for name, content in members:
            package.writestr(zipfile.ZipInfo(name, stamp), content)
    return buffer.getvalue()


def _check_digests(parcel: Parcel) -> None:
    for document in parcel.documents:
        digest = hashlib.sha1(document.cda, usedforsecurity=False).hexdigest()
        if digest != document.entry.hash_sha1.lower() or len(document.cda) != document.entry.size:
            raise PermanentChannelError(
                "HASH", "Un document ne correspond plus à ses métadonnées : l'envoi est arrêté.", document.unique_id
            )


def _metadata(parcel: Parcel, names: list[str], config: MssanteConfig) -> bytes:
    action = ACTIONS[parcel.action]
    items = [
        ebrim.EntryItem(document.entry, symbolic_id=f"Document{number:02d}", uri=name, action=action)
        for number, (name, document) in enumerate(zip(names, parcel.documents, strict=True), start=1)
    ]
    try:
        request = ebrim.submission(parcel.submission_set, items, action_slot=config.action_slot)
    except ebrim.EbrimError as error:
        raise PermanentChannelError("METADATA", error.message_fr) from error
    return xml.to_bytes(request)
