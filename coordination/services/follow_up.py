"""Step 9: the visit and the postnatal interview, each a short form whose synthesis is a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from coordination import audit, blobs
from coordination.lifecycles import HandoverStatus
from coordination.models import (
    Document,
    Encounter,
    EncounterKind,
    Handover,
    Organisation,
    Person,
    Professional,
    Stay,
    User,
)
from coordination.papers import synthesis
from coordination.services import documents, forms, handovers
from perinat.standards import codes


class FormRefusedError(Exception):
    """The form is not complete: `problems` maps a field name to its French sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


TITLES = {
    EncounterKind.HOME_VISIT: "Visite à domicile - synthèse",
    EncounterKind.EPNP: "Entretien postnatal précoce - synthèse",
}


@transaction.atomic
def write(
    kind: EncounterKind, *, stay: Stay, person: Person, done_at: datetime, answers: Mapping[str, str], by: User
) -> Encounter:
    """Record the visit or interview of one person, validate its synthesis and queue its sending.

    `answers`: field name → value, as `forms.FIELDS` lists them. Raises FormRefusedError.
    """
    if by.professional is None or by.organisation is None:
        raise FormRefusedError({"": "Ce compte n'est pas rattaché à un professionnel et à son cabinet."})
    problems = forms.problems(kind, answers, about_newborn=person.pk != stay.mother_id)
    if problems:
        raise FormRefusedError(problems)
    encounter = Encounter.objects.create(
        stay=stay, person=person, kind=kind, professional=by.professional, done_at=done_at, form=dict(answers)
    )
    encounter.document = _synthesis(encounter, by)
    encounter.save(update_fields=["document"])
    if kind == EncounterKind.HOME_VISIT and person.pk == stay.mother_id:
        _mark_seen(stay, done_at, by)
    audit.record("encounter.written", by=by, subject=encounter, kind=str(kind))
    return encounter


def _mark_seen(stay: Stay, at: datetime, by: User) -> None:
    handover = Handover.objects.filter(
        stay=stay,
        status__in=[
            HandoverStatus.ACCEPTED,
            HandoverStatus.SCHEDULED,
            HandoverStatus.MISSED,
            HandoverStatus.ESCALATED,
        ],
        midwife_id=by.professional_id,
    ).first()
    if handover is not None:
        handovers.seen(handover, at=at, by=by)


def _readable(encounter: Encounter, kind: EncounterKind, author: Professional, site: Organisation) -> bytes:
    person, done = encounter.person, timezone.localtime(encounter.done_at)
    about_newborn = person.pk != encounter.stay.mother_id
    return synthesis.render(
        TITLES[kind],
        forms.sections(kind, encounter.form, about_newborn=about_newborn),
        written_at=encounter.recorded_at,
        issuer=[site.name, site.address_line, f"{site.postal_code} {site.city}".strip()],
        patient=synthesis.PatientBlock(
            family_name=person.birth_family_name,
            given_names=person.birth_given_names,
            birth_date=person.birth_date,
            sex=person.sex,
            used_name=person.used_family_name,
            matricule=person.ins.matricule if person.ins else "",
            oid=person.ins.oid if person.ins else "",
        ),
        subtitle=f"{encounter.get_kind_display()} du {done:%d/%m/%Y à %H:%M}",
        signature=[f"{author}, {author.specialty.label}", f"RPPS {author.rpps}"],
    )


def _synthesis(encounter: Encounter, by: User) -> Document:
    """The synthesis as a PDF/A-1, then as any other document: validated by its author, sent."""
    assert by.professional is not None and by.organisation is not None
    kind = EncounterKind(encounter.kind)
    data = _readable(encounter, kind, by.professional, by.organisation)
    blob = blobs.store(data, media_type="application/pdf")
    document = documents.draft(
        person=encounter.person,
        stay=encounter.stay,
        organisation=by.organisation,
        type_code=codes.CR_CONSULTATION.code,
        title=TITLES[kind],
        author=by.professional,
        legal_authenticator=by.professional,
        original=blob,
        readable=blob,
        by=by,
    )
    documents.validate(document, by=by)
    return document
