"""Metadata OBX of a document (MetaDMPMSS): who may see it, where it is wanted, what is to be told back.

Source: IG « Transmission de document(s) CDA en HL7v2 » 2.1.2 (ANS), tables « MetaDMPMSS » and « règles de gestion
MSSanté ». The matrix calls itself exhaustive and the official examples leave it: what is outside is a warning in the
answer, or a refusal with HL7V2_MSS_RULES=strict. A document hidden from the patient is never sent to her.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from perinat.connectors.hl7v2.er7 import Segment
from perinat.connectors.hl7v2.errors import VALUE, Hl7RefusedError
from perinat.standards import codes, confidentiality
from perinat.standards.pushed import Wishes

MASKS = {
    "MASQUE_PS": codes.MASQUE_PS.code,
    "INVISIBLE_PATIENT": codes.INVISIBLE_PATIENT.code,
    "INVISIBLE_REP_LEGAUX": codes.INVISIBLE_REPRESENTANTS_LEGAUX.code,
    "CONNEXION_SECRETE": confidentiality.SECRET,
}
TO_DMP, TO_PROFESSIONALS, TO_PATIENT = "DESTDMP", "DESTMSSANTEPS", "DESTMSSANTEPAT"
REPORT, READING = "ACK_RECEPTION", ("ACK_LECTURE_MSS", "ACK_LECTURE")  # the second one is seen in messages
NAMES = (*MASKS, TO_DMP, TO_PROFESSIONALS, TO_PATIENT, REPORT, *READING, "MODIF_CONF_CODE")
BODIES = ("CORPSMAIL_PS", "CORPSMAIL_PATIENT")
MOST_WORDS = 4000  # characters of a text to be written in a mail
MOST_TO_PATIENT = 400  # of these, what a message to the patient takes (coordination.papers.patient_letters)
# (professionals, patient) → values that the matrix gives to the other metadata; what is not named is free
MATRIX = {
    (True, True): {"MASQUE_PS": "N", "INVISIBLE_PATIENT": "N", "INVISIBLE_REP_LEGAUX": "N", "CONNEXION_SECRETE": "N"},
    (True, False): {"MASQUE_PS": "N", "INVISIBLE_PATIENT": "Y", "INVISIBLE_REP_LEGAUX": "N", "CONNEXION_SECRETE": "N"},
    (False, True): {"INVISIBLE_PATIENT": "N", "CONNEXION_SECRETE": "N", TO_DMP: "N"},
}
NOT_Y_NOR_N = "Une métadonnée du document n'est ni Y ni N."
TWICE = "Une métadonnée est donnée avec deux valeurs : la plus restrictive est retenue ({names})."
HIDDEN_AND_SENT = "Le document est invisible pour le patient et destiné à sa messagerie : il ne lui est pas envoyé."
OUTSIDE = "Combinaison hors de la matrice MSSanté du guide : {names}."
TOO_LONG = (
    f"CORPSMAIL_PATIENT dépasse {MOST_TO_PATIENT} caractères : le document est pris en compte, ce texte ne partira pas."
)
NOBODY = "DESTMSSANTEPS vaut N et des destinataires sont nommés (PRT) : rien ne leur est envoyé."
_CONTROLS = re.compile(r"[^\S\n]+|[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`flags`: Y or N of each metadata that is there, by its name without spaces; `twice`: those that said both."""

    flags: dict[str, str]
    masks: tuple[str, ...]
    wishes: Wishes
    twice: tuple[str, ...] = ()

    @property
    def wants_report(self) -> bool:
        return self.flags.get(REPORT) == "Y"

    @property
    def wants_reading(self) -> bool:
        return any(self.flags.get(name) == "Y" for name in READING)

    @property
    def limits(self) -> list[str]:
        """What the guide allows and perinat does not do: never a refusal, even when its rules are strict."""
        return [TOO_LONG] if self.wishes.patient and len(self.wishes.to_patient) > MOST_TO_PATIENT else []

    def warnings(self, *, has_recipients: bool) -> list[str]:
        """What the guide does not allow, as sentences without any value of the patient."""
        both = [TWICE.format(names=", ".join(self.twice))] if self.twice else []
        return [*both, *_warnings(self.flags, has_recipients=has_recipients)]


def read(segments: Sequence[Segment]) -> Metadata:
    """Of the whole message. Raises Hl7RefusedError: neither Y nor N."""
    observations = [one for one in segments if one.name == "OBX"]
    said = _said(observations)
    flags = {name: _strictest(name, values) for name, values in said.items()}
    hidden = flags.get("INVISIBLE_PATIENT") == "Y"
    wishes = Wishes(
        dmp=_wish(flags, TO_DMP),
        professionals=_wish(flags, TO_PROFESSIONALS),
        patient=False if hidden and TO_PATIENT in flags else _wish(flags, TO_PATIENT),
        closes=any(one.name == "NTE" and "FIN" in (one.get(3), one.get(4)) for one in segments),
        to_professionals=_words(observations, BODIES[0]),
        to_patient=_words(observations, BODIES[1]),
    )
    masks = tuple(code for name, code in MASKS.items() if flags.get(name) == "Y")
    return Metadata(flags, masks, wishes, tuple(name for name, values in said.items() if len(values) > 1))


def _said(observations: Sequence[Segment]) -> dict[str, set[str]]:
    """Every value of each metadata, in the order of the message."""
    found: dict[str, set[str]] = {}
    for one in observations:
        name = one.get(3).replace(" ", "")
        if name in NAMES:
            if one.get(5) not in ("Y", "N"):
                raise Hl7RefusedError(NOT_Y_NOR_N, VALUE, "OBX^1^5")
            found.setdefault(name, set()).add(one.get(5))
    return found


def _strictest(name: str, values: set[str]) -> str:
    """Of a message that says both, a mask hides and a way is closed: the guide gives each name once."""
    return min(values) if name in (TO_DMP, TO_PROFESSIONALS, TO_PATIENT) else max(values)


def _wish(flags: dict[str, str], name: str) -> bool | None:
    return flags[name] == "Y" if name in flags else None


def _warnings(flags: dict[str, str], *, has_recipients: bool) -> Iterator[str]:
    if flags.get("INVISIBLE_PATIENT") == "Y" and flags.get(TO_PATIENT) == "Y":
        yield HIDDEN_AND_SENT
    if has_recipients and flags.get(TO_PROFESSIONALS) == "N" and flags.get(TO_PATIENT) != "Y":
        yield NOBODY
    asked = flags.get(TO_PROFESSIONALS) == "Y", flags.get(TO_PATIENT) == "Y"
    outside = [name for name, value in MATRIX.get(asked, {}).items() if flags.get(name, value) != value]
    if outside:
        yield OUTSIDE.format(names=", ".join(outside))


def _words(observations: Sequence[Segment], name: str) -> str:
    """A text to be written in a mail; one whose base64 is broken is left out, and the document is not."""
    found = next((one for one in observations if one.get(3) == name), None)
    if found is None:
        return ""
    text = re.sub(r"\s+", "", found.get(5, 5))
    try:
        words = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub(" ", lines).strip()[:MOST_WORDS]
