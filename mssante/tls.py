"""TLS with the operator: TLS 1.2 or more, IGC-Santé only, client certificate of the structure when it is the key.

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
from mssante.keys import Certificate, Key
from perinat.standards import pki


def context(config: MssanteConfig, key: Key) -> ssl.SSLContext:
    """The context of a key. Raises TemporaryChannelError: a file is absent, unusable or expired."""
    pair = _pair(config, key.struct_idnat) if isinstance(key, Certificate) else None
    files = (*(pair or ()), config.trust_anchor, *([config.crl] if config.crl else []))
    try:
        return _context(pair, config.trust_anchor, config.crl, tuple(path.stat().st_mtime_ns for path in files))
    except pki.PkiError as error:
        raise TemporaryChannelError("CERTIFICATE", error.message_fr, error.detail) from error
    except OSError as error:
        message_fr = "Un certificat nécessaire à MSSanté est absent ou illisible."
        raise TemporaryChannelError("CERTIFICATE", message_fr, str(error)) from error


def _pair(config: MssanteConfig, struct_idnat: str) -> tuple[Path, Path]:
    """Certificate and private key of a legal entity, still in date. Raises TemporaryChannelError."""
    folder = config.pki_dir / "structures" / struct_idnat
    pem, private = folder / "auth.pem", folder / "auth.key"
    try:
        ended = pki.load(pem, private).not_after
    except pki.PkiError as error:
        raise TemporaryChannelError("CERTIFICATE", error.message_fr, error.detail) from error
    if datetime.now(UTC) >= ended:  # said here in clear: a server that refuses it only cuts the line
        message_fr = f"Le certificat de la structure pour MSSanté a expiré le {ended:%d/%m/%Y}."
        raise TemporaryChannelError("CERTIFICATE", message_fr, struct_idnat)
    return pem, private


@lru_cache(maxsize=64)
def _context(
    pair: tuple[Path, Path] | None, trust: Path, revoked: Path | None, stamps: tuple[int, ...]
) -> ssl.SSLContext:
    made = pki.client_context(pki.load(*pair) if pair else None, trust)
    if revoked:
        made.load_verify_locations(cafile=str(revoked))
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return made
