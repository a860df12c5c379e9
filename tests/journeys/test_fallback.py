"""Her box is full, then the one of her practice is closed: the letter ends on a sheet with a code, and is read.

Real operator on sockets, real worker and clock; time passes by moving `due_at`, nothing else is touched.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Mailbox, PaperDelivery, Professional, Reading, Role, Shipment, Stay, User, WorkItem
from coordination.services import documents
from tests.coordination import world
from tests.coordination.services.helpers import RPPS
from tests.journeys import arena as made
from tests.journeys.arena import MIDWIFE, Arena

pytestmark = pytest.mark.django_db(transaction=True)
PRACTICE = "cabinet.essai@sages-femmes.mssante.example"


def until(what: str, ready: Callable[[], object]) -> None:
    """Several rounds of the worker, on a machine that may be slow."""
    made.until(what, ready, patience=300)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def box(arena: Arena, address: str, kind: str, behaviour: str) -> None:
    person = {"address": address, "kind": kind, "owner": "Essai", "behaviour": behaviour}
    made.call("PUT", f"{arena.mssante.admin_url}/mailboxes", person)


def mails(stay: Stay) -> list[Shipment]:
    return list(Shipment.objects.filter(channel="mssante", stay=stay).order_by("created_at"))


def four_hours_later() -> None:
    Shipment.objects.filter(status=S.QUEUED, waited=1).update(due_at=F("due_at") - timedelta(hours=5))


def sent(ward: world.Ward, number: int) -> Stay:
    stay = world.stay(ward, number=f"F{number}", mother=world.mother(order=number, ipp=f"F{number}"), newborns=())
    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    return stay


def test_full_then_the_practice_then_paper(arena: Arena, ward: world.Ward) -> None:
    ward.maternity.deposits_in_dmp = False
    ward.maternity.save()
    Mailbox.objects.create(address=PRACTICE, kind="CAB", organisation=ward.practice)
    box(arena, MIDWIFE, "PER", "full")
    box(arena, PRACTICE, "CAB", "silent")
    arena.start_worker()
    arena.start_clock()

    stay = sent(ward, 11)
    until("the full box waits", lambda: Shipment.objects.filter(stay=stay, status=S.QUEUED, waited=1).exists())
    assert len(mails(stay)) == 1 and not WorkItem.objects.filter(status="OPEN").exists()
    four_hours_later()
    until("the practice has it", lambda: [one.status for one in mails(stay)] == [S.REJECTED, S.DELIVERED])
    assert sum(arena.in_mail().values()) == 1 and not WorkItem.objects.filter(status="OPEN").exists()

    box(arena, PRACTICE, "CAB", "closed")
    other = sent(ward, 12)
    until("it waits again", lambda: Shipment.objects.filter(stay=other, status=S.QUEUED, waited=1).exists())
    four_hours_later()
    until("paper", lambda: PaperDelivery.objects.filter(stay=other, status="TO_GIVE").exists())
    assert [one.status for one in mails(other)] == [S.REJECTED, S.REJECTED]
    assert sum(arena.in_mail().values()) == 1, "nothing was kept by a box that refused"
    line = WorkItem.objects.get(status="OPEN")
    assert line.kind == "PAPER_TO_GIVE" and Mailbox.objects.get(address=PRACTICE).dead_since is not None
    _read_with_the_code(ward, mails(other)[-1], other)


def _read_with_the_code(ward: world.Ward, last: Shipment, stay: Stay) -> None:
    secretary = signed_in(ward.secretary)
    told = html.unescape(secretary.get(f"/sejours/{stay.pk}/").content.decode())
    assert "(boîte pleine) → boîte partagée" in told and "→ à remettre sur papier" in told
    sheet = secretary.post(f"/sejours/envoi/{last.pk}/papier/feuille/").content.decode()
    drawn = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}", re.sub(r"<[^>]+>", " ", sheet))
    assert drawn is not None
    secretary.post(f"/sejours/envoi/{last.pk}/papier/remis/")
    replacing = Professional.objects.create(
        rpps=RPPS[3], given_name="Inès", family_name="HOUX", organisation=ward.practice
    )
    midwife = signed_in(world.user("remplacante", Role.MIDWIFE, ward.practice, replacing))
    opened = midwife.post("/code/", {"code": drawn.group()})
    link = re.search(r'href="(/code/[^"]+/fichier)"', midwife.get(opened["Location"]).content.decode())
    assert link is not None
    assert midwife.get(link.group(1)).content.startswith(b"%PDF")
    assert Reading.objects.get(professional=replacing).via == "CODE"
    assert PaperDelivery.objects.get(stay=stay).status == "OPENED"
    assert not WorkItem.objects.filter(status="OPEN").exists()
    assert timezone.now() < PaperDelivery.objects.get(stay=stay).codes.get().expires_at
