"""The adapter of `IntakeReports`: a report becomes a ZAM message, sent by MLLP to the software that asked for it."""

from __future__ import annotations

from datetime import UTC, datetime

from coordination.ports import PermanentChannelError, TemporaryChannelError, UncertainChannelError
from perinat.connectors.hl7v2 import conf, er7, mllp, zam
from perinat.connectors.hl7v2.errors import Hl7RefusedError
from perinat.connectors.hl7v2.mllp import Endpoint
from perinat.standards.pushed import PushedReport

TAKEN, REFUSED, LATER = ("AA", "CA"), ("AE", "CE"), ("AR", "CR")
NOWHERE_FR = "Aucune adresse n'est réglée pour rendre compte au dossier patient informatisé (HL7V2_REPORTS_TO)."
CLEAR_FR = "Les accusés ne partent pas en clair hors de cette machine : l'administrateur règle le TLS."
LATER_FR = "Le dossier patient informatisé demande de renvoyer l'accusé plus tard. perinat réessaie seul."
OTHER_FR = "La réponse du dossier patient informatisé n'est pas celle de ce message. perinat réessaie seul."
REFUSED_FR = "Réponse du logiciel : {code}."


class Hl7Reports:
    """One connection for each report: they are few, and a silent software keeps none open."""

    def report(self, report: PushedReport) -> None:
        config = conf.load()
        to = zam.addressed(report.token)
        endpoint = config.report_endpoint(f"{to['application']}@{to['facility']}") if to else None
        if endpoint is None:
            raise TemporaryChannelError("hl7v2:no_endpoint", NOWHERE_FR)
        if not conf.is_local(endpoint[0]) and not config.uses_tls:
            raise TemporaryChannelError("hl7v2:no_tls", CLEAR_FR)
        answer = mllp.exchange(zam.build(report, now=datetime.now(UTC)), Endpoint(*endpoint), config)
        _judge(answer, report.report_id)


def _judge(data: bytes, control_id: str) -> None:
    """MSA-1 of the answer, when it is that of this message."""
    try:
        message = er7.parse(data)
        answer = message.need("MSA")
    except Hl7RefusedError as error:
        raise UncertainChannelError("hl7v2:unreadable", OTHER_FR, raw=data) from error
    if message.header.get(9) != "ACK" or answer.get(2) != control_id:
        raise UncertainChannelError("hl7v2:other_answer", OTHER_FR, raw=data)
    code = answer.get(1)
    if code in TAKEN:
        return
    if code in LATER:
        raise TemporaryChannelError(f"hl7v2:{code}", LATER_FR, raw=data)
    if code not in REFUSED:
        raise UncertainChannelError("hl7v2:unknown_answer", OTHER_FR, raw=data)
    reason = message.first("ERR")
    said = [part for part in (reason.get(3), reason.get(5)) if part] if reason else []
    kept = " ".join([code, *(part for part in said if part.isalnum() and part.isascii())])[:60]
    raise PermanentChannelError(f"hl7v2:{kept}", REFUSED_FR.format(code=kept), raw=data)
