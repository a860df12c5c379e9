"""Shipments: where each sending is, what proves it, and the one act that is expected of the reader."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet

from coordination.access import VISITORS
from coordination.api import answers, parameters
from coordination.api.base import ApiView, Request, Response, user_of
from coordination.api.described import described
from coordination.api.paging import paged
from coordination.lifecycles import ShipmentStatus
from coordination.models import HOSPITAL_ROLES, Document, DocumentVersion, HoldReason, Role, Shipment, User
from coordination.selectors import delivery, fallback_view

# Who has a page of her own sendings (the ward; the authors of syntheses).
SENDERS = HOSPITAL_ROLES | VISITORS | {Role.GP}
ACTS = {
    "retry": {"code": "relancer", "libelle": "Relancer l'envoi"},
    "consent": {"code": "tracer_information", "libelle": "Indiquer la date d'information de la mère"},
}
WAITS_FOR_A_PERSON = Q(status__in=delivery.STOPPED, functional=False) & ~fallback_view.settled_elsewhere() | Q(
    status=ShipmentStatus.HELD, hold_reason=HoldReason.CONSENT
)


class Shipments(ApiView):
    roles = SENDERS

    @described("envois", "Envois visibles : état, preuves, suite", answers.ShipmentPage, parameters.ShipmentParameters)
    def get(self, request: Request) -> Response:
        given = parameters.read(parameters.ShipmentParameters, request)
        user = user_of(request)

        def show(rows: list[Shipment]) -> Any:
            return answers.ShipmentLine([_line(row, user) for row in rows], many=True).data

        return Response(paged(request, _filtered(user, given), given, show))


def _filtered(user: User, given: dict[str, Any]) -> QuerySet[Shipment]:
    """Newest first. A sending is visible with its papers: not to a colleague who follows somebody else."""
    papers = DocumentVersion.objects.filter(document__in=Document.objects.visible_to(user).values("pk"))
    carried = Shipment.versions.through.objects.filter(
        shipment_id=OuterRef("pk"), documentversion__in=papers.values("pk")
    )
    rows: QuerySet[Shipment] = Shipment.objects.visible_to(user).filter(Exists(carried))
    wanted = {"sejour": "stay_id", "canal": "channel", "etat": "status"}
    rows = rows.filter(**{column: given[name] for name, column in wanted.items() if name in given})
    if "document" in given:
        one = carried.filter(documentversion__document_id=given["document"])
        rows = rows.filter(Exists(one))
    if "a_traiter" in given:
        rows = rows.filter(WAITS_FOR_A_PERSON) if given["a_traiter"] == "oui" else rows.exclude(WAITS_FOR_A_PERSON)
    return (
        rows.annotate(elsewhere=ExpressionWrapper(fallback_view.settled_elsewhere(), output_field=BooleanField()))
        .select_related("stay", "person", "mailbox")
        .prefetch_related("attempts", "receipts", Prefetch("versions", papers))
        .order_by("-created_at", "pk")
    )


def _line(shipment: Any, user: User) -> dict[str, Any]:
    told = delivery.describe(shipment)
    return {
        "id": shipment.pk,
        "sejour": shipment.stay_id,
        "documents": sorted({version.document_id for version in shipment.versions.all()}),
        "canal": shipment.channel,
        "action": shipment.action,
        "destinataire": told.recipient,
        "etat": shipment.status,
        "etat_libelle": told.chip.text,
        "phrase": told.sentence,
        "preuves": told.steps,
        "prochaine_action": ACTS.get(told.next_act) if user.is_hospital and not shipment.elsewhere else None,
        "cree_le": shipment.created_at,
    }
