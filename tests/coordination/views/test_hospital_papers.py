"""The dropzone, the tray and the sending, through the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from coordination import tasks
from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import (
    Delegation,
    Deposit,
    Document,
    Mailbox,
    Organisation,
    OrganisationKind,
    Role,
    Shipment,
    Stay,
)
from coordination.papers import specimen_variants, specimens
from coordination.papers.specimen_texts import Kind
from coordination.selectors.tray import tray
from coordination.services import outbox, routing
from perinat.standards import codes
from tests.coordination import world
from tests.factories import papers


@pytest.fixture
def stay(ward: world.Ward) -> Stay:
    return world.stay(ward)


@pytest.fixture
def secretary(ward: world.Ward) -> Client:
    client = Client()
    client.force_login(ward.secretary)
    return client


@pytest.fixture
def delegation(ward: world.Ward) -> Delegation:
    today = timezone.localdate()
    return Delegation.objects.create(
        professional=ward.doctor,
        organisation=ward.maternity,
        starts_on=today,
        ends_on=today,
        recorded_by=ward.secretary,
    )


def drop(client: Client, *files: tuple[str, bytes], **more: str) -> list[str]:
    """Drop files, read what is kept; the sentences shown."""
    sent = [SimpleUploadedFile(name, data, "application/pdf") for name, data in files]
    answer = client.post("/sorties/deposer/", {"papiers": sent, **more})
    for identifier in Deposit.objects.filter(status=DepositStatus.RECEIVED).values_list("pk", flat=True):
        tasks.read_deposit(str(identifier))
    return [str(message) for message in get_messages(answer.wsgi_request)]


def unreadable(row: object, kind: Kind = Kind.CRA) -> bytes:
    return specimens.paper(
        kind,
        person=papers.on_paper(row),  # type: ignore[arg-type]
        ward=papers.WARD,
        author=papers.AUTHOR,
        written_at=papers.WRITTEN_AT,
        code="",
    )


def test_a_readable_paper_is_ready_and_says_who_will_see_it(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation
) -> None:
    assert drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother))) == []
    page = secretary.get("/sorties/").content.decode()
    assert "Papiers prêts (1)" in page and "Claire AUBÉPINE, sage-femme choisie" in page
    assert "Au nom de Hélène CORMIER" in page and "LLS prêt" in page


def test_without_delegation_the_page_says_that_it_will_wait(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    page = secretary.get("/sorties/").content.decode()
    assert "la validation de Hélène CORMIER : aucune délégation en cours" in page
    secretary.post("/sorties/envoyer/", {"papiers": [str(Deposit.objects.get().pk)]})
    assert Document.objects.get().status == DocumentStatus.TO_VALIDATE


def test_recipients_shown_are_those_of_the_sending(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation
) -> None:
    """The page foresees what `routing.targets` will do: a rule that changes in one place only is caught here."""
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    shown = tray(ward.secretary).groups[0].recipients
    secretary.post("/sorties/envoyer/", {"papiers": [str(Deposit.objects.get().pk)]})
    targets = routing.targets(Document.objects.get())
    assert [name.split(",")[0] for name in shown] == [target.name for target in targets]
    assert len(shown) == 2


@pytest.mark.parametrize("obstacle", ["mailbox", "consent"])
def test_what_a_sending_will_wait_for_is_said_before(
    ward: world.Ward, stay: Stay, secretary: Client, obstacle: str
) -> None:
    if obstacle == "mailbox":
        Mailbox.objects.update(dead_since=timezone.now())
    else:
        stay.care_team.update(informed_at=None)
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    words = {"mailbox": "attend une adresse MSSanté", "consent": "attend la date d'information"}[obstacle]
    assert any(words in name for name in tray(ward.secretary).groups[0].recipients)


def test_bad_files_get_their_own_sentence_and_the_good_one_stays(
    ward: world.Ward, stay: Stay, secretary: Client, settings: object
) -> None:
    settings.DEPOSIT_MAX_BYTES = 200_000  # type: ignore[attr-defined]
    good = papers.paper(Kind.LLS, stay.mother)
    said = drop(
        secretary,
        ("vide.pdf", b""),
        ("lourd.pdf", good + b" " * 200_000),
        ("texte.pdf", b"bonjour"),
        ("lettre.pdf", good),
    )
    assert any("« vide.pdf » est vide" in sentence for sentence in said)
    assert any("« lourd.pdf » pèse" in sentence for sentence in said)
    page = secretary.get("/sorties/").content.decode()
    assert "n&#x27;est pas un PDF" in page and "Papiers prêts (1)" in page


def test_too_many_files_are_refused_in_french(secretary: Client, settings: object) -> None:
    settings.DEPOSIT_MAX_FILES = settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3  # type: ignore[attr-defined]
    said = drop(secretary, *((f"{n}.pdf", b"%PDF-") for n in range(4)))
    assert said == ["Plus de 3 fichiers à la fois : aucun n'a été gardé. Déposez-les en plusieurs fois."]
    assert not Deposit.objects.exists()


def test_a_request_too_heavy_is_refused_before_it_is_read(secretary: Client, settings: object) -> None:
    settings.DEPOSIT_MAX_FILES, settings.DEPOSIT_MAX_BYTES = 1, 1024  # type: ignore[attr-defined]
    said = drop(secretary, ("lourd.pdf", b"%PDF-" + b" " * 4096))
    assert len(said) == 1 and "Déposez les papiers en plusieurs fois" in said[0]


def test_no_file_is_said(secretary: Client) -> None:
    assert drop(secretary) == ["Aucun fichier n'a été choisi. Choisissez un ou plusieurs PDF."]


def test_the_upload_asks_for_its_token(ward: world.Ward) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ward.secretary)
    assert client.post("/sorties/deposer/", {"papiers": SimpleUploadedFile("a.pdf", b"%PDF-")}).status_code == 403
    assert not Deposit.objects.exists()


def test_a_paper_without_code_is_a_question_with_its_search(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    drop(secretary, ("scan.pdf", unreadable(stay.mother)))
    deposit = Deposit.objects.get()
    question = tray(ward.secretary).questions[0]
    assert question.act == "identify" and question.candidates == () and question.question
    found = secretary.post(f"/sorties/papiers/{deposit.pk}/chercher/", {"recherche": "aca"}).content.decode()
    assert "Mme ACACIA Louise" in found and "ACACIA Jules (nouveau-né)" in found
    chosen = {"personne": f"{stay.mother_id}:{stay.pk}", "type": codes.CR_ACCOUCHEMENT.code}
    secretary.post(f"/sorties/papiers/{deposit.pk}/classer/", chosen)
    deposit.refresh_from_db()
    assert deposit.status == DepositStatus.READY and deposit.person == stay.mother


def test_the_search_works_without_javascript(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    drop(secretary, ("scan.pdf", unreadable(stay.mother)))
    page = secretary.post(f"/sorties/papiers/{Deposit.objects.get().pk}/", {"recherche": "aca", "type": "11490-0"})
    assert "Mme ACACIA Louise" in page.content.decode() and '"11490-0" selected' in page.content.decode()


def test_a_paper_dropped_on_a_line_offers_the_people_of_that_stay(
    ward: world.Ward, stay: Stay, secretary: Client
) -> None:
    drop(secretary, ("scan.pdf", unreadable(stay.mother)), sejour=str(stay.pk))
    labels = [one.label for one in tray(ward.secretary).questions[0].candidates]
    assert len(labels) == 2 and "ACACIA Louise" in labels[0]


def test_a_file_that_bears_a_name_offers_that_person_only(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    child = stay.newborns.get().person
    drop(secretary, ("JULES_ACACIA.pdf", papers.paper(Kind.CHILD_EXAM, child)))
    candidates = tray(ward.secretary).questions[0].candidates
    assert [one.value for one in candidates] == [f"{child.pk}:{stay.pk}"]


def test_papers_of_one_gesture_offer_the_only_stay_among_them(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    child = stay.newborns.get().person
    drop(secretary, ("a.pdf", papers.paper(Kind.LLS, stay.mother)), ("b.pdf", papers.paper(Kind.CHILD_EXAM, child)))
    candidates = tray(ward.secretary).questions[0].candidates
    assert candidates[0].value == f"{child.pk}:{stay.pk}"  # the child first: the paper speaks of one
    other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    Deposit.objects.filter(file_name="a.pdf").update(stay=other, person=other.mother)
    Deposit.objects.create(
        organisation=ward.maternity, deposited_by=ward.secretary, file_name="c.pdf", stay=stay, person=stay.mother,
        blob=Deposit.objects.first().blob,
    )  # fmt: skip
    assert tray(ward.secretary).questions[0].candidates == ()  # two stays: nobody is offered


def test_another_person_than_that_of_the_code_is_refused(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    deposit = Deposit.objects.get()
    chosen = {"personne": f"{other.mother_id}:{other.pk}", "type": codes.LETTRE_DE_LIAISON_SORTIE.code}
    answer = secretary.post(f"/sorties/papiers/{deposit.pk}/classer/", chosen)
    assert any("désigne une autre personne" in str(one) for one in get_messages(answer.wsgi_request))
    deposit.refresh_from_db()
    assert deposit.person == stay.mother


def test_two_identities_are_blocked_until_cut(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    joined = specimen_variants.joined([papers.paper(Kind.LLS, stay.mother), papers.paper(Kind.LLS, other.mother)])
    drop(secretary, ("deux.pdf", joined))
    deposit = Deposit.objects.get()
    page = secretary.get("/sorties/").content.decode()
    assert "Couper en 2 papiers" in page and "Papiers prêts" not in page
    assert secretary.post("/sorties/envoyer/", {"papiers": [str(deposit.pk)]}).status_code == 302
    assert not Document.objects.exists()
    secretary.post(f"/sorties/papiers/{deposit.pk}/couper/")
    assert Deposit.objects.filter(status=DepositStatus.RECEIVED).count() == 2


def test_send_takes_only_what_the_page_showed(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation
) -> None:
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    shown = [str(Deposit.objects.get().pk)]
    drop(secretary, ("cra.pdf", papers.paper(Kind.CRA, stay.mother)))
    secretary.post("/sorties/envoyer/", {"papiers": shown})
    assert Document.objects.count() == 1


def test_undo_within_its_seconds_and_not_after(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation, settings: object
) -> None:
    settings.UNDO_SECONDS = 30  # type: ignore[attr-defined]
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    secretary.post("/sorties/envoyer/", {"papiers": [str(Deposit.objects.get().pk)]})
    assert "Annulation possible encore" in secretary.get("/sorties/").content.decode()
    Shipment.objects.update(due_at=timezone.now())
    assert outbox.claim(Shipment.objects.first().pk) is not None  # a worker took one of them
    answer = secretary.post("/sorties/annuler/")
    said = [str(one) for one in get_messages(answer.wsgi_request)]
    assert any("était déjà parti" in sentence for sentence in said), said
    assert Document.objects.get().status == DocumentStatus.VALIDATED


def test_undo_after_its_seconds_takes_nothing_back(
    ward: world.Ward, stay: Stay, secretary: Client, delegation: Delegation, settings: object
) -> None:
    settings.UNDO_SECONDS = 30  # type: ignore[attr-defined]
    drop(secretary, ("lettre.pdf", papers.paper(Kind.LLS, stay.mother)))
    secretary.post("/sorties/envoyer/", {"papiers": [str(Deposit.objects.get().pk)]})
    session = secretary.session
    session["last_sent"] = {**session["last_sent"], "until": timezone.now().timestamp() - 3}
    session.save()
    answer = secretary.post("/sorties/annuler/")
    assert "Le délai d'annulation est passé" in [str(one) for one in get_messages(answer.wsgi_request)][-1]
    assert Document.objects.get().status == DocumentStatus.VALIDATED


def test_bytes_that_nobody_could_read_are_never_shown_in_the_page(
    ward: world.Ward, stay: Stay, secretary: Client
) -> None:
    drop(secretary, ("scan.pdf", unreadable(stay.mother)))
    deposit = Deposit.objects.get()
    address = f"/sorties/papiers/{deposit.pk}/"
    assert "<iframe" in secretary.get(address).content.decode()
    assert secretary.get(f"{address}pdf")["Content-Type"] == "application/pdf"
    for change in ({"status": DepositStatus.REFUSED}, {"status": DepositStatus.TO_CHECK, "readable": None}):
        Deposit.objects.update(**change)
        assert "<iframe" not in secretary.get(address).content.decode()
        answer = secretary.get(f"{address}pdf")
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")


def test_another_ward_sees_nothing_and_touches_nothing(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    drop(secretary, ("scan.pdf", unreadable(stay.mother)))
    deposit = Deposit.objects.get()
    elsewhere = Organisation.objects.create(kind=OrganisationKind.MATERNITY, name="Ailleurs", finess="997800123")
    stranger = Client()
    stranger.force_login(world.user("autre", Role.SECRETARY, elsewhere))
    assert "scan.pdf" not in stranger.get("/sorties/").content.decode()
    for path in ("", "pdf", "chercher/"):
        assert stranger.get(f"/sorties/papiers/{deposit.pk}/{path}").status_code == 404
    for path in ("classer/", "couper/", "ecarter/"):
        data = {"personne": f"{stay.mother_id}:{stay.pk}", "type": "11490-0"}
        assert stranger.post(f"/sorties/papiers/{deposit.pk}/{path}", data).status_code == 404
    assert stranger.get(f"/sejours/{stay.pk}/").status_code == 404
    deposit.refresh_from_db()
    assert deposit.status == DepositStatus.TO_CHECK


def test_a_person_of_another_ward_cannot_be_chosen(ward: world.Ward, stay: Stay, secretary: Client) -> None:
    elsewhere = Organisation.objects.create(
        kind=OrganisationKind.MATERNITY, name="Ailleurs", finess="997800123", ipp_oid="1.2.250.1.999.1.8"
    )
    Stay.objects.filter(pk=stay.pk).update(maternity=elsewhere)
    mine = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    drop(secretary, ("scan.pdf", unreadable(mine.mother)))
    data = {"personne": f"{stay.mother_id}:{stay.pk}", "type": "11490-0"}
    assert secretary.post(f"/sorties/papiers/{Deposit.objects.get().pk}/classer/", data).status_code == 404


def test_the_page_asks_the_database_little(
    ward: world.Ward, secretary: Client, delegation: Delegation, django_assert_max_num_queries: object
) -> None:
    for order in range(1, 6):
        made = world.stay(
            ward, number=f"S{order}", mother=world.mother(order=order, ipp=f"M{order}"), newborns=(),
        )  # fmt: skip
        world.letter(ward, made)
        drop(secretary, (f"lettre-{order}.pdf", papers.paper(Kind.LLS, made.mother)))
    secretary.get("/sorties/")
    with django_assert_max_num_queries(21):  # type: ignore[operator]
        secretary.get("/sorties/")


def test_an_older_stay_stays_on_the_list_until_its_papers_left(ward: world.Ward, secretary: Client) -> None:
    left = timezone.now() - timedelta(days=3)
    world.stay(ward, expected_discharge_at=left, discharged_at=left, birth_at=left - timedelta(hours=80), newborns=(),
               admitted_at=left - timedelta(hours=90))  # fmt: skip
    page = secretary.get("/sorties/").content.decode()
    assert "ACACIA" in page and "p-deadline--late" in page
