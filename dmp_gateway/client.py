"""One conversation with the DMP in the name of one caller: right, VIHF, envelope, exchange, refusals.

Every call is checked against the rights matrix before anything leaves, gets a fresh assertion, reads the
four shapes of refusal, and leaves only an answer of the expected kind or a port error.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from coordination.ports import ChannelError, RecordAct, Scope
from dmp_gateway import errors, mtom, rights, soap, vihf
from dmp_gateway.conf import ConfigurationError, DmpConfig
from dmp_gateway.errors import Holder, Nature, Ruling, Use
from dmp_gateway.soap import Answer, GarbledAnswerError
from dmp_gateway.transport import HttpAnswer, Transport
from dmp_gateway.vihf import Caller
from perinat.standards import pki
from perinat.standards.identifiers import Ins
from perinat.standards.pki import Credential, PkiError, Purpose

PATIENTS, REGISTRY, REPOSITORY, ACCESSES = "patients", "registry", "repository", "habilitations"


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction: what it does, the service of the DMP, the WS-Addressing action, the body, the answer awaited."""

    act: RecordAct
    service: str
    action: str
    body: str
    answer_tag: str
    parts: Sequence[mtom.Part] = ()


class AlreadyThereError(Exception):
    """The DMP says that it holds what we send; `refusal` is to be raised when TD3.1b does not confirm."""

    def __init__(self, refusal: ChannelError) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Conversation:
    """The exchanges of one caller about one person, all with the certificates of its legal entity.

    `ins`: None for what names no patient. `use` decides the words of the failures.
    """

    def __init__(
        self,
        caller: Caller,
        ins: Ins | None,
        config: DmpConfig,
        transport: Transport,
        *,
        holder: Holder | None = None,
        use: Use = Use.DEPOSIT,
    ) -> None:
        """Raises PermanentChannelError when the signing certificate cannot serve."""
        self.caller = caller
        self.ins = ins
        self.config = config
        self.holder = holder or Holder()
        self.use = use
        self._transport = transport
        self.signing = self._signing_pair()

    @property
    def _structure(self) -> str:
        return self.caller.sender.legal_struct_idnat

    def _error(self, code: str, found: Ruling | None = None, *, detail: str = "", raw: bytes = b"") -> ChannelError:
        return errors.error(code, found, detail=detail, raw=raw, who=self.holder, use=self.use)

    def _signing_pair(self) -> Credential:
        try:
            files = self.config.structure(self._structure)
            pair = pki.load(files.sign_pem, files.sign_key)
        except (PkiError, ConfigurationError) as error:
            raise self._error("CERTIFICATE_UNUSABLE", detail=str(error)) from error
        faults = pair.faults(Purpose.SIGNATURE)
        if faults:
            raise self._error("CERTIFICATE_UNUSABLE", detail=" ".join(faults))
        return pair

    def require(self, act: RecordAct) -> Scope:
        """How far the right of the caller to `act` reaches. Raises PermanentChannelError: not at all."""
        scope = rights.scope(self.caller.mode, rights.role(self.caller.sender.user_role), act)
        if scope is Scope.NO:
            raise self._error("RIGHT_DENIED", detail=f"TD{act} in {self.caller.mode}")
        return scope

    def call(self, call: Call) -> Answer:
        """Make one transaction. Raises a ChannelError, or AlreadyThereError."""
        self.require(call.act)
        message_id = f"urn:uuid:{uuid.uuid4()}"
        url = f"{self.config.base_url}/{call.service}"
        message = self._message(call, url, message_id)
        try:
            reply = self._transport.post(
                url, message.content_type, message.chunks, structure=self._structure, config=self.config
            )
        except (PkiError, ConfigurationError) as error:
            raise self._error("CERTIFICATE_UNUSABLE", detail=str(error)) from error
        except ChannelError as failure:
            raise errors.reworded(failure, self.use, self.holder) from failure
        return self._judge(reply, call, message_id)

    def _message(self, call: Call, url: str, message_id: str) -> mtom.Message:
        try:
            assertion = vihf.assertion(self.caller, self.ins, self.signing, self.config, now=datetime.now(UTC))
        except vihf.SpecialtyMissingError as error:
            raise self._error("SPECIALTY_MISSING") from error
        envelope = soap.envelope(call.body, assertion, action=call.action, to=url, message_id=message_id)
        if call.parts:
            return mtom.build(envelope, call.parts, action=call.action)
        return mtom.Message(f'application/soap+xml; charset=UTF-8; action="{call.action}"', (envelope,))

    def _judge(self, reply: HttpAnswer, call: Call, message_id: str) -> Answer:
        try:
            answer = soap.read(reply.content_type, reply.body, message_id=message_id)
        except GarbledAnswerError as error:
            self._transport.drop_connections(self._structure)
            raise self._without_answer(reply) from error
        if answer.refusals:
            refusal, ruling = errors.gravest(answer.refusals)
            said = self._error(refusal.code, ruling, detail=refusal.shape, raw=answer.raw)
            if ruling.nature is Nature.ALREADY_THERE:
                raise AlreadyThereError(said)
            raise said
        if answer.body.tag != call.answer_tag:
            raise self._error("GARBLED_ANSWER", detail="unexpected body", raw=answer.raw)
        return answer

    def _without_answer(self, reply: HttpAnswer) -> ChannelError:
        """What an HTTP status without a SOAP answer means: 4xx was refused at the door, the rest is unknown."""
        return self._error(f"HTTP_{reply.status}", _http_ruling(reply.status), raw=reply.body)


def _http_ruling(status: int) -> Ruling:
    if status == 429:
        return errors.TABLE["XDSRegistryBusy"]
    if status == 413:
        return errors.TABLE["TOO_LARGE"]
    if 300 <= status < 500 and status != 408:
        return errors.REFUSED_AT_THE_DOOR
    return errors.TABLE["GARBLED_ANSWER"]
