"""« Remplacer » through the pages: the form, the look, the confirmation, the signature, the history."""

from __future__ import annotations

import pytest
import typst
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import tasks
from coordination.lifecycles import DepositStatus
from coordination.models import (
    Delegation,
    Deposit,
    Document,
    Organisation,
    Reading,
    Role,
    Shipment,
    Stay,
    User,
)
from coordination.papers.specimen_texts import Kind
from coordination.services import deposits, readings
from tests.coordination import world
from tests.coordination.services import replacing
from tests.coordination.services.helpers import child, deliver_all, validated
from tests.factories import papers
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
Fakes = dict[str, FakeChannel]
PRIVATE = "Le pédiatre a rappelé Mme"


@pytest.fixture
def letter(ward: world.Ward, fakes: Fakes, settings: object) -> Document:
    """A letter that has arrived everywhere."""
    settings.UNDO_SECONDS = 0  # type: ignore[attr-defined]
    paper = validated(ward, world.stay(ward))
    deliver_all()
    return paper


@pytest.fixture
def delegation(ward: world.Ward) -> Delegation:
    today = timezone.localdate()
    return Delegation.objects.create(
        professional=ward.doctor, organisation=ward.maternity, starts_on=today, ends_on=today,
        recorded_by=ward.doctor_user,
    )  # fmt: skip


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def propose(client: Client, letter: Document, data: bytes, **values: str) -> Deposit:
    """Choose the file and the reason, then let the worker read it."""
    file = SimpleUploadedFile("corrigee.pdf", data, "application/pdf")
    answer = client.post(
        reverse("document_replace", args=[letter.pk]),
        {"papier": file, "motif": "WRONG_DATUM", "precision": PRIVATE} | values,
    )
    assert answer.status_code == 302, answer.content.decode()
    deposit = Deposit.objects.get(replaces__isnull=False, status=DepositStatus.RECEIVED)
    tasks.read_deposit(str(deposit.pk))
    deposit.refresh_from_db()
    return deposit


def looked(client: Client, deposit: Deposit) -> str:
    return client.get(reverse("replacement", args=[deposit.pk])).content.decode()


def confirm(client: Client, deposit: Deposit, **values: str) -> list[str]:
    answer = client.post(reverse("replacement_confirm", args=[deposit.pk]), values)
    return [str(message) for message in get_messages(answer.wsgi_request)]


def hers(letter: Document) -> bytes:
    return papers.paper(Kind.LLS, letter.person)


def test_a_secretary_replaces_under_a_delegation(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    secretary = signed(ward.secretary)
    stay_page = reverse("stay", args=[letter.stay_id])
    assert reverse("document_replace", args=[letter.pk]) in secretary.get(stay_page).content.decode()
    deposit = propose(secretary, letter, hers(letter))
    shown = looked(secretary, deposit)
    assert "Remplacer et envoyer" in shown and "Au nom de Hélène CORMIER" in shown
    assert "Claire AUBÉPINE : remplace la version déjà reçue" in shown and "DMP : remplace" in shown
    assert deposit.status == DepositStatus.READY and deposit.refusal == ""
    assert confirm(secretary, deposit) == ["Le papier est remplacé. Voyez sur le séjour ce qui part, à qui."]
    deliver_all()
    assert Shipment.objects.filter(action="REPLACE", status="ACCEPTED").count() == 2
    page = secretary.get(stay_page).content.decode()
    assert "Versions (2)" in page and "Une information était inexacte" in page and PRIVATE in page
    assert "Remplacement auprès de : DMP" in page and ": version précédente" in page


def test_nothing_of_the_ward_s_own_words_reaches_the_midwife(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    secretary, midwife = signed(ward.secretary), signed(ward.midwife_user)
    confirm(secretary, propose(secretary, letter, hers(letter)))
    deliver_all()
    page = midwife.get(reverse("document", args=[letter.pk])).content.decode()
    assert "Remplacé le" in page and "Une information était inexacte" in page and PRIVATE not in page
    assert all(PRIVATE not in repr(parcel) for fake in fakes.values() for parcel in fake.kept.values())
    old = midwife.get(reverse("document_version", args=[letter.pk, 1])).content.decode()
    assert "Cette version a été remplacée le" in old and "Version remplacée" in old
    assert midwife.get(reverse("document_version_file", args=[letter.pk, 1])).status_code == 200


def test_read_before_then_read_again(ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes) -> None:
    secretary, midwife = signed(ward.secretary), signed(ward.midwife_user)
    readings.open_version(letter.current_version, by=ward.midwife_user)
    confirm(secretary, propose(secretary, letter, hers(letter)))
    stay_page, list_page = reverse("stay", args=[letter.stay_id]), reverse("discharge_list")
    assert "Lue (version précédente) par Claire AUBÉPINE" in secretary.get(stay_page).content.decode()
    assert "LLS lue (version précédente)" in secretary.get(list_page).content.decode()
    assert "nouvelle version à lire" in midwife.get("/mes-visites/").content.decode().lower()
    assert "Nouvelle version à lire" in midwife.get("/recus/").content.decode()
    midwife.get(reverse("document_file", args=[letter.pk]))
    assert Reading.objects.filter(version=letter.current_version).exists()
    page = secretary.get(stay_page).content.decode()
    assert "Lue par Claire AUBÉPINE" in page and "version précédente) par" not in page


def test_without_a_delegation_the_doctor_signs(ward: world.Ward, letter: Document, fakes: Fakes) -> None:
    secretary, doctor = signed(ward.secretary), signed(ward.doctor_user)
    deposit = propose(secretary, letter, hers(letter))
    assert "Demander la validation" in looked(secretary, deposit)
    assert "attend la validation de Hélène CORMIER" in confirm(secretary, deposit)[0]
    assert letter.versions.count() == 1, "the old version stays in force"
    assert "attend la validation" in secretary.get(reverse("stay", args=[letter.stay_id])).content.decode()
    assert "validation" in confirm(secretary, deposit)[0] and letter.versions.count() == 1
    waiting = doctor.get("/a-valider/").content.decode()
    assert "nouvelle version" in waiting and str(deposit.pk) in waiting
    assert "Valider et remplacer" in looked(doctor, deposit)
    doctor.post("/a-valider/valider/", {"remplacements": [str(deposit.pk)]})
    deposit.refresh_from_db()
    version = letter.current_version
    assert (version.number, version.validated_by, version.validated_under) == (2, ward.doctor_user, None)
    assert deposit.status == DepositStatus.FILED


def test_one_replacement_at_a_time_waits_and_it_can_be_put_aside(
    ward: world.Ward, letter: Document, fakes: Fakes
) -> None:
    secretary = signed(ward.secretary)
    deposit = propose(secretary, letter, hers(letter))
    confirm(secretary, deposit)
    again = secretary.get(reverse("document_replace", args=[letter.pk]))
    assert again.status_code == 302 and again["Location"] == reverse("replacement", args=[deposit.pk])
    secretary.post(reverse("replacement_discard", args=[deposit.pk]))
    assert secretary.get(reverse("document_replace", args=[letter.pk])).status_code == 200
    assert letter.current_version.number == 1


def test_the_file_of_somebody_else(ward: world.Ward, letter: Document, fakes: Fakes) -> None:
    other = world.stay(ward, number="S2", mother=world.mother(order=2, ipp="M2"), newborns=())
    secretary = signed(ward.secretary)
    deposit = propose(secretary, letter, papers.paper(Kind.LLS, other.mother))
    assert deposit.status == DepositStatus.TO_CHECK
    assert "désigne une autre personne" in looked(secretary, deposit)
    assert "désigne une autre personne" in confirm(secretary, deposit, verifie="1")[0]
    assert letter.versions.count() == 1


def test_a_file_without_code_or_of_another_kind_is_confirmed(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    secretary = signed(ward.secretary)
    deposit = propose(secretary, letter, typst.compile(b"Ordonnance de sortie", pdf_standards=["a-1b"]))
    assert "Aucun code INS lisible" in looked(secretary, deposit)
    assert "Cochez la case" in confirm(secretary, deposit)[0] and letter.versions.count() == 1
    assert "remplacé" in confirm(secretary, deposit, verifie="1")[-1] and letter.versions.count() == 2


def test_the_same_file_is_refused(ward: world.Ward, letter: Document, fakes: Fakes) -> None:
    secretary = signed(ward.secretary)
    deposit = propose(secretary, letter, world.pdf_a())
    assert deposit.status == DepositStatus.REFUSED and "éjà envoyé le" in looked(secretary, deposit)
    assert "éjà envoyé le" in confirm(secretary, deposit)[0]


def test_the_first_file_is_put_back_after_a_wrong_second_one(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    """The right file comes back: a question is asked, not a refusal."""
    secretary, doctor = signed(ward.secretary), ward.doctor_user
    first = replacing.replaced(ward, letter)
    replacing.replaced(ward, letter, "Mauvais fichier")
    assert letter.current_version.validated_by == doctor and first.number == 2
    deposit = propose(secretary, letter, replacing.compiled("Lettre de liaison corrigée"), motif="WRONG_FILE")
    assert deposit.status == DepositStatus.READY, deposit.refusal
    assert "version précédente de ce papier" in looked(secretary, deposit)
    assert "Cochez la case" in confirm(secretary, deposit)[0] and letter.versions.count() == 3
    confirm(secretary, deposit, verifie="1")
    assert letter.current_version.number == 4 and letter.current_version.reason == "Ce n'était pas le bon fichier"


def test_a_file_taken_back_is_dropped_again_after_a_confirmation(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    secretary = signed(ward.secretary)
    confirm(secretary, propose(secretary, letter, hers(letter)))
    deliver_all()
    secretary.post(reverse("document_withdraw", args=[letter.pk]), {"motif": "Mauvais papier"})
    (made,) = deposits.receive([("lettre.pdf", hers(letter))], by=ward.secretary, stay=letter.stay)
    tasks.read_deposit(str(made.pk))
    made.refresh_from_db()
    assert made.status == DepositStatus.TO_CHECK and "papier retiré" in made.refusal
    deposits.complete(made, person=letter.person, stay=letter.stay, type_code=letter.type_code, by=ward.secretary)
    assert len(deposits.send([made], by=ward.secretary)) == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"motif": ""}, "Motif du remplacement"),
        ({"motif": "OTHER", "precision": " "}, "autre motif"),
        ({"motif": "INVENTED"}, "Motif du remplacement"),
        ({"papier": ""}, "Nouveau fichier"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    ward: world.Ward, letter: Document, values: dict[str, str], said: str
) -> None:
    file = SimpleUploadedFile("corrigee.pdf", b"%PDF-1.4", "application/pdf")
    sent = {"papier": file, "motif": "WRONG_DATUM"} | values
    answer = signed(ward.secretary).post(reverse("document_replace", args=[letter.pk]), sent)
    assert answer.status_code == 200 and said in answer.content.decode() and "p-errors" in answer.content.decode()
    assert not Deposit.objects.exists()


def test_a_paper_taken_back_or_replaced_meanwhile(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    secretary = signed(ward.secretary)
    deposit = propose(secretary, letter, hers(letter))
    secretary.post(reverse("document_withdraw", args=[letter.pk]), {"motif": "Mauvais papier"})
    assert "Le papier a changé entre-temps" in looked(secretary, deposit)
    assert "retiré" in confirm(secretary, deposit)[0] and letter.versions.count() == 1


def test_nobody_else_opens_it(ward: world.Ward, letter: Document, fakes: Fakes) -> None:
    deposit = propose(signed(ward.secretary), letter, hers(letter))
    elsewhere = Organisation.objects.create(kind="MATERNITY", name="Autre maternité", finess="997800123")
    stranger = signed(world.user("autre", Role.SECRETARY, elsewhere))
    pages = [
        ("document_replace", letter.pk), ("replacement", deposit.pk), ("replacement_state", deposit.pk),
    ]  # fmt: skip
    for name, key in pages:
        assert stranger.get(reverse(name, args=[key])).status_code == 404
        for user in (ward.midwife_user, ward.coordinator):
            assert signed(user).get(reverse(name, args=[key])).status_code == 403
    for name in ("replacement_confirm", "replacement_discard"):
        assert stranger.post(reverse(name, args=[deposit.pk])).status_code == 404
        assert signed(ward.midwife_user).post(reverse(name, args=[deposit.pk])).status_code == 403
    assert letter.versions.count() == 1


def test_it_is_never_in_the_tray_nor_filed_as_another_paper(
    ward: world.Ward, letter: Document, delegation: Delegation, fakes: Fakes
) -> None:
    secretary = signed(ward.secretary)
    deposit = propose(secretary, letter, hers(letter))
    assert "corrigee.pdf" not in secretary.get("/sorties/papiers/").content.decode()
    secretary.post("/sorties/envoyer/", {"papiers": [str(deposit.pk)]})
    stay: Stay = letter.stay
    with pytest.raises(deposits.DepositRefusedError):
        deposits.complete(deposit, person=child(stay), stay=stay, type_code="11490-0", by=ward.secretary)  # type: ignore[arg-type]
    assert Document.objects.count() == 1 and letter.versions.count() == 1
