"""Step 9: the visit and the postnatal interview, each a short form whose synthesis is a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
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
from coordination.services import documents, forms, handovers, patient_block
from perinat.standards import codes, confidentiality


class FormRefusedError(Exception):
    """The form is not complete: `problems` maps a field name to its French sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


CLOCK_DRIFT = timedelta(minutes=5)
VISITABLE = (HandoverStatus.ACCEPTED, HandoverStatus.SCHEDULED, HandoverStatus.MISSED)
TITLES = {
    EncounterKind.HOME_VISIT: "Visite à domicile - synthèse",
    EncounterKind.EPNP: "Entretien postnatal précoce - synthèse",
}


@transaction.atomic
def write(
    kind: EncounterKind,
    *,
    stay: Stay,
    person: Person,
    done_at: datetime,
    answers: Mapping[str, str],
    by: User,
    masks: Sequence[str] = (),
) -> Encounter:
    """Record the visit or interview of one person, validate its synthesis and queue its sending.

    `answers`: field name → value, as `forms.form` lists them; anything else is left out. The same answers for
    the same instant are one encounter. `masks`: who may not read the synthesis. Raises FormRefusedError,
    DocumentRefusedError.
    """
    if by.professional is None or by.organisation is None:
        raise FormRefusedError({"": "Ce compte n'est pas rattaché à un professionnel et à son cabinet."})
    about_newborn = person.pk != stay.mother_id
    problems = forms.problems(kind, answers, about_newborn=about_newborn) | _other_problems(kind, stay, person, done_at)
    if problems:
        raise FormRefusedError(problems)
    form = forms.kept(kind, answers, about_newborn=about_newborn)
    same = {"stay": stay, "person": person, "kind": kind, "professional": by.professional, "done_at": done_at}
    Stay.objects.select_for_update(no_key=True).get(pk=stay.pk)  # a second tap waits, and finds the first
    known = Encounter.objects.filter(**same, form=form).first()
    if known is not None:
        return known
    encounter = Encounter.objects.create(**same, form=form)
    encounter.document = _synthesis(encounter, by, confidentiality.normal(masks))
    encounter.save(update_fields=["document"])
    if kind == EncounterKind.HOME_VISIT and person.pk == stay.mother_id:
        _mark_seen(stay, done_at, by)
    audit.record("encounter.written", by=by, subject=encounter, kind=str(kind))
    return encounter


def _other_problems(kind: EncounterKind, stay: Stay, person: Person, done_at: datetime) -> dict[str, str]:
    about_newborn = person.pk != stay.mother_id
    if about_newborn and not stay.newborns.filter(person=person, link_ended_at__isnull=True).exists():
        return {"": "Cette personne n'est pas dans ce séjour."}
    if about_newborn and kind == EncounterKind.EPNP:
        return {"": "L'entretien postnatal précoce concerne la mère : son compte rendu va dans son dossier."}
    if done_at > timezone.now() + CLOCK_DRIFT:
        return {"done_at": "Cette date est dans le futur. Indiquez quand la rencontre a eu lieu."}
    if done_at < (stay.birth_at or stay.admitted_at):
        return {"done_at": "Cette date précède la naissance. Vérifiez le jour et l'heure."}
    return {}


def _mark_seen(stay: Stay, at: datetime, by: User) -> None:
    """Her midwife saw her; in difficulty, whoever saw her (PMI) did."""
    hers = Q(status__in=VISITABLE, midwife_id=by.professional_id)
    handover = Handover.objects.filter(hers | Q(status=HandoverStatus.ESCALATED), stay=stay).first()
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
        patient=patient_block.of(person),
        subtitle=f"{encounter.get_kind_display()} du {done:%d/%m/%Y à %H:%M}",
        signature=[f"{author}, {author.specialty.label}", f"RPPS {author.rpps}"],
    )


def _synthesis(encounter: Encounter, by: User, masks: Sequence[str]) -> Document:
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
        masks=masks,
    )
    documents.validate(document, by=by)
    return document
