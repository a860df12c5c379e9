"""What was hidden from the patient until it is announced: a line of the ward until somebody makes it visible.

A document that is invisible to the patient stays so for ever unless a professional acts (TD3.3b, or a new version): the
DMP reminds nobody. The line says since when, and in whose name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone

from coordination import deadlines
from coordination.lifecycles import DocumentStatus, WorkItemStatus
from coordination.models import Document, DocumentVersion, OrganisationKind, WorkItem, WorkItemKind
from coordination.selectors import confidentiality as shown
from coordination.services import worklist
from perinat.standards.confidentiality import FROM_PATIENT

_KIND = WorkItemKind.TO_REVEAL
REVEALED = "visible, retiré, ou plus en vigueur"


def watch() -> int:
    """Open a line for each paper that the DMP hides from its patient; close those that wait no more. Idempotent."""
    hidden = {str(document.pk): (document, since) for document, since in _hidden()}
    listed = {item.key.partition(":")[2] for item in WorkItem.objects.filter(kind=_KIND, status=WorkItemStatus.OPEN)}
    for key in listed - hidden.keys():
        worklist.close_items(_KIND, key=key, reason=REVEALED)
    opened = 0
    for key in hidden.keys() - listed:
        document, since = hidden[key]
        item = worklist.open_item(
            _KIND,
            key=key,
            organisation=document.organisation,
            stay=document.stay,
            due_at=since + deadlines.REVEAL_AFTER.delay,
            message=(
                f"« {document.title} » lui est caché depuis le {timezone.localtime(since):%d/%m/%Y}, au nom de "
                f"{document.legal_authenticator}. Après l’annonce, rendez-le visible ; il ne pourra plus être caché."
            ),
        )
        opened += item is not None
    return opened


def settle(document: Document) -> None:
    """It has just been made visible: its line closes at once."""
    if shown.hidden_since(document) is None:
        worklist.close_items(_KIND, key=str(document.pk), reason=REVEALED)


def _hidden() -> Iterator[tuple[Document, datetime]]:
    """Papers of a ward in force that go to the DMP, of the patient herself: a newborn has no account of its own.

    Those of a town carer are remembered on her own list (`selectors.my_visits`).
    """
    rows = Document.objects.filter(
        status=DocumentStatus.VALIDATED,
        masks__contains=[FROM_PATIENT],
        organisation__deposits_in_dmp=True,
        organisation__kind=OrganisationKind.MATERNITY,
    )
    versions = DocumentVersion.objects.only("document_id", "validated_at", "number", "masks")  # not what was frozen
    rows = rows.select_related("organisation", "stay", "legal_authenticator")
    for document in rows.prefetch_related(Prefetch("versions", versions)):
        since = shown.hidden_since(document)
        if since is not None and document.type.in_dmp and not document.is_about_newborn:
            yield document, since
