"""« Qui verra ce document ? » : compared, for each choice, with what leaves and what is read here."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from coordination.models import CareRole, ChannelName, Document, HoldReason, Newborn, Role, Stay
from coordination.selectors import confidentiality as fold
from coordination.selectors import readership
from coordination.selectors.readership import BY_MAIL, HERE, IN_DMP, IN_RECORD, Reader
from coordination.services import documents, routing
from perinat.standards import codes, record_rights
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED, SECRET
from tests.coordination import world
from tests.coordination.services.helpers import follow, professional
from tests.fakes import FakeChannel

CHOICES = ([], [MASKED], [FROM_PATIENT], [FROM_REPRESENTATIVES], [MASKED, FROM_REPRESENTATIVES])
PEOPLE = ("mother", "minor", "child", "child apart")


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    """A midwife, a GP without address nor account, a PMI doctor not informed yet, somebody of no recipient role."""
    made = world.stay(ward)
    site = ward.practice
    site.mailbox = ""
    site.save()
    follow(ward, made, professional(site, 0, family="GÉNÉRALISTE", mailbox=False), CareRole.GP)
    follow(ward, made, professional(site, 1, family="PMI"), CareRole.PMI, informed=False)
    other = professional(site, 2, family="AUTRE")
    world.user("autre", Role.SPECIALIST, site, other)
    follow(ward, made, other, CareRole.OTHER)
    return made


def whose(stay: Stay, person: str) -> Any:
    today = timezone.localdate()
    if person == "minor":
        stay.mother.birth_date = date(today.year - 16, 1, 1)
        stay.mother.save()
    if person == "child apart":
        Newborn.objects.filter(stay=stay).update(link_ended_at=timezone.now())
    return Newborn.objects.get(stay=stay).person if person.startswith("child") else stay.mother


def told(document: Document) -> list[Reader]:
    return readership.readers(document, readership.team_of(document.stay_id))


def named(document: Document, name: str) -> Reader:
    return next(one for one in told(document) if name in one.name)


@pytest.mark.parametrize("masks", CHOICES, ids=lambda m: "+".join(m) or "none")
@pytest.mark.parametrize("person", PEOPLE)
def test_the_same_people_as_the_channels_and_the_pages(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], settings: Any, masks: list[str], person: str
) -> None:
    settings.UNDO_SECONDS = 0
    paper = world.letter(ward, stay, person=whose(stay, person))
    Document.objects.filter(pk=paper.pk).update(masks=masks)
    paper.versions.update(masks=masks)
    paper = Document.objects.get(pk=paper.pk)
    lines = told(paper)
    targets = routing.targets(paper)
    # who is mailed, and what each sending waits for
    mailed = {target.recipient_id: target.hold for target in targets if target.channel == ChannelName.MSSANTE}
    said = {line.professional_id: line.waits for line in lines if BY_MAIL in line.ways}
    assert set(said) == set(mailed)
    words = {
        HoldReason.NONE: "",
        HoldReason.CONSENT: readership.WAITS_FOR_MOTHER,
        HoldReason.ADDRESS: readership.WAITS_FOR_ADDRESS,
    }
    assert said == {key: words[hold] for key, hold in mailed.items()}
    # what goes to the DMP, and what it waits for
    in_dmp = [target for target in targets if target.channel == ChannelName.DMP]
    assert any(IN_DMP in line.ways for line in lines) is bool(in_dmp)
    waiting = {line.waits for line in lines if IN_RECORD in line.ways}
    assert waiting <= {readership.WAITS_FOR_INS if target.hold == HoldReason.INS else "" for target in in_dmp}
    # who opens it here, once it is sent
    documents.validate(paper, by=ward.doctor_user)
    here = {one.professional_id for one in lines if HERE in one.ways and one.waits != readership.WAITS_FOR_MOTHER}
    accounts = {member.professional.user for member in readership.team_of(stay.pk) if _user(member)}
    open_to = {u.professional_id for u in accounts if Document.objects.visible_to(u).filter(pk=paper.pk).exists()}
    assert here - {paper.author_id, None} == open_to
    assert Document.objects.visible_to(ward.secretary).filter(pk=paper.pk).exists() and lines[-1].ways == (HERE,)


def _user(member: Any) -> object:
    return getattr(member.professional, "user", None)


def of(ward: world.Ward, stay: Stay, person: str, *masks: str) -> Document:
    return Document(
        person=whose(stay, person), stay=stay, organisation=ward.maternity, author=ward.doctor,
        type_code=codes.LETTRE_DE_LIAISON_SORTIE.code, masks=list(masks),
    )  # fmt: skip


def test_the_patient_and_her_parents_in_words(ward: world.Ward, stay: Stay) -> None:
    assert named(of(ward, stay, "mother"), "ACACIA").ways == (IN_RECORD,)
    hidden = named(of(ward, stay, "mother", FROM_PATIENT), "ACACIA")
    assert not hidden.sees and hidden.why == readership.NOT_YET
    assert not any("représentants" in line.name for line in told(of(ward, stay, "mother"))), "she is an adult"
    assert named(of(ward, stay, "minor"), "Ses représentants légaux").sees
    assert not named(of(ward, stay, "minor", FROM_REPRESENTATIVES, SECRET), "Ses représentants légaux").sees
    parents = named(of(ward, stay, "child"), "et l'autre parent")
    assert parents.sees and parents.waits == readership.WAITS_FOR_INS
    assert not named(of(ward, stay, "child", FROM_REPRESENTATIVES), "et l'autre parent").sees
    apart = told(of(ward, stay, "child apart"))
    assert not any("ACACIA" in line.name for line in apart), "a link that ended says no name of the mother"


def test_a_masked_paper_is_left_to_its_author_and_the_treating_doctor(ward: world.Ward, stay: Stay) -> None:
    masked = of(ward, stay, "mother", MASKED)
    assert [line.name for line in told(masked) if IN_DMP in line.ways] == ["Hélène CORMIER", "Lucie GÉNÉRALISTE"]
    assert not named(masked, "AUBÉPINE").sees and not named(masked, "autres professionnels").sees
    stay.care_team.filter(role=CareRole.GP).update(ended_at=timezone.now())
    assert named(masked, "Son médecin traitant").ways == (IN_DMP,), "whoever the national record says it is"


def test_a_class_is_told_by_its_rights_and_nobody_unknown_is_named(ward: world.Ward, stay: Stay) -> None:
    paper = of(ward, stay, "mother")
    assert named(paper, "autres professionnels").role == "selon les droits de leur profession"
    paper.type_code = codes.CERTIFICAT.code  # a line of the national table that was checked
    assert named(paper, "autres professionnels").role == "selon les droits de leur profession, sauf les infirmiers"
    known = {str(member.professional) for member in readership.team_of(stay.pk)} | {str(ward.doctor)}
    people = [line for line in told(paper) if line.professional_id is not None]
    assert {line.name for line in people} <= known


def test_only_what_was_checked_is_said_of_a_profession(monkeypatch: pytest.MonkeyPatch) -> None:
    assert record_rights.barred(codes.CERTIFICAT.code, "52") == ("infirmiers",)
    assert record_rights.barred(codes.CR_ACCOUCHEMENT.code, "10") == ()
    guessed = {"professions": [{"label": "médecins", "except_types": ["X"], "except_classes": [], "checked": False}]}
    monkeypatch.setattr(record_rights, "_matrix", lambda: guessed)
    assert record_rights.barred("X", "10") == (), "an unchecked line says nothing"


def test_without_a_deposit_in_the_dmp_nobody_reads_it_there(ward: world.Ward, stay: Stay) -> None:
    ward.maternity.deposits_in_dmp = False
    paper = of(ward, stay, "mother")
    assert not any(IN_DMP in line.ways or IN_RECORD in line.ways for line in told(paper))
    assert named(paper, "ACACIA").why == readership.NOT_IN_DMP
    assert fold.part(stay.pk, paper, []).warning == ""


# --- The fold ------------------------------------------------------------------------------------------


def offered(document: Document) -> list[str]:
    return [choice.code for choice in fold.part(document.stay_id, document, []).choices]


def test_what_is_offered_depends_on_whose_paper_it_is(ward: world.Ward, stay: Stay) -> None:
    assert offered(of(ward, stay, "mother")) == [MASKED, FROM_PATIENT], "a secret connection is never an adult's"
    assert offered(of(ward, stay, "minor")) == [MASKED, FROM_PATIENT, FROM_REPRESENTATIVES, SECRET]
    assert offered(of(ward, stay, "child")) == [MASKED, FROM_REPRESENTATIVES]


def test_a_choice_that_came_from_elsewhere_is_shown_too(ward: world.Ward, stay: Stay) -> None:
    pushed = of(ward, stay, "child", FROM_PATIENT)
    assert offered(pushed) == [MASKED, FROM_REPRESENTATIVES, FROM_PATIENT]


def test_the_warning_is_said_while_it_may_still_be_hidden(ward: world.Ward, stay: Stay) -> None:
    part = fold.part(stay.pk, of(ward, stay, "mother"), [])
    assert part.warning == "Un document visible ne peut plus être caché au patient ensuite."
    assert fold.part(stay.pk, of(ward, stay, "mother", FROM_PATIENT), []).warning == ""
    assert "représentants légaux" in fold.part(stay.pk, of(ward, stay, "child"), []).warning


def test_a_rule_that_is_dropped_would_be_seen(
    ward: world.Ward, stay: Stay, fakes: dict[str, FakeChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison above fails when the masks are forgotten: it is not empty."""
    masked = of(ward, stay, "mother", MASKED)
    masked.stay.refresh_from_db()
    assert BY_MAIL not in named(masked, "AUBÉPINE").ways
    monkeypatch.setattr(readership._Paper, "closed", property(lambda self: ""))
    assert BY_MAIL in named(masked, "AUBÉPINE").ways
    assert all(target.channel == ChannelName.DMP for target in routing.targets(masked))
