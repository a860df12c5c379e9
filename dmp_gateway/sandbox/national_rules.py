"""The national rules of CDA documents (XSD and schematrons), when a pack folder is given."""

from __future__ import annotations

from pathlib import Path

from dmp_gateway.sandbox.refusals import RegistryRefusal
from perinat.standards import cda_rules

CLAUSE = "EX_2.1-1071, EX_2.1-1090 (schéma et schématrons CI-SIS)"


class NationalRules:
    """`check` is silent without a pack. The rules engine itself takes one document at a time."""

    def __init__(self, pack: Path | None, cache: Path | None = None) -> None:
        self._pack = pack if pack is not None and pack.is_dir() else None
        self._cache = cache

    @property
    def present(self) -> bool:
        return self._pack is not None

    def warm(self) -> None:
        """Compile the rules now (2 to 5 s), not during the first deposit: one that comes meanwhile waits.

        Raises cda_rules.RulesError: the pack is damaged.
        """
        if self._pack is not None:
            cda_rules.check(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', pack=self._pack, cache=self._cache)

    def check(self, document: bytes) -> list[str]:
        """What `document` breaks, one sentence each; empty when it is valid or without a pack.

        Raises RegistryRefusal XDSRepositoryError when the rules themselves cannot run.
        """
        if self._pack is None:
            return []
        try:
            report = cda_rules.check(document, pack=self._pack, cache=self._cache)
        except cda_rules.RulesError as error:
            raise RegistryRefusal.of("XDSRepositoryError", error.message_fr, CLAUSE) from error
        if report.valid:
            return []
        found = [f"{finding.step} : {finding.message_fr} ({finding.where})" for finding in report.errors]
        return found or ["Aucune règle nationale ne s'applique à ce document."]
