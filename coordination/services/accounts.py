"""Accounts and delegations, opened and closed by an administrator. Every act is audited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from coordination import audit
from coordination.models import (
    HOSPITAL_ROLES,
    TOWN_CARE_ROLES,
    Delegation,
    Organisation,
    OrganisationKind,
    Professional,
    Role,
    User,
)
from coordination.services.administration import (
    AdministrationRefusedError,
    apply,
    others_than,
    refuse,
    values_of,
)
from perinat.standards import codes

_K, _R = OrganisationKind, Role
# The kind of site each role works in; an administrator may belong to any.
SITES_OF_ROLE: dict[str, frozenset[str]] = {
    _R.SECRETARY: frozenset({_K.MATERNITY}),
    _R.HOSPITAL_MIDWIFE: frozenset({_K.MATERNITY}),
    _R.HOSPITAL_DOCTOR: frozenset({_K.MATERNITY}),
    _R.MIDWIFE: frozenset({_K.PRACTICE}),
    _R.GP: frozenset({_K.PRACTICE}),
    _R.GYNAECOLOGIST: frozenset({_K.PRACTICE, _K.MATERNITY}),
    _R.PHYSIOTHERAPIST: frozenset({_K.PRACTICE}),
    _R.SPECIALIST: frozenset({_K.PRACTICE, _K.MATERNITY}),
    _R.COORDINATOR: frozenset({_K.CPTS}),
    _R.PMI: frozenset({_K.PMI}),
    _R.HAD: frozenset({_K.HAD}),
    _R.CPAM: frozenset({_K.CPAM}),
    _R.ARS: frozenset({_K.ARS}),
    _R.ADMINISTRATOR: frozenset(_K.values),
}
ROLES_IN_RPPS = (HOSPITAL_ROLES - {Role.SECRETARY}) | TOWN_CARE_ROLES
LONGEST_DELEGATION_DAYS = 366
PASSWORD_SYMBOLS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper
PASSWORD_GROUPS, PASSWORD_GROUP = 4, 4  # 16 symbols of 31: 79 bits


@dataclass(frozen=True, slots=True)
class AccountEntry:
    username: str
    first_name: str
    last_name: str
    email: str
    role: str
    organisation: Organisation
    professional: Professional | None = None
    is_ward_head: bool = False


@dataclass(frozen=True, slots=True)
class DelegationEntry:
    """`type_codes` empty: every type of paper."""

    professional: Professional
    organisation: Organisation
    starts_on: date
    ends_on: date
    type_codes: tuple[str, ...] = ()


@transaction.atomic
def create_account(entry: AccountEntry, *, by: User) -> tuple[User, str]:
    """A new account and its temporary password, in clear this once only: it opens one page, that which replaces it."""
    refuse(_account_problems(entry, None))
    password = _temporary_password()
    user = User.objects.create_user(password=password, password_is_temporary=True, **values_of(entry))
    audit.record("account.created", by=by, subject=user, role=entry.role)
    return user, password


@transaction.atomic
def update_account(user: User, entry: AccountEntry, *, by: User) -> User:
    """Change the role, site, professional or name of an account."""
    problems = _account_problems(entry, user)
    if user.pk == by.pk and entry.role != user.role:
        problems["role"] = "Un administrateur ne change pas son propre rôle : demandez-le à un autre."
    refuse(problems)
    changed = apply(user, values_of(entry))
    user.save()
    audit.record("account.updated", by=by, subject=user, fields=", ".join(changed))
    return user


def _account_problems(entry: AccountEntry, user: User | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    others = others_than(user, User)
    if others.filter(username__iexact=entry.username).exists():
        problems["username"] = "Cet identifiant existe déjà."
    if entry.organisation.kind not in SITES_OF_ROLE[entry.role]:
        kinds = " ou ".join(str(_K(kind).label).lower() for kind in sorted(SITES_OF_ROLE[entry.role]))
        problems["organisation"] = f"Ce rôle s'exerce dans un site de type : {kinds}."
    if entry.role in ROLES_IN_RPPS and entry.professional is None:
        problems["professional"] = "Ce rôle est celui d'un professionnel inscrit au RPPS : choisissez-le."
    if entry.professional is not None:
        if entry.role not in ROLES_IN_RPPS:
            problems["professional"] = "Ce rôle ne se rattache à aucun professionnel du RPPS."
        elif others.filter(professional=entry.professional).exists():
            problems["professional"] = "Ce professionnel a déjà un compte."
        elif entry.professional.organisation_id != entry.organisation.pk:
            problems["professional"] = "Ce professionnel exerce dans un autre site."
    if entry.is_ward_head and entry.role not in HOSPITAL_ROLES:
        problems["is_ward_head"] = "Seul un compte de maternité peut être celui du cadre."
    return problems


@transaction.atomic
def close_account(user: User, *, by: User) -> None:
    """The account signs in no more, at once. Raises AdministrationRefusedError for oneself."""
    if user.pk == by.pk:
        raise AdministrationRefusedError({"": "Un administrateur ne ferme pas son propre compte."})
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record("account.closed", by=by, subject=user)


@transaction.atomic
def reopen_account(user: User, *, by: User) -> str:
    """The account signs in again, with a new temporary password."""
    user.is_active = True
    return _set_temporary_password(user, "account.reopened", by)


@transaction.atomic
def reset_password(user: User, *, by: User) -> str:
    """A new temporary password, in clear this once only; the old one no longer opens."""
    return _set_temporary_password(user, "account.password_reset", by)


@transaction.atomic
def choose_password(user: User, password: str) -> None:
    """Her own password, already validated: from now on nobody else knows it."""
    was_temporary, user.password_is_temporary = user.password_is_temporary, False
    user.set_password(password)
    user.save(update_fields=["password", "password_is_temporary"])
    audit.record("account.password_changed", by=user, subject=user, temporary=was_temporary)


def _set_temporary_password(user: User, action: str, by: User) -> str:
    password = _temporary_password()
    user.set_password(password)
    user.password_is_temporary = True
    user.save(update_fields=["password", "password_is_temporary", "is_active"])
    audit.record(action, by=by, subject=user)
    return password


def _temporary_password() -> str:
    """« abcd-efgh-jkmn-pqrs »: easy to read aloud, 79 bits."""
    groups = ("".join(secrets.choice(PASSWORD_SYMBOLS) for _ in range(PASSWORD_GROUP)) for _ in range(PASSWORD_GROUPS))
    return "-".join(groups)


@transaction.atomic
def grant_delegation(entry: DelegationEntry, *, by: User) -> Delegation:
    """Record that a professional lets the secretaries of a site send these papers in her name."""
    problems: dict[str, str] = {}
    days = (entry.ends_on - entry.starts_on).days
    if days < 0:
        problems["ends_on"] = "La fin précède le début."
    elif days > LONGEST_DELEGATION_DAYS:
        problems["ends_on"] = "Une délégation dure un an au plus ; elle se renouvelle."
    elif entry.ends_on < timezone.localdate():
        problems["ends_on"] = "Cette délégation serait déjà terminée."
    if entry.organisation.kind != _K.MATERNITY:
        problems["organisation"] = "Une délégation vaut pour les secrétaires d'une maternité."
    elif entry.professional.organisation_id != entry.organisation.pk:
        problems["professional"] = "Ce professionnel n'exerce pas dans cette maternité."
    if any(code not in codes.DOCUMENT_TYPES for code in entry.type_codes):
        problems["type_codes"] = "Choisissez des types de la liste."
    if not problems and _already_granted(entry):
        problems["professional"] = "Une délégation identique court déjà à ces dates."
    refuse(problems)
    values = values_of(entry) | {"type_codes": sorted(entry.type_codes)}
    delegation = Delegation.objects.create(recorded_by=by, **values)
    audit.record("delegation.granted", by=by, subject=delegation, professional=str(entry.professional.pk))
    return delegation


def _already_granted(entry: DelegationEntry) -> bool:
    return Delegation.objects.filter(
        starts_on__lte=entry.starts_on,
        ends_on__gte=entry.ends_on,
        professional=entry.professional,
        organisation=entry.organisation,
        type_codes=sorted(entry.type_codes),
        revoked_at__isnull=True,
    ).exists()


@transaction.atomic
def revoke_delegation(delegation: Delegation, *, by: User) -> None:
    """Ends it now; what was sent under it keeps its proof. Idempotent."""
    if Delegation.objects.filter(pk=delegation.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        audit.record("delegation.revoked", by=by, subject=delegation)
