"""The one-time code of a sheet handed over: who it opens to, until when, and everybody it does not open to."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from coordination.models import (
    AuditEntry,
    CareTeamMember,
    Document,
    PaperCode,
    PaperDelivery,
    Professional,
    Reading,
    Role,
    Shipment,
    Stay,
    User,
)
from coordination.services import documents, paper_codes, paper_deliveries
from coordination.services.paper_codes import REFUSED, TOO_MANY, CodeRefusedError
from perinat.standards import codes
from tests.coordination import world
from tests.coordination.services.helpers import RPPS, follow, professional, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


def carer(ward: world.Ward, number: int, role: Role = Role.MIDWIFE) -> User:
    """A town professional who follows nobody."""
    made = Professional.objects.create(
        rpps=RPPS[number], given_name="Inès", family_name=f"HOUX{number}", organisation=ward.practice
    )
    return world.user(f"ville{number}", role, ward.practice, made)


@pytest.fixture
def paper(ward: world.Ward, fakes: dict[str, FakeChannel]) -> PaperDelivery:
    """The letter of a mother whose midwife has no address."""
    stay = world.stay(ward, with_midwife=False)
    follow(ward, stay, professional(ward.practice, mailbox=False))
    validated(ward, stay)
    return PaperDelivery.objects.select_related("shipment").get()


def refused(typed: str, by: User) -> str:
    with pytest.raises(CodeRefusedError) as caught:
        paper_codes.redeem(typed, by=by)
    return caught.value.message_fr


def test_it_opens_the_papers_to_whoever_types_it_first_and_to_nobody_else(
    paper: PaperDelivery, ward: world.Ward
) -> None:
    code, drawn = paper_codes.issue(paper, by=ward.secretary)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{3}", drawn)
    first, second = carer(ward, 1), carer(ward, 2)
    assert not PaperCode.objects.visible_to(first).exists()
    opened = paper_codes.redeem(drawn.lower().replace("-", " "), by=first)
    assert opened == code and PaperCode.objects.visible_to(first).get() == code
    assert paper_codes.redeem(drawn, by=first) == code, "she may come back"
    assert refused(drawn, second) == REFUSED and not PaperCode.objects.visible_to(second).exists()
    version = paper_codes.papers_of(opened)[0]
    assert paper_codes.open_version(opened, version.pk, by=first)
    read = Reading.objects.get()
    assert (read.professional, read.via, read.version) == (first.professional, "CODE", version)
    paper.refresh_from_db()
    assert paper.status == "OPENED"
    assert not Document.objects.visible_to(first).exists(), "the care team does not change"
    assert not Stay.objects.visible_to(first).exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"paper_code.issued", "paper_code.used", "document.opened", "paper_code.failed"} <= actions


def test_the_clear_code_is_kept_nowhere(paper: PaperDelivery, ward: world.Ward) -> None:
    code, drawn = paper_codes.issue(paper, by=ward.secretary)
    plain = drawn.replace("-", "")
    told = [str(entry.data) for entry in AuditEntry.objects.all()]
    assert len(code.digest) == 64 and all(text not in code.digest + "".join(told) for text in (plain, drawn))


def test_after_72_hours_it_opens_nothing(paper: PaperDelivery, ward: world.Ward) -> None:
    code, drawn = paper_codes.issue(paper, by=ward.secretary)
    midwife = carer(ward, 1)
    with time_machine.travel(timezone.now() + timedelta(hours=71, minutes=59)):
        assert paper_codes.redeem(drawn, by=midwife) == code
    with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1)):
        assert refused(drawn, midwife) == REFUSED and not PaperCode.objects.visible_to(midwife).exists()


def test_revoked_or_replaced_it_opens_nothing_even_to_who_used_it(paper: PaperDelivery, ward: world.Ward) -> None:
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    midwife = carer(ward, 1)
    paper_codes.redeem(drawn, by=midwife)
    _, again = paper_codes.issue(paper, by=ward.secretary)
    assert again != drawn and refused(drawn, midwife) == REFUSED
    assert paper_codes.revoke(paper, by=ward.secretary) == 1
    assert refused(again, midwife) == REFUSED and not PaperCode.objects.visible_to(midwife).exists()


def test_tries_are_counted(paper: PaperDelivery, ward: world.Ward) -> None:
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    midwife = carer(ward, 1)
    for number in range(10):
        assert refused(f"AAAAA-AAAAA-{number:03}", midwife) == REFUSED
    assert refused(drawn, midwife) == TOO_MANY, "even the right one"
    assert paper_codes.redeem(drawn, by=carer(ward, 2)), "another account is not held"
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        assert refused(drawn, midwife) == REFUSED


@pytest.mark.parametrize("typed", ["", "   ", "é" * 13, "0" * 40, "' OR 1=1 --", "\x00"])
def test_whatever_is_typed_is_one_sentence(paper: PaperDelivery, ward: world.Ward, typed: str) -> None:
    assert refused(typed, carer(ward, 1)) == REFUSED


def test_nobody_without_a_number_of_her_own(paper: PaperDelivery, ward: world.Ward) -> None:
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    for user in (ward.secretary, ward.doctor_user, ward.coordinator, world.user("sans", Role.MIDWIFE, ward.practice)):
        assert "RPPS" in refused(drawn, user)
    assert PaperCode.objects.get().used_at is None


def _masked() -> None:
    Document.objects.update(masks=[codes.INVISIBLE_PATIENT.code])


def _prescription() -> None:
    Document.objects.update(type_code=codes.ORDONNANCE_PRODUITS.code)


def _uninformed() -> None:
    CareTeamMember.objects.update(informed_at=None)


def _ended() -> None:
    CareTeamMember.objects.update(ended_at=timezone.now())


@pytest.mark.parametrize("change", [_masked, _prescription, _uninformed, _ended])
def test_sensitive_or_closed_there_is_no_code_and_the_one_there_was_opens_nothing(
    paper: PaperDelivery, ward: world.Ward, change: object
) -> None:
    code, drawn = paper_codes.issue(paper, by=ward.secretary)
    midwife = carer(ward, 1)
    paper_codes.redeem(drawn, by=midwife)
    change()  # type: ignore[operator]
    paper = PaperDelivery.objects.select_related("shipment").get()
    with pytest.raises(CodeRefusedError):
        paper_codes.issue(paper, by=ward.secretary)
    assert refused(drawn, midwife) == REFUSED
    code.refresh_from_db()
    assert paper_codes.papers_of(code) == []
    version = Document.objects.get().current_version
    assert paper_codes.open_version(code, version.pk, by=midwife) is None and not Reading.objects.exists()


def test_a_paper_taken_back_is_closed_at_once(paper: PaperDelivery, ward: world.Ward) -> None:
    code, drawn = paper_codes.issue(paper, by=ward.secretary)
    midwife = carer(ward, 1)
    paper_codes.redeem(drawn, by=midwife)
    documents.withdraw(Document.objects.get(), by=ward.doctor_user, reason="erreur")
    assert not PaperCode.objects.visible_to(midwife).exists() and refused(drawn, midwife) == REFUSED


def test_given_the_sheet_still_opens(paper: PaperDelivery, ward: world.Ward) -> None:
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    paper_deliveries.give(paper, by=ward.secretary)
    code = paper_codes.redeem(drawn, by=carer(ward, 1))
    assert len(paper_codes.papers_of(code)) == 1


def test_another_paper_is_not_of_this_code(paper: PaperDelivery, ward: world.Ward) -> None:
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    midwife = carer(ward, 1)
    code = paper_codes.redeem(drawn, by=midwife)
    other = validated(ward, world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=()))
    assert paper_codes.open_version(code, other.current_version.pk, by=midwife) is None


def test_a_product_that_forgets_who_used_it_is_seen(
    paper: PaperDelivery, ward: world.Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, drawn = paper_codes.issue(paper, by=ward.secretary)
    paper_codes.redeem(drawn, by=carer(ward, 1))
    PaperCode.objects.update(used_by=None, used_at=None)
    assert paper_codes.redeem(drawn, by=carer(ward, 2)), "only the binding keeps the second one out"
    assert Shipment.objects.filter(channel="mssante").count() == 1


def test_two_papers_opened_at_the_same_time_are_two_readings(paper: PaperDelivery, ward: world.Ward) -> None:
    """A double press: the second finds the paper already opened by the first, and is served all the same."""
    code, drawn = paper_codes.issue(paper, by=ward.secretary)
    reader = carer(ward, 1)
    mine = paper_codes.redeem(drawn, by=reader)
    late = PaperDelivery.objects.get(pk=paper.pk)
    version = paper_codes.papers_of(mine)[0]
    assert paper_codes.open_version(mine, version.pk, by=reader)
    paper_deliveries.opened(late, by=reader)
    paper.refresh_from_db()
    assert paper.status == "OPENED" and code == mine
