"""What may be done on one document of the shared record: only what the rights give, each act with its consequence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordination.ports import RecordAct
from perinat.standards.codes import INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX
from perinat.standards.shared_record import DocumentStatus, RecordDocument


@dataclass(frozen=True, slots=True)
class Choice:
    """`opener` unfolds `sentence`, then `confirm` does it. `grave`: there is no way back."""

    act: str
    opener: str
    sentence: str
    confirm: str
    mask: str = ""
    grave: bool = False


MASK = Choice(
    RecordAct.MASK,
    "Masquer aux professionnels",
    "Seuls la patiente, l’auteur et le médecin traitant verront encore ce document dans le DMP. Seuls l’auteur et le "
    "médecin traitant pourront le démasquer.",
    "Masquer",
)
UNMASK = Choice(
    RecordAct.UNMASK,
    "Démasquer",
    "Les professionnels autorisés par la patiente verront ce document dans le DMP.",
    "Démasquer",
)
ARCHIVE = Choice(
    RecordAct.ARCHIVE,
    "Archiver",
    "Le document quitte la liste de tous. Il reste dans le DMP et peut être rendu actif.",
    "Archiver",
)
UNARCHIVE = Choice(
    RecordAct.ARCHIVE,
    "Rendre actif",
    "Le document revient dans la liste des professionnels autorisés et de la patiente.",
    "Rendre actif",
)
REVEALS = {
    INVISIBLE_PATIENT.code: Choice(
        RecordAct.REVEAL,
        "Rendre visible à la patiente",
        "La patiente verra ce document dans Mon espace santé, et il ne pourra plus lui être caché. Faites-le après lui "
        "avoir annoncé ce qu’il contient.",
        "Rendre visible pour toujours",
        INVISIBLE_PATIENT.code,
        grave=True,
    ),
    INVISIBLE_REPRESENTANTS_LEGAUX.code: Choice(
        RecordAct.REVEAL,
        "Rendre visible aux représentants légaux",
        "Les représentants légaux verront ce document, et il ne pourra plus leur être caché.",
        "Rendre visible pour toujours",
        INVISIBLE_REPRESENTANTS_LEGAUX.code,
        grave=True,
    ),
}


OF_CHILD = {  # the same acts on the record of a child: its legal representatives read it in its name
    MASK.opener: (
        "Seuls les représentants légaux de l’enfant, l’auteur et le médecin traitant verront encore ce document dans "
        "son DMP. Seuls l’auteur et le médecin traitant pourront le démasquer."
    ),
    UNMASK.opener: "Les professionnels autorisés sur le DMP de l’enfant verront ce document.",
    UNARCHIVE.opener: (
        "Le document revient dans la liste des professionnels autorisés et des représentants légaux de l’enfant."
    ),
}


def choices(document: RecordDocument, acts: frozenset[RecordAct], *, of_child: bool = False) -> tuple[Choice, ...]:
    """In the order of the screen. Deleting is not there: a paper of perinat is withdrawn from its own page."""
    found = _choices(document, acts)
    return tuple(replace(one, sentence=OF_CHILD.get(one.opener, one.sentence)) if of_child else one for one in found)


def _choices(document: RecordDocument, acts: frozenset[RecordAct]) -> list[Choice]:
    found: list[Choice] = []
    if RecordAct.MASK in acts:
        found.append(MASK)
    if RecordAct.UNMASK in acts:
        found.append(UNMASK)
    if RecordAct.REVEAL in acts:
        found += [choice for code, choice in REVEALS.items() if code in document.confidentiality]
    if RecordAct.ARCHIVE in acts:
        found.append(UNARCHIVE if document.status is DocumentStatus.ARCHIVED else ARCHIVE)
    return found
