"""What comes by mail during the week: a result that files itself, a letter that a person must look at.

The correspondents are those of the MSSanté sandbox: they are only told what to send, over its administration door.
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, replace
from typing import Any

import requests
from django.conf import settings
from django.utils import timezone

from coordination.cda.builder import build
from coordination.demo import elsewhere, world
from coordination.demo.elsewhere import Writing
from coordination.demo.families import FAMILIES, Family
from perinat.standards import codes
from perinat.standards.identifiers import oid_from_uuid

TIMEOUT = 10
WARD = "valombre"
RESULT = (
    ("Numération du deuxième jour", (("Hémoglobine", "10,8 g/dL"), ("Plaquettes", "251 G/L"))),
    ("Conclusion", (("Biologiste", "Anémie modérée, à suivre avec le traitement en cours."),)),
)
ADVICE = (
    ("Motif", (("Demande", "Conduite à tenir devant une tension limite en suites de couches."),)),
    ("Avis", (("Surveillance", "Tension deux fois par jour à domicile pendant dix jours."),)),
)


@dataclass(frozen=True, slots=True)
class Mail:
    """`family`: whose; `given`: her given name as the sender writes it, when he has it wrong."""

    box: str
    owner: str
    family: int
    writing: Writing
    text: str
    given: str = ""


MAILS = (
    Mail(
        "resultats.valdombre@medecins.mssante.example", "Laboratoire du Val d'Ombre", 1,
        Writing(codes.CR_BIOLOGIE, "Bilan sanguin du deuxième jour", RESULT, world.ELSEWHERE[1], 0),
        "Bonjour,\n\nVous trouverez ci-joint le bilan demandé.\n\nLe laboratoire",
    ),
    Mail(
        "anne.genevrier@sages-femmes.mssante.example", "Anne GENÉVRIER, sage-femme", 3,
        Writing(codes.SYNTHESE_EPISODE, "Avis de suivi après la naissance", ADVICE, world.ELSEWHERE[0], 0),
        "Bonjour,\n\nVoici mon avis pour la suite.\n\nAnne Genévrier", given="FATOUMATA",
    ),
)  # fmt: skip


HERS = Mail(
    "anne.genevrier@sages-femmes.mssante.example", "Anne GENÉVRIER, sage-femme", 1,
    Writing(codes.SYNTHESE_EPISODE, "Avis sur la reprise du suivi", ADVICE, world.ELSEWHERE[0], 0),
    "Bonjour Claire,\n\nVoici mon avis, comme convenu.\n\nAnne Genévrier",
)  # fmt: skip


def write_to_her() -> None:
    """A letter in the box of the midwife who opens it herself: it waits there until she signs in."""
    carer = next(carer for carer in world.CARERS if carer.opens_it)
    _ask("PUT", "mailboxes", {"address": HERS.box, "kind": "ORG", "owner": HERS.owner, "behaviour": "silent"})
    document = base64.b64encode(_document(HERS)).decode()
    _ask("POST", "write", {"from": HERS.box, "to": carer.mailbox, "body": HERS.text, "documents": [document]})


def write() -> int:
    """Each correspondent sends once to the ward; the number of mails."""
    site = next(site for site in world.SITES if site.key == WARD)
    for mail in MAILS:
        _ask("PUT", "mailboxes", {"address": mail.box, "kind": "ORG", "owner": mail.owner, "behaviour": "silent"})
        document = base64.b64encode(_document(mail)).decode()
        _ask("POST", "write", {"from": mail.box, "to": site.mailbox, "body": mail.text, "documents": [document]})
    return len(MAILS)


def _document(mail: Mail) -> bytes:
    at, family = timezone.now(), _as_written(mail)
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{settings.DMP_SOURCE_ID} {mail.box} {mail.family}")
    words = elsewhere.content(family, mail.writing, at, set_id=oid_from_uuid(uuid.uuid5(key, "set")))
    return build(words, unique_id=oid_from_uuid(key), now=at)


def _as_written(mail: Mail) -> Family:
    family = next(one for one in FAMILIES if one.number == mail.family)
    return replace(family, given=mail.given or family.given)


def _ask(method: str, path: str, payload: dict[str, Any]) -> None:
    url = f"{settings.MSSANTE_SANDBOX_ADMIN_URL}/{path}"
    requests.request(method, url, json=payload, timeout=TIMEOUT).raise_for_status()
