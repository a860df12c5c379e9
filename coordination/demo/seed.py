"""Sites, professionals, accounts and delegations of the demonstration; running it again changes nothing."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from coordination.demo import world
from coordination.models import Delegation, Mailbox, Organisation, Professional, User


class NotASandboxError(RuntimeError):
    """The demonstration is refused where real people may be."""


def require_sandbox() -> None:
    if not settings.SANDBOX:
        raise NotASandboxError("La démonstration n'est possible que sur un bac à sable.")


@transaction.atomic
def seed() -> None:
    """Create or update everything that does not move during the week."""
    require_sandbox()
    sites = {site.key: _site(site) for site in world.SITES}
    for site in world.SITES:
        if site.parent:
            Organisation.objects.filter(pk=sites[site.key].pk).update(parent=sites[site.parent])
    carers = {carer.key: _carer(carer, sites[carer.site]) for carer in world.CARERS}
    password = make_password(world.PASSWORD)
    for account in world.ACCOUNTS:
        _account(account, sites[account.site], carers.get(account.carer), password)
    admin = User.objects.get(username="admin")
    for key in ("moreau", "alisier", "sorbier"):
        _delegation(carers[key], admin)


def _site(site: world.Site) -> Organisation:
    values = {
        "kind": site.kind,
        "name": site.name,
        "facility_code": site.facility,
        "practice_code": site.practice,
        "mailbox": site.mailbox,
        "ipp_oid": site.ipp_oid,
        "phone": "+33190000000",
        "address_line": "1 place du Bac-à-Sable",
        "postal_code": site.postal_code,
        "city": site.city,
        "communes": list(site.communes),
        "deposits_in_dmp": site.deposits_in_dmp,
    }
    return Organisation.objects.update_or_create(finess=site.finess, defaults=values)[0]


def _carer(carer: world.Carer, site: Organisation) -> Professional:
    values = {
        "given_name": carer.given,
        "family_name": carer.family,
        "specialty_code": carer.specialty,
        "organisation": site,
        "civility": carer.civility,
    }
    professional = Professional.objects.update_or_create(rpps=carer.rpps, defaults=values)[0]
    if carer.mailbox:
        opened = timezone.now() if carer.opens_it else None
        Mailbox.objects.get_or_create(
            address=carer.mailbox, defaults={"professional": professional, "opened_since": opened}
        )
    return professional


def _account(account: world.Account, site: Organisation, carer: Professional | None, password: str) -> None:
    values = {
        "role": account.role,
        "first_name": account.given,
        "last_name": account.family,
        "email": f"{account.username}@perinat.example",
        "organisation": site,
        "professional": carer,
        "is_ward_head": account.ward_head,
    }
    User.objects.update_or_create(
        username=account.username, defaults=values, create_defaults={**values, "password": password}
    )


def _delegation(professional: Professional, admin: User) -> None:
    today = timezone.localdate()
    if not Delegation.objects.filter(professional=professional, ends_on__gte=today, revoked_at=None).exists():
        Delegation.objects.create(
            professional=professional,
            organisation=professional.organisation,
            starts_on=today - timedelta(days=30),
            ends_on=today + timedelta(days=335),
            recorded_by=admin,
        )
