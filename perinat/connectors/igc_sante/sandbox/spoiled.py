"""Certificates that a true counterpart must refuse: for tests that check the refusals."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perinat.connectors.igc_sante.sandbox import issuance, store
from perinat.connectors.igc_sante.sandbox.authority import (
    ROOT_NAME,
    SERVER_HOSTS,
    SERVER_IDNAT,
    SandboxAuthority,
    StructureFiles,
)
from perinat.connectors.igc_sante.sandbox.issuance import Issued


class Flaw(enum.StrEnum):
    """What is wrong with the pair of certificates."""

    EXPIRED = "expired"  # ended yesterday
    NOT_YET_VALID = "not_yet_valid"  # begins tomorrow
    WRONG_USAGE = "wrong_usage"  # neither clientAuth nor signature
    OTHER_AUTHORITY = "other_authority"  # a root of the same name with another key


def issue_server(authority: SandboxAuthority, flaw: Flaw) -> tuple[Path, Path]:
    """Make a flawed certificate of the sandbox servers under spoiled/<flaw>/ and return it with its key."""
    folder = authority.directory / "spoiled" / flaw
    pem, key = folder / "server.pem", folder / "server.key"
    name = issuance.organisation_name(SERVER_IDNAT, "ORG_AUTH_SRV")
    usage = issuance.ENCIPHERMENT_ONLY if flaw is Flaw.WRONG_USAGE else issuance.SERVER
    root, begins, ends = _terms(authority, flaw)
    made = issuance.leaf(root, name, usage, not_before=begins, not_after=ends, hosts=SERVER_HOSTS)
    store.save(made, pem, key)
    return pem, key


def issue(authority: SandboxAuthority, struct_idnat: str, flaw: Flaw) -> StructureFiles:
    """Make the flawed pair of a legal entity under spoiled/<flaw>/<Struct_IdNat>/ and return its paths."""
    authority.structure(struct_idnat)  # same refusal of a wrong identifier
    files = StructureFiles.under(authority.directory / "spoiled" / flaw / struct_idnat)
    auth_usage, sign_usage = issuance.AUTH_CLI, issuance.SIGN
    if flaw is Flaw.WRONG_USAGE:
        auth_usage = sign_usage = issuance.ENCIPHERMENT_ONLY
    root, begins, ends = _terms(authority, flaw)
    auth = issuance.leaf(
        root,
        issuance.organisation_name(struct_idnat, "ORG_AUTH_CLI"),
        auth_usage,
        not_before=begins,
        not_after=ends,
    )
    sign = issuance.leaf(
        root,
        issuance.organisation_name(struct_idnat, "ORG_SIGN"),
        sign_usage,
        not_before=begins,
        not_after=ends,
    )
    store.save(auth, files.auth_pem, files.auth_key)
    store.save(sign, files.sign_pem, files.sign_key)
    return files


def _terms(authority: SandboxAuthority, flaw: Flaw) -> tuple[Issued, datetime, datetime]:
    """Who signs, from when, until when."""
    now = datetime.now(UTC)
    day = timedelta(days=1)
    root = issuance.root(ROOT_NAME, now=now) if flaw is Flaw.OTHER_AUTHORITY else authority.root()
    match flaw:
        case Flaw.EXPIRED:
            return root, now - 400 * day, now - day
        case Flaw.NOT_YET_VALID:
            return root, now + day, now + 30 * day
        case _:
            return root, now - day, now + 30 * day
