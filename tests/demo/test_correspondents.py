"""What correspondents send during the week really passes the operator; the judge counts it, and sees what is lost."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from coordination.cda import builder
from coordination.demo import correspondents
from coordination.demo.judge import inbox_store
from coordination.models import ReceivedDocument
from coordination.services import collection
from mssante.sandbox.lint import cda
from tests.coordination.cda import samples
from tests.coordination.services.letters_in import content
from tests.demo.test_judge import judged
from tests.journeys import arena as made
from tests.journeys.arena import Arena, call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def arrived(story: Arena) -> Arena:
    """A correspondent of the sandbox sends a letter about the mother; it is collected by IMAP."""
    letter = builder.build(content(), unique_id="1.2.250.1.999.9.41", now=samples.NOW)
    told = {
        "from": made.MIDWIFE,
        "to": made.SENDER,
        "body": "Bonjour",
        "documents": [base64.b64encode(letter).decode()],
    }
    call("POST", f"{story.mssante.admin_url}/write", told)
    collection.collect("mssante")
    return story


def test_a_letter_of_a_correspondent_is_counted(arrived: Arena) -> None:
    verdict = judged(arrived)
    assert (verdict.problems, verdict.received, verdict.received_filed) == ([], 1, 1)
    assert ReceivedDocument.objects.get().status == "FILED"


def test_a_letter_that_was_lost_is_seen(arrived: Arena) -> None:
    ReceivedDocument.objects.all().delete()
    assert judged(arrived).problems == ["received 1.2.250.1.999.9.41: 1 sent, 0 kept"]


def test_a_letter_that_nobody_sent_is_seen(arrived: Arena) -> None:
    ReceivedDocument.objects.update(unique_id="1.2.3")
    assert "received 1.2.3: in no box" in judged(arrived).problems


def test_only_what_lies_in_our_boxes_is_counted(arrived: Arena) -> None:
    assert sum(inbox_store(arrived.folder / "mssante", {made.SENDER}).values()) == 1
    assert not inbox_store(arrived.folder / "mssante", {"personne@ailleurs.example"})


def test_the_week_asks_for_one_that_files_itself_and_one_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(correspondents, "_ask", lambda method, path, payload: asked.append((path, payload)))
    assert correspondents.write() == 2
    letters = [cda.read(base64.b64decode(one["documents"][0])) for path, one in asked if path == "write"]
    assert [one.given_names[0] for one in letters] == ["LOUISE", "FATOUMATA"], "the second is misspelt"
    assert all(one.ins_is_qualified and one.pdf for one in letters)
