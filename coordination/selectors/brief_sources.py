"""Where the values of « L'essentiel » come from: the documents that a person may open, and the stay itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from coordination.lifecycles import DocumentStatus
from coordination.models import Document, DocumentVersion, Newborn, Stay, User
from coordination.papers.brief.fields import Field
from coordination.papers.brief.merge import Sourced
from coordination.papers.brief.shown import grams_words, moment_words
from coordination.papers.brief.values import Found
from perinat.standards import codes

Read = Mapping[DocumentVersion, Sequence[Found]]
SHORT = {
    codes.LETTRE_DE_LIAISON_SORTIE.code: "Lettre",
    codes.CR_ACCOUCHEMENT.code: "CR d'accouchement",
    codes.CR_HOSPITALIER.code: "CR hospitalier",
    codes.CR_OPERATOIRE.code: "CR opératoire",
    codes.CR_EXAMEN_ENFANT.code: "Examen",
    codes.SYNTHESE_NAISSANCE_MERE.code: "Synthèse de naissance (mère)",
    codes.SYNTHESE_NAISSANCE_ENFANT.code: "Synthèse de naissance (enfant)",
    codes.SYNTHESE_SUITES_DE_COUCHES.code: "Synthèse des suites de couches",
    codes.SYNTHESE_ENFANT_MATERNITE.code: "Synthèse de l'enfant",
    codes.MESURES_ENFANT.code: "Mesures",
    codes.CERTIFICAT.code: "Certificat",
    codes.SYNTHESE_ANTEPARTUM.code: "Synthèse antepartum",
    codes.CR_DEPISTAGE.code: "Dépistage",
    codes.NOTE_VACCINATION.code: "Note de vaccination",
    codes.HISTORIQUE_VACCINATIONS.code: "Carnet de vaccination",
}
TRUSTED = tuple(SHORT)  # in this order when two documents say as much, the newest first within one type


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value stands: « Lettre, p. 1 » and its address; without a document, the stay itself."""

    label: str
    url: str = ""


def versions(user: User, stay: Stay) -> list[DocumentVersion]:
    """The version in force of each document of the maternity that this person may open. Two queries."""
    final = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    rows = DocumentVersion.objects.select_related("card", "body", "readable", "original")
    rows = rows.order_by("-validated_at", "-number")
    shown = rows.filter(validated_at__isnull=False) if user.is_hospital else rows.filter(validated_at__lte=final)
    documents = (
        Document.objects.visible_to(user)
        .filter(stay=stay, organisation_id=stay.maternity_id, status=DocumentStatus.VALIDATED, type_code__in=TRUSTED)
        .prefetch_related(Prefetch("versions", shown, to_attr="shown"))
    )
    found = []
    for document in documents:
        document.stay = stay  # already loaded
        for version in document.shown[:1]:
            version.document = document
            found.append(version)
    return found


STAY = Source("séjour")


def of_the_stay(stay: Stay) -> list[Sourced[Source]]:
    """What the ward recorded, last: a document says more."""
    found = []
    if stay.birth_at:
        key = f"{timezone.localtime(stay.birth_at):%Y-%m-%dT%H:%M}"
        found.append(Found(Field.BORN_AT, moment_words(key), key))
    if stay.birth_mode:
        found.append(Found(Field.MODE, stay.get_birth_mode_display().lower(), stay.birth_mode))
    if stay.needs:
        found.append(Found(Field.ALERTS, ", ".join(stay.needs)))
    return [Sourced(one, STAY) for one in found]


def of_the_newborn(newborn: Newborn) -> list[Sourced[Source]]:
    """What the ward recorded of this child."""
    key = f"{timezone.localtime(newborn.born_at):%Y-%m-%dT%H:%M}"
    found = [Found(Field.BORN_AT, moment_words(key), key)]
    if newborn.weight_g:
        grams = str(newborn.weight_g)
        found.append(Found(Field.BIRTH_WEIGHT, grams_words(grams), grams))
    return [Sourced(one, STAY) for one in found]


def weighed_at_exit(found: Sequence[Sourced[Source]], stay: Stay) -> list[Sourced[Source]]:
    """A weighing of the day of the exit is the weight at the exit; its day stays told."""
    if stay.leaves_at is None:
        return list(found)
    left = f"@{timezone.localdate(stay.leaves_at).isoformat()}"
    return [_at_exit(one, left) for one in found]


def _at_exit(one: Sourced[Source], left: str) -> Sourced[Source]:
    if one.found.field != Field.LAST_WEIGHT or not one.found.key.endswith(left):
        return one
    return replace(one, found=replace(one.found, field=Field.EXIT_WEIGHT, key=one.found.key.removesuffix(left)))


def sourced(read: Read, person_id: UUID) -> list[Sourced[Source]]:
    """The values of one person's documents: structured ones first, then by type, then the newest."""
    mine = sorted(
        (version for version in read if version.document.person_id == person_id),
        key=lambda v: (not v.document.volet, TRUSTED.index(v.document.type_code), -v.document.created_at.timestamp()),
    )
    return [Sourced(one, _source(version, one)) for version in mine for one in read[version]]


def _source(version: DocumentVersion, found: Found) -> Source:
    """Opens the document at the page, or at the section of a structured document without a PDF."""
    document = version.document
    name, url = SHORT[document.type_code], reverse("document", args=[document.pk])
    if found.page:
        return Source(f"{name}, p. {found.page}", f"{url}?feuille={found.page}#page-{found.page}")
    if found.section:
        return Source(f"{name}, « {found.heading} »", f"{url}#rubrique-{found.section}")
    return Source(name, url)
