"""« Courrier reçu », sorted and filtered: by date, person, opened or not, type, and who writes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coordination import blobs
from coordination.models import Document, ReceivedDocument, ReceivedMail, User
from coordination.selectors import mail_list
from tests.coordination import world
from tests.coordination.cda import samples
from tests.coordination.services.helpers import deliver_all, shipment, validated
from tests.coordination.services.letters_in import arrive, cda, letter
from tests.fakes import FakeChannel
from tests.mssante.archives import archive, attached, forwarding, mail, with_archive, zipped
from tests.mssante.mails import plain

pytestmark = pytest.mark.django_db
LETTER = samples.LETTER.type.code
Fakes = dict[str, FakeChannel]


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="coordination.backends.AccountBackend")
    return client


@pytest.fixture
def mine(ward: world.Ward, fakes: Fakes) -> list[ReceivedDocument]:
    """A letter filed, one that waits for a person, a PDF alone, in the order in which they came."""
    world.stay(ward)
    filed = letter(fakes)
    waiting = letter(fakes, "1.2.250.1.999.9.2", number=2, ins=None, birth_family_name="BOULEAU")
    (alone,) = arrive(fakes, mail(attached("application/pdf", "bio.pdf", world.pdf_a()), subject="TR: XDM/1.0/DDM+CR"))
    return [filed, waiting, alone]


def asked(ward: world.Ward, **wanted: str) -> list[str]:
    """The documents that the page shows, in its order."""
    answer = signed(ward.secretary).post(reverse("mail_inbox"), wanted)
    assert answer.status_code == 200
    shown = answer.content.decode()
    return list(dict.fromkeys(re.findall(r'href="/courrier/([0-9a-f-]{36})/"', shown)))


def keys(*documents: ReceivedDocument) -> list[str]:
    return [str(one.pk) for one in documents]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"tri": "anciens"}, [0, 1, 2]),
        ({"tri": "recents", "expediteur": "professionnel"}, [2, 1, 0]),
        ({"etat": "classes"}, [0]),
        ({"etat": "a-classer", "tri": "anciens"}, [1, 2]),
        ({"patiente": "boul"}, [1]),
        ({"patiente": "aca"}, [0]),
        ({"patiente": "personne"}, []),
        ({"type": LETTER, "tri": "anciens"}, [0, 1]),
        ({"expediteur": "usager"}, []),
        ({"tri": "personne", "type": LETTER}, [0, 1]),
    ],
)
def test_sorted_and_filtered(
    ward: world.Ward, mine: list[ReceivedDocument], wanted: dict[str, str], found: list[int]
) -> None:
    assert asked(ward, **wanted) == keys(*(mine[number] for number in found))


def test_by_date_of_arrival(ward: world.Ward, mine: list[ReceivedDocument]) -> None:
    ReceivedDocument.objects.filter(pk=mine[0].pk).update(received_at=timezone.now() - timedelta(days=40))
    today = timezone.localdate()
    assert asked(ward, depuis=f"{today:%Y-%m-%d}", tri="anciens") == keys(mine[1], mine[2])
    assert asked(ward, jusqu=f"{today - timedelta(days=1):%Y-%m-%d}") == keys(mine[0])
    assert mine[0].pk in {row.id for row in mail_list.listing(ward.secretary, mail_list.Wanted(state="classes")).rows}


def test_read_and_not_read(ward: world.Ward, mine: list[ReceivedDocument]) -> None:
    client = signed(ward.secretary)
    assert client.get(reverse("mail_inbox")).content.decode().count("Non lu</strong>") == 3
    client.get(reverse("mail_document", args=[mine[1].pk]))
    assert asked(ward, lu="oui") == keys(mine[1])
    assert asked(ward, lu="non", tri="anciens") == keys(mine[0], mine[2])


def test_a_value_of_no_table_asks_nothing(ward: world.Ward, mine: list[ReceivedDocument]) -> None:
    nonsense = {"tri": "'; --", "etat": "x", "depuis": "2026-13-45", "expediteur": "?"}
    assert not mail_list.Wanted.of(nonsense).is_asked
    assert len(asked(ward, **nonsense)) == 3


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30"])
def test_a_day_of_no_calendar_breaks_nothing(ward: world.Ward, mine: list[ReceivedDocument], day: str) -> None:
    assert len(asked(ward, depuis="0001-01-01", jusqu="9999-12-31")) == 3
    assert isinstance(asked(ward, depuis=day), list) and isinstance(asked(ward, jusqu=day), list)


def test_what_its_metadata_say_is_in_the_list_and_the_prefix_is_not(
    ward: world.Ward, mine: list[ReceivedDocument]
) -> None:
    """MSS/va1.25, ECO.3.1.3: title, type, date, person, author, code; never the prefix of the archive."""
    shown = signed(ward.secretary).get(reverse("mail_inbox")).content.decode()
    document = mine[0]
    assert f"code {document.type_code}" in shown and document.told["author"] in shown and document.title in shown
    assert "ACACIA" in shown and "écrit " in shown
    assert "XDM/1.0" not in shown and ReceivedMail.objects.get(pk=mine[2].mail_id).subject == "TR: CR"


def test_who_writes_is_said_without_reading_the_address(ward: world.Ward, mine: list[ReceivedDocument]) -> None:
    """ECO.3.1.1: a professional and a person of Mon espace santé are told apart in words."""
    ReceivedMail.objects.filter(pk=mine[2].mail_id).update(sender="usager@patient.mssante.fr", sender_name="Léa Test")
    shown = signed(ward.secretary).get(reverse("mail_inbox")).content.decode()
    assert shown.count("Professionnel : ") == 2 and "Usager : Léa Test" in shown
    assert asked(ward, expediteur="usager") == keys(mine[2])


def test_the_list_is_of_what_its_reader_may_see(ward: world.Ward, mine: list[ReceivedDocument]) -> None:
    assert not mail_list.listing(ward.midwife_user, mail_list.Wanted(order="anciens")).rows


def test_a_name_is_never_in_an_address(ward: world.Ward, mine: list[ReceivedDocument]) -> None:
    shown = signed(ward.secretary).get(reverse("mail_inbox"), {"patiente": "BOULEAU"}).content.decode()
    assert "À classer (2)" in shown, "a name in the address asks nothing"


def test_the_documents_of_a_forwarded_mail_wait_or_are_filed_as_any_other(ward: world.Ward, fakes: Fakes) -> None:
    world.stay(ward)
    inside = with_archive(archive(cda()), sender="ville@essai.mssante.example")
    (document,) = arrive(fakes, forwarding(inside, sender="secretariat@essai.mssante.example"))
    assert document.status == "FILED" and "transféré" in document.mail.warnings[0]


def test_our_own_paper_sent_back_is_already_filed(ward: world.Ward, fakes: Fakes) -> None:
    """A server or a colleague sends our letter back: it is not a document from outside, and the words are read."""
    stay = world.stay(ward)
    paper = validated(ward, stay)
    version = Document.objects.get(pk=paper.pk).current_version
    assert version.cda is not None
    packed = archive(blobs.read(version.cda), unique_id=version.unique_id)
    deliver_all()
    returned = with_archive(packed).replace(b"<m1@essai.mssante.example>", f"<{shipment().message_id}>".encode())
    document, words = arrive(fakes, forwarding(returned, subject="Votre message n'a pas pu partir"))
    assert (document.status, document.person, document.stay) == ("KNOWN", stay.mother, stay)
    assert (words.status, words.person, words.title) == ("TO_SORT", stay.mother, "Votre message n'a pas pu partir")


def test_several_subsets_make_as_many_lines(ward: world.Ward, fakes: Fakes) -> None:
    world.stay(ward)
    first, second = cda("1.2.250.1.999.9.1"), cda("1.2.250.1.999.9.2")
    one, two = (
        archive(first, unique_id="1.2.250.1.999.9.1"),
        archive(second, folder="IHE_XDM/SUBSET02", unique_id="1.2.250.1.999.9.2"),
    )
    found = arrive(fakes, with_archive(merged(one, two)))
    assert [document.status for document in found] == ["FILED", "FILED"]


def merged(*archives: bytes) -> bytes:
    members: dict[str, bytes] = {}
    for data in archives:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members |= {name: package.read(name) for name in package.namelist()}
    return zipped(members)


def test_a_mail_of_text_alone_is_a_line_that_is_read_and_filed(ward: world.Ward, fakes: Fakes) -> None:
    stay = world.stay(ward)
    (words,) = arrive(fakes, plain("Rendez-vous", body="Pouvez-vous rappeler cette patiente ?"))
    assert (words.status, words.title, words.media_type) == ("TO_SORT", "Rendez-vous", "text/plain")
    client = signed(ward.secretary)
    shown = client.get(reverse("mail_document", args=[words.pk])).content.decode()
    assert "Pouvez-vous rappeler cette patiente ?" in shown and "ne porte aucun document nouveau" in shown
    client.post(reverse("mail_file", args=[words.pk]), {"personne": f"{stay.mother_id}:{stay.pk}"})
    words.refresh_from_db()
    assert words.status == "FILED" and words.stay == stay


def test_a_colleague_who_answers_a_sending_is_proposed_its_person(ward: world.Ward, fakes: Fakes) -> None:
    stay = world.stay(ward)
    validated(ward, stay)
    deliver_all()
    (words,) = arrive(fakes, plain("RE: XDM/1.0/DDM+Lettre", f"In-Reply-To: <{shipment().message_id}>"))
    assert (words.status, words.person, words.stay, words.title) == ("TO_SORT", stay.mother, stay, "RE: Lettre")
    shown = signed(ward.secretary).get(reverse("mail_document", args=[words.pk])).content.decode()
    assert f'value="{stay.mother_id}:{stay.pk}"' in shown


def test_an_empty_mail_is_not_lost_to_sight(ward: world.Ward, fakes: Fakes) -> None:
    (words,) = arrive(fakes, plain("", body=""))
    assert words.title == "Message sans objet" and words.status == "TO_SORT"


def test_what_patients_answered_is_told_apart_from_the_mail_of_professionals(ward: world.Ward, fakes: Fakes) -> None:
    world.stay(ward)
    assert arrive(fakes, plain("RE: Bonjour", sender=f"{world.ins().matricule}@patient.mssante.fr")) == []
    shown = signed(ward.secretary).get(reverse("mail_inbox")).content.decode()
    assert "1 réponse de patiente" in shown and reverse("patient_inbox") in shown and "Rien à faire" not in shown
    assert world.ins().matricule not in shown
