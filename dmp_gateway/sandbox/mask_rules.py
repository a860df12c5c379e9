"""Masks and sizes (dmp.md §3.5, §7 (9))."""

from __future__ import annotations

from dmp_gateway.sandbox import registry_objects as ro
from dmp_gateway.sandbox.complaints import Complaints
from dmp_gateway.sandbox.context import Limits
from dmp_gateway.sandbox.registry_objects import RegistryObject
from dmp_gateway.sandbox.vihf_rules import Caller

CLAUSE_MASKS = "EX_2.1-1050 (cumul-invisible_patient-masque_ps)"
CLAUSE_SECRET = "EX_0.1-1100 (connexion secrète d'un mineur)"
CLAUSE_SIZE = "dmp §3.5 (taille, valeur officielle inconnue)"


def check(documents: tuple[RegistryObject, ...], sizes: dict[str, int], caller: Caller, limits: Limits) -> None:
    """`sizes`: uniqueId → bytes. Raises RegistryRefusal."""
    found = Complaints(CLAUSE_MASKS)
    for document in documents:
        masks = {value.code for value in document.classified(ro.DE_CONFIDENTIALITY)}
        if {"INVISIBLE_PATIENT", "MASQUE_PS"} <= masks and not limits.masks_together:
            found.add(
                "sandbox:MasksExclusive",
                "Un document n'est pas à la fois masqué aux professionnels et invisible au patient.",
                at=document.identifier,
            )
        if caller.secret_connection and "INVISIBLE_REPRESENTANTS_LEGAUX" not in masks:
            found.add(
                "sandbox:SecretConnection",
                "En connexion secrète, un document est invisible aux représentants légaux.",
                at=document.identifier,
                clause=CLAUSE_SECRET,
            )
        size = sizes[document.external(ro.DE_UNIQUE)]
        if size > limits.document_bytes:
            reason = f"Le document dépasse {limits.document_bytes} octets."
            found.add("sandbox:DocumentTooLarge", reason, at=document.identifier, clause=CLAUSE_SIZE)
    if sum(sizes.values()) > limits.lot_bytes:
        found.add("sandbox:LotTooLarge", f"Le lot dépasse {limits.lot_bytes} octets.", clause=CLAUSE_SIZE)
    found.stop()
