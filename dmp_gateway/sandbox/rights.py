"""Rights by transaction and mode: the matrices PDT-INF-526 v1.8 and PDT-INF-606 v1.3 (dmp.md §1.9)."""

from __future__ import annotations

import enum
from functools import cache

from dmp_gateway.sandbox import value_sets
from dmp_gateway.sandbox.refusals import SoapRefusal
from dmp_gateway.sandbox.store import Record
from dmp_gateway.sandbox.vihf_rules import Caller, Mode

CLAUSE = "dmp §1.9 (matrices de droits)"


class Right(enum.StrEnum):
    YES = "yes"
    OWN = "own"  # documents of the author; of anyone for the treating doctor, but to delete
    STRUCTURE = "structure"  # documents of the structure, or in its name
    NO = "no"


@cache
def _matrix() -> dict[str, dict[str, str]]:
    return {name: row for name, row in value_sets.read("rights.json").items() if name != "about"}


def check(caller: Caller, transaction: str) -> Right:
    """YES, OWN or STRUCTURE. Raises SoapRefusal when the mode gives no right to the transaction."""
    column = caller.mode.value
    if caller.mode is Mode.INDIRECTE_RENFORCEE:
        column = "AIR_PS" if caller.is_professional else "AIR_PE"
    right = Right(_matrix().get(transaction, {}).get(column, "no"))
    if right is Right.NO:
        reason = f"La transaction TD{transaction} n'est pas ouverte au mode {caller.mode}."
        raise SoapRefusal("sandbox:RightDenied", reason, CLAUSE)
    return right


def reaches(right: Right, record: Record, caller: Caller, *, treating: bool = False) -> bool:
    """The right holds for this document."""
    if right is Right.OWN:
        return treating or caller.subject in record.authors
    return right is Right.YES or record.legal == caller.legal
