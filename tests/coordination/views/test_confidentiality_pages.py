"""« Confidentialité » on the pages of the ward: the tray, « À valider », a document written, a paper already sent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from coordination import blobs
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Delegation, Deposit, Document, Draft, Newborn, Person, Stay
from coordination.services import confidentiality, documents, writing
from perinat.standards import codes
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED, SECRET
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all
from tests.fakes import FakeChannel

Fakes = dict[str, FakeChannel]
TOGETHER = "masqué aux professionnels et invisible au patient"


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


@pytest.fixture
def secretary(ward: world.Ward) -> Client:
    return signed(ward.secretary)


@pytest.fixture
def doctor(ward: world.Ward) -> Client:
    return signed(ward.doctor_user)


def signed(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def delegation(ward: world.Ward) -> Delegation:
    today = timezone.localdate()
    return Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.secretary,
    )  # fmt: skip


def ready(ward: world.Ward, stay: Stay, *, person: Person | None = None, kind: str = "", masks: Any = ()) -> Deposit:
    """A paper read, sure, in the tray."""
    blob = blobs.store(world.pdf_a(), media_type="application/pdf")
    return Deposit.objects.create(
        organisation=ward.maternity, deposited_by=ward.secretary, file_name="lettre.pdf", blob=blob, readable=blob,
        status=DepositStatus.READY, person=person or stay.mother, stay=stay, masks=list(masks),
        type_code=kind or codes.LETTRE_DE_LIAISON_SORTIE.code,
    )  # fmt: skip


def fields(key: Any, *choices: str, before: str = "") -> dict[str, Any]:
    """What the fold of one paper sends."""
    return {"confidentialite": str(key), f"conf-{key}": list(choices), f"conf-avant-{key}": before}


def minor(stay: Stay) -> None:
    stay.mother.birth_date = date(timezone.localdate().year - 17, 1, 1)
    stay.mother.save()


# --- The tray ----------------------------------------------------------------------------------------


def test_the_fold_is_closed_and_says_who_will_see(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    one = ready(ward, stay)
    page = secretary.get("/sorties/").content.decode()
    fold = page[page.index(f'id="conf-{one.pk}"') :].partition("</details>")[0]
    assert " open" not in fold.partition(">")[0]
    assert "Qui verra ce document ?" in fold and "ne peut plus être caché au patient ensuite" in fold
    for words in ("Mme ACACIA Louise", "Claire AUBÉPINE", "sage-femme choisie", "selon les droits de leur profession",
                  "Son médecin traitant", "L&#x27;équipe de Maternité d&#x27;essai"):  # fmt: skip
        assert words in fold, words
    assert "Connexion secrète" not in fold and "représentants" not in fold
    outside = page.replace(fold, "")
    assert "ne peut plus être caché au patient ensuite" in outside, "said without opening anything"


def test_a_minor_is_offered_a_secret_connection_with_its_explanation(
    ward: world.Ward, stay: Stay, secretary: Client
) -> None:
    minor(stay)
    ready(ward, stay)
    page = secretary.get("/sorties/").content.decode()
    assert "Connexion secrète" in page and "L.1111-5" in page and "Ses représentants légaux" in page


def test_a_choice_is_kept_at_once_and_the_fold_answers(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    one = ready(ward, stay)
    url = f"/sorties/papiers/{one.pk}/qui-lit/"
    answer = secretary.post(url, fields(one.pk, FROM_PATIENT), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text and " open" in text.partition(">")[0] + text[:400]
    assert "ne le verra pas" in text and "invisible à la patiente pour l&#x27;instant" in text
    one.refresh_from_db()
    assert one.masks == [FROM_PATIENT]
    back = secretary.post(url, fields(one.pk), follow=True)
    assert "n&#x27;est pas encore envoyé" in back.content.decode(), "without a script"
    one.refresh_from_db()
    assert one.masks == []


def test_two_choices_that_do_not_go_together_are_refused_in_the_fold(
    ward: world.Ward, stay: Stay, secretary: Client
) -> None:
    one = ready(ward, stay)
    url = f"/sorties/papiers/{one.pk}/qui-lit/"
    text = secretary.post(url, fields(one.pk, MASKED, FROM_PATIENT), headers={"HX-Request": "true"}).content.decode()
    assert TOGETHER in text and text.count(" checked") == 2, "what was ticked is still there"
    one.refresh_from_db()
    assert one.masks == []
    assert TOGETHER in secretary.post(url, fields(one.pk, MASKED, FROM_PATIENT), follow=True).content.decode()


def test_the_normal_pack_needs_nothing_and_leaves_visible(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation, fakes: Fakes
) -> None:
    one = ready(ward, stay)
    secretary.post("/sorties/envoyer/", {"papiers": [str(one.pk)], **fields(one.pk)})
    assert Document.objects.get().masks == []


def test_ticked_without_a_script_it_leaves_so(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation, fakes: Fakes
) -> None:
    minor(stay)
    one = ready(ward, stay)
    secretary.post("/sorties/envoyer/", {"papiers": [str(one.pk)], **fields(one.pk, SECRET)})
    deliver_all()
    (parcel,) = fakes["dmp"].kept.values()
    assert parcel.secret and Document.objects.get().masks == [FROM_REPRESENTATIVES, SECRET]


def test_a_page_that_is_behind_changes_nothing(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation, fakes: Fakes
) -> None:
    one = ready(ward, stay, masks=[FROM_PATIENT])  # ticked in another tab since this page was shown
    secretary.post("/sorties/envoyer/", {"papiers": [str(one.pk)], **fields(one.pk)})
    assert Document.objects.get().masks == [FROM_PATIENT]


def test_what_is_forbidden_does_not_leave(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation, fakes: Fakes
) -> None:
    one = ready(ward, stay)
    sent = {"papiers": [str(one.pk)], **fields(one.pk, MASKED, FROM_PATIENT)}
    assert TOGETHER in secretary.post("/sorties/envoyer/", sent, follow=True).content.decode()
    assert not Document.objects.exists() and Deposit.objects.get().status == DepositStatus.READY


def test_a_masked_pack_names_no_recipient(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    ready(ward, stay, masks=[MASKED])
    page = secretary.get("/sorties/").content.decode()
    seen_by = page[page.index("Verront ces papiers") :].partition("</p>")[0]
    assert "DMP" in seen_by and "AUBÉPINE" not in seen_by


def test_the_line_of_the_pack_changes_with_the_fold(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    one = ready(ward, stay)
    sent = {"path": f"/sorties/papiers/{one.pk}/qui-lit/", "headers": {"HX-Request": "true"}}
    before = secretary.post(sent["path"], fields(one.pk), headers=sent["headers"]).content.decode()
    after = secretary.post(sent["path"], fields(one.pk, MASKED), headers=sent["headers"]).content.decode()
    lines = [text[text.index(f'id="verront-{stay.pk}" hx-swap-oob="true"') :] for text in (before, after)]
    assert ["AUBÉPINE" in line for line in lines] == [True, False]


def test_another_ward_s_paper_is_not_found(ward: world.Ward, stay: Stay) -> None:
    one, paper = ready(ward, stay), world.letter(ward, stay)
    midwife = signed(ward.midwife_user)
    for url in (f"/sorties/papiers/{one.pk}/qui-lit/", f"/sejours/papier/{paper.pk}/qui-lit/"):
        assert midwife.post(url, {}).status_code == 403


# --- « À valider » -----------------------------------------------------------------------------------


def test_the_signatory_chooses_in_the_list(ward: world.Ward, stay: Stay, doctor: Client, fakes: Fakes) -> None:
    paper = world.letter(ward, stay)
    assert "Qui verra ce document ?" in doctor.get("/a-valider/").content.decode()
    url = f"/sejours/papier/{paper.pk}/qui-lit/"
    masked = doctor.post(url, fields(paper.pk, MASKED), headers={"HX-Request": "true"}).content.decode()
    seen_by = masked[masked.index(f'id="verront-{paper.pk}" hx-swap-oob="true"') :]
    assert "DMP" in seen_by and "AUBÉPINE" not in seen_by
    answer = doctor.post(url, fields(paper.pk, FROM_PATIENT), headers={"HX-Request": "true"}).content.decode()
    assert "ne le verra pas" in answer
    doctor.post("/a-valider/valider/", {"papiers": [str(paper.pk)]})
    paper.refresh_from_db()
    assert (paper.status, paper.masks, paper.current_version.masks) == (
        DocumentStatus.VALIDATED, [FROM_PATIENT], [FROM_PATIENT],
    )  # fmt: skip


def test_what_is_forbidden_is_not_validated(ward: world.Ward, stay: Stay, doctor: Client, fakes: Fakes) -> None:
    paper = world.letter(ward, stay)
    sent = {"papiers": [str(paper.pk)], **fields(paper.pk, MASKED, FROM_PATIENT)}
    assert TOGETHER in doctor.post("/a-valider/valider/", sent, follow=True).content.decode()
    paper.refresh_from_db()
    assert paper.status == DocumentStatus.TO_VALIDATE


# --- A document written on a screen --------------------------------------------------------------------


def test_the_fold_of_a_document_being_written(ward: world.Ward, stay: Stay, doctor: Client) -> None:
    child = Newborn.objects.get(stay=stay).person
    draft = writing.open_draft(stay, child, "OBP-SEM", by=ward.doctor_user)
    page = doctor.get(f"/ecrits/{draft.pk}/").content.decode()
    assert "Confidentialité : visible, sans restriction" in page and "et l&#x27;autre parent" in page
    doctor.post(f"/ecrits/{draft.pk}/qui-lit/", fields(draft.pk, FROM_REPRESENTATIVES))
    assert Draft.objects.get().masks == [FROM_REPRESENTATIVES]
    answer = doctor.post(f"/ecrits/{draft.pk}/qui-lit/", fields(draft.pk, SECRET), headers={"HX-Request": "true"})
    assert "mineure" in answer.content.decode() and Draft.objects.get().masks == [FROM_REPRESENTATIVES]


# --- After it left -------------------------------------------------------------------------------------


def gone(ward: world.Ward, stay: Stay, *masks: str) -> Document:
    paper = world.letter(ward, stay)
    confidentiality.choose(paper, masks, by=ward.doctor_user)
    documents.validate(paper, by=ward.doctor_user)
    deliver_all()
    return paper


def test_made_visible_by_its_signatory_with_a_reason(
    ward: world.Ward, stay: Stay, doctor: Client, secretary: Client, fakes: Fakes
) -> None:
    paper = gone(ward, stay, FROM_PATIENT)
    url = f"/sejours/papier/{paper.pk}/qui-lit/"
    assert "nvisible à la patiente pour l&#x27;instant" in secretary.get(f"/sejours/{stay.pk}/").content.decode()
    shown = doctor.post(url, {"acte": "voir"}).content.decode()
    assert "Avec ce choix, qui verra" in shown and paper.versions.count() == 1
    refused = doctor.post(url, {"acte": "changer"})
    assert refused.status_code == 422 and "Choisissez pourquoi" in refused.content.decode()
    doctor.post(url, {"acte": "changer", "motif": "TOLD"})
    paper.refresh_from_db()
    assert paper.masks == [] and paper.versions.count() == 2
    told = secretary.get(f"/sejours/{stay.pk}/").content.decode()
    assert "annonce a été faite" in told and "Les personnes qui peuvent le lire ont changé" in told


def test_what_was_visible_is_not_offered_to_be_hidden(
    ward: world.Ward, stay: Stay, doctor: Client, fakes: Fakes
) -> None:
    minor(stay)
    paper = gone(ward, stay)
    url = f"/sejours/papier/{paper.pk}/qui-lit/"
    page = doctor.get(url).content.decode()
    assert "Connexion secrète" not in page and "Ne pas montrer à ses parents" not in page
    assert "Ne pas montrer à la patiente" not in page and "retirez-le depuis le séjour" in page
    posted = {"acte": "changer", "motif": "MISTAKE", f"conf-{paper.pk}": [FROM_PATIENT]}
    answer = doctor.post(url, posted)
    assert answer.status_code == 422 and "déjà été déposé au DMP" in answer.content.decode()


def test_a_secretary_is_told_whom_to_ask(ward: world.Ward, stay: Stay, secretary: Client, fakes: Fakes) -> None:
    paper = gone(ward, stay)
    url = f"/sejours/papier/{paper.pk}/qui-lit/"
    page = secretary.get(url).content.decode()
    assert "demandez à <strong>Hélène CORMIER" in page and "Pro Santé Connect" in page
    assert "Changer et envoyer" not in page
    secretary.post(url, {"acte": "changer", "motif": "ASKED", f"conf-{paper.pk}": [MASKED]})
    assert paper.versions.count() == 1


def test_a_paper_withdrawn_is_not_changed_any_more(ward: world.Ward, stay: Stay, doctor: Client, fakes: Fakes) -> None:
    paper = gone(ward, stay)
    documents.withdraw(paper, by=ward.doctor_user, reason="Erreur")
    page = doctor.get(f"/sejours/papier/{paper.pk}/qui-lit/").content.decode()
    assert "plus en vigueur" in page and '<form method="post" class="p-panel"' not in page
