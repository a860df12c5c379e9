"""What the tests of the messages to a mother share: a message written, a mail that she writes back."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from coordination.models import Newborn, PatientLetter, Person, Stay, User
from coordination.papers.patient_letters import Audience
from coordination.ports import Incoming
from coordination.services import collection
from coordination.services.patient_letters import Asked, send
from mssante import receipts as mails
from perinat.standards import oids
from perinat.standards.identifiers import Ins, ins_key
from perinat.standards.patient_box import address_of
from tests.coordination import world
from tests.coordination.services.helpers import deliver
from tests.fakes import FakeChannel

Fakes = dict[str, FakeChannel]
MAILBOX = "perinat@essai.mssante.example"


def asked(stay: Stay, template: str = "call-back", **changes: Any) -> Asked:
    person = changes.pop("person", stay.mother)
    audience = Audience.MOTHER if person.pk == stay.mother_id else Audience.CHILD
    return Asked(uuid.uuid4(), stay, person, audience, template, **changes)


def written(stay: Stay, by: User, template: str = "call-back", **changes: Any) -> PatientLetter:
    return send(asked(stay, template, **changes), by=by)


def child_ins(stay: Stay) -> Ins:
    number = f"1{Newborn.objects.get(stay=stay).person.birth_date:%y%m}78646007"
    return Ins(number + ins_key(number), oids.INS_NIR_TEST)


def qualified_child(stay: Stay) -> Person:
    ins = child_ins(stay)
    rows = Person.objects.filter(newborn__stay=stay)
    rows.update(ins_status="QUAL", ins_matricule=ins.matricule, ins_oid=ins.oid)
    return rows.get()


def sent_parcel(fakes: Fakes, letter: PatientLetter) -> Any:
    deliver(letter.shipment)
    return fakes["mssante"].kept[letter.shipment.set_unique_id]


def reply(
    *, letter: PatientLetter | None = None, sender: str = "", text: str = "Merci beaucoup", number: int = 1
) -> Incoming:
    box = sender or f"Louise ACACIA <{address_of(world.ins())}>"
    named = f"In-Reply-To: <{letter.shipment.message_id}>\n" if letter else ""
    raw = (
        (
            f"From: {box}\nTo: {MAILBOX}\nSubject: Re: question\nMessage-ID: <mes{number}@mes.example>\n{named}"
            'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
            f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
            "--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
            'Content-Disposition: attachment; filename="ordonnance.pdf"\n\nJVBERi0=\n--b--\n'
        )
        .replace("\n", "\r\n")
        .encode()
    )
    found = mails.parse(raw, token=str(number), received_at=datetime.now(UTC))
    return replace(found, mailbox=MAILBOX)


def arrive(fakes: Fakes, *incoming: Incoming) -> None:
    fakes["mssante"].mail = list(incoming)
    collection.collect("mssante")
    assert not fakes["mssante"].mail, "not acknowledged"
