"""Where the consultation of a shared record stands, a mother's or her child's: asked, answered, or why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coordination import document_source
from coordination.models import EmergencyReason, Person, QueryKind, RecordQuery, Stay, User
from coordination.ports import Reader, RecordAct
from coordination.selectors import record_people
from coordination.selectors.record_memory import latest

LISTING = (QueryKind.SEARCH, QueryKind.CHANGE)
AGREED_ANEW = ("AUTHORIZATION_NONE", "AUTHORIZATION_EXPIRED")
NO_SOURCE = "La consultation du DMP n’est pas activée sur cette installation."
NOT_STRONG = (
    "Le DMP ne s’ouvre qu’avec Pro Santé Connect (carte CPS ou e-CPS). Vous êtes connectée par un mot de passe : "
    "vous lisez ici les documents de perinat seulement."
)
NO_INS = (
    "L’INS (identité nationale de santé) de la patiente n’est pas qualifiée : le DMP ne peut pas être consulté. "
    "La maternité doit la qualifier."
)
NO_INS_OF_CHILD = (
    "L’INS (identité nationale de santé) de l’enfant n’est pas encore qualifiée : son DMP ne peut pas être consulté. "
    "perinat la demande chaque jour prévu, et la maternité la vérifie ; vous lisez déjà ici ses documents de perinat."
)
NO_STRUCTURE = (
    "Votre structure n’a pas de numéro FINESS dans perinat : le DMP ne peut pas être consulté en son nom. "
    "L’administrateur peut le renseigner."
)
NO_RIGHT = "Le DMP ne donne pas la lecture à votre profession."


@dataclass(frozen=True, slots=True)
class RecordState:
    """`why_not`: the one sentence that says why nothing can be asked; `by_sign_in`: another sign-in would do.

    `refusal`: what the last question was answered, when it failed; `answered_at`: the last clear answer.
    """

    why_not: str = ""
    by_sign_in: bool = False
    reader: Reader | None = None
    rights: frozenset[str] = frozenset()
    waiting: RecordQuery | None = None
    last: RecordQuery | None = None
    answered_at: datetime | None = None
    needs_agreement: bool = True
    reasons: tuple[tuple[str, Any], ...] = ()

    @property
    def refusal(self) -> str:
        return self.last.message_fr if self.last and self.last.code else ""

    @property
    def note(self) -> str:
        return self.last.message_fr if self.last and not self.last.code else ""

    @property
    def may_list_accesses(self) -> bool:
        return RecordAct.LIST_ACCESSES.value in self.rights and self.answered_at is not None

    @property
    def may_list_patients(self) -> bool:
        return RecordAct.LIST_PATIENTS.value in self.rights

    @property
    def may_revoke(self) -> bool:
        return RecordAct.REVOKE.value in self.rights and self.answered_at is not None and not self.needs_agreement


def record_state(user: User, stay: Stay, person: Person, *, signed_in_at: datetime | None) -> RecordState:
    """Of the mother of the stay, or of her child. Reads rows and the rights matrix; no network."""
    source = document_source.get()
    if source is None:
        return RecordState(NO_SOURCE)
    if signed_in_at is None:
        return RecordState(NOT_STRONG, by_sign_in=True)
    if user.organisation is None or not user.organisation.legal_struct_idnat:
        return RecordState(NO_STRUCTURE)
    if person.ins is None:
        return RecordState(NO_INS if person.pk == stay.mother_id else NO_INS_OF_CHILD)
    reader = record_people.reader(user, signed_in_at=signed_in_at)
    rights = frozenset(act.value for act in source.rights(reader))
    if RecordAct.SEARCH.value not in rights:
        return RecordState(NO_RIGHT)
    # Looked for first: an answer that comes while the rest is read is then still awaited, and the page asks again.
    asked = RecordQuery.objects.visible_to(user).filter(person=person, answered_at__isnull=True)
    waiting = asked.exclude(kind=QueryKind.OPEN).first()
    last_search = latest(user, person, QueryKind.SEARCH)
    good = _asked_well(user, person)
    revoked = latest(user, person, QueryKind.REVOKE)
    ended = revoked is not None and not revoked.code and good is not None and _at(revoked) > _at(good)
    return RecordState(
        reader=reader,
        rights=rights,
        waiting=waiting,
        last=latest(user, person, *(kind for kind in QueryKind if kind != QueryKind.OPEN)),
        answered_at=good.answered_at if good else None,
        needs_agreement=good is None or ended or bool(last_search and last_search.code in AGREED_ANEW),
        reasons=tuple(EmergencyReason.choices) if user.is_hospital else (),
    )


def _asked_well(user: User, person: Person) -> RecordQuery | None:
    rows = RecordQuery.objects.visible_to(user).filter(person=person, kind__in=LISTING, code="")
    return rows.filter(answered_at__isnull=False).order_by("-answered_at").first()


def _at(query: RecordQuery) -> datetime:
    assert query.answered_at is not None
    return query.answered_at
