"""The section « Statut du document » that ends the OBP volets and opens LDL-SES (FR-Statut-du-document)."""

from __future__ import annotations

from coordination.cda.entries.basics import SIMPLE_OBSERVATION, entry, observation, value
from coordination.cda.spec.coded import OneOf
from coordination.cda.spec.nodes import Item, Section
from perinat.standards import oids
from perinat.standards.codes import Code

STATUSES = (
    Code("9571008", oids.SNOMED_CT, "approuvé"),
    Code("385651009", oids.SNOMED_CT, "en cours d'exécution"),
    Code("398166005", oids.SNOMED_CT, "réalisé"),
    Code("29179001", oids.SNOMED_CT, "clôturé"),
)


def document_status(*, section_roots: tuple[str, ...] = (), entry_roots: tuple[str, ...] = ()) -> Section:
    """GEN-065; the extra roots are those that a volet adds (LDL-SES)."""
    node = observation(
        Code("GEN-065", oids.TA_ASIP, "Statut du document"),
        value(OneOf(STATUSES), label="Statut"),
        roots=(*SIMPLE_OBSERVATION, "1.2.250.1.213.1.1.3.48.16", *entry_roots),
    )
    return Section(
        "status",
        "Statut du document",
        Code("33557-0", oids.LOINC, "Etat d'achèvement"),
        ("1.2.250.1.213.1.1.2.35", *section_roots),
        (Item("value", "Statut du document", entry(node), required=True, default="9571008"),),
        required=True,
    )
