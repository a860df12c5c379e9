"""What the product defines, the product uses: rules of time, functions of the services, fields of the models.

A name that only a test knows is dead: it is truly used, or removed.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import AbstractUser
from django.db import models

from coordination.models import HoldReason, WorkItemKind

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("coordination", "dmp_gateway", "mssante", "perinat", "scripts", "templates")
DEFINED = [ROOT / "coordination" / "deadlines.py", *sorted((ROOT / "coordination" / "services").glob("*.py"))]
HOMES = ("coordination", "coordination.services")
OF_DJANGO = {field.name for field in AbstractUser._meta.get_fields()}
WORD = re.compile(r"\b[A-Za-z_][A-Za-z0-9_]*\b")


@cache
def words() -> Counter[str]:
    """How often each word stands in the product: Python sources and templates, migrations left out."""
    files = [
        path
        for folder in PRODUCT
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".html") and "migrations" not in path.parts
    ]
    return Counter(word for path in files for word in WORD.findall(path.read_text(encoding="utf-8")))


@cache
def imported() -> set[str]:
    """The modules that the product imports from where DEFINED stands."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "coordination").rglob("*.py")]
    froms = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    whole = {alias.name for node in froms if node.module in HOMES for alias in node.names}
    return whole | {
        str(node.module).rpartition(".")[2] for node in froms if str(node.module).rpartition(".")[0] in HOMES
    }


def defined(source: str) -> set[str]:
    """Names that a module gives: its constants, functions and classes."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return found - {"__all__"}


# Whole passes that the tasks make one row at a time, and two acts that no page offers: only tests call them today.
CALLED_BY_TESTS = {"documents.abandon", "holding.release_ready", "routing.dispatch_to"}


def test_every_rule_of_time_and_every_service_is_used() -> None:
    dead = {
        f"{path.stem}.{name}"
        for path in DEFINED
        if path.stem in imported()  # a module that nothing imports yet is being built
        for name in defined(path.read_text(encoding="utf-8"))
        if words()[name] < 2
    }
    assert dead - CALLED_BY_TESTS == set()


def _is_used(field: models.Field) -> bool:
    """By its name outside of its own line, or by the name of its column."""
    return words()[field.name] > 1 or words()[field.attname] > int(field.attname == field.name)


def test_every_field_of_the_models_is_used() -> None:
    dead = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("coordination").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.Field) and field.name not in OF_DJANGO and not _is_used(field)
    }
    assert dead == set()


@pytest.mark.parametrize("choices", [HoldReason, WorkItemKind])
def test_every_reason_and_every_kind_of_line_is_given_by_a_service(choices: type[models.TextChoices]) -> None:
    """A label alone does not count."""
    services = "".join(path.read_text(encoding="utf-8") for path in DEFINED)
    assert {one.name for one in choices if f"{choices.__name__}.{one.name}" not in services} == set()


def test_the_comparison_sees_what_it_should() -> None:
    assert defined("A, B = 1, 2\nC: int = 3\ndef d(): e = 1\nclass F: g = 1") == {"A", "B", "C", "d", "F"}
