"""Certificates that a true counterpart must refuse: for tests that check the refusals."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta

from perinat.connectors.igc_sante.sandbox import issuance, store
from perinat.connectors.igc_sante.sandbox.authority import ROOT_NAME, SandboxAuthority, StructureFiles


class Flaw(enum.StrEnum):
    """What is wrong with the pair of certificates."""

    EXPIRED = "expired"  # ended yesterday
    NOT_YET_VALID = "not_yet_valid"  # begins tomorrow
    WRONG_USAGE = "wrong_usage"  # neither clientAuth nor signature
    OTHER_AUTHORITY = "other_authority"  # a root of the same name with another key


def issue(authority: SandboxAuthority, struct_idnat: str, flaw: Flaw) -> StructureFiles:
    """Make the flawed pair of a legal entity under spoiled/<flaw>/<Struct_IdNat>/ and return its paths."""
    authority.structure(struct_idnat)  # same refusal of a wrong identifier
    files = StructureFiles.under(authority.directory / "spoiled" / flaw / struct_idnat)
    now = datetime.now(UTC)
    root = authority.root()
    begins, ends = now - timedelta(days=1), now + timedelta(days=30)
    auth_usage, sign_usage = issuance.AUTH_CLI, issuance.SIGN
    match flaw:
        case Flaw.EXPIRED:
            begins, ends = now - timedelta(days=400), now - timedelta(days=1)
        case Flaw.NOT_YET_VALID:
            begins = now + timedelta(days=1)
        case Flaw.WRONG_USAGE:
            auth_usage = sign_usage = issuance.ENCIPHERMENT_ONLY
        case Flaw.OTHER_AUTHORITY:
            root = issuance.root(ROOT_NAME, now=now)
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
