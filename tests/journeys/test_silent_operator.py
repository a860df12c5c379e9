"""An MSSanté operator that takes the mails and answers none: the rest of perinat goes on."""

from __future__ import annotations

import pytest

from coordination.lifecycles import DepositStatus
from coordination.lifecycles import ShipmentStatus as S
from coordination.models import Deposit, Shipment
from coordination.services import deposits, documents
from scripts.product import WORKERS
from tests.coordination import world
from tests.journeys.arena import Arena, until

pytestmark = pytest.mark.django_db(transaction=True)
SILENT = 4
RING = (
    "import sys, uuid\nfrom perinat.celery import app\nimport django; django.setup()\nfrom coordination import doorbell"
)
RING_EACH = f"{RING}\nfor one in sys.argv[1:]: doorbell._send('coordination.deliver', [uuid.UUID(one)], 0, 'mssante')"


def start_everyone(arena: Arena, *, threads: int) -> None:
    """The workers of the demonstration, and the clock."""
    for name, queues in WORKERS.items():
        options = ("-P", "threads", "-c", str(threads), "-Q", queues, "-n", f"{name}@{arena.folder.name}")
        arena.start("-m", "celery", "-A", "perinat", "worker", "--without-gossip", "--without-mingle", *options)
    arena.start_clock()


def test_four_silent_deliveries_hold_neither_the_dmp_nor_the_deposits(arena: Arena, ward: world.Ward) -> None:
    arena.fault("mssante", point="smtp.answer", action="pause", seconds=90, times=SILENT + 1)
    arena.env |= {"OUTBOX_LEASE_SECONDS": "200", "MSSANTE_DATA_TIMEOUT": "100"}
    start_everyone(arena, threads=SILENT)
    stay = world.stay(ward)
    for _ in range(SILENT):
        documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    mails = Shipment.objects.filter(channel="mssante")
    until("the first in the DMP", lambda: not Shipment.objects.filter(channel="dmp").exclude(status=S.ACCEPTED))
    arena.start("-c", RING_EACH, *(str(mail.pk) for mail in mails))
    until("four mails without an answer", lambda: mails.filter(status=S.SENDING).count() == SILENT)

    documents.validate(world.letter(ward, stay), by=ward.doctor_user)
    deposits.receive([("papier.pdf", b"nothing of a PDF")], by=ward.secretary)
    until("the fifth in the DMP", lambda: Shipment.objects.filter(channel="dmp", status=S.ACCEPTED).count() > SILENT)
    until("the file read", lambda: not Deposit.objects.filter(status=DepositStatus.RECEIVED))
    assert mails.filter(status=S.SENDING).count() == SILENT, "they are silent still"


def test_a_mailbox_that_stays_silent_holds_no_sending(arena: Arena, ward: world.Ward) -> None:
    """One thread for each process: whoever reads the mailbox does nothing else."""
    arena.fault("mssante", point="imap.banner", action="pause", seconds=90, times=20)
    arena.env |= {"OUTBOX_LEASE_SECONDS": "200", "MSSANTE_TIMEOUT": "100", "RECEIPTS_SECONDS": "1"}
    start_everyone(arena, threads=1)
    until("the mailbox is being read", lambda: arena.waiting("mssante"))

    documents.validate(world.letter(ward, world.stay(ward)), by=ward.doctor_user)
    deposits.receive([("papier.pdf", b"nothing of a PDF")], by=ward.secretary)
    until("the letter sent everywhere", lambda: not Shipment.objects.exclude(status=S.ACCEPTED))
    until("the file read", lambda: not Deposit.objects.filter(status=DepositStatus.RECEIVED))
    assert Shipment.objects.count() == 2 and arena.waiting("mssante"), "it is silent still"
