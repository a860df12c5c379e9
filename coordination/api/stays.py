"""Stays: the ward's own, or those of the mothers a carer follows. Coordinators have their board, not this."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from coordination import audit, deadlines
from coordination.access import READERS
from coordination.api import answers, parameters
from coordination.api.base import ApiView, Request, Response, user_of
from coordination.api.described import described
from coordination.api.paging import paged
from coordination.models import CareTeamMember, Person, Stay, User
from coordination.selectors.my_visits import closed_stays
from coordination.templatetags.perinat import initial


class Stays(ApiView):
    roles = READERS

    @described("sejours", "Séjours visibles", answers.StayPage, parameters.StayParameters)
    def get(self, request: Request) -> Response:
        given = parameters.read(parameters.StayParameters, request)
        rows = _filtered(Stay.objects.visible_to(request.user), given)
        return Response(paged(request, rows, given, lambda page: _lines(page, user_of(request))))


class OneStay(ApiView):
    roles = READERS

    @described("sejour", "Un séjour, avec l'INS des identités qualifiées", answers.StayAnswer)
    def get(self, request: Request, stay_id: UUID) -> Response:
        """Handing out an INS is audited: who, when, for which stay."""
        parameters.read(parameters.NoParameters, request)
        user = user_of(request)
        rows = Stay.objects.visible_to(user).select_related("mother", "maternity")
        stay = get_object_or_404(rows, pk=stay_id)
        with transaction.atomic():
            said = _stay(stay, user)
            given = sum(one["ins"] is not None for one in [said["mere"], *said["nouveau_nes"]])
            if given:
                audit.record("stay.ins_given", by=user, subject=stay, via="api", identities=given)
        return Response(answers.StayAnswer(said).data)


def _filtered(rows: Any, given: dict[str, Any]) -> QuerySet[Stay]:
    living = Q(newborns__link_ended_at__isnull=True)
    rows = rows.select_related("mother", "maternity").annotate(
        leaves=Coalesce("discharged_at", "expected_discharge_at"), children=Count("newborns", filter=living)
    )
    if "sortie_du" in given:
        rows = rows.filter(leaves__gte=deadlines.at_paris(given["sortie_du"], time(0)))
    if "sortie_au" in given:
        rows = rows.filter(leaves__lt=deadlines.at_paris(given["sortie_au"] + timedelta(days=1), time(0)))
    if "etat" in given:
        rows = rows.filter(discharged_at__isnull=given["etat"] == "present")
    return rows.order_by(F("leaves").desc(nulls_first=True), "pk")


def _lines(page: list[Stay], user: User) -> list[dict[str, Any]]:
    """The lines of a page; those not yet open to this carer say a first name, an initial and a commune."""
    closed = closed_stays(user, page)
    lines = [dict(line) for line in answers.StayLine(page, many=True).data]
    for stay, line in zip(page, lines, strict=True):
        if stay.pk in closed:
            line |= {"mere": {"id": str(stay.mother_id), "nom": initial(stay.mother)}, "nouveau_nes": None}
            line |= {"sortie_prevue_le": None, "sortie_le": None, "sortie_precoce": None}
    return lines


def _stay(stay: Stay, user: User) -> dict[str, Any]:
    """A carer gets the record once the mother's information is recorded; number and room stay in the ward."""
    if closed_stays(user, [stay]):
        return _closed(stay, user)
    newborns = stay.newborns.filter(link_ended_at__isnull=True).select_related("person")
    return {
        "id": stay.pk,
        "numero": stay.number if user.is_hospital else None,
        "chambre": stay.room if user.is_hospital else None,
        "maternite": stay.maternity.name,
        "mere": _identity(stay.mother),
        "nouveau_nes": [
            {**_identity(n.person), "rang": n.rank, "ne_le": n.born_at, "poids_g": n.weight_g} for n in newborns
        ],
        "naissance_le": stay.birth_at,
        "sortie_prevue_le": stay.expected_discharge_at,
        "sortie_le": stay.discharged_at,
        "sortie_precoce": stay.is_early,
        "commune": stay.destination_city,
        "besoins": stay.needs,
        "equipe": [_member(row) for row in _team(stay)],
    }


def _closed(stay: Stay, user: User) -> dict[str, Any]:
    """Before the mother's information is recorded: first name and initial, commune, and this carer's own place."""
    mother = {"id": stay.mother_id, "nom": initial(stay.mother), "statut_identite": stay.mother.ins_status}
    nothing = ("numero", "chambre", "naissance_le", "sortie_prevue_le", "sortie_le", "sortie_precoce")
    return {
        **dict.fromkeys(nothing),
        "id": stay.pk,
        "maternite": stay.maternity.name,
        "mere": {**mother, "sexe": None, "date_naissance": None, "ins": None},
        "nouveau_nes": [],
        "commune": stay.destination_city,
        "besoins": [],
        "equipe": [_member(row) for row in _team(stay) if row.professional_id == user.professional_id],
    }


def _identity(person: Person) -> dict[str, Any]:
    ins = person.ins
    return {
        "id": person.pk,
        "nom": person.display_name,
        "sexe": person.sex,
        "date_naissance": person.birth_date,
        "statut_identite": person.ins_status,
        "ins": {"matricule": ins.matricule, "oid": ins.oid} if ins else None,
    }


def _team(stay: Stay) -> QuerySet[CareTeamMember]:
    rows = stay.care_team.filter(ended_at__isnull=True).select_related("professional__organisation")
    return rows.order_by("chosen_at", "pk")


def _member(row: CareTeamMember) -> dict[str, Any]:
    return {
        "nom": str(row.professional),
        "role": row.get_role_display(),
        "structure": row.professional.organisation.name,
        "informee_le": row.informed_at,
    }
