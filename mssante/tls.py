"""TLS with the operator: TLS 1.2 or more, IGC-Santé only, client certificate of the structure.

Référentiel socle #2: ECO.1.1.1 (version), 1.1.3 (suites), 1.1.6 (revocation), 1.1.7 (the last list is
kept when its refresh fails: it is a file), 1.1.10 (IGC-Santé only). A context costs some 28 ms to
make: it is kept until one of its files changes.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from coordination.ports import TemporaryChannelError
from mssante.conf import MssanteConfig
from perinat.standards import pki


def context(config: MssanteConfig, struct_idnat: str) -> ssl.SSLContext:
    """The context of a legal entity. Raises TemporaryChannelError: a file is absent, unusable or expired."""
    folder = config.pki_dir / "structures" / struct_idnat
    files = (folder / "auth.pem", folder / "auth.key", config.trust_anchor, config.crl)
    try:
        # Said here in clear: a server that refuses it only cuts the line.
        ended = pki.load(files[0], files[1]).not_after
        if datetime.now(UTC) >= ended:
            message_fr = f"Le certificat de la structure pour MSSanté a expiré le {ended:%d/%m/%Y}."
            raise TemporaryChannelError("CERTIFICATE", message_fr, struct_idnat)
        return _context(*files, tuple(_stamp(path) for path in files))
    except pki.PkiError as error:
        raise TemporaryChannelError("CERTIFICATE", error.message_fr, error.detail) from error
    except OSError as error:
        message_fr = "Le certificat de la structure pour MSSanté est absent ou illisible."
        raise TemporaryChannelError("CERTIFICATE", message_fr, str(error)) from error


def _stamp(path: Path | None) -> int:
    return path.stat().st_mtime_ns if path else 0


@lru_cache(maxsize=64)
def _context(pem: Path, key: Path, trust: Path, revoked: Path | None, stamps: tuple[int, ...]) -> ssl.SSLContext:
    made = pki.client_context(pki.load(pem, key), trust)
    if revoked:
        made.load_verify_locations(cafile=str(revoked))
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return made
