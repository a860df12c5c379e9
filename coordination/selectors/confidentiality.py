"""The folded « Confidentialité » of a paper: what may be chosen, in plain words, and who will then read it.

Defaults by type are dated data: `proposed` says what is ticked before anybody chooses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from coordination.models import CareTeamMember, Deposit, Document, Draft, Person, Professional, Stay
from coordination.selectors import readership
from coordination.selectors.readership import Reader
from perinat.standards import codes, confidentiality
from perinat.standards.confidentiality import FROM_PATIENT, FROM_REPRESENTATIVES, MASKED, SECRET

ONCE_VISIBLE = "Un document visible ne peut plus être caché au patient ensuite."
ONCE_VISIBLE_TO_PARENTS = "Un document visible ne peut plus être caché aux représentants légaux ensuite."
MASK_HELP = (
    "Il ne part à aucun professionnel par MSSanté et aucun ne l'ouvre dans perinat. Dans le DMP, seuls son auteur et "
    "le médecin traitant le lisent. Se choisit à la demande de la patiente ; peut être levé ensuite."
)
PATIENT_HELP = (
    "Par exemple avant une consultation d'annonce. Il se rend visible ensuite, sur la page du séjour ; l'inverse "
    "n'est pas possible."
)
REPRESENTATIVES_HELP = "Il ne paraît ni dans le compte des parents ni sur leur Mon espace santé."
SECRET_HELP = (
    "La patiente est mineure et demande le secret de ces soins (article L.1111-5 du code de la santé publique). Le "
    "dépôt est fait à part, en connexion secrète, et le papier reste invisible à ses représentants légaux."
)


@dataclass(frozen=True, slots=True)
class Default:
    """What is ticked for a type before anybody chooses, and why. `minors`: only for a patient under eighteen."""

    type_code: str
    choices: tuple[str, ...]
    why: str
    source: str
    as_of: date
    minors: bool = False


READ = date(2026, 11, 22)
DEFAULTS = (
    Default(
        codes.CR_DEPISTAGE.code,
        (FROM_PATIENT,),
        "un résultat de dépistage s'annonce avant de se lire : rendez-le visible après l'annonce",
        "règle de la maison : CSP L.1111-2, l'information est donnée au cours d'un entretien individuel",
        READ,
    ),
    Default(
        codes.LETTRE_ADRESSAGE.code,
        (FROM_REPRESENTATIVES,),
        "la lettre d'adressage d'une mineure peut dire ce qu'elle n'a confié qu'à l'équipe",
        "règle de la maison : CSP L.1111-5, la mineure peut s'opposer à l'information de ses parents",
        READ,
        minors=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One tick of the fold."""

    code: str
    label: str
    help: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The fold of one paper. `key`: of its row; `warning`: what cannot be undone; `default`: why something is ticked.

    `before`: the choices as the page shows them, to tell what a person changed there. `problem`: why what she asked
    is refused.
    """

    key: UUID
    summary: str
    choices: tuple[Choice, ...]
    readers: tuple[Reader, ...]
    warning: str
    default: str
    before: str
    opened: bool = False
    problem: str = ""


def default_of(type_code: str, *, newborn: bool, minor: bool) -> Default | None:
    """The rule of this type for this person. A newborn has no account of its own: its parents' one is the question."""
    found = next((one for one in DEFAULTS if one.type_code == type_code), None)
    return found if found is not None and (minor or not found.minors) and not newborn else None


def proposed(type_code: str, person: Person | None, stay: Stay | None) -> list[str]:
    """What is ticked before anybody chooses."""
    if person is None or stay is None:
        return []
    document = Document(person=person, stay=stay)
    found = default_of(type_code, newborn=document.is_about_newborn, minor=readership.is_minor(document))
    return list(found.choices) if found else []


def kept(deposit: Deposit, person: Person | None, stay: Stay | None, type_code: str) -> list[str]:
    """What this deposit leaves with, once its person and type are known: what was chosen, else what its type asks."""
    if deposit.masks and deposit.masks != proposed(deposit.type_code, deposit.person, deposit.stay):
        return list(deposit.masks)
    return proposed(type_code, person, stay)


def of_deposit(deposit: Deposit, author: Professional | None, team: Iterable[CareTeamMember]) -> Part:
    """The fold of a paper ready to leave. `author`: whose name it will bear."""
    assert deposit.person is not None and deposit.stay is not None
    paper = Document(
        person=deposit.person,
        stay=deposit.stay,
        organisation=deposit.organisation,
        type_code=deposit.type_code,
        author=author,
        masks=deposit.masks,
        wishes=deposit.wishes,
    )  # never saved
    return part(deposit.pk, paper, team)


def of_draft(draft: Draft, type_code: str, author: Professional | None, team: Iterable[CareTeamMember]) -> Part:
    """The fold of a document being written."""
    paper = Document(
        person=draft.person,
        stay=draft.stay,
        organisation=draft.stay.maternity,
        type_code=type_code,
        author=author,
        masks=draft.masks,
    )  # never saved
    return part(draft.pk, paper, team)


def part(key: UUID, document: Document, team: Iterable[CareTeamMember], shown: Iterable[str] = ()) -> Part:
    """The fold of a document. `shown`: the masks of what its patient or her parents could already read."""
    masks, fixed = set(document.masks), set(shown)
    if FROM_REPRESENTATIVES in fixed:  # a secret connection hides from them too
        fixed.add(SECRET)
    newborn, minor = document.is_about_newborn, readership.is_minor(document)
    offered = [(code, *words) for code, words in _offers(newborn=newborn, minor=minor) if code not in fixed]
    offered += [(code, codes.MASKS[code].label, "") for code in codes.MASKS if code in masks - {o[0] for o in offered}]
    default = default_of(document.type_code, newborn=newborn, minor=minor)
    return Part(
        key=key,
        summary=summary(masks),
        choices=tuple(Choice(code, label, help_, code in masks) for code, label, help_ in offered),
        readers=tuple(readership.readers(document, team)),
        warning=_warning(document, newborn=newborn),
        default=default.why if default and set(default.choices) & masks else "",
        before=written(document.masks),
    )


def _offers(*, newborn: bool, minor: bool) -> list[tuple[str, tuple[str, str]]]:
    """What may be chosen for this person; a secret connection is never offered for an adult."""
    offers = [(MASKED, ("Masquer aux professionnels", MASK_HELP))]
    if newborn:
        words = ("Ne pas montrer aux parents (représentants légaux)", REPRESENTATIVES_HELP)
        return [*offers, (FROM_REPRESENTATIVES, words)]
    offers.append((FROM_PATIENT, ("Ne pas montrer à la patiente pour l'instant", PATIENT_HELP)))
    if minor:
        words = ("Ne pas montrer à ses parents (représentants légaux)", REPRESENTATIVES_HELP)
        offers += [(FROM_REPRESENTATIVES, words), (SECRET, ("Connexion secrète", SECRET_HELP))]
    return offers


SAID = {
    MASKED: "masqué aux professionnels",
    FROM_PATIENT: "invisible à la patiente pour l'instant",
    FROM_REPRESENTATIVES: "invisible aux représentants légaux",
    SECRET: "connexion secrète",
}


def summary(choices: Iterable[str]) -> str:
    """« visible, sans restriction », or what is kept from whom."""
    return ", ".join(SAID[choice] for choice in confidentiality.normal(choices)) or "visible, sans restriction"


def written(choices: Iterable[str]) -> str:
    """The choices in one word, for a hidden field."""
    return ",".join(confidentiality.normal(choices))


def hidden_since(document: Document) -> datetime | None:
    """Since when the patient does not see it; None when she may."""
    since = None
    known = [
        (one.validated_at, one.number, one.masks) for one in document.versions.all() if one.validated_at is not None
    ]
    for at, _, masks in sorted(known, reverse=True):
        if FROM_PATIENT not in masks:
            break
        since = at
    return since


def _warning(document: Document, *, newborn: bool) -> str:
    """Said before it leaves, when it will be visible to who could have been kept from it."""
    if not document.goes_to_dmp:
        return ""
    if newborn:
        return "" if FROM_REPRESENTATIVES in document.masks else ONCE_VISIBLE_TO_PARENTS
    return "" if FROM_PATIENT in document.masks else ONCE_VISIBLE
