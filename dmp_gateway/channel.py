"""The DMP as a channel of perinat: deposit, replace, ask, withdraw. Nothing ever comes back by itself.

submit = TD0.2, then TD2.1a, or TD3.1b and TD2.1b (RPLC) · find = TD3.1b on each document ·
withdraw = TD3.1b and TD3.3c. A failure of a call that only reads is temporary, whatever it was:
nothing has been deposited by it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from coordination.ports import Action, DocumentSize, Incoming, Parcel, ParcelDocument, Proof, UncertainChannelError
from dmp_gateway import conf, errors, hl7v3, xdsb, xmldsig
from dmp_gateway.client import AlreadyThereError, Call, Conversation
from dmp_gateway.conf import ConfigurationError, DmpConfig
from dmp_gateway.soap import Answer, GarbledAnswerError
from dmp_gateway.transport import Transport
from dmp_gateway.vihf import Caller
from dmp_gateway.xdsb import Registered
from perinat.standards import ebrim_schemes
from perinat.standards.codes import INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX, MASQUE_PS
from perinat.standards.ebrim import EbrimError
from perinat.standards.identifiers import Ins
from perinat.standards.xml import XmlError

log = logging.getLogger("dmp_gateway")
SUCCESS = "Success"
ABSENT = "absent"  # withdrawn from where it was not


class _Deposit(Conversation):
    """The exchanges of one parcel."""

    def __init__(self, parcel: Parcel, ins: Ins, config: DmpConfig, transport: Transport) -> None:
        holder = errors.holder(parcel.patient, datetime.now(UTC).date())
        super().__init__(Caller.of_parcel(parcel), ins, config, transport, holder=holder)
        self.parcel = parcel
        self.patient_ins = ins


class DmpChannel:
    """Thread-safe. Settings are read at each use; TLS sessions are kept, one pool for each legal entity."""

    def __init__(self, load: Callable[[], DmpConfig] = conf.load) -> None:
        self._load = load
        self._transport = Transport()

    @property
    def max_bytes(self) -> int:
        """Bound of the sum of the documents of a lot. Settings that are incomplete are told at the sending."""
        try:
            return self._load().max_bytes
        except ConfigurationError:
            return conf.MAX_BYTES

    def size_of(self, documents: Sequence[DocumentSize]) -> int:
        """The CDA as they are: MTOM adds nothing, and the DMP receives no twin."""
        return sum(document.cda for document in documents)

    def submit(self, parcel: Parcel) -> Proof:
        """Deposit the lot. Raises one of the three ChannelError; PermanentChannelError(functional=True)
        when the patient has no DMP, has closed it or refuses access."""
        talk = self._open(parcel)
        _check(parcel, talk.config)
        _check_patient(talk)
        try:
            replaced = _replaced(talk) if parcel.action is Action.REPLACE else {}
            call = xdsb.deposit(parcel, talk.signing, _suite(talk.config), replaced=replaced)
        except (EbrimError, XmlError) as error:
            raise errors.error("DOCUMENT_UNFIT", detail=type(error).__name__) from error
        try:
            answer = talk.call(call)
        except AlreadyThereError as said:
            return self._confirmed(talk, said)
        log.info("dmp.deposited shipment=%s documents=%d", parcel.shipment_id, len(parcel.documents))
        references = {document.unique_id: f"urn:oid:{document.unique_id}" for document in parcel.documents}
        return _proof(parcel, SUCCESS, answer.raw, references)

    def find(self, parcel: Parcel) -> Proof | None:
        """« Did you already receive this? » A proof when every document of the lot is registered.

        For WITHDRAW: a proof when none is any more; None when the DMP does not say (references only).
        """
        talk = self._open(parcel)
        if parcel.action is Action.WITHDRAW:
            left = [found for found in _to_withdraw(talk) if found.status != ebrim_schemes.DELETED]
            return None if left else _proof(parcel, ABSENT)
        return _registered(talk, parcel, "TD3.1b")

    def withdraw(self, parcel: Parcel) -> Proof:
        """Delete the documents of the parcel, one after the other (logical deletion).

        Not being there any more is success; so is a deletion that the DMP already received.
        """
        talk = self._open(parcel)
        code, raw = ABSENT, b""
        for document in _to_withdraw(talk):
            if document.status != ebrim_schemes.DELETED:
                code, raw = _delete(talk, document)
        log.info("dmp.withdrawn shipment=%s code=%s", parcel.shipment_id, code)
        return _proof(parcel, code, raw)

    def collect(self) -> Iterator[Incoming]:
        """Nothing: the DMP answers in the call."""
        return iter(())

    def acknowledge(self, incoming: Incoming) -> None:
        """Nothing to acknowledge."""

    def _open(self, parcel: Parcel) -> _Deposit:
        try:
            config = self._load()
        except ConfigurationError as error:
            raise errors.error("CONFIGURATION", detail=error.message_fr) from error
        ins = parcel.patient.ins
        if ins is None:
            raise errors.error("INS_MISSING")
        if ins.is_production and not config.accepts_production:
            raise errors.error("INS_NOT_ALLOWED")
        return _Deposit(parcel, ins, config, self._transport)

    def _confirmed(self, talk: _Deposit, said: AlreadyThereError) -> Proof:
        """The DMP said « already there »: true when TD3.1b finds every document, else its refusal stands."""
        proof = _registered(talk, talk.parcel, said.refusal.code)
        if proof is None:
            raise errors.contradicted(said.refusal) from said
        log.info("dmp.already_there shipment=%s", talk.parcel.shipment_id)
        return proof


def _suite(config: DmpConfig) -> xmldsig.Suite:
    try:
        return xmldsig.SUITES[config.xades_digest]
    except KeyError as error:
        raise errors.error("CONFIGURATION", detail="DMP_XADES_DIGEST") from error


def _check(parcel: Parcel, config: DmpConfig) -> None:
    """What the DMP would refuse and perinat can see."""
    if sum(len(document.cda) for document in parcel.documents) > config.max_bytes:
        raise errors.error("TOO_LARGE")
    both = {MASQUE_PS, INVISIBLE_PATIENT}
    if not config.hidden_and_masked and any(both <= set(d.entry.confidentiality) for d in parcel.documents):
        raise errors.error("MASKS_EXCLUSIVE")
    if parcel.secret and any(INVISIBLE_REPRESENTANTS_LEGAUX not in d.entry.confidentiality for d in parcel.documents):
        raise errors.error("SECRET_NOT_HIDDEN")


def _read(talk: _Deposit, call: Call) -> Answer:
    """A call that only asks: unknown outcome or not, it may simply be made again."""
    try:
        return talk.call(call)
    except UncertainChannelError as error:
        raise errors.as_temporary(error) from error
    except AlreadyThereError as error:
        raise errors.contradicted(error.refusal) from error


def _check_patient(talk: _Deposit) -> None:
    parcel = talk.parcel
    source = parcel.submission_set.source_id
    answer = _read(talk, hl7v3.existence(talk.patient_ins, talk.config, source_id=source, now=datetime.now(UTC)))
    try:
        state = hl7v3.read(answer.body)
    except GarbledAnswerError as error:
        raise errors.as_temporary(errors.error("GARBLED_ANSWER", raw=answer.raw)) from error
    if state.refusal:
        raise errors.error(state.refusal, raw=answer.raw, who=talk.holder)


def _look_up(talk: _Deposit, unique_id: str) -> list[Registered]:
    answer = _read(talk, xdsb.find(unique_id, return_type=talk.config.find_return_type))
    return xdsb.read_found(answer.body)


def _replaced(talk: _Deposit) -> dict[str, str]:
    """uniqueId → entryUUID of the version it replaces. Raises PermanentChannelError: the DMP has not that version."""
    known = {}
    for document in talk.parcel.documents:
        if document.replaces_unique_id:
            found = _look_up(talk, document.replaces_unique_id)
            if not found:
                raise errors.error("PREVIOUS_ABSENT")
            approved = [f for f in found if f.status == ebrim_schemes.APPROVED]
            known[document.unique_id] = (approved or found)[-1].entry_uuid
    return known


def _delete(talk: _Deposit, document: Registered) -> tuple[str, bytes]:
    """Code and raw answer of one deletion. A lot already received is this very deletion, made before."""
    try:
        return SUCCESS, talk.call(xdsb.delete(talk.parcel, document)).raw
    except AlreadyThereError as said:
        return said.refusal.code, said.refusal.raw


def _to_withdraw(talk: _Deposit) -> list[Registered]:
    return [found for document in talk.parcel.documents for found in _withdrawn(talk, document)]


def _withdrawn(talk: _Deposit, document: ParcelDocument) -> list[Registered]:
    """The document itself, or the version it names when it was never deposited."""
    found = _look_up(talk, document.unique_id)
    if not found and document.replaces_unique_id:
        found = _look_up(talk, document.replaces_unique_id)
    return found


def _registered(talk: _Deposit, parcel: Parcel, code: str) -> Proof | None:
    references = {}
    for document in parcel.documents:
        found = _look_up(talk, document.unique_id)
        if not found:
            return None
        if any(f.hash_sha1 and f.hash_sha1 != document.entry.hash_sha1.lower() for f in found):
            raise errors.error("XDSNonIdenticalHash")
        references[document.unique_id] = found[-1].entry_uuid
    return _proof(parcel, code, references=references)


def _proof(parcel: Parcel, code: str, raw: bytes = b"", references: dict[str, str] | None = None) -> Proof:
    return Proof(code, parcel.submission_set.unique_id, datetime.now(UTC), raw, references or {})
