"""Collecting what is wrong with one step before answering: the DMP lists errors, it does not stop at one."""

from __future__ import annotations

from dmp_gateway.sandbox.refusals import Complaint, RegistryRefusal


class Complaints:
    """A list of complaints under one clause; `stop` raises when there is any."""

    def __init__(self, clause: str) -> None:
        self.clause = clause
        self.found: list[Complaint] = []

    def add(self, code: str, context: str, *, at: str = "", clause: str = "") -> None:
        self.found.append(Complaint(code, context, clause or self.clause, at))

    def stop(self) -> None:
        """Raises RegistryRefusal with all complaints, returns when there is none."""
        if self.found:
            raise RegistryRefusal(self.found)
