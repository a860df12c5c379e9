"""What a page says aloud is said by an element that stays: one that is itself replaced says nothing, or everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import Handover, Offer
from coordination.services import handovers
from tests.coordination import world

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
LIVE = re.compile(r"aria-live|role=\"(?:status|alert|log)\"")


def test_no_live_region_inside_what_replaces_itself() -> None:
    replaced = [path for path in TEMPLATES.rglob("*.html") if 'hx-swap="outerHTML"' in path.read_text("utf-8")]
    assert len(replaced) >= 3
    assert [path.name for path in replaced if LIVE.search(path.read_text("utf-8"))] == []


@pytest.mark.django_db
def test_the_answers_are_said_in_a_region_that_stays(ward: world.Ward) -> None:
    handover = Handover.objects.get(stay=world.stay(ward, with_midwife=False))
    handovers.ask(handover, ward.midwife, by=ward.coordinator)
    client = Client()
    client.force_login(ward.coordinator)
    page = client.get(reverse("relay_case", args=[handover.pk])).content.decode()
    fragment = client.get(reverse("relay_answers", args=[handover.pk])).content.decode()
    assert page.count('id="annonce"') == 1 and 'id="annonce"' not in fragment and "js/poll.js" in page
    assert 'data-said-in="annonce"' in fragment and "Claire AUBÉPINE : " in fragment
    handovers.accept(Offer.objects.get(), by=ward.midwife_user)
    fragment = client.get(reverse("relay_answers", args=[handover.pk])).content.decode()
    assert 'data-said="Claire AUBÉPINE : Acceptée' in fragment
