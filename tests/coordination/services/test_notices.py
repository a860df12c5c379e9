"""Notices say that something waits, never what or about whom; opening a paper is a fact."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import ClassVar

import pytest
import time_machine
from django.core import mail
from django.utils.module_loading import import_string

from coordination import blobs
from coordination.models import AuditEntry, Notice, Reading
from coordination.services import handovers, notices, outcomes, readings
from tests.coordination import world
from tests.coordination.services.helpers import deliver_all, validated
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db
SENTENCES = {handovers.NOTICE_OFFER, handovers.NOTICE_MOTHER, outcomes.NOTICE_PAPER}


def test_no_notice_names_anybody(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    stay = world.stay(ward)
    validated(ward, stay)
    deliver_all()
    assert {n.text for n in Notice.objects.all()} <= SENTENCES
    assert notices.send_pending() == Notice.objects.count() == len(mail.outbox)
    for message in mail.outbox:
        words = f"{message.subject} {message.body} {message.to}"
        assert not any(secret in words for secret in ("ACACIA", "LOUISE", "JULES", world.ins().matricule, "Valombre"))
    assert notices.send_pending() == 0


def test_a_request_is_announced_although_an_older_notice_was_not_seen(
    clock: time_machine.Traveller, ward: world.Ward
) -> None:
    for text in (handovers.NOTICE_MOTHER, handovers.NOTICE_OFFER, handovers.NOTICE_OFFER):
        notices.tell(ward.midwife.pk, text=text, path="/mes-visites/")
    assert Notice.objects.count() == 2, "the same sentence is not said twice in a row"
    clock.shift(timedelta(hours=1, seconds=1))
    notices.tell(ward.midwife.pk, text=handovers.NOTICE_OFFER, path="/mes-visites/")
    assert Notice.objects.count() == 3, "a request lasts two hours: it is announced again"


def test_a_professional_without_account_or_address_is_not_asked_again(ward: world.Ward) -> None:
    notices.tell(ward.doctor.pk, text=outcomes.NOTICE_PAPER, path="/")
    ward.doctor_user.email = ""
    ward.doctor_user.save()
    assert notices.send_pending() == 0 and Notice.objects.get().sent_at is not None


class PickyNotifier:
    """A mail server that refuses one address."""

    told: ClassVar[list[str]] = []

    def notify(self, address: str, *, text_fr: str, path: str) -> None:
        if address.startswith("medecin"):
            raise SMTPRecipientsRefused({})
        self.told.append(address)


def test_one_refused_address_does_not_hold_the_others(
    clock: time_machine.Traveller, ward: world.Ward, settings: object
) -> None:
    settings.NOTIFIER = f"{__name__}.PickyNotifier"  # type: ignore[attr-defined]
    for one in (ward.doctor, ward.midwife):
        notices.tell(one.pk, text=outcomes.NOTICE_PAPER, path="/")
    assert notices.send_pending() == 1
    assert Notice.objects.get(sent_at__isnull=True).professional == ward.doctor
    assert import_string(f"{__name__}.PickyNotifier").told == ["sagefemme@perinat.example"]
    clock.shift(timedelta(days=1, seconds=1))
    assert notices.send_pending() == 0, "yesterday's notice is not worth sending"


def test_opening_is_audited_and_read_once(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    version = validated(ward, world.stay(ward)).versions.get()
    for _ in range(2):
        assert readings.open_version(version, by=ward.midwife_user) == world.pdf_a()
    read = Reading.objects.get()
    assert (read.professional, read.via, read.user) == (ward.midwife, "PERINAT", ward.midwife_user)
    assert AuditEntry.objects.filter(action="document.opened").count() == 2


def test_the_ward_that_opens_its_own_paper_reads_nothing(ward: world.Ward, fakes: dict[str, FakeChannel]) -> None:
    version = validated(ward, world.stay(ward)).versions.get()
    readings.open_version(version, by=ward.secretary)
    readings.open_version(version, by=ward.doctor_user)
    assert not Reading.objects.exists()


def test_a_paper_that_cannot_be_read_is_no_reading(
    ward: world.Ward, fakes: dict[str, FakeChannel], settings: object
) -> None:
    version = validated(ward, world.stay(ward)).versions.get()
    for path in Path(settings.BLOB_DIR).rglob("*"):  # type: ignore[attr-defined]
        if path.is_file():
            path.write_bytes(b"")
    with pytest.raises(blobs.BlobError):
        readings.open_version(version, by=ward.midwife_user)
    assert not Reading.objects.exists()
