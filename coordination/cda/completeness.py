"""What a DocumentContent lacks to make a valid CDA, found in one pass and named in French.

Source: cardinalities of « Structuration minimale » V1.16.8 (mandatory header parts), INS traits
required beside an INS, DMP rules (identifiers in @root only, title of at most 128 characters).
"""

from __future__ import annotations

import re
from datetime import datetime

from coordination.cda.errors import CdaContentError
from coordination.cda.markup import PARIS
from coordination.cda.model import DocumentContent, OrganizationContent, PatientContent, ProfessionalContent
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet, agreement_problems, case_problems
from perinat.standards.identifiers import IdentifierError, check_oid

TITLE_MAX = 128
PDF_MAX = 7_400_000  # bytes: in base64, just under the 10 million characters a safe XML parser takes in one text
_COG = re.compile(r"\d[0-9AB]\d{3}")


class _Report:
    """Collects noun phrases of absent data and sentences on wrong data."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.wrong: list[str] = []

    def need(self, value: object, name: str) -> bool:
        present = bool(value.strip()) if isinstance(value, str) else value is not None and value != b""
        if not present:
            self.missing.append(name)
        return present

    def refuse(self, condition: bool, sentence: str) -> None:
        if condition:
            self.wrong.append(sentence)

    def oid(self, value: str, name: str) -> None:
        if self.need(value, name):
            try:
                check_oid(value)
            except IdentifierError:
                self.wrong.append(f"{name} n'est pas un OID valide")

    def aware(self, value: datetime, name: str) -> bool:
        naive = value.tzinfo is None
        self.refuse(naive, f"{name} n'a pas de fuseau horaire")
        return not naive


def require_complete(content: DocumentContent, *, unique_id: str, now: datetime) -> None:
    """Raise CdaContentError naming every missing or wrong datum; return when a CDA can be built."""
    report = _Report()
    _document(report, content, unique_id, now)
    _patient(report, content.patient, now)
    _professional(report, content.author, "de l'auteur")
    _professional(report, content.legal_authenticator, "du responsable du document")
    _organization(report, content.custodian, "qui conserve le document")
    _encounter(report, content)
    _body(report, content, now)
    if report.missing or report.wrong:
        raise CdaContentError(tuple(report.missing), tuple(report.wrong))


def _document(report: _Report, content: DocumentContent, unique_id: str, now: datetime) -> None:
    report.need(content.type.code, "le type du document")
    if report.need(content.title, "le titre"):
        report.refuse(len(content.title) > TITLE_MAX, f"le titre dépasse {TITLE_MAX} caractères")
    report.oid(unique_id, "l'identifiant du document")
    report.oid(content.set_id, "l'identifiant de la série de versions")
    report.refuse(
        bool(unique_id) and unique_id == content.set_id,
        "l'identifiant du document est aussi celui de la série de versions",
    )
    report.refuse(content.version < 1, "le numéro de version commence à 1")
    if content.replaces_unique_id:
        report.oid(content.replaces_unique_id, "l'identifiant du document remplacé")
        report.refuse(content.replaces_unique_id == unique_id, "le document ne peut pas se remplacer lui-même")
        report.refuse(content.version == 1, "un document qui en remplace un autre a au moins le numéro de version 2")
    if content.pdf if content.volet else report.need(content.pdf, "le fichier PDF"):
        report.refuse(not content.pdf.startswith(b"%PDF-"), "le fichier joint n'est pas un PDF")
        report.refuse(len(content.pdf) > PDF_MAX, f"le fichier PDF dépasse {PDF_MAX / 1e6:.1f} Mo".replace(".", ","))
    report.aware(now, "la date du document")
    report.aware(content.authored_at, "la date de rédaction")
    report.aware(content.authenticated_at, "la date de validation")


def _body(report: _Report, content: DocumentContent, now: datetime) -> None:
    """What the volet asks of the case, and of the header around it."""
    if not content.volet:
        return
    volet = VOLETS[content.volet]
    day = now.astimezone(PARIS).date() if now.tzinfo else now.date()
    problems = [str(problem) for problem in case_problems(volet, content.body, on=day)]
    report.wrong.extend(problems or (str(problem) for problem in agreement_problems(volet, content)))
    _person(report, content, volet)
    roles = {participant.role for participant in content.participants}
    if volet.needs_correspondent and not roles & {"attending", "correspondent"}:
        report.missing.append("le médecin traitant ou un correspondant")
    for rule in volet.header_rules:
        report.missing.extend(rule(content))


def _person(report: _Report, content: DocumentContent, volet: Volet) -> None:
    """The mother's documents are about a mother, the child's about a child of that age."""
    patient = content.patient
    if not volet.about_child:
        child = patient.guardian or patient.birth_at or patient.birth_order is not None
        report.refuse(bool(child), "ce document est celui de la mère, et l'en-tête désigne un enfant")
        return
    if patient.guardian is None:
        report.missing.append("la mère, représentante de l'enfant")
    age = content.encounter.start.date() - patient.birth_date
    report.refuse(
        age.days > volet.oldest,
        "ce document est celui d'un enfant plus jeune que la personne que désigne l'en-tête",
    )


def _patient(report: _Report, patient: PatientContent, now: datetime) -> None:
    child = patient.guardian or patient.birth_at or patient.birth_order
    of = "de l'enfant" if child else "de la patiente"
    report.need(patient.birth_family_name, f"le nom de naissance {of}")
    report.need(patient.birth_given_names, f"le prénom de naissance {of}")
    if report.need(patient.sex, f"le sexe {of}"):
        report.refuse(patient.sex not in ("F", "M", "U"), f"le sexe {of} est inconnu de la nomenclature")
    if now.tzinfo:
        report.refuse(patient.birth_date > now.astimezone(PARIS).date(), f"la date de naissance {of} est dans l'avenir")
    if patient.ins is None:
        report.need(patient.local_id, f"l'identifiant local (IPP) {of}")
    if patient.local_id:
        report.oid(patient.local_oid, "l'OID de l'émetteur de l'identifiant local")
    _birth(report, patient, of)
    if patient.guardian:
        report.need(patient.guardian.family_name, "le nom de la mère")
        report.need(patient.guardian.given_name, "le prénom de la mère")


def _birth(report: _Report, patient: PatientContent, of: str) -> None:
    if patient.ins is not None:
        report.need(patient.birth_place_cog, f"le lieu de naissance {of} (code COG)")
    if patient.birth_place_cog:
        report.refuse(
            not _COG.fullmatch(patient.birth_place_cog), f"le code COG du lieu de naissance {of} n'a pas 5 caractères"
        )
    if patient.birth_at is not None and report.aware(patient.birth_at, f"l'heure de naissance {of}"):
        other_day = patient.birth_at.astimezone(PARIS).date() != patient.birth_date
        report.refuse(other_day, f"la date et l'heure de naissance {of} ne sont pas du même jour")
    if patient.birth_order is not None:
        report.refuse(patient.birth_order < 1, f"le rang de naissance {of} commence à 1")


def _professional(report: _Report, person: ProfessionalContent, of: str) -> None:
    report.need(person.ps_idnat, f"l'identifiant national (RPPS) {of}")
    report.need(person.family_name, f"le nom {of}")
    report.need(person.given_name, f"le prénom {of}")
    report.need(person.specialty.code, f"la profession ou la spécialité {of}")
    _organization(report, person.organization, of)


def _organization(report: _Report, organization: OrganizationContent, of: str) -> None:
    report.need(organization.struct_idnat, f"l'identifiant (FINESS) de la structure {of}")
    report.need(organization.name, f"le nom de la structure {of}")


def _encounter(report: _Report, content: DocumentContent) -> None:
    encounter = content.encounter
    report.need(encounter.facility.code, "le secteur d'activité de l'établissement")
    report.need(encounter.practice.code, "le cadre d'exercice")
    known = report.aware(encounter.start, "le début du séjour")
    if encounter.end is not None and report.aware(encounter.end, "la fin du séjour") and known:
        report.refuse(encounter.end < encounter.start, "la fin du séjour précède son début")
