"""The sandbox authority: root, server certificate, and two certificates per legal entity.

Layout under its folder: ca.pem and ca.key (trust anchor), server.pem and server.key (sandbox
servers), structures/<Struct_IdNat>/{auth,sign}.{pem,key}. What is there and good is kept; what is
absent, damaged, of another root or close to its end is made again.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from perinat.connectors.igc_sante.sandbox import issuance, store
from perinat.connectors.igc_sante.sandbox.issuance import Issued, Usage

RENEW_BEFORE = timedelta(days=7)
ROOT_NAME = "AC racine IGC-Santé de bac à sable"
SERVER_HOSTS = ("localhost", "127.0.0.1")
SERVER_IDNAT = "1990000002"
_STRUCT_IDNAT = re.compile(r"\d[0-9A-Z]{8,14}")


@dataclass(frozen=True, slots=True)
class StructureFiles:
    """Paths of the certificates of one legal entity."""

    auth_pem: Path
    auth_key: Path
    sign_pem: Path
    sign_key: Path

    @classmethod
    def under(cls, folder: Path) -> StructureFiles:
        return cls(folder / "auth.pem", folder / "auth.key", folder / "sign.pem", folder / "sign.key")


class SandboxAuthority:
    """A root authority kept in one folder. Several processes may share it: a lock file orders them."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)
        self.ca_pem = self.directory / "ca.pem"
        self.ca_key = self.directory / "ca.key"
        self.server_pem = self.directory / "server.pem"
        self.server_key = self.directory / "server.key"

    def structure(self, struct_idnat: str) -> StructureFiles:
        """Where the certificates of a legal entity stand. Raises ValueError: not a Struct_IdNat."""
        if not _STRUCT_IDNAT.fullmatch(struct_idnat):
            raise ValueError("Un identifiant de structure compte 9 à 15 chiffres ou lettres majuscules.")
        return StructureFiles.under(self.directory / "structures" / struct_idnat)

    def ensure(self, structures: Iterable[str] = ()) -> list[Path]:
        """Make what is missing or ends within seven days; return the certificates made, in order.

        `structures`: Struct_IdNat of legal entities (EJ). Calling it again makes nothing.
        """
        wanted = {idnat: self.structure(idnat) for idnat in structures}
        made: list[Path] = []
        with self._locked():
            root, renewed = self._root()
            if renewed:
                made.append(self.ca_pem)
            server = issuance.organisation_name(SERVER_IDNAT, "ORG_AUTH_SRV")
            if self._ensure_leaf(root, self.server_pem, self.server_key, server, issuance.SERVER, hosts=SERVER_HOSTS):
                made.append(self.server_pem)
            for idnat, files in wanted.items():
                auth = issuance.organisation_name(idnat, "ORG_AUTH_CLI")
                if self._ensure_leaf(root, files.auth_pem, files.auth_key, auth, issuance.AUTH_CLI):
                    made.append(files.auth_pem)
                sign = issuance.organisation_name(idnat, "ORG_SIGN")
                if self._ensure_leaf(root, files.sign_pem, files.sign_key, sign, issuance.SIGN):
                    made.append(files.sign_pem)
        return made

    def root(self) -> Issued:
        """The root with its key, made when absent."""
        with self._locked():
            return self._root()[0]

    def _root(self) -> tuple[Issued, bool]:
        found = store.load(self.ca_pem, self.ca_key)
        if found and not _ends_soon(found):
            return found, False
        made = issuance.root(ROOT_NAME, now=datetime.now(UTC))
        store.save(made, self.ca_pem, self.ca_key)
        return made, True

    def _ensure_leaf(
        self,
        root: Issued,
        pem: Path,
        key: Path,
        subject: x509.Name,
        usage: Usage,
        *,
        hosts: tuple[str, ...] = (),
    ) -> bool:
        found = store.load(pem, key)
        if found and not _ends_soon(found) and _is_issued_by(found, root):
            return False
        now = datetime.now(UTC)
        made = issuance.leaf(
            root,
            subject,
            usage,
            not_before=now - timedelta(days=1),
            not_after=now + timedelta(days=issuance.LEAF_DAYS),
            hosts=hosts,
        )
        store.save(made, pem, key)
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.directory / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _ends_soon(issued: Issued) -> bool:
    return issued.certificate.not_valid_after_utc - datetime.now(UTC) < RENEW_BEFORE


def _is_issued_by(issued: Issued, root: Issued) -> bool:
    try:
        issued.certificate.verify_directly_issued_by(root.certificate)
    except (InvalidSignature, ValueError):
        return False
    return True
