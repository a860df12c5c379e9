"""What the tests of « Ses documents » do: a session of Pro Santé Connect, a question, the worker's part."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from coordination import tasks
from coordination.services import consulting
from tests.coordination.views.town.conftest import Home


def address(home: Home, name: str = "record") -> str:
    return reverse(name, args=[home.stay.pk])


def text(client: Client, home: Home, query: str = "") -> str:
    answer = client.get(address(home) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, home: Home, name: str, **data: str) -> Any:
    return client.post(address(home, name), {"retour": address(home), **data})


def work() -> None:
    """The worker's part."""
    for identifier in consulting.waiting_ids():
        tasks.ask_record(str(identifier))


def consult(client: Client, home: Home, **data: str) -> str:
    post(client, home, "record_consult", **data)
    work()
    return text(client, home)
