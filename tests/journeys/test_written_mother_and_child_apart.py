"""What is typed on the screens about the mother reaches no byte of her child's documents, nor the other way round.

Every free text of the real forms holds a word that nothing else writes. The volets written here (LDL-SES, OBP-SCM of
the mother, OBP-SEM of the child) have no place for the other person: no national model allows one of these words there.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from coordination import blobs
from coordination.cda.spec import schema as json_schema
from coordination.cda.volets import VOLETS
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Document, Draft, Person, Shipment, Stay, User
from coordination.papers.brief.values import as_json
from coordination.selectors import case_form, prefill
from coordination.services import cards, stays, writing
from tests.conformance.cases import CASES
from tests.conformance.cases.people import moved
from tests.coordination import world
from tests.coordination.services import written
from tests.coordination.services.helpers import child
from tests.journeys.arena import Arena, until
from tests.journeys.test_mother_and_child_apart import CHILD, sent_about, settled, signed, texts

pytestmark = pytest.mark.django_db(transaction=True)
SENTINEL = re.compile(rb"(?:MAMAN|BEBE)MARQUE[A-Z]+", re.IGNORECASE)
HELD = re.compile(rb">\s*([A-Za-z0-9+/]{40,}={0,2})\s*<")
MOTHER, BABY = "MAMANMARQUE", "BEBEMARQUE"


def inputs(parts: Iterable[case_form.Input | case_form.Block]) -> Iterator[case_form.Input]:
    for part in parts:
        if isinstance(part, case_form.Block):
            yield from inputs(part.parts)
        else:
            yield part


def is_free(one: case_form.Input) -> bool:
    return one.kind in ("words", "lines") and not one.path.endswith((".code", "id", ".udi", ".unit", "phone"))


def letters(number: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in f"{number:03}")


def typed(volet: str, name: str, mark: str) -> dict[str, str]:
    """The fields of the form of this case, a word of its own in every free text that the case has."""
    body = moved(CASES[volet][name]["body"], timezone.localdate())
    fields: dict[str, str] = {}
    for number, one in enumerate(inputs(case_form.blocks(json_schema.of(VOLETS[volet].members), body, problems={}))):
        mine = mark + volet.replace("-", "").replace("8", "") + letters(number)
        fields[one.path] = mine if one.value and is_free(one) else one.value
        fields[f"{one.path}@heure"] = one.second
    return fields


def marks(fields: Mapping[str, str]) -> set[bytes]:
    return {found for value in fields.values() for found in SENTINEL.findall(value.encode())}


def filled(client: Client, draft: Draft, fields: Mapping[str, str]) -> None:
    """What a person posts: what the page showed (prefilled or inherited), and over it what she types."""
    address = reverse("writing", args=[draft.pk])
    page = html.fromstring(client.get(address).content.decode())
    form = next(form for form in page.forms if any(name.startswith("body.") for name in form.fields))
    shown = {name: value for name, value in form.form_values() if name.startswith("body.")}
    given = shown | {name: value for name, value in fields.items() if value}
    answer = client.post(address, given | {"acte": "terminer", "revision": str(draft.revision)})
    assert answer.status_code == 302, refused(draft)


def refused(draft: Draft) -> list[str]:
    draft.refresh_from_db()
    return [str(problem) for problem in writing.problems(draft, writing.body_of(draft))]


def finished(user: User, stay: Stay, person: Person, volet: str, fields: Mapping[str, str]) -> Document:
    client = signed(user)
    client.post(reverse("writing_start", args=[stay.pk]), {"personne": person.pk, "volet": volet})
    draft = Draft.objects.get(stay=stay, volet=volet, finished_at__isnull=True)
    filled(client, draft, fields)
    draft.refresh_from_db()
    assert draft.document is not None
    return draft.document


def corrected(user: User, document: Document, fields: Mapping[str, str]) -> None:
    client = signed(user)
    client.post(reverse("document_correct", args=[document.pk]))
    draft = Draft.objects.get(document=document, replaces__isnull=False, finished_at__isnull=True)
    filled(client, draft, {**fields, "motif": "WRONG_DATUM"})


def said(arena: Arena, document: Document) -> set[bytes]:
    """Sentinels in the sealed CDA, its PDF/A, its card, and in what the DMP and the mailboxes hold of it."""
    data = sent_about(arena.folder, [document])
    for version in document.versions.all():
        assert version.cda is not None and version.readable is not None
        cda = blobs.read(version.cda)
        assert b"ClinicalDocument" in cda
        data += texts(cda) + texts(blobs.read(version.readable)) + repr(as_json(cards.values(version))).encode()
    data += b"".join(texts(base64.b64decode(one + b"=" * (-len(one) % 4))) for one in HELD.findall(data))
    return set(SENTINEL.findall(data))


def everything_left() -> None:
    until("what was written", settled)
    lost = Shipment.objects.filter(status__in=[S.REJECTED, S.FAILED]).exclude(functional=True)
    assert [one.last_message for one in lost] == []


def revised(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value.replace("MARQUE", "MARQUEREVU") for name, value in fields.items()}


def of_the(mark: str, words: set[bytes]) -> list[bytes]:
    return sorted(word for word in words if word.upper().startswith(mark.encode()))


def test_what_is_written_of_one_stays_out_of_the_others_documents(
    arena: Arena, ward: world.Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways, in first versions and in corrections; then the product is broken on purpose, and it is seen."""
    arena.start_worker()
    arena.start_clock()
    stay, writer = world.stay(ward), written.writer(ward)
    baby: Person = child(stay)  # type: ignore[assignment]
    stays.qualify(baby, CHILD, by=ward.secretary)
    summary_words, letter_words = typed("OBP-SCM", "maximal", MOTHER), typed("LDL-SES", "maximal", MOTHER)
    exam_words = typed("OBP-SEM", "maximal", BABY)
    summary = finished(writer, stay, stay.mother, "OBP-SCM", summary_words)
    letter = finished(writer, stay, stay.mother, "LDL-SES", letter_words)
    signed(ward.doctor_user).post("/a-valider/valider/", {"papiers": [str(letter.pk)]})
    exam = finished(writer, stay, baby, "OBP-SEM", exam_words)
    everything_left()
    corrected(writer, exam, revised(exam_words))
    corrected(writer, summary, revised(summary_words))
    everything_left()
    assert min(summary.versions.count(), exam.versions.count()) >= 2 and letter.versions.count() == 1

    assert len(marks(letter_words)) >= 60 and len(marks(summary_words)) >= 9 and len(marks(exam_words)) >= 18
    of_exam, of_summary, of_letter = said(arena, exam), said(arena, summary), said(arena, letter)
    assert marks(exam_words) | marks(revised(exam_words)) <= of_exam, "the search finds what is there"
    assert marks(summary_words) | marks(revised(summary_words)) <= of_summary and marks(letter_words) <= of_letter
    assert of_the(MOTHER, of_exam) == []
    assert of_the(BABY, of_summary | of_letter) == []

    copied = {"follow_up": letter_words["body.reason"]}
    monkeypatch.setitem(prefill._KNOWN, "OBP-SEM", lambda stay, newborn: copied)
    untouched = typed("OBP-SEM", "minimal", BABY) | {"body.follow_up": ""}
    leaking = finished(writer, stay, baby, "OBP-SEM", untouched)
    everything_left()
    assert of_the(MOTHER, said(arena, leaking)) == [copied["follow_up"].encode()], "a prefilling that copies is seen"
