"""Who may read: chosen at deposit, kept over the versions, carried by the channels, changed by a new version."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from coordination.models import AuditEntry, Document, DocumentVersion, Newborn, Shipment, Stay
from coordination.selectors import confidentiality as shown
from coordination.services import confidentiality, documents, holding, routing, stays
from coordination.services.documents import DocumentRefusedError
from perinat.standards import codes
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED, SECRET
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all
from tests.coordination.services.replacing import named_in, of, replaced
from tests.fakes import FakeChannel

Fakes = dict[str, FakeChannel]
N = "N"


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


@pytest.fixture
def minor(ward: world.Ward, stay: Stay) -> Stay:
    """The same mother, seventeen today."""
    today = timezone.localdate()
    stay.mother.birth_date = date(today.year - 17, today.month, 1)
    stay.mother.save()
    return stay


def paper(ward: world.Ward, stay: Stay, *masks: str, person: object = None) -> Document:
    made = world.letter(ward, stay, person=person)
    if masks:
        confidentiality.choose(made, masks, by=ward.doctor_user)
    return made


def sent(ward: world.Ward, stay: Stay, *masks: str, person: object = None) -> Document:
    made = paper(ward, stay, *masks, person=person)
    documents.validate(made, by=ward.doctor_user)
    deliver_all()
    return made


def carried(fake: FakeChannel) -> list[tuple[str, list[str], bool]]:
    """What a channel accepted: action, confidentialityCode of each document, secret connection."""
    return [
        (p.action.value, [c.code for c in d.entry.confidentiality], p.secret)
        for p in fake.kept.values()
        for d in p.documents
    ]


# --- Chosen at deposit -------------------------------------------------------------------------------


def test_n_is_always_there_and_first(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    sent(ward, stay)
    assert carried(fakes["dmp"]) == [("SEND", [N], False)] == carried(fakes["mssante"])


def test_a_choice_is_kept_on_the_version_and_leaves_with_it(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    made = sent(ward, stay, FROM_PATIENT)
    assert made.current_version.masks == [FROM_PATIENT] == made.masks
    assert carried(fakes["dmp"]) == carried(fakes["mssante"]) == [("SEND", [N, FROM_PATIENT], False)]


def test_masked_to_professionals_goes_to_the_dmp_and_to_no_professional(
    ward: world.Ward, stay: Stay, fakes: Fakes
) -> None:
    made = sent(ward, stay, MASKED)
    assert carried(fakes["dmp"]) == [("SEND", [N, MASKED], False)] and not fakes["mssante"].kept
    assert not Document.objects.visible_to(ward.midwife_user).filter(pk=made.pk).exists()


def test_a_secret_connection_has_a_lot_of_its_own(ward: world.Ward, minor: Stay, fakes: Fakes) -> None:
    ordinary, secret = paper(ward, minor), paper(ward, minor, SECRET)
    for one in (ordinary, secret):
        documents.freeze_and_seal(one, by=ward.doctor_user)
    routing.dispatch([ordinary, secret], by=ward.doctor_user)
    deliver_all()
    assert sorted(carried(fakes["dmp"])) == [("SEND", [N], False), ("SEND", [N, FROM_REPRESENTATIVES], True)]
    assert secret.current_version.masks == [FROM_REPRESENTATIVES, SECRET], "it hides from the representatives too"


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ((MASKED, FROM_PATIENT), "plus personne"),
        ((MASKED, FROM_PATIENT, FROM_REPRESENTATIVES), "plus personne"),
        ((SECRET,), "mineure"),
        (("R",), "n'existe pas"),
    ],
)
def test_what_is_forbidden_is_refused_with_its_reason_at_each_act(
    ward: world.Ward, stay: Stay, fakes: Fakes, choices: tuple[str, ...], said: str
) -> None:
    waiting, gone = paper(ward, stay), sent(ward, stay, FROM_PATIENT)
    before = DocumentVersion.objects.count()
    acts = (
        lambda: documents.check_masks(choices, stay.mother),
        lambda: confidentiality.choose(waiting, choices, by=ward.doctor_user),
        lambda: confidentiality.change(gone, choices, why="ASKED", by=ward.doctor_user),
    )
    for act in acts:
        with pytest.raises(DocumentRefusedError) as refused:
            act()
        assert said in refused.value.message_fr
    assert DocumentVersion.objects.count() == before
    waiting.refresh_from_db()
    assert waiting.masks == []


def test_the_age_is_that_of_the_day(ward: world.Ward, minor: Stay, fakes: Fakes) -> None:
    documents.check_masks([SECRET], minor.mother)
    today = timezone.localdate()
    minor.mother.birth_date = date(today.year - 18, 1, 1)
    with pytest.raises(DocumentRefusedError):
        documents.check_masks([SECRET], minor.mother)


def test_a_newborn_is_no_minor_who_asks_for_a_secret(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    child = Newborn.objects.get(stay=stay).person
    with pytest.raises(DocumentRefusedError):
        paper(ward, stay, SECRET, person=child)


def test_after_the_validation_it_is_not_chosen_any_more(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    made = sent(ward, stay)
    with pytest.raises(DocumentRefusedError):
        confidentiality.choose(made, [MASKED], by=ward.doctor_user)


# --- Kept by what follows --------------------------------------------------------------------------


def test_a_replacement_keeps_the_choice(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    made = sent(ward, stay, FROM_PATIENT)
    assert replaced(ward, made).masks == [FROM_PATIENT]
    deliver_all()
    assert carried(fakes["dmp"])[-1] == ("REPLACE", [N, FROM_PATIENT], False)


def test_the_edition_that_bears_the_ins_keeps_it(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    child = Newborn.objects.get(stay=stay).person
    made = sent(ward, stay, FROM_REPRESENTATIVES, person=child)
    assert not fakes["dmp"].kept
    stays.qualify(child, world.ins(7), by=ward.secretary)
    holding.release_ready()
    deliver_all()
    assert [v.masks for v in made.versions.all()] == [[FROM_REPRESENTATIVES]] * 2
    assert carried(fakes["dmp"]) == [("SEND", [N, FROM_REPRESENTATIVES], False)]


# --- Changed afterwards ------------------------------------------------------------------------------


def test_visible_after_the_announcement_is_a_new_version_of_the_same_content(
    ward: world.Ward, stay: Stay, fakes: Fakes
) -> None:
    made = sent(ward, stay, FROM_PATIENT)
    first = made.current_version
    second = confidentiality.change(made, [], why="TOLD", by=ward.doctor_user)
    assert (second.masks, second.original_id) == ([], first.original_id)
    assert second.reason == "Les personnes qui peuvent le lire ont changé", "what the recipients read, and no more"
    assert "annonce" in second.comment and named_in(second) == first.unique_id
    deliver_all()
    assert carried(fakes["dmp"]) == [("SEND", [N, FROM_PATIENT], False), ("REPLACE", [N], False)]
    made.refresh_from_db()
    assert made.masks == []
    told = AuditEntry.objects.filter(action="document.confidentiality").latest("at").data
    assert (told["before"], told["choices"], told["why"]) == (FROM_PATIENT, "", "TOLD")


def test_masked_afterwards_is_recalled_from_who_had_it(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    made = sent(ward, stay)
    confidentiality.change(made, [MASKED], why="ASKED", by=ward.doctor_user)
    deliver_all()
    assert carried(fakes["dmp"])[-1] == ("REPLACE", [N, MASKED], False)
    assert of("mssante").action == "SEND" and Shipment.objects.filter(channel="mssante", action="WITHDRAW").exists()
    assert not Document.objects.visible_to(ward.midwife_user).filter(pk=made.pk).exists()


def test_unmasked_afterwards_leaves_for_the_midwife(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    made = sent(ward, stay, MASKED)
    made.refresh_from_db()
    confidentiality.change(made, [], why="ASKED", by=ward.doctor_user)
    deliver_all()
    assert carried(fakes["mssante"]) == [("SEND", [N], False)]


@pytest.mark.parametrize("mask", [FROM_PATIENT, FROM_REPRESENTATIVES])
def test_what_the_dmp_has_shown_is_never_hidden_again(ward: world.Ward, minor: Stay, fakes: Fakes, mask: str) -> None:
    made = sent(ward, minor)
    assert mask in confidentiality.already_shown(made)
    with pytest.raises(DocumentRefusedError) as refused:
        confidentiality.change(made, [mask], why="MISTAKE", by=ward.doctor_user)
    assert "Retirez-le" in refused.value.message_fr


def test_while_the_dmp_holds_nothing_it_may_still_be_hidden(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    child = Newborn.objects.get(stay=stay).person  # no INS: nothing has left for the DMP
    made = sent(ward, stay, person=child)
    confidentiality.change(made, [FROM_REPRESENTATIVES], why="PROTECTION", by=ward.doctor_user)
    assert made.current_version.masks == [FROM_REPRESENTATIVES]


def test_a_change_says_why_changes_something_and_is_the_signatory_s(ward: world.Ward, stay: Stay, fakes: Fakes) -> None:
    made = sent(ward, stay)
    for masks, why, by in (([MASKED], "", ward.doctor_user), ([], "ASKED", ward.doctor_user)):
        with pytest.raises(DocumentRefusedError):
            confidentiality.change(made, masks, why=why, by=by)
    assert not confidentiality.may_change(made, ward.secretary)
    with pytest.raises(Exception, match="attend la validation"):
        confidentiality.change(made, [MASKED], why="ASKED", by=ward.secretary)


# --- Defaults by type --------------------------------------------------------------------------------


def test_a_screening_result_is_proposed_invisible_until_told(ward: world.Ward, stay: Stay, minor: Stay) -> None:
    kind = codes.CR_DEPISTAGE.code
    child = Newborn.objects.get(stay=stay).person
    assert shown.proposed(kind, stay.mother, stay) == [FROM_PATIENT] and shown.proposed(kind, child, stay) == []
    assert shown.proposed(codes.LETTRE_DE_LIAISON_SORTIE.code, stay.mother, stay) == []
    assert shown.proposed(codes.LETTRE_ADRESSAGE.code, minor.mother, minor) == [FROM_REPRESENTATIVES]
    for one in shown.DEFAULTS:
        assert one.type_code in codes.DOCUMENT_TYPES and one.source and one.as_of
