"""The state of the service says what is true: a deaf queue, a stopped clock, missing rules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from coordination.models import ChannelSwitch, Shipment
from coordination.selectors import service_state
from coordination.services import documents
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


def word(name: str) -> str:
    found = service_state.state(timezone.now())
    return next(vital.chip.text for vital in found.vitals if vital.name == name)


def test_a_quiet_service(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    assert word("Base de données") == "Répond"
    assert word("Horloge et travailleurs") == "À jour"
    assert word("Journal des actes") == "Rien à sceller"
    assert word("Règles nationales") == "Absentes"


def test_rules_are_there_when_their_folder_is(settings: object, tmp_path: Path, db: None) -> None:
    settings.ANS_PACK = str(tmp_path)  # type: ignore[attr-defined]
    assert word("Règles nationales") == "Présentes"


def test_work_that_nobody_takes_says_that_the_clock_stopped(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    assert word("Horloge et travailleurs") == "À jour", "a minute of patience"
    Shipment.objects.update(due_at=timezone.now() - timedelta(minutes=4))
    assert word("Horloge et travailleurs") == "À relancer"
    for name in ("dmp", "mssante"):
        ChannelSwitch.objects.create(channel=name, stopped=True, changed_by=ward.secretary, changed_at=timezone.now())
    assert word("Horloge et travailleurs") == "À jour", "a channel that somebody stopped is not the clock's fault"


def test_a_deaf_queue_is_said(settings: object, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app

    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    assert word("File d’attente") == "Muette"
