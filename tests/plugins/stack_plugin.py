"""Starts the embedded PostgreSQL and Valkey before Django's settings are read.

A `conftest.py` would come too late: pytest-django loads the settings first. Hence a `-p` plugin. The workers
of xdist inherit the addresses; pytest-django gives each of them a database of its own. Nothing is started
when DATABASE_URL and REDIS_URL are given.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from scripts.stack import temporary_stack

_running = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ.update(_running.enter_context(temporary_stack()))
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _running.close()
