"""One conversation with the DMP on behalf of one parcel: VIHF, envelope, exchange, refusals.

Every call gets a fresh assertion, reads the four shapes of refusal, and leaves only an answer of the
expected kind or a port error.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from coordination.ports import ChannelError, Parcel
from dmp_gateway import errors, mtom, soap, vihf
from dmp_gateway.conf import ConfigurationError, DmpConfig
from dmp_gateway.errors import Holder, Nature
from dmp_gateway.soap import Answer, GarbledAnswerError
from dmp_gateway.transport import HttpAnswer, Transport
from perinat.standards import pki
from perinat.standards.identifiers import Ins
from perinat.standards.pki import Credential, PkiError, Purpose

PATIENTS, REGISTRY, REPOSITORY = "patients", "registry", "repository"


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction: the service of the DMP, the WS-Addressing action, the body, the answer awaited."""

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
    """The exchanges of one parcel, all with the certificates of its legal entity."""

    def __init__(self, parcel: Parcel, ins: Ins, config: DmpConfig, transport: Transport) -> None:
        """Raises PermanentChannelError when the signing certificate cannot serve."""
        self.parcel = parcel
        self.ins = ins
        self.config = config
        self._transport = transport
        self.signing = self._signing_pair()

    @property
    def holder(self) -> Holder:
        return errors.holder(self.parcel.patient, datetime.now(UTC).date())

    def _signing_pair(self) -> Credential:
        try:
            files = self.config.structure(self.parcel.sender.legal_struct_idnat)
            pair = pki.load(files.sign_pem, files.sign_key)
        except (PkiError, ConfigurationError) as error:
            raise errors.error("CERTIFICATE_UNUSABLE", detail=str(error)) from error
        faults = pair.faults(Purpose.SIGNATURE)
        if faults:
            raise errors.error("CERTIFICATE_UNUSABLE", detail=" ".join(faults))
        return pair

    def call(self, call: Call) -> Answer:
        """Make one transaction. Raises a ChannelError, or AlreadyThereError."""
        message_id = f"urn:uuid:{uuid.uuid4()}"
        url = f"{self.config.base_url}/{call.service}"
        message = self._message(call, url, message_id)
        try:
            reply = self._transport.post(
                url,
                message.content_type,
                message.chunks,
                structure=self.parcel.sender.legal_struct_idnat,
                config=self.config,
            )
        except (PkiError, ConfigurationError) as error:
            raise errors.error("CERTIFICATE_UNUSABLE", detail=str(error)) from error
        return self._judge(reply, call, message_id)

    def _message(self, call: Call, url: str, message_id: str) -> mtom.Message:
        try:
            assertion = vihf.build(self.parcel, self.ins, self.signing, self.config, now=datetime.now(UTC))
        except vihf.SpecialtyMissingError as error:
            raise errors.error("SPECIALTY_MISSING") from error
        envelope = soap.envelope(call.body, assertion, action=call.action, to=url, message_id=message_id)
        if call.parts:
            return mtom.build(envelope, call.parts, action=call.action)
        return mtom.Message(f'application/soap+xml; charset=UTF-8; action="{call.action}"', (envelope,))

    def _judge(self, reply: HttpAnswer, call: Call, message_id: str) -> Answer:
        try:
            answer = soap.read(reply.content_type, reply.body, message_id=message_id)
        except GarbledAnswerError as error:
            self._transport.drop_connections(self.parcel.sender.legal_struct_idnat)
            raise _without_answer(reply) from error
        if answer.refusals:
            refusal, ruling = errors.gravest(answer.refusals)
            said = errors.error(refusal.code, ruling, detail=refusal.shape, raw=answer.raw, who=self.holder)
            if ruling.nature is Nature.ALREADY_THERE:
                raise AlreadyThereError(said)
            raise said
        if answer.body.tag != call.answer_tag:
            raise errors.error("GARBLED_ANSWER", detail="unexpected body", raw=answer.raw)
        return answer


def _without_answer(reply: HttpAnswer) -> ChannelError:
    """What an HTTP status without a SOAP answer means: 4xx was refused at the door, the rest is unknown."""
    code = f"HTTP_{reply.status}"
    if reply.status == 429:
        return errors.error(code, errors.TABLE["XDSRegistryBusy"], raw=reply.body)
    if reply.status == 413:
        return errors.error(code, errors.TABLE["TOO_LARGE"], raw=reply.body)
    if 300 <= reply.status < 500 and reply.status != 408:
        return errors.error(code, errors.REFUSED_AT_THE_DOOR, raw=reply.body)
    return errors.error(code, errors.TABLE["GARBLED_ANSWER"], raw=reply.body)
