"""The MSSanté boxes that professionals open themselves with Pro Santé Connect, and who may open each now (ADR 0021).

`MSSANTE_BOXES` names `OpenedBoxes` to the gateway, `ACCESS_TOKENS` the module that keeps the tokens: none stays here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from django.conf import settings
from django.db.models import Q, QuerySet

from coordination.models import Mailbox, MailboxKind, Professional, User
from coordination.ports import AccessTokens, OpenedBox


def declared() -> QuerySet[Mailbox]:
    """Those that an administrator declared."""
    return Mailbox.objects.filter(opened_since__isnull=False)


def by_address(address: str) -> Mailbox | None:
    """The declared box of this address."""
    rows = declared().select_related("professional__organisation", "organisation")
    return rows.filter(address__iexact=address).first() if address else None


class OpenedBoxes:
    """Satisfies `coordination.ports.BoxKeeper`."""

    def boxes(self) -> Sequence[OpenedBox]:
        """Those that somebody signed in can open now."""
        return [OpenedBox(box.address, box.opened_since) for box in open_now()]  # type: ignore[arg-type]  # declared

    def declares(self, address: str) -> bool:
        return by_address(address) is not None

    def tokens(self, address: str) -> Iterator[str]:
        """A fresh token of each holder who is signed in."""
        box = by_address(address)
        for user_id in _holders([box])[box.pk] if box else ():
            token = _vault().access_token(user_id)
            if token:
                yield token


def open_now() -> list[Mailbox]:
    """The declared boxes that a holder who is signed in can open."""
    return _openable(list(declared().order_by("address")))


def _openable(boxes: list[Mailbox]) -> list[Mailbox]:
    if not boxes:
        return []
    holders, vault = _holders(boxes), _vault()
    return [box for box in boxes if any(vault.is_open(user_id) for user_id in holders[box.pk])]


def closed_addresses() -> list[str]:
    """The declared boxes that nobody can open now."""
    boxes = list(declared().order_by("address"))
    opened = {box.pk for box in _openable(boxes)}
    return [box.address for box in boxes if box.pk not in opened]


def own_box(professional: Professional) -> Mailbox | None:
    """Her personal box, when it can be opened now."""
    box = (
        declared()
        .filter(professional=professional, kind=MailboxKind.PER, dead_since__isnull=True)
        .order_by("opened_since")
        .first()
    )
    if box is None:
        return None
    vault = _vault()
    return box if any(vault.is_open(user_id) for user_id in _holders([box])[box.pk]) else None


@dataclass(frozen=True, slots=True)
class ShownBox:
    """A box of hers, as « Courrier reçu » tells it."""

    address: str
    is_open: bool


def shown(user: User) -> list[ShownBox]:
    """The declared boxes that this person may open, and whether they are being read now."""
    if user.professional_id is None:
        return []
    hers = Q(professional_id=user.professional_id) | Q(organisation_id=user.organisation_id)
    boxes = list(declared().filter(hers).order_by("address"))
    opened = {box.pk for box in open_now()} if boxes else set()
    return [ShownBox(box.address, box.pk in opened) for box in boxes]


def _holders(boxes: Iterable[Mailbox]) -> dict[object, list[str]]:
    """Box → the accounts that may open it: its professional's, or those of the professionals of its organisation."""
    wanted = list(boxes)
    people = {box.professional_id for box in wanted if box.professional_id}
    sites = {box.organisation_id for box in wanted if box.organisation_id}
    accounts = User.objects.filter(is_active=True, professional__isnull=False).order_by("pk")
    mine = {
        professional: pk for pk, professional in _pairs(accounts.filter(professional__in=people), "professional_id")
    }
    ours: dict[object, list[str]] = defaultdict(list)
    for pk, site in _pairs(accounts.filter(organisation__in=sites), "organisation_id"):
        ours[site].append(pk)
    return {
        box.pk: ([mine[box.professional_id]] if box.professional_id in mine else []) + ours.get(box.organisation_id, [])
        for box in wanted
    }


def _pairs(accounts: QuerySet[User], name: str) -> list[tuple[str, object]]:
    return [(str(pk), value) for pk, value in accounts.values_list("pk", name)]


def _vault() -> AccessTokens:
    """What keeps the tokens of who is signed in; nobody is when none is named."""
    path = getattr(settings, "ACCESS_TOKENS", "")
    return cast(AccessTokens, import_module(path)) if path else _Nobody()


class _Nobody:
    def is_open(self, user_id: str) -> bool:
        return False

    def access_token(self, user_id: str) -> str | None:
        return None
