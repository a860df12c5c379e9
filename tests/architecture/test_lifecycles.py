"""Every lifecycle is whole, drawn in the documentation, worn by a model, and says its states in French."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import models

from coordination.lifecycles import LIFECYCLES, Lifecycle
from coordination.selectors.display import BY_MODEL, LOOKS
from coordination.services.transitions import CYCLES
from scripts import state_machines

CYCLE_LIST = list(LIFECYCLES.values())


def test_the_page_is_the_one_of_the_tables() -> None:
    """After a change: python -m scripts.state_machines."""
    assert state_machines.PAGE.read_text(encoding="utf-8") == state_machines.page()
    assert set(state_machines.TITLES) == set(LIFECYCLES)


@pytest.mark.parametrize("cycle", CYCLE_LIST, ids=lambda c: c.name)
def test_every_state_is_in_the_table_and_can_be_reached(cycle: Lifecycle) -> None:
    assert set(cycle.table) == set(cycle.states)
    reached, waiting = set(cycle.initial), list(cycle.initial)
    while waiting:
        following = [target for target in cycle.table[waiting.pop()] if target not in reached]
        reached.update(following)
        waiting += following
    assert reached == set(cycle.states)
    assert all(isinstance(target, cycle.states) for targets in cycle.table.values() for target in targets)


@pytest.mark.parametrize("cycle", CYCLE_LIST, ids=lambda c: c.name)
def test_every_state_has_a_french_label_of_its_own(cycle: Lifecycle) -> None:
    labels = [state.label for state in cycle.states]
    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"[A-ZÀÉÊ][a-zàâçéèêëîïôùû' ]+", label) for label in labels), labels


def test_every_status_is_moved_by_a_table_and_shown_with_words() -> None:
    """« nothing else has a status »: a status column without its lifecycle would escape move()."""
    worn = {
        model for model in apps.get_app_config("coordination").get_models()
        if any(isinstance(f, models.Field) and f.name == "status" for f in model._meta.get_fields())
    }  # fmt: skip
    assert worn == set(CYCLES) and sorted(c.name for c in CYCLES.values()) == sorted(LIFECYCLES)
    for model, cycle in CYCLES.items():
        field = model._meta.get_field("status")
        assert field.choices == cycle.states.choices() and field.max_length >= max(map(len, cycle.states))
        assert BY_MODEL[model.__name__] is cycle.states and set(LOOKS[cycle.states]) == set(cycle.states)
