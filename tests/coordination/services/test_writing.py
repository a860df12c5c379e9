"""A structured document written on a screen: kept whatever it lacks, finished only when whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from coordination import access, blobs
from coordination.cda.volets import VOLETS
from coordination.cda.volets.read import body_of
from coordination.lifecycles import DocumentStatus
from coordination.models import Document, Draft, Role, Shipment, Stay, User
from coordination.selectors import circle
from coordination.services import documents, sealing, writing
from perinat.standards import cda_rules, oids, xml
from tests.conformance import run
from tests.conformance.cases import CASES
from tests.conformance.cases.people import moved
from tests.coordination import world

pytestmark = pytest.mark.django_db
_HL7 = f"{{{oids.NS_HL7}}}"


@pytest.fixture
def place() -> world.Ward:
    return world.ward()


@pytest.fixture
def stay(place: world.Ward) -> Stay:
    return world.stay(place)


@pytest.fixture
def writer(place: world.Ward) -> User:
    """The ward's midwife, who signs what she writes."""
    person = world._professional("89900001093", "Iris", "NOISETIER", "G15_50", place.maternity)
    return world.user("sagefemme.ward", Role.HOSPITAL_MIDWIFE, place.maternity, person)


def body(volet: str = "OBP-SCM", name: str = "maximal") -> dict[str, Any]:
    return dict(moved(CASES[volet][name]["body"], timezone.localdate()))


def test_an_incomplete_draft_is_kept_as_it_is(stay: Stay, writer: User) -> None:
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    half = {"acts": {"acts": [{"act": {"code": "JNMD002"}}]}, "events": {"exit": {"mode": "nowhere"}}}
    found = writing.save(draft, half, revision=1, by=writer)
    assert {"body.acts.acts[0].act", "body.events.exit.mode", "body.events.problems"} <= {one.path for one in found}
    assert blobs.read_json(Draft.objects.get().body) == half
    with pytest.raises(writing.WritingRefusedError) as refused:
        writing.finish(draft, by=writer)
    assert len(refused.value.problems) == len(found) and not Document.objects.exists()


def test_it_opens_with_what_is_known_and_only_once(stay: Stay, writer: User) -> None:
    first = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    assert blobs.read_json(first.body)["events"]["exit"]["mode"] == "160849004"
    assert writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer) == first


def test_a_page_that_is_behind_erases_nothing(stay: Stay, writer: User) -> None:
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    writing.save(draft, body(), revision=1, by=writer)
    with pytest.raises(writing.WritingRefusedError, match="autre page"):
        writing.save(draft, {}, revision=1, by=writer)
    assert blobs.read_json(Draft.objects.get().body) == body()


def test_a_whole_draft_becomes_a_conforming_document_that_leaves(stay: Stay, writer: User) -> None:
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    assert writing.save(draft, body(), revision=1, by=writer) == []
    document = writing.finish(draft, by=writer)
    version = document.current_version
    assert document.status == DocumentStatus.VALIDATED and version.cda is not None and version.readable is not None
    data = blobs.read(version.cda)
    read = body_of(xml.parse(data))
    assert read is not None and read[0] is VOLETS["OBP-SCM"] and read[1]["events"] == body()["events"]
    sealing.check_before_leaving(version, data)
    assert blobs.read(version.readable).startswith(b"%PDF-")
    assert Shipment.objects.filter(versions=version).exists()
    assert Draft.objects.get().document == document


@pytest.mark.skipif(not run.PACK.is_dir(), reason="règles nationales absentes (../shared/ans/pack)")
def test_what_the_national_rules_let_pass_does_not_leave(stay: Stay, writer: User, settings: Any) -> None:
    """The schematrons of OBP-SCM ask for no section: a document without its mandatory one gives no error."""
    settings.ANS_PACK = str(run.PACK)
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    writing.save(draft, body(), revision=1, by=writer)
    version = writing.finish(draft, by=writer).current_version
    assert version.cda is not None
    whole = blobs.read(version.cda)
    root = xml.parse(whole)
    [acts] = [node for node in root.iter(f"{_HL7}code") if node.get("code") == "29554-3"]
    component = acts.getparent().getparent()  # type: ignore[union-attr]
    component.getparent().remove(component)  # type: ignore[union-attr]
    assert cda_rules.check(xml.to_bytes(root), pack=run.PACK).errors == ()
    with pytest.raises(sealing.NonConformingDocumentError) as caught:
        sealing.check_before_leaving(version, xml.to_bytes(root))
    assert caught.value.findings == ("section 29554-3 is required",)
    version.refresh_from_db()
    assert version.checked_at is None
    sealing.check_before_leaving(version, whole)


def test_the_discharge_letter_waits_for_the_physician(stay: Stay, writer: User, place: world.Ward) -> None:
    if "LDL-SES" not in VOLETS:
        pytest.fail("LDL-SES is not written")
    draft = writing.open_draft(stay, stay.mother, "LDL-SES", by=writer)
    writing.save(draft, body("LDL-SES", "minimal"), revision=1, by=writer)
    document = writing.finish(draft, by=writer)
    assert document.author == place.doctor and document.status == DocumentStatus.TO_VALIDATE
    documents.validate(document, by=place.doctor_user)
    assert document.current_version.cda is not None


def test_a_newborn_s_document_is_about_the_newborn(stay: Stay, writer: User) -> None:
    child = stay.newborns.get().person
    with pytest.raises(writing.WritingRefusedError):
        writing.open_draft(stay, stay.mother, "OBP-SEM", by=writer)
    with pytest.raises(writing.WritingRefusedError):
        writing.open_draft(stay, child, "OBP-SCM", by=writer)
    draft = writing.open_draft(stay, child, "OBP-SEM", by=writer)
    writing.save(draft, body("OBP-SEM"), revision=1, by=writer)
    document = writing.finish(draft, by=writer)
    assert document.person == child and document.is_about_newborn


@pytest.mark.parametrize("who", ["secretary", "midwife_user", "coordinator"])
def test_others_neither_write_nor_see(who: str, stay: Stay, writer: User, place: world.Ward) -> None:
    with pytest.raises(access.AccessDeniedError):
        writing.open_draft(stay, stay.mother, "OBP-SCM", by=getattr(place, who))
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    assert not Draft.objects.visible_to(getattr(place, who)).filter(pk=draft.pk).exists()
    assert Draft.objects.visible_to(writer).filter(pk=draft.pk).exists()


def test_an_abandoned_draft_is_closed(stay: Stay, writer: User) -> None:
    draft = writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer)
    writing.abandon(draft, by=writer)
    with pytest.raises(writing.WritingRefusedError, match="abandonné"):
        writing.save(draft, body(), revision=1, by=writer)
    assert writing.open_draft(stay, stay.mother, "OBP-SCM", by=writer).pk != draft.pk
    assert Draft.objects.get(pk=draft.pk).abandoned_at <= timezone.now()  # type: ignore[operator]


def test_the_doctor_of_the_mother_is_not_that_of_her_child(place: world.Ward) -> None:
    practitioner = world._professional("89900001085", "Yves", "DOUGLAS", "G15_10/SM54", place.practice)
    stay = world.stay(place, general_practitioner=practitioner)
    child = stay.newborns.get().person
    for person, role, title in (
        (stay.mother, "attending", "Médecin traitant"),
        (child, "correspondent", "Médecin traitant de la mère"),
    ):
        document = world.letter(place, stay, person=person)
        named = {one.professional.family_name: one for one in circle.participants(document)}
        assert (named["DOUGLAS"].role, named["DOUGLAS"].title) == (role, title)
        assert named["AUBÉPINE"].role == "team" and named["AUBÉPINE"].since is None


@pytest.mark.parametrize(
    ("volet", "path"),
    [
        ("LDL-SES", "body.synthesis.exit_mode.date"),
        ("OBP-SCM", "body.events.exit.date"),
        ("OBP-SEM", "body.events.exit.date"),
        ("OBP-SNM", "body.labour.events.exit.date"),
        ("OBP-SNE", "body.events.exit.date"),
        ("OBP-SNE", "body.labour.events.birth_rank.born_at"),
    ],
)
def test_what_disagrees_with_the_header_is_a_problem_of_its_field(
    stay: Stay, writer: User, volet: str, path: str
) -> None:
    """Whole or not: a case that lacks all the rest says it too."""
    person = stay.newborns.get().person if VOLETS[volet].about_child else stay.mother
    draft = writing.open_draft(stay, person, volet, by=writer)
    alone: Any = "2019-01-05"
    for step in reversed(path.split(".")[1:]):
        alone = {step: alone}
    for case in (alone, _with(body(volet, "minimal"), path, "2019-01-05")):
        assert path in {one.path for one in writing.problems(draft, case)}
    with pytest.raises(writing.WritingRefusedError) as refused:
        writing.save(draft, _with(body(volet, "minimal"), path, "2019-01-05"), revision=1, by=writer)
        writing.finish(draft, by=writer)
    assert path in {one.path for one in refused.value.problems}


def test_the_rank_of_another_child_is_a_problem(stay: Stay, writer: User) -> None:
    draft = writing.open_draft(stay, stay.newborns.get().person, "OBP-SNE", by=writer)
    path = "body.labour.events.birth_rank.rank"
    assert path in {one.path for one in writing.problems(draft, _with(body("OBP-SNE", "minimal"), path, 2))}
    assert path not in {one.path for one in writing.problems(draft, _with(body("OBP-SNE", "minimal"), path, 1))}


def _with(case: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    *steps, last = path.split(".")[1:]
    inner = case
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return case
