"""The demonstration week, played through the services by the accounts of the world.

    1 stays recorded     2 papers dropped (workers read them)     3 the unreadable ones completed
    4 one « Envoyer » per ward     5 mothers without midwife placed     6 letters read, visits done
    meanwhile, correspondents of the ward write to it

Nothing here talks to DMP or MSSanté: the workers do, as for real users.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from coordination.demo import conversation, correspondents, papers, sandboxes, seed
from coordination.demo.families import FAMILIES, Family, instants, mother_entry, newborn_entries
from coordination.lifecycles import DepositStatus, HandoverStatus, ReceivedStatus, ShipmentStatus
from coordination.models import (
    CareRole,
    CareTeamMember,
    Deposit,
    Document,
    EncounterKind,
    Handover,
    Newborn,
    Organisation,
    PatientReply,
    Professional,
    ReceivedDocument,
    ReceivedMail,
    Shipment,
    Stay,
    User,
)
from coordination.services import deposits, follow_up, handovers, letters, readings, stays

WITHOUT_LETTER = 20  # her midwife will have to ask for it
LEFT_TO_PLACE = 18  # nobody has said yes when the week ends
SECRETARIES = {"valombre": "secretaire", "tilleuls": "secretaire2", "bregy": "secretaire3"}
CARERS = {
    "aubepine": "89900001051", "bruyere": "89900001069", "charme": "89900001077",
    "douglas": "89900001085", "erable": "89900001093",
}  # fmt: skip
PHYSICIANS = {"valombre": "89900001010", "tilleuls": "89900001028", "bregy": "89900001036"}
MAILBOX_FINESS = {"valombre": "997800115", "tilleuls": "997800123", "bregy": "997800131"}
PATIENCE = timedelta(seconds=150)

Say = Callable[[str], None]


class StuckError(RuntimeError):
    """The week waits for something that does not come."""


def play(say: Say) -> None:
    """Play the whole week; returns when nothing moves any more. Raises StuckError."""
    seed.require_sandbox()
    sandboxes.prepare()
    now = timezone.now()
    for family in FAMILIES:  # the papers of the first are read while the next ones are recorded
        _drop(family, _record(family, now))
    say(f"{len(FAMILIES)} séjours enregistrés dans {len(SECRETARIES)} maternités")
    say(f"{Deposit.objects.count()} papiers déposés")
    awaited = correspondents.write()
    correspondents.write_to_her()
    _wait("lecture des papiers", lambda: Deposit.objects.filter(status=DepositStatus.RECEIVED).count(), say)
    say(f"{_complete_unreadable()} papiers sans code INS classés à la main")
    for username in SECRETARIES.values():
        _send_all(username)
    say(f"{Document.objects.count()} documents envoyés")
    _place_mothers(say)
    _settle(say)
    say(f"{_read_and_visit()} premières visites faites")
    answers = conversation.write(SECRETARIES)
    _settle(say)
    _wait("réponses des mères", lambda: answers - PatientReply.objects.count(), say)
    _wait("courrier reçu", lambda: awaited - ReceivedMail.objects.count(), say)
    waiting = ReceivedDocument.objects.filter(status=ReceivedStatus.TO_SORT).count()
    say(f"{awaited} courriers reçus, dont {waiting} à classer par une personne")


def _professional(key: str) -> Professional | None:
    return Professional.objects.get(rpps=CARERS[key]) if key else None


def _record(family: Family, now: datetime) -> Stay:
    secretary = User.objects.get(username=SECRETARIES[family.site])
    admitted, born, left = instants(family, now)
    commune, city = family.city
    entry = stays.StayEntry(
        number=f"2026-{family.number:04d}",
        mother=mother_entry(family),
        admitted_at=admitted,
        birth_at=born,
        birth_mode=family.mode,
        expected_discharge_at=left,
        discharged_at=left,
        room=str(200 + family.number),
        physician=Professional.objects.get(rpps=PHYSICIANS[family.site]),
        destination_cog=commune,
        destination_city=city,
        needs=("Jumeaux",) if len(family.babies) > 1 else (),
        newborns=newborn_entries(family, born),
        midwife=_professional(family.midwife),
        general_practitioner=_professional(family.gp),
        informed_at=born + timedelta(days=1),
    )
    site = Organisation.objects.get(finess=MAILBOX_FINESS[family.site])
    return stays.record(entry, maternity=site, by=secretary)


def _drop(family: Family, stay: Stay) -> None:
    secretary = User.objects.get(username=SECRETARIES[family.site])
    files = papers.pack(family, stay, with_letter=family.number != WITHOUT_LETTER)
    deposits.receive(files, by=secretary)


def _complete_unreadable() -> int:
    """What a secretary does with papers that carry no code: choose the person, keep the proposed type."""
    completed = 0
    for deposit in Deposit.objects.filter(status=DepositStatus.TO_CHECK).select_related("organisation"):
        person, stay = papers.owner_by_name(deposit)
        secretary = User.objects.get(pk=deposit.deposited_by_id)
        kind = deposit.type_code or papers.type_by_name(deposit)
        deposits.complete(deposit, person=person, stay=stay, type_code=kind, by=secretary)
        completed += 1
    return completed


def _send_all(username: str) -> None:
    secretary = User.objects.get(username=username)
    ready = Deposit.objects.visible_to(secretary).filter(status=DepositStatus.READY)
    deposits.send(ready.select_related("stay__physician", "person", "organisation"), by=secretary)


def _place_mothers(say: Say) -> None:
    """The coordinator asks Lucie, then Claire when she declines; one mother stays to place."""
    coordinator = User.objects.get(username="coordinatrice")
    claire, lucie = User.objects.get(username="sagefemme"), User.objects.get(username="sagefemme2")
    waiting = Handover.objects.filter(status=HandoverStatus.TO_PLACE).select_related("stay")
    for handover in waiting.exclude(stay__number=f"2026-{LEFT_TO_PLACE:04d}").order_by("stay__number"):
        offer = handovers.ask(handover, _of(lucie), by=coordinator)
        if handover.stay.number.endswith("06"):
            handovers.decline(offer, by=lucie, reason="Plus de place cette semaine")
            handover.refresh_from_db()
            offer, lucie_or_claire = handovers.ask(handover, _of(claire), by=coordinator), claire
        else:
            lucie_or_claire = lucie
        handovers.accept(offer, by=lucie_or_claire)
        say(f"une mère placée chez {lucie_or_claire.get_full_name()}")


def _of(user: User) -> Professional:
    assert user.professional is not None
    return user.professional


def _read_and_visit() -> int:
    """Midwives open the letter; most visits are done, and Claire asks for the missing letter."""
    visits = 0
    for member in CareTeamMember.objects.filter(role=CareRole.MIDWIFE).select_related("stay", "professional__user"):
        midwife, stay = member.professional.user, member.stay
        letter = Document.objects.visible_to(midwife).filter(stay=stay, type_code=letters.LETTER).first()
        if letter is None:
            letters.request(stay, by=midwife, professional=member.professional)
            continue
        if int(stay.number[-2:]) % 5 == 0:
            continue  # not opened yet
        readings.open_version(letter.current_version, by=midwife)
        if int(stay.number[-2:]) % 4 != 3:
            _visit(stay, midwife)
            visits += 1
    return visits


def _visit(stay: Stay, midwife: User) -> None:
    now = timezone.now()
    good = dict.fromkeys(("general", "bleeding", "perineum", "breasts", "mood"), "normal")
    follow_up.write(
        EncounterKind.HOME_VISIT, stay=stay, person=stay.mother, done_at=now,
        answers=good | {"plan": "Seconde visite dans trois jours"}, by=midwife,
    )  # fmt: skip
    for newborn in Newborn.objects.filter(stay=stay).select_related("person"):
        answers = {
            "weight": str((newborn.weight_g or 3000) - 120), "jaundice": "normal", "feeding": "breast",
            "cord": "normal", "stools": "normal",
        }  # fmt: skip
        follow_up.write(
            EncounterKind.HOME_VISIT, stay=stay, person=newborn.person, done_at=now, answers=answers, by=midwife
        )


def _settle(say: Say) -> None:
    """Wait until every shipment has an answer, and every receipt that the sandbox will send has come."""
    moving = Shipment.objects.filter(status__in=[ShipmentStatus.QUEUED, ShipmentStatus.SENDING])
    _wait("envois", moving.count, say)
    silent = Shipment.objects.filter(
        channel="mssante", status=ShipmentStatus.ACCEPTED, stay__number__startswith="2026-"
    )
    _wait("accusés de remise", silent.count, say)


def _wait(what: str, left: Callable[[], int], say: Say) -> None:
    """Poll until nothing is left; say how many remain every few seconds."""
    deadline, said = timezone.now() + PATIENCE, 0.0
    while remaining := left():
        if timezone.now() > deadline:
            raise StuckError(f"{what} : {remaining} en attente depuis {PATIENCE.seconds} s.")
        if time.monotonic() - said > 4:
            say(f"{what} : {remaining} en cours")
            said = time.monotonic()
        time.sleep(0.2)
