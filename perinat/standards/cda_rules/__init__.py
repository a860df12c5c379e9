"""Checks CDA R2 documents: XSD and national rules of a pack folder, or perinat's own short check.

`check(cda, pack=…)` runs, in the order of the ANS tool « testContenuCDA »: the XSD, five generic
schematrons, then the schematron of the model that the document declares. `own_check(cda)` needs no
pack: order, cardinalities and codes of the header (« Structuration minimale » V1.16.8). `before_leaving`
is what the product asks of its own documents: the rules of the pack, and what they do not see.
A valid report is necessary, not sufficient: the rules do not see everything.
"""

from perinat.standards.cda_rules.findings import Finding, Level, RuleReport, RulesError
from perinat.standards.cda_rules.own import own_check
from perinat.standards.cda_rules.service import before_leaving, check

__all__ = ["Finding", "Level", "RuleReport", "RulesError", "before_leaving", "check", "own_check"]
