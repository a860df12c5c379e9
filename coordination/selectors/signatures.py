"""The papers that wait for a name: hers first, then those of her colleagues (to know, not to sign)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch

from coordination.lifecycles import DepositStatus, DocumentStatus
from coordination.models import Deposit, Document, User
from coordination.selectors import confidentiality, readership
from coordination.selectors.identity import mother_name
from coordination.selectors.letter_view import LetterCheck, letter_check, replacement_check
from coordination.selectors.readership import RECIPIENT_ROLES
from perinat.standards.confidentiality import MASKED


@dataclass(frozen=True, slots=True)
class Waiting:
    """One paper to sign. `recipients`: who will see it, by name and role."""

    document_id: UUID
    stay_id: UUID
    title: str
    person: str
    about_newborn: bool
    since: datetime
    leaves_at: datetime | None
    signatory: str
    recipients: tuple[str, ...]
    check: LetterCheck | None = None
    replacement_id: UUID | None = None  # the new version of a paper already sent
    confidentiality: confidentiality.Part | None = None  # of a first version: it may still be chosen


def waiting_for(user: User) -> list[Waiting]:
    """Papers that only this person may validate, those of the nearest discharge first."""
    if user.professional_id is None:
        return []
    return _listed(user, user.professional_id)


def waiting_for_others(user: User) -> list[Waiting]:
    """Papers of the ward that wait for somebody else."""
    mine = user.professional_id
    return [one for one in _listed(user) if mine is None or one.signatory != str(user.professional)]


def _listed(user: User, signatory: UUID | None = None) -> list[Waiting]:
    only = {"legal_authenticator_id": signatory} if signatory else {}
    rows = (
        Document.objects.visible_to(user)
        .filter(status=DocumentStatus.TO_VALIDATE, **only)
        .select_related("person", "stay__mother", "organisation", "legal_authenticator", "author")
        .prefetch_related("stay__newborns", "versions", Prefetch("stay__care_team", readership.following()))
    )
    found = [
        replace(_waiting(row, _check(row)), confidentiality=confidentiality.part(row.pk, row, row.stay.care_team.all()))
        for row in rows
    ]
    found += _replacements(user, signatory)
    return sorted(found, key=lambda one: (one.leaves_at is None, one.leaves_at, one.since))


def _replacements(user: User, signatory: UUID | None) -> list[Waiting]:
    """The new versions of papers already sent, confirmed by a secretary; the old ones stay in force meanwhile."""
    rows = Deposit.objects.visible_to(user).filter(
        status=DepositStatus.READY, asked_at__isnull=False, replaces__document__status=DocumentStatus.VALIDATED
    )
    if signatory is not None:
        rows = rows.filter(replaces__document__legal_authenticator_id=signatory)
    found = []
    for row in rows.select_related(
        "replaces__document__person",
        "replaces__document__stay__mother",
        "replaces__document__organisation",
        "organisation",
        "body",
    ):
        assert row.replaces is not None and row.asked_at is not None
        told = _waiting(row.replaces.document)
        title = f"{told.title}, nouvelle version"
        check = replacement_check(row)
        found.append(replace(told, title=title, since=row.asked_at, replacement_id=row.pk, check=check))
    return found


def _check(document: Document) -> LetterCheck | None:
    versions = list(document.versions.all())
    return letter_check(versions[-1].letter_check, document.organisation) if versions else None


def _waiting(document: Document, check: LetterCheck | None = None) -> Waiting:
    about_newborn = document.is_about_newborn
    return Waiting(
        document_id=document.pk,
        stay_id=document.stay_id,
        title=document.title,
        person=document.person.display_name if about_newborn else mother_name(document.person),
        about_newborn=about_newborn,
        since=document.created_at,
        leaves_at=document.stay.leaves_at,
        signatory=str(document.legal_authenticator),
        recipients=tuple(recipients(document)),
        check=check,
    )


def recipients(document: Document) -> Iterable[str]:
    """Who will receive it, by name and role."""
    if document.goes_to_dmp:
        yield "DMP"
    if MASKED in document.masks or not document.is_mailed:
        return
    for member in document.stay.care_team.all():
        follows = member.ended_at is None and member.role in RECIPIENT_ROLES
        if follows and member.professional_id != document.author_id:
            yield f"{member.professional}, {member.get_role_display().lower()}"
