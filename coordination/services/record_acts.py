"""Each question to a shared record, as it is asked of the `DocumentSource`: network, no transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from coordination import audit, document_source
from coordination.models import DocumentVersion, Person, QueryKind, RecordQuery, Stay
from coordination.ports import ChannelError, DocumentSource, Reader, RecordAct
from coordination.selectors import record_memory, record_people
from coordination.selectors.record_memory import Memory
from coordination.services import confidentiality
from perinat.standards.shared_record import (
    Authorization,
    DocumentStatus,
    HeldDocument,
    RecordChanges,
    RecordDocument,
    RecordState,
)
from perinat.standards.xds import SourcePatient

JSON = "application/json"
OVERLAP = timedelta(minutes=5)  # our clock is not that of the record
FAR_BACK = timedelta(days=40 * 365)  # a wide search: every document of an adult's life
AUTHORIZED_SINCE = timedelta(days=2 * 365)  # how far the list of her authorisations goes
STATES = {
    "NF": "Il n’y a pas de DMP à ce nom. Rien à faire : vos documents partent par MSSanté.",
    "DMPClosed": "Le DMP est fermé. Demandez ses documents à la patiente, ou à ceux qui les ont écrits.",
    "INTERDIT": (
        "La patiente a bloqué votre accès à son DMP. Parlez-en avec elle : elle seule peut lever ce blocage, "
        "dans Mon espace santé."
    ),
    "AUTHORIZATION_NONE": (
        "Vous n’avez pas encore d’autorisation d’accès à ce DMP. Demandez son accord à la patiente, puis déclarez-le."
    ),
    "AUTHORIZATION_EXPIRED": (
        "Votre autorisation d’accès à ce DMP a expiré. Demandez à nouveau son accord à la patiente, puis déclarez-le."
    ),
}
STATES_OF_CHILD = {
    "NF": "Il n’y a pas encore de DMP au nom de l’enfant. Rien à faire : vos documents partent par MSSanté.",
    "DMPClosed": "Le DMP de l’enfant est fermé. Demandez ses documents à ses parents, ou à ceux qui les ont écrits.",
    "INTERDIT": (
        "Les représentants légaux de l’enfant ont bloqué votre accès à son DMP. Parlez-en avec eux : eux seuls peuvent "
        "lever ce blocage, dans Mon espace santé."
    ),
    "AUTHORIZATION_NONE": (
        "Vous n’avez pas encore d’autorisation d’accès au DMP de l’enfant. Demandez leur accord à ses représentants "
        "légaux, puis déclarez-le."
    ),
    "AUTHORIZATION_EXPIRED": (
        "Votre autorisation d’accès au DMP de l’enfant a expiré. Demandez à nouveau leur accord à ses représentants "
        "légaux, puis déclarez-le."
    ),
}
ASK_AGREEMENT = ("AUTHORIZATION_NONE", "AUTHORIZATION_EXPIRED")
_AUTHORIZATIONS = {
    Authorization.FORBIDDEN: "INTERDIT",
    Authorization.NONE: "AUTHORIZATION_NONE",
    Authorization.EXPIRED: "AUTHORIZATION_EXPIRED",
}
NO_SOURCE = ("NO_SOURCE", "La consultation du DMP n’est pas activée sur cette installation.")
LIST_GONE = ("LIST_GONE", "La liste du DMP n’est plus gardée ici. Consultez le DMP, puis ouvrez le document.")
NOT_HERS = ("RIGHT_DENIED", "Le DMP ne vous donne pas cet acte sur ce document. Rien n’a été demandé.")
NOT_THERE = ("NOT_THERE", "Ce papier n’est pas parmi les documents actifs du DMP : rien n’a été demandé.")
NOT_FOLLOWED = ("NOT_FOLLOWED", "Vous ne suivez plus cette patiente : rien n’a été demandé au DMP.")
NOT_READ_AGAIN = "C’est fait. La liste n’a pas pu être relue : consultez à nouveau le DMP pour la voir à jour."


class ConsultationRefusedError(Exception):
    """Nothing failed: the record, or perinat, says why this is not done."""

    def __init__(self, code: str, message_fr: str) -> None:
        super().__init__(code)
        self.code = code
        self.message_fr = message_fr


@dataclass(frozen=True, slots=True)
class Done:
    """`answer`: what is kept, encrypted; `note_fr`: what else is to be said."""

    answer: bytes = b""
    media_type: str = JSON
    note_fr: str = ""


@dataclass(frozen=True, slots=True)
class _Talk:
    query: RecordQuery
    source: DocumentSource
    reader: Reader
    stay: Stay
    person: Person
    patient: SourcePatient

    @property
    def states(self) -> dict[str, str]:
        return STATES if self.person.pk == self.stay.mother_id else STATES_OF_CHILD

    def document(self) -> tuple[RecordDocument, Memory]:
        kept = record_memory.memory(self.query.user, self.person)
        found = kept[0].find(self.query.document_uid) if kept else None
        if kept is None or found is None:
            raise ConsultationRefusedError(*LIST_GONE)
        return found, kept[0]


def do(query: RecordQuery) -> Done:
    """Raises ConsultationRefusedError, ChannelError."""
    source = document_source.get()
    if source is None:
        raise ConsultationRefusedError(*NO_SOURCE)
    reader = record_people.reader(query.user, signed_in_at=query.signed_in_at)
    if query.kind == QueryKind.PATIENTS:
        found = source.patients(reader, since=timezone.now() - AUTHORIZED_SINCE)
        return Done(_encoded([record_memory.as_json(one) for one in found]))
    followed = Stay.objects.visible_to(query.user).select_related("mother", "maternity")
    stay = followed.filter(pk=query.stay.pk).first() if query.stay else None
    person = next((one for one in record_people.people(stay) if one == query.person), None) if stay else None
    if stay is None or person is None:
        raise ConsultationRefusedError(*NOT_FOLLOWED)
    talk = _Talk(query, source, reader, stay, person, record_people.patient(stay, person))
    return ACTS[QueryKind(query.kind)](talk)


def _search(talk: _Talk) -> Done:
    """The record opens, if need be by the agreement just declared; then what is new since the last list."""
    state = talk.source.state(talk.reader, talk.patient)
    code = _closed(state)
    if code in ASK_AGREEMENT and talk.query.agreed_at is not None:
        talk.source.authorize(talk.reader, talk.patient, agreed_at=talk.query.agreed_at)
        audit.record("dmp.authorized", by=talk.query.user, subject=talk.stay)
        state = talk.source.state(talk.reader, talk.patient)
        code = _closed(state)
    if code:
        raise ConsultationRefusedError(code, talk.states[code])
    kept = record_memory.memory(talk.query.user, talk.person)
    if kept is None or kept[0].wide != talk.query.wide:
        return _listed(talk, wide=talk.query.wide, treating=state.treating_doctor)
    known = kept[0]
    held = [HeldDocument(one.unique_id, one.entry_uuid, one.logical_id) for one in known.documents]
    changes = talk.source.changes(talk.reader, talk.patient, since=known.until, held=held)
    merged = Memory(_merged(known, changes), changes.until, known.wide, state.treating_doctor)
    return Done(_encoded(merged.as_json()))


def _closed(state: RecordState) -> str:
    """Why the record does not open; empty when it does."""
    if not state.exists:
        return "NF"
    if state.closed:
        return "DMPClosed"
    return _AUTHORIZATIONS.get(state.authorization, "")


def _listed(talk: _Talk, *, wide: bool, treating: bool) -> Done:
    """The whole list: two years and active documents, or all of it."""
    before = timezone.now()
    since = before - FAR_BACK if wide else None
    documents = talk.source.search(talk.reader, talk.patient, since=since, archived=wide)
    return Done(_encoded(Memory(documents, before - OVERLAP, wide, treating).as_json()))


def _merged(known: Memory, changes: RecordChanges) -> tuple[RecordDocument, ...]:
    """The list with what arrived; what was replaced, deleted or archived leaves it."""
    shown = (DocumentStatus.ACTIVE, DocumentStatus.ARCHIVED) if known.wide else (DocumentStatus.ACTIVE,)
    found = {one.unique_id: one for one in known.documents if one.entry_uuid not in changes.replaced}
    found |= {one.unique_id: one for one in (*changes.redescribed, *changes.new)}
    kept = [one for one in found.values() if one.status in shown]
    return tuple(sorted(kept, key=record_people.moment, reverse=True))


def _open(talk: _Talk) -> Done:
    document, _ = talk.document()
    return Done(talk.source.retrieve(talk.reader, talk.patient, document), document.mime_type or "text/xml")


def _change(talk: _Talk) -> Done:
    """One act on one document, then the list as the record gives it."""
    act = RecordAct(talk.query.act)
    document, known = _own(talk) if act is RecordAct.REVEAL else talk.document()
    if act not in talk.source.rights_on(talk.reader, document, treating_doctor=known.treating):
        raise ConsultationRefusedError(*NOT_HERS)
    match act:
        case RecordAct.MASK | RecordAct.UNMASK:
            talk.source.mask(talk.reader, talk.patient, document, masked=act is RecordAct.MASK)
        case RecordAct.REVEAL:
            talk.source.reveal(talk.reader, talk.patient, document, mask=talk.query.mask)
        case RecordAct.ARCHIVE:
            active = document.status is DocumentStatus.ACTIVE
            talk.source.archive(talk.reader, talk.patient, document, archived=active)
        case _:
            raise ConsultationRefusedError(*NOT_HERS)
    audit.record("dmp.changed", by=talk.query.user, subject=talk.stay, act=act.value, document=document.unique_id)
    if act is RecordAct.REVEAL:
        confidentiality.revealed(document.unique_id, talk.query.mask, by=talk.query.user)
    try:
        return _listed(talk, wide=known.wide, treating=known.treating)
    except ChannelError:
        return Done(note_fr=NOT_READ_AGAIN)


def _own(talk: _Talk) -> tuple[RecordDocument, Memory]:
    """From the list that is kept; a paper of perinat, asked from its own page, is looked for when no list is."""
    uid = talk.query.document_uid
    try:
        return talk.document()
    except ConsultationRefusedError:
        if not DocumentVersion.objects.filter(unique_id=uid, document__person=talk.person).exists():
            raise
    state = talk.source.state(talk.reader, talk.patient)
    if code := _closed(state):
        raise ConsultationRefusedError(code, talk.states[code])
    before = timezone.now()
    documents = talk.source.search(talk.reader, talk.patient)
    listed = Memory(documents, before - OVERLAP, wide=False, treating=state.treating_doctor)
    found = listed.find(uid)
    if found is None:
        raise ConsultationRefusedError(*NOT_THERE)
    return found, listed


def _revoke(talk: _Talk) -> Done:
    """The list is forgotten with the right to read it."""
    talk.source.revoke(talk.reader, talk.patient)
    audit.record("dmp.revoked", by=talk.query.user, subject=talk.stay)
    return Done()


def _accesses(talk: _Talk) -> Done:
    found = talk.source.accesses(talk.reader, talk.patient)
    return Done(_encoded([record_memory.as_json(one) for one in found]))


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


ACTS: dict[QueryKind, Callable[[_Talk], Done]] = {
    QueryKind.SEARCH: _search,
    QueryKind.OPEN: _open,
    QueryKind.CHANGE: _change,
    QueryKind.REVOKE: _revoke,
    QueryKind.ACCESSES: _accesses,
}
