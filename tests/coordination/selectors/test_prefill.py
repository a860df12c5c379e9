"""What a document opens with is true, fits its volet, and states nothing that the ward did not record."""

from __future__ import annotations

import pytest
from django.utils import timezone

from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import case_problems
from coordination.selectors import prefill
from coordination.selectors.writable import WRITABLE
from tests.coordination import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", WRITABLE)
def test_what_is_known_fits_and_only_lacks(name: str) -> None:
    stay, volet = world.stay(world.ward()), VOLETS[name]
    person = stay.newborns.get().person if volet.about_child else stay.mother
    body = prefill.of(volet, stay, person)
    assert body
    found = [problem for problem in case_problems(volet, body, on=timezone.localdate())]
    assert [str(problem) for problem in found if "obligatoire" not in problem.message_fr] == []


def test_the_birth_is_that_of_the_child() -> None:
    stay = world.stay(world.ward())
    child = stay.newborns.get()
    body = prefill.of(VOLETS["OBP-SNE"], stay, child.person)
    assert body["labour"]["events"]["birth_rank"] == {"rank": child.rank, "born_at": child.born_at.isoformat()}
    assert body["newborn"]["exam"]["vital_signs"]["measures"]["weight"] == child.weight_g
