"""What an administrator may change, what is refused, and that every act leaves its trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from coordination.models import AuditEntry, ChannelSwitch, Delegation, Mailbox, Organisation, Professional, Role, User
from coordination.services import accounts, administration, outbox
from coordination.services.accounts import AccountEntry, DelegationEntry
from coordination.services.administration import AdministrationRefusedError, ProfessionalEntry, SiteEntry
from tests.coordination import world
from tests.fakes import FakeChannel

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(ward: world.Ward) -> User:
    return world.user("admin", Role.ADMINISTRATOR, ward.cpts)


def last_act() -> AuditEntry:
    entry = AuditEntry.objects.last()
    assert entry is not None
    return entry


def entity() -> Organisation:
    return Organisation.objects.get(kind="LEGAL_ENTITY")


def maternity_entry(**changes: object) -> SiteEntry:
    entry = SiteEntry("MATERNITY", "Maternité des Saules", "997800123", entity(), ipp_oid="1.2.250.1.999.78.9")
    return replace(entry, **changes)  # type: ignore[arg-type]


def test_a_maternity_is_created_then_renamed(admin: User) -> None:
    site = administration.save_site(maternity_entry(), by=admin)
    assert (site.facility_code, site.practice_code) == ("SA01", "ETABLISSEMENT")
    assert last_act().action == "site.created"
    administration.save_site(maternity_entry(name="Maternité du Saule"), by=admin, site=site)
    assert Organisation.objects.get(finess="997800123").name == "Maternité du Saule"
    assert (last_act().action, last_act().data) == ("site.updated", {"fields": "name"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"finess": "997800124"}, "finess"),  # wrong key
        ({"finess": ""}, "finess"),
        ({"finess": "997800115"}, "finess"),  # the one of the other maternity
        ({"ipp_oid": "1.2.250.01"}, "ipp_oid"),
        ({"parent": None}, "parent"),
        ({"kind": "CPTS", "parent": None}, "communes"),
    ],
)
def test_a_wrong_site_is_refused_by_its_field(admin: User, changes: dict[str, object], field: str) -> None:
    before = Organisation.objects.count()
    with pytest.raises(AdministrationRefusedError) as refusal:
        administration.save_site(maternity_entry(**changes), by=admin)
    assert list(refusal.value.problems) == [field]
    assert Organisation.objects.count() == before


def test_a_site_with_accounts_keeps_its_kind(admin: User, ward: world.Ward) -> None:
    with pytest.raises(AdministrationRefusedError) as refusal:
        administration.save_site(SiteEntry("PMI", "X", "997800115"), by=admin, site=ward.maternity)
    assert "kind" in refusal.value.problems


def professional_entry(ward: world.Ward, **changes: object) -> ProfessionalEntry:
    entry = ProfessionalEntry("89900001069", "BRUYÈRE", "Lucie", "G15_50", ward.practice, mailbox="Lucie@essai.example")
    return replace(entry, **changes)  # type: ignore[arg-type]


def test_a_professional_is_created_with_her_address(admin: User, ward: world.Ward) -> None:
    lucie = administration.save_professional(professional_entry(ward), by=admin)
    assert [box.address for box in lucie.mailboxes.all()] == ["lucie@essai.example"]
    administration.save_professional(professional_entry(ward), by=admin, professional=lucie)
    assert lucie.mailboxes.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rpps": "89900001068"}, "rpps"),  # wrong key
        ({"rpps": "89900001051"}, "rpps"),  # Claire's
        ({"mailbox": "CLAIRE@essai.mssante.example"}, "mailbox"),
        ({"specialty_code": "G15_99"}, "specialty_code"),
    ],
)
def test_a_wrong_professional_is_refused(admin: User, ward: world.Ward, changes: dict[str, object], field: str) -> None:
    with pytest.raises(AdministrationRefusedError) as refusal:
        administration.save_professional(professional_entry(ward, **changes), by=admin)
    assert list(refusal.value.problems) == [field]


def test_a_dead_address_comes_back(admin: User) -> None:
    box = Mailbox.objects.get()
    box.dead_since = timezone.now()
    administration.revive_mailbox(box, by=admin)
    assert Mailbox.objects.get().dead_since is None and last_act().action == "mailbox.revived"


def account_entry(ward: world.Ward, **changes: object) -> AccountEntry:
    entry = AccountEntry("nadia", "Nadia", "OSIER", "nadia@perinat.example", Role.SECRETARY, ward.maternity)
    return replace(entry, **changes)  # type: ignore[arg-type]


def test_an_account_opens_with_its_temporary_password(admin: User, ward: world.Ward, rf: object) -> None:
    user, password = accounts.create_account(account_entry(ward), by=admin)
    assert user.check_password(password) and len(password) == 19
    assert password not in str(last_act().data), "a secret never goes into the audit"
    other = accounts.reset_password(user, by=admin)
    assert other != password and not user.check_password(password)
    accounts.close_account(user, by=admin)
    request = rf.post("/connexion/")  # type: ignore[attr-defined]
    assert authenticate(request, username="nadia", password=other) is None
    assert not User.objects.get(username="nadia").is_active
    reopened = accounts.reopen_account(user, by=admin)
    assert authenticate(request, username="nadia", password=reopened) == user


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "SECRETAIRE"}, "username"),
        ({"role": Role.COORDINATOR}, "organisation"),
        ({"role": Role.HOSPITAL_DOCTOR}, "professional"),
        ({"role": Role.COORDINATOR, "is_ward_head": True, "site": "cpts"}, "is_ward_head"),
        ({"professional": "doctor"}, "professional"),
        ({"role": Role.HOSPITAL_DOCTOR, "professional": "doctor"}, "professional"),  # she has an account
        ({"role": Role.HOSPITAL_MIDWIFE, "professional": "lucie"}, "professional"),  # she works elsewhere
    ],
)
def test_a_wrong_account_is_refused(admin: User, ward: world.Ward, changes: dict[str, object], field: str) -> None:
    lucie = Professional.objects.create(rpps="89900001069", given_name="L", family_name="B", organisation=ward.practice)
    rows = {"doctor": ward.doctor, "lucie": lucie}
    if "professional" in changes:
        changes = {**changes, "professional": rows[str(changes["professional"])]}
    if changes.get("site"):
        changes = {k: v for k, v in changes.items() if k != "site"} | {"organisation": ward.cpts}
    with pytest.raises(AdministrationRefusedError) as refusal:
        accounts.create_account(account_entry(ward, **changes), by=admin)
    assert field in refusal.value.problems


def test_nobody_locks_herself_out(admin: User, ward: world.Ward) -> None:
    with pytest.raises(AdministrationRefusedError):
        accounts.close_account(admin, by=admin)
    mine = AccountEntry("admin", "R", "L", "a@perinat.example", Role.COORDINATOR, ward.cpts)
    with pytest.raises(AdministrationRefusedError):
        accounts.update_account(admin, mine, by=admin)


def delegation_entry(ward: world.Ward, **changes: object) -> DelegationEntry:
    today = timezone.localdate()
    entry = DelegationEntry(ward.doctor, ward.maternity, today, today + timedelta(days=90), ("11490-0",))
    return replace(entry, **changes)  # type: ignore[arg-type]


def test_a_delegation_is_granted_once_and_revoked(admin: User, ward: world.Ward) -> None:
    delegation = accounts.grant_delegation(delegation_entry(ward), by=admin)
    with pytest.raises(AdministrationRefusedError):
        accounts.grant_delegation(delegation_entry(ward), by=admin)
    accounts.revoke_delegation(delegation, by=admin)
    accounts.revoke_delegation(delegation, by=admin)
    assert Delegation.objects.get().revoked_at is not None
    assert AuditEntry.objects.filter(action="delegation.revoked").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2020, 2, 1)}, "ends_on"),
        ({"ends_on": timezone.localdate() + timedelta(days=400)}, "ends_on"),
        ({"type_codes": ("inconnu",)}, "type_codes"),
    ],
)
def test_a_wrong_delegation_is_refused(admin: User, ward: world.Ward, changes: dict[str, object], field: str) -> None:
    with pytest.raises(AdministrationRefusedError) as refusal:
        accounts.grant_delegation(delegation_entry(ward, **changes), by=admin)
    assert list(refusal.value.problems) == [field]


def test_a_channel_stops_with_its_reason_and_restarts(
    admin: User, ward: world.Ward, fakes: dict[str, FakeChannel]
) -> None:
    with pytest.raises(AdministrationRefusedError):
        administration.stop_channel("dmp", reason=" ", by=admin)
    with pytest.raises(AdministrationRefusedError):
        administration.stop_channel("pigeon", reason="météo", by=admin)
    administration.stop_channel("dmp", reason="Maintenance", by=admin)
    assert ChannelSwitch.objects.get().stopped and last_act().data["reason"] == "Maintenance"
    assert outbox.due_ids() == []
    administration.restart_channel("dmp", by=admin)
    assert not ChannelSwitch.objects.get().stopped and last_act().action == "channel.restarted"
