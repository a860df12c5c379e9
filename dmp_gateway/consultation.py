"""The DMP consulted by a professional signed in with Pro Santé Connect (AIR): `coordination.ports.DocumentSource`.

A reader who is not strongly authenticated keeps what INDIRECTE gives: existence, administrative data,
list of authorised patients. What the rights matrix does not give is refused here, before any call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from coordination.ports import (
    ChannelError,
    PermanentChannelError,
    Reader,
    RecordAct,
    Scope,
    UncertainChannelError,
)
from dmp_gateway import accesses, changes, conf, errors, hl7v3, queries, retrieve, rights, updates
from dmp_gateway.client import AlreadyThereError, Call, Conversation
from dmp_gateway.conf import ConfigurationError, DmpConfig
from dmp_gateway.errors import Use
from dmp_gateway.soap import Answer, GarbledAnswerError
from dmp_gateway.transport import Transport
from dmp_gateway.vihf import Caller
from perinat.standards.codes import INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX, MASKS, MASQUE_PS
from perinat.standards.ebrim import EbrimError
from perinat.standards.identifiers import Ins
from perinat.standards.shared_record import (
    Authorization,
    DocumentStatus,
    HeldDocument,
    RecordAccess,
    RecordChanges,
    RecordDocument,
    RecordPatient,
    RecordState,
)
from perinat.standards.xds import SourcePatient

log = logging.getLogger("dmp_gateway")
WINDOW = timedelta(days=731)  # two years on the start of the act: first automatic search (dmp.md §1.6)
AGREEMENT_LIFE = timedelta(minutes=10)
OVERLAP = timedelta(minutes=5)  # asked again the next time: our clock is not the DMP's
REVEALED = (INVISIBLE_PATIENT.code, INVISIBLE_REPRESENTANTS_LEGAUX.code)
_AUTHORIZATIONS = {
    "VALIDE": Authorization.VALID,
    "EXPIRE": Authorization.EXPIRED,
    "INTERDIT": Authorization.FORBIDDEN,
}
_EXPLAINED = {Authorization.NONE: "AUTHORIZATION_NONE", Authorization.EXPIRED: "AUTHORIZATION_EXPIRED"}


class DmpConsultation:
    """Thread-safe. Settings are read at each use; nothing of a patient is kept."""

    def __init__(self, load: Callable[[], DmpConfig] = conf.load) -> None:
        self._load = load
        self._transport = Transport()

    # --- what may be done -------------------------------------------------------------------------
    def rights(self, reader: Reader) -> dict[RecordAct, Scope]:
        """What this reader may do: what is not here is not offered. No network."""
        caller = Caller.of_reader(reader)
        return rights.rights(caller.mode, rights.role(caller.sender.user_role))

    def rights_on(
        self, reader: Reader, document: RecordDocument, *, treating_doctor: bool = False
    ) -> frozenset[RecordAct]:
        """What this reader may do on this document as it is now. No network."""
        own = any(author.ps_idnat == reader.sender.user.ps_idnat for author in document.authors)
        site = any(author.struct_idnat == reader.sender.struct_idnat for author in document.authors)
        useful = _useful(document)
        return frozenset(
            act
            for act, scope in self.rights(reader).items()
            if act in useful
            and (
                scope is Scope.YES
                or (scope is Scope.OWN and (own or (treating_doctor and act is not RecordAct.DELETE)))
                or (scope is Scope.STRUCTURE and site)
            )
        )

    # --- the record -------------------------------------------------------------------------------
    def state(self, reader: Reader, patient: SourcePatient) -> RecordState:
        """TD0.2: does the record exist, may she open it?"""
        talk, ins = self._about(reader, patient, Use.READING)
        source = talk.config.source_id
        return _state(talk, hl7v3.existence(ins, talk.config, source_id=source, now=_now()))

    def administrative(self, reader: Reader, patient: SourcePatient) -> RecordState:
        """TD1.3a: the same, with what the administrative data add. Identity traits are not read (RG_0320)."""
        talk, ins = self._about(reader, patient, Use.READING)
        return _state(talk, hl7v3.administrative(ins, talk.config, now=_now()))

    def authorize(self, reader: Reader, patient: SourcePatient, *, agreed_at: datetime, treating: bool = False) -> None:
        """TD0.3: declare the agreement that the patient has just given.

        Raises PermanentChannelError « AGREEMENT_MISSING » when it was not given a moment ago, in this session.
        """
        talk, _ = self._about(reader, patient, Use.UPDATE)
        talk.require(RecordAct.AUTHORIZE)
        now = _now()
        if not max(now - AGREEMENT_LIFE, reader.signed_in_at) <= agreed_at <= now:
            raise errors.error("AGREEMENT_MISSING", who=talk.holder, use=Use.UPDATE)
        role = accesses.TREATING_DOCTOR if treating else ""
        _call(talk, accesses.set_authorization(accesses.ADD, role=role))
        log.info("dmp.authorized structure=%s", reader.sender.struct_idnat)

    def revoke(self, reader: Reader, patient: SourcePatient) -> None:
        """TD0.3: end the authorisation of the reader."""
        talk, _ = self._about(reader, patient, Use.UPDATE)
        _call(talk, accesses.set_authorization(accesses.REMOVE))

    def patients(self, reader: Reader, *, since: datetime) -> tuple[RecordPatient, ...]:
        """TD0.4: the people whose record the reader may open, authorised since then."""
        talk = self._open(reader, None, Use.READING)
        answer = _call(talk, accesses.list_patients(reader.sender.user.ps_idnat, since=since))
        return tuple(accesses.read_patients(answer.body))

    def accesses(self, reader: Reader, patient: SourcePatient) -> tuple[RecordAccess, ...]:
        """TD1.6, asked twice: those who may open the record, those who are refused."""
        talk, _ = self._about(reader, patient, Use.READING)
        active = _call(talk, accesses.list_accesses(accesses.ACTIVE))
        refused = _call(talk, accesses.list_accesses(accesses.FORBIDDEN))
        return (
            *accesses.read_accesses(active.body, forbidden=False),
            *accesses.read_accesses(refused.body, forbidden=True),
        )

    # --- its documents ----------------------------------------------------------------------------
    def search(
        self, reader: Reader, patient: SourcePatient, *, since: datetime | None = None, archived: bool = False
    ) -> tuple[RecordDocument, ...]:
        """TD3.1a: the documents, the latest first, each uniqueId once. Two years without `since`."""
        talk, ins = self._about(reader, patient, Use.READING)
        call = queries.find_documents(ins, since=since or _now() - WINDOW, archived=archived)
        answer = self._asked(talk, reader, patient, call)
        found = {document.unique_id: document for document in queries.documents(queries.read(answer.body))}
        return tuple(sorted(found.values(), key=_moment, reverse=True))

    def changes(
        self, reader: Reader, patient: SourcePatient, *, since: datetime, held: Sequence[HeldDocument]
    ) -> RecordChanges:
        """What arrived since the last search: the incremental algorithm of ANS (dmp.md §1.6)."""
        talk, ins = self._about(reader, patient, Use.READING)
        until = _now() - OVERLAP

        def ask(call: Call) -> Answer:
            return self._asked(talk, reader, patient, call)

        return changes.since(ask, ins, since=since, held=held, until=until)

    def retrieve(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> bytes:
        """TD3.2: the bytes, verified. Raises PermanentChannelError « DOCUMENT_ALTERED »."""
        talk, _ = self._about(reader, patient, Use.READING)
        answer = self._asked(talk, reader, patient, retrieve.request(document))
        try:
            return retrieve.content(answer, document)
        except retrieve.AlteredError as error:
            raise errors.error("DOCUMENT_ALTERED", detail=str(error), use=Use.READING) from error

    # --- changing them ----------------------------------------------------------------------------
    def mask(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, masked: bool) -> None:
        """TD3.3a. Raises PermanentChannelError « MASKS_EXCLUSIVE »: already hidden from the patient."""
        masks = document.confidentiality & MASKS.keys()
        wanted = masks | {MASQUE_PS.code} if masked else masks - {MASQUE_PS.code}
        act = RecordAct.MASK if masked else RecordAct.UNMASK
        self._set_masks(reader, patient, document, act, frozenset(wanted))

    def reveal(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, mask: str) -> None:
        """TD3.3b: lift `mask`, INVISIBLE_PATIENT or INVISIBLE_REPRESENTANTS_LEGAUX. There is no way back."""
        if mask not in REVEALED:
            raise ValueError(f"not a mask that can be lifted for good: {mask}")
        masks = document.confidentiality & MASKS.keys()
        self._set_masks(reader, patient, document, RecordAct.REVEAL, frozenset(masks - {mask}))

    def archive(self, reader: Reader, patient: SourcePatient, document: RecordDocument, *, archived: bool) -> None:
        """TD3.3d: archive a document, or make it active again."""
        new = DocumentStatus.ARCHIVED if archived else DocumentStatus.ACTIVE
        self._set_status(reader, patient, document, RecordAct.ARCHIVE, new)

    def delete(self, reader: Reader, patient: SourcePatient, document: RecordDocument) -> None:
        """TD3.3c: logical deletion."""
        self._set_status(reader, patient, document, RecordAct.DELETE, DocumentStatus.DELETED)

    def _set_status(
        self, reader: Reader, patient: SourcePatient, document: RecordDocument, act: RecordAct, new: DocumentStatus
    ) -> None:
        talk, _ = self._about(reader, patient, Use.UPDATE)
        lot = updates.lot(reader, patient, source_id=talk.config.source_id, now=_now())
        _change(talk, updates.status(act, lot, document, new), document, lambda now: now.status is new)

    def _set_masks(
        self, reader: Reader, patient: SourcePatient, document: RecordDocument, act: RecordAct, wanted: frozenset[str]
    ) -> None:
        """The description is asked again first: what is sent is what the registry holds, masks apart."""
        talk, _ = self._about(reader, patient, Use.UPDATE)
        talk.require(act)
        if {MASQUE_PS.code, INVISIBLE_PATIENT.code} <= wanted and not talk.config.hidden_and_masked:
            raise errors.error("MASKS_EXCLUSIVE", use=Use.UPDATE)
        question, _ = self._about(reader, patient, Use.READING)
        answer = self._asked(question, reader, patient, queries.get_document(document.unique_id))
        registered = updates.described(answer.body, document.entry_uuid)
        if registered is None:
            raise errors.error("XDSMetadataVersionError", use=Use.UPDATE)
        lot = updates.lot(reader, patient, source_id=talk.config.source_id, now=_now())
        try:
            call = updates.masks(act, lot, registered, wanted)
        except EbrimError as error:
            raise errors.error("DOCUMENT_UNFIT", detail=type(error).__name__, use=Use.UPDATE) from error
        _change(talk, call, document, lambda now: now.confidentiality & MASKS.keys() == wanted)

    # --- the exchange -----------------------------------------------------------------------------
    def _open(self, reader: Reader, patient: SourcePatient | None, use: Use) -> Conversation:
        try:
            config = self._load()
        except ConfigurationError as error:
            raise errors.error("CONFIGURATION", detail=error.message_fr, use=use) from error
        holder = errors.holder(patient, _now().date()) if patient else None
        ins = patient.ins if patient else None
        if ins is not None and ins.is_production and not config.accepts_production:
            raise errors.error("INS_NOT_ALLOWED", use=use)
        return Conversation(Caller.of_reader(reader), ins, config, self._transport, holder=holder, use=use)

    def _about(self, reader: Reader, patient: SourcePatient, use: Use) -> tuple[Conversation, Ins]:
        if patient.ins is None:
            raise errors.error("INS_MISSING", use=use)
        return self._open(reader, patient, use), patient.ins

    def _asked(self, talk: Conversation, reader: Reader, patient: SourcePatient, call: Call) -> Answer:
        """A question to the record. A refusal without a known cause is explained by the state of the record."""
        try:
            return _call(talk, call)
        except PermanentChannelError as refusal:
            if refusal.code in errors.TABLE:
                raise
            state = self.state(reader, patient)
            explained = _EXPLAINED.get(state.authorization)
            if explained is None:
                raise
            raise errors.error(explained, raw=refusal.raw, who=talk.holder, use=talk.use) from refusal


def _now() -> datetime:
    return datetime.now(UTC)


def _moment(document: RecordDocument) -> datetime:
    return document.service_start or document.created_at or datetime.min.replace(tzinfo=UTC)


def _useful(document: RecordDocument) -> frozenset[RecordAct]:
    """The acts that change something on a document as it is."""
    if document.status is DocumentStatus.DELETED:
        return frozenset()
    acts = {RecordAct.READ, RecordAct.DELETE}
    if document.status is DocumentStatus.REPLACED:
        return frozenset({RecordAct.READ})
    masked = MASQUE_PS.code in document.confidentiality
    acts |= {RecordAct.ARCHIVE, RecordAct.UNMASK if masked else RecordAct.MASK}
    if document.confidentiality & set(REVEALED):
        acts.add(RecordAct.REVEAL)
    return frozenset(acts)


def _call(talk: Conversation, call: Call) -> Answer:
    try:
        return talk.call(call)
    except AlreadyThereError as error:
        raise error.refusal from error


def _state(talk: Conversation, call: Call) -> RecordState:
    """A record that is absent, closed or forbidden is an answer, not a failure."""
    answer = _call(talk, call)
    try:
        found = hl7v3.read(answer.body)
    except GarbledAnswerError as error:
        raise errors.error("GARBLED_ANSWER", raw=answer.raw, use=talk.use) from error
    return RecordState(
        exists=found.found,
        closed=bool(found.closure),
        authorization=_AUTHORIZATIONS.get(found.authorization, Authorization.NONE),
        treating_doctor=found.treating_doctor,
        attached=found.attached,
    )


def _change(talk: Conversation, call: Call, document: RecordDocument, done: Callable[[RecordDocument], bool]) -> None:
    """Make a change. Without a clear answer, the registry is asked whether it is done."""
    try:
        _call(talk, call)
    except UncertainChannelError as doubt:
        if not _is_done(talk, document, done):
            raise doubt
    log.info("dmp.changed act=%s", call.act)


def _is_done(talk: Conversation, document: RecordDocument, done: Callable[[RecordDocument], bool]) -> bool:
    try:
        answer = _call(talk, queries.get_document(document.unique_id))
    except ChannelError:
        return False
    return any(done(now) for now in queries.documents(queries.read(answer.body)))
