"""The Disposition of an MDN: who did what, by whose will, with what error (RFC 8098 §3.2.6).

Disposition: manual-action/MDN-sent-manually; displayed          a person read it
Disposition: automatic-action/MDN-sent-automatically; processed  a software integrated it
Disposition: …; processed/error  +  Error: 902^Identifiant de patient inconnu^…   v1.1.3
Disposition: …; processed/Error: 902^Identifiant de patient inconnu^…             before v1.1.3
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coordination.ports import ReceiptKind
from mssante.errors import INTEGRATION

_FORM = re.compile(r"\s*([\w-]+)\s*/\s*([\w-]+)\s*;\s*([\w-]+)\s*(?:/\s*(.*))?", re.DOTALL)
_CODE = re.compile(r"(?<!\d)(\d{3})\^")
DISPLAYED_FR = "Le destinataire a ouvert le message."
INTEGRATED_FR = "Le logiciel du destinataire a intégré le document au dossier."
AUTOMATIC_DISPLAY_FR = "Le message est remis ; son affichage automatique ne vaut pas lecture."
DELETED_FR = "Le destinataire a supprimé le message sans que sa lecture soit connue."
DISPATCHED_FR = "Le message a été transféré ou imprimé par le destinataire."
UNREADABLE_FR = "Accusé de lecture dont la forme n'est pas reconnue : à lire par une personne."


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code`: application error (902…), or the disposition as received."""

    kind: ReceiptKind
    code: str
    message_fr: str


def judge(disposition: str, error: str = "", failure: str = "") -> Verdict:
    """Verdict of the three fields of an MDN (`error`, `failure`: empty when absent)."""
    form = _FORM.fullmatch(disposition)
    if not form:
        return Verdict(ReceiptKind.UNKNOWN, "MDN", UNREADABLE_FR)
    mode, _sending, kind, modifier = (group or "" for group in form.groups())
    kind, mode = kind.lower(), mode.lower()
    modifier, _, inline = modifier.partition(":")
    detail = error or inline or failure
    broken = modifier.strip().lower() in ("error", "failure", "failed") or bool(error or failure)
    if kind == "failed" or (kind == "processed" and broken):  # « failed »: RFC 3798 and older
        code = _application_code(detail)
        return Verdict(ReceiptKind.NOT_INTEGRATED, code, sentence_of(code))
    match kind:
        case "processed":
            return Verdict(ReceiptKind.INTEGRATED, "processed", INTEGRATED_FR)
        case "displayed" if mode == "manual-action":
            return Verdict(ReceiptKind.DISPLAYED, "displayed", DISPLAYED_FR)
        case "displayed":
            return Verdict(ReceiptKind.DELIVERED, "displayed", AUTOMATIC_DISPLAY_FR)
        case "deleted":
            return Verdict(ReceiptKind.UNKNOWN, "deleted", DELETED_FR)
        case "dispatched":
            return Verdict(ReceiptKind.UNKNOWN, "dispatched", DISPATCHED_FR)
        case _:
            return Verdict(ReceiptKind.UNKNOWN, kind, UNREADABLE_FR)


def sentence_of(code: str) -> str:
    """French sentence of an application error; 906 (« other ») for a code of no table."""
    return INTEGRATION.get(code, INTEGRATION["906"])


def _application_code(detail: str) -> str:
    """`902` of « 902^Identifiant de patient inconnu^applicationErrorCondition| E^Error^errorSeverity ».

    A 207 (« application error ») only announces the code that follows it.
    """
    found = _CODE.findall(detail)
    known = [code for code in found if code in INTEGRATION]
    return known[0] if known else found[0] if found else "processed/error"
