"""The documents by which an identity is verified: a dated list with its source, shown to the administrator."""

from __future__ import annotations

import json
from datetime import date

import pytest

from coordination.selectors import service_state
from perinat.standards import identity_evidence


def test_a_newborn_is_verified_by_its_birth_first() -> None:
    assert list(identity_evidence.evidence(newborn=True)) == ["AN", "LE", "CN", "PA"]
    assert list(identity_evidence.evidence(newborn=False)) == ["CN", "PA"]


def test_the_list_says_its_source_and_its_day() -> None:
    source, read_on = identity_evidence.said()
    assert "RNIV" in source and date.fromisoformat(read_on) <= date(2100, 1, 1)


def test_another_file_is_another_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pages offer is what the file says, not a list of the code."""
    lists = json.loads(identity_evidence.DATA.read_text())
    lists["adult"].append({"code": "TS", "label": "Titre de séjour"})
    monkeypatch.setattr(identity_evidence, "_lists", lambda: lists)
    assert identity_evidence.evidence(newborn=False)["TS"] == "Titre de séjour"
    shown = {one.name: one.content for one in service_state._dated_lists()}
    assert "Titre de séjour" in shown["Pièces d’identité d’un adulte"]
