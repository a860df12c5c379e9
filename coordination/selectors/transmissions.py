"""History of what passed through the MSSanté mailboxes: who, when, what was asked, what the server answered.

ECO.4.1.1, 4.1.2 and SC.MSS/UX.37 of the Référentiel socle #2, failures included. The head of a ward reads that of her
ward; an administrator that of every site, without anything about a person who is cared for. Nothing is shown beyond
MSSANTE_HISTORY_MONTHS (the recommended retention, 6 months); the proofs themselves stay with their sendings.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_date

from coordination.models import (
    ChannelName,
    Organisation,
    PatientReply,
    Receipt,
    ReceivedMail,
    Shipment,
    ShipmentAttempt,
    User,
)
from coordination.ports import Action, ReceiptKind

SHOWN = 200
LONGEST = 80
USUAL = timedelta(days=30)
A_MONTH = timedelta(days=31)
KINDS = {
    "": "Toutes",
    "envoi": "Envois",
    "accuse": "Accusés reçus",
    "recu": "Messages reçus",
    "reponse": "Accusés rendus",
}
RESULTS = {"": "Tous", "echec": "Échecs seulement"}
_ACTIONS = {Action.SEND: "Envoi", Action.REPLACE: "Remplacement", Action.WITHDRAW: "Retrait"}
_OUTCOMES = {
    "ACCEPTED": "accepté",
    "FOUND": "déjà reçu",
    "PERMANENT": "refusé",
    "TEMPORARY": "échec, nouvel essai",
    "UNCERTAIN": "réponse perdue",
}
_RECEIPTS = {
    ReceiptKind.DELIVERED: "remis dans la boîte",
    ReceiptKind.DISPLAYED: "lu",
    ReceiptKind.INTEGRATED: "intégré",
    ReceiptKind.BOUNCED: "non remis",
    ReceiptKind.NOT_INTEGRATED: "non intégré",
    ReceiptKind.DELAYED: "retardé",
}
_GOOD = ("ACCEPTED", "FOUND")
_BAD_RECEIPTS = (ReceiptKind.BOUNCED, ReceiptKind.NOT_INTEGRATED)
PATIENT = "usager (Mon espace santé)"


@dataclass(frozen=True, slots=True)
class Line:
    """One trace. `author`: account and RPPS, or the other side; `asked`: what was sent or asked; `about`: the person,
    for who may see her."""

    at: datetime
    kind: str
    action: str
    site: str
    author: str
    with_whom: str
    asked: str
    answer: str
    failed: bool
    about: str = ""
    stay_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    since: date
    until: date
    kind: str = ""
    result: str = ""
    site: str = ""
    text: str = ""

    @classmethod
    def of(cls, posted: Mapping[str, str]) -> Wanted:
        today = timezone.localdate()
        since, until = _day(posted.get("depuis", "")), _day(posted.get("jusqu", ""))
        return cls(
            since=max(since or today - USUAL, horizon(today)),
            until=min(until or today, today),
            kind=posted.get("nature", "") if posted.get("nature", "") in KINDS else "",
            result=posted.get("resultat", "") if posted.get("resultat", "") in RESULTS else "",
            site=posted.get("site", ""),
            text=posted.get("texte", "").strip()[:LONGEST],
        )

    @property
    def span(self) -> tuple[datetime, datetime]:
        start, end = (datetime.combine(day, time.min) for day in (self.since, self.until + timedelta(days=1)))
        return timezone.make_aware(start), timezone.make_aware(end)


def horizon(today: date) -> date:
    """Nothing older is shown."""
    return today - settings.MSSANTE_HISTORY_MONTHS * A_MONTH


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def sites(user: User) -> QuerySet[Organisation]:
    """Whose history she may read: her ward's, or that of every site that has a box or has sent from somebody's."""
    sent = Shipment.objects.filter(organisation=OuterRef("pk"), channel=ChannelName.MSSANTE)
    rows = Organisation.objects.filter(~Q(mailbox="") | Exists(sent)).order_by("name")
    if user.role == "ADMINISTRATOR":
        return rows
    if not (user.is_hospital and user.is_ward_head and user.organisation_id):
        return rows.none()
    return rows.filter(pk=user.organisation_id)


def lines(user: User, wanted: Wanted) -> Iterator[Line]:
    """The most recent first. Read little by little: an export may be long."""
    shown = [site for site in sites(user) if not wanted.site or str(site.pk) == wanted.site]
    history = _History(shown, wanted, tells_who=user.role != "ADMINISTRATOR")
    merged = heapq.merge(*history.sources(), key=lambda line: line.at, reverse=True)
    return (line for line in merged if line.failed or wanted.result != "echec")


class _History:
    """The sources of one question; each gives its lines from the latest to the oldest."""

    def __init__(self, shown: list[Organisation], wanted: Wanted, *, tells_who: bool) -> None:
        self._sites, self._wanted, self._tells_who = shown, wanted, tells_who

    def sources(self) -> list[Iterator[Line]]:
        by_kind = {
            "envoi": (self._attempts(),),
            "accuse": (self._receipts(),),
            "recu": (self._received(), self._replies()),
            "reponse": (self._answers(),),
        }
        chosen = by_kind if not self._wanted.kind else {self._wanted.kind: by_kind[self._wanted.kind]}
        return [source for some in chosen.values() for source in some]

    def _attempts(self) -> Iterator[Line]:
        rows = ShipmentAttempt.objects.filter(shipment__channel=ChannelName.MSSANTE)
        rows = rows.filter(shipment__organisation__in=self._sites, ended_at__range=self._wanted.span)
        rows = rows.filter(self._said("shipment__message_id", "shipment__mailbox__address", "code"))
        rows = rows.select_related(*_of_shipment()).annotate(papers=Count("shipment__versions"))
        for row in rows.order_by("-ended_at").iterator(chunk_size=SHOWN):
            sent: Shipment = row.shipment
            words = f"{_OUTCOMES.get(row.outcome, row.outcome)} : {row.code} {row.message_fr}".strip(" :")
            asked = f"{row.papers} document{'s' if row.papers > 1 else ''}, essai {row.number}, {sent.message_id}"
            yield self._about(sent, row.ended_at, "Envoi", _ACTIONS[Action(sent.action)], asked, words,
                              failed=row.outcome not in _GOOD)  # fmt: skip

    def _receipts(self) -> Iterator[Line]:
        rows = Receipt.objects.filter(shipment__channel=ChannelName.MSSANTE, shipment__organisation__in=self._sites)
        rows = rows.filter(received_at__range=self._wanted.span).exclude(kind=ReceiptKind.AUTOREPLY)
        rows = rows.filter(self._said("shipment__message_id", "shipment__mailbox__address", "code"))
        for row in rows.select_related(*_of_shipment()).order_by("-received_at").iterator(chunk_size=SHOWN):
            assert row.shipment is not None
            kind = ReceiptKind(row.kind)
            words = f"{_RECEIPTS.get(kind, 'à lire par une personne')} : {row.code} {row.message_fr}".strip(" :")
            yield self._about(row.shipment, row.received_at, "Accusé reçu", "Accusé", row.shipment.message_id, words,
                              failed=kind in _BAD_RECEIPTS)  # fmt: skip

    def _about(
        self, sent: Shipment, at: datetime, kind: str, action: str, asked: str, answer: str, *, failed: bool
    ) -> Line:
        """`answer` is the sentence of a server for a code: it names nobody."""
        whom = PATIENT if sent.to_patient else sent.mailbox.address if sent.mailbox else "sans adresse"
        about = str(sent.person.display_name) if self._tells_who else ""
        stay = sent.stay_id if self._tells_who else None
        author = _account(sent.sender) + (", de sa propre boîte" if sent.sent_from else "")
        return Line(at, kind, action, sent.organisation.name, author, whom, asked, answer, failed, about, stay)

    def _mails(self) -> QuerySet[ReceivedMail]:
        """Those of the boxes of the sites; a personal box is its holder's alone."""
        rows = ReceivedMail.objects.filter(organisation__in=self._sites, holder__isnull=True)
        return rows.filter(self._said("message_id", "sender")).select_related("organisation")

    def _received(self) -> Iterator[Line]:
        rows = self._mails().filter(received_at__range=self._wanted.span).annotate(papers=Count("documents"))
        for row in rows.order_by("-received_at").iterator(chunk_size=SHOWN):
            kept = f"{row.papers} document{'s' if row.papers > 1 else ''}"
            yield Line(row.received_at, "Message reçu", "Réception", row.organisation.name, row.sender, row.mailbox,
                       row.message_id, row.refusal or f"gardé : {kept}", bool(row.refusal))  # fmt: skip

    def _replies(self) -> Iterator[Line]:
        rows = PatientReply.objects.filter(organisation__in=self._sites, received_at__range=self._wanted.span)
        rows = rows.filter(self._said("message_id")).select_related("organisation", "person")
        for row in rows.order_by("-received_at").iterator(chunk_size=SHOWN):
            about = str(row.person.display_name) if row.person and self._tells_who else ""
            yield Line(row.received_at, "Message reçu", "Réception", row.organisation.name, PATIENT,
                       row.organisation.mailbox, row.message_id, "gardé", False, about)  # fmt: skip

    def _answers(self) -> Iterator[Line]:
        """What was told to who asked what became of a mail, and what could not be told."""
        rows = self._mails().annotate(at=Coalesce("answered_at", "answer_due_at")).filter(at__range=self._wanted.span)
        rows = rows.exclude(answered_at=None, answer_refusal="").order_by("-at")
        for row in rows.iterator(chunk_size=SHOWN):
            said = f"non intégré, code {row.answer_code}" if row.answer_code else "intégré"
            yield Line(row.at, "Accusé rendu", "Accusé d’intégration", row.organisation.name, row.mailbox,
                       row.receipt_to, f"{said}, {row.message_id}", row.answer_refusal or "accepté",
                       bool(row.answer_refusal))  # fmt: skip

    def _said(self, *names: str) -> Q:
        found = Q()
        for name in names if self._wanted.text else ():
            found |= Q(**{f"{name}__icontains": self._wanted.text})
        return found


def _of_shipment() -> tuple[str, ...]:
    within = ("organisation", "sender__professional", "mailbox", "person")
    return tuple(f"shipment__{name}" for name in within)


def _account(user: User) -> str:
    return f"{user.username}, RPPS {user.professional.rpps}" if user.professional else user.username
