"""What a DocumentContent lacks to make a valid CDA, found in one pass and named in French.

Source: cardinalities of « Structuration minimale » V1.16.8 (mandatory header parts), INS traits
required beside an INS, DMP rules (identifiers in @root only, title of at most 128 characters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from coordination.cda.errors import CdaContentError
from coordination.cda.markup import PARIS
from coordination.cda.model import DocumentContent, OrganizationContent, PatientContent, ProfessionalContent
from coordination.cda.spec.checking import Problem
from coordination.cda.volets import VOLETS
from coordination.cda.volets.model import Volet, agreement_problems, case_problems
from perinat.standards.identifiers import IdentifierError, check_oid

TITLE_MAX = 128
PDF_MAX = 7_400_000  # bytes: in base64, just under the 10 million characters a safe XML parser takes in one text
_COG = re.compile(r"\d[0-9AB]\d{3}")


class _Report:
    """Collects noun phrases of absent data and sentences on wrong data, each with its path in a case."""

    def __init__(self) -> None:
        self.missing: list[Problem] = []
        self.wrong: list[Problem] = []

    def need(self, value: object, name: str, path: str) -> bool:
        present = bool(value.strip()) if isinstance(value, str) else value is not None and value != b""
        if not present:
            self.missing.append(Problem(path, name))
        return present

    def refuse(self, condition: bool, sentence: str, path: str) -> None:
        if condition:
            self.wrong.append(Problem(path, sentence))

    def oid(self, value: str, name: str, path: str) -> None:
        if self.need(value, name, path):
            try:
                check_oid(value)
            except IdentifierError:
                self.wrong.append(Problem(path, f"{name} n'est pas un OID valide"))

    def aware(self, value: datetime, name: str, path: str) -> bool:
        naive = value.tzinfo is None
        self.refuse(naive, f"{name} n'a pas de fuseau horaire", path)
        return not naive


def require_complete(content: DocumentContent, *, unique_id: str, now: datetime) -> None:
    """Raise CdaContentError naming every missing or wrong datum; return when a CDA can be built."""
    report = _of_header(content, unique_id, now)
    _pdf(report, content)
    missing, wrong = ([problem.message_fr for problem in found] for found in (report.missing, report.wrong))
    wrong += _body(content, now)
    if missing or wrong:
        raise CdaContentError(tuple(missing), tuple(wrong))


def header_problems(content: DocumentContent, *, unique_id: str, now: datetime) -> Iterator[Problem]:
    """What the header lacks or says wrong, each with its path in a case; body and PDF are not looked at."""
    report = _of_header(content, unique_id, now)
    for lacking in report.missing:
        yield Problem(lacking.path, f"il manque {lacking.message_fr}")
    yield from report.wrong


def _of_header(content: DocumentContent, unique_id: str, now: datetime) -> _Report:
    report = _Report()
    _document(report, content, unique_id, now)
    _patient(report, content.patient, now)
    _professional(report, content.author, "de l'auteur", "author")
    _professional(report, content.legal_authenticator, "du responsable du document", "legal_authenticator")
    _organization(report, content.custodian, "qui conserve le document", "custodian")
    _encounter(report, content)
    _of_volet(report, content)
    return report


def _document(report: _Report, content: DocumentContent, unique_id: str, now: datetime) -> None:
    report.need(content.type.code, "le type du document", "document")
    if report.need(content.title, "le titre", "document.title"):
        report.refuse(len(content.title) > TITLE_MAX, f"le titre dépasse {TITLE_MAX} caractères", "document.title")
    report.oid(unique_id, "l'identifiant du document", "document.unique_id")
    report.oid(content.set_id, "l'identifiant de la série de versions", "document.set_id")
    report.refuse(
        bool(unique_id) and unique_id == content.set_id,
        "l'identifiant du document est aussi celui de la série de versions",
        "document.unique_id",
    )
    report.refuse(content.version < 1, "le numéro de version commence à 1", "document.version")
    if content.replaces_unique_id:
        path = "document.replaces"
        report.oid(content.replaces_unique_id, "l'identifiant du document remplacé", path)
        report.refuse(content.replaces_unique_id == unique_id, "le document ne peut pas se remplacer lui-même", path)
        few = "un document qui en remplace un autre a au moins le numéro de version 2"
        report.refuse(content.version == 1, few, "document.version")
    report.aware(now, "la date du document", "document.created_at")
    report.aware(content.authored_at, "la date de rédaction", "authored_at")
    report.aware(content.authenticated_at, "la date de validation", "authenticated_at")


def _pdf(report: _Report, content: DocumentContent) -> None:
    if content.pdf if content.volet else report.need(content.pdf, "le fichier PDF", ""):
        size = f"le fichier PDF dépasse {PDF_MAX / 1e6:.1f} Mo".replace(".", ",")
        report.refuse(not content.pdf.startswith(b"%PDF-"), "le fichier joint n'est pas un PDF", "")
        report.refuse(len(content.pdf) > PDF_MAX, size, "")


def _body(content: DocumentContent, now: datetime) -> list[str]:
    """What the volet asks of the case."""
    if not content.volet:
        return []
    volet = VOLETS[content.volet]
    day = now.astimezone(PARIS).date() if now.tzinfo else now.date()
    found = list(case_problems(volet, content.body, on=day)) or list(agreement_problems(volet, content))
    return [str(problem) for problem in found]


def _of_volet(report: _Report, content: DocumentContent) -> None:
    """What the volet asks of the header around its case."""
    if not content.volet:
        return
    volet = VOLETS[content.volet]
    _person(report, content, volet)
    roles = {participant.role for participant in content.participants}
    if volet.needs_correspondent and not roles & {"attending", "correspondent"}:
        report.missing.append(Problem("participants", "le médecin traitant ou un correspondant"))
    for rule in volet.header_rules:
        report.missing.extend(rule(content))


def _person(report: _Report, content: DocumentContent, volet: Volet) -> None:
    """The mother's documents are about a mother, the child's about a child of that age."""
    patient = content.patient
    if not volet.about_child:
        child = patient.guardian or patient.birth_at or patient.birth_order is not None
        report.refuse(bool(child), "ce document est celui de la mère, et l'en-tête désigne un enfant", "patient")
        return
    if patient.guardian is None:
        report.missing.append(Problem("patient.guardian", "la mère, représentante de l'enfant"))
    age = content.encounter.start.date() - patient.birth_date
    report.refuse(
        age.days > volet.oldest,
        "ce document est celui d'un enfant plus jeune que la personne que désigne l'en-tête",
        "patient.birth_date",
    )


def _patient(report: _Report, patient: PatientContent, now: datetime) -> None:
    child = patient.guardian or patient.birth_at or patient.birth_order
    of = "de l'enfant" if child else "de la patiente"
    report.need(patient.birth_family_name, f"le nom de naissance {of}", "patient.birth_family_name")
    report.need(patient.birth_given_names, f"le prénom de naissance {of}", "patient.birth_given_names")
    if report.need(patient.sex, f"le sexe {of}", "patient.sex"):
        report.refuse(patient.sex not in ("F", "M", "U"), f"le sexe {of} est inconnu de la nomenclature", "patient.sex")
    if now.tzinfo:
        to_come = patient.birth_date > now.astimezone(PARIS).date()
        report.refuse(to_come, f"la date de naissance {of} est dans l'avenir", "patient.birth_date")
    if patient.ins is None:
        report.need(patient.local_id, f"l'identifiant local (IPP) {of}", "patient.local_id")
    if patient.local_id:
        report.oid(patient.local_oid, "l'OID de l'émetteur de l'identifiant local", "patient.local_oid")
    _birth(report, patient, of)
    if patient.guardian:
        report.need(patient.guardian.family_name, "le nom de la mère", "patient.guardian.family_name")
        report.need(patient.guardian.given_name, "le prénom de la mère", "patient.guardian.given_name")


def _birth(report: _Report, patient: PatientContent, of: str) -> None:
    if patient.ins is not None:
        report.need(patient.birth_place_cog, f"le lieu de naissance {of} (code COG)", "patient.birth_place_cog")
    if patient.birth_place_cog:
        short = not _COG.fullmatch(patient.birth_place_cog)
        sentence = f"le code COG du lieu de naissance {of} n'a pas 5 caractères"
        report.refuse(short, sentence, "patient.birth_place_cog")
    if patient.birth_at is not None and report.aware(patient.birth_at, f"l'heure de naissance {of}", "patient.born_at"):
        other_day = patient.birth_at.astimezone(PARIS).date() != patient.birth_date
        sentence = f"la date et l'heure de naissance {of} ne sont pas du même jour"
        report.refuse(other_day, sentence, "patient.born_at")
    if patient.birth_order is not None:
        report.refuse(patient.birth_order < 1, f"le rang de naissance {of} commence à 1", "patient.birth_order")


def _professional(report: _Report, person: ProfessionalContent, of: str, path: str) -> None:
    report.need(person.ps_idnat, f"l'identifiant national (RPPS) {of}", f"{path}.id")
    report.need(person.family_name, f"le nom {of}", f"{path}.family_name")
    report.need(person.given_name, f"le prénom {of}", f"{path}.given_name")
    report.need(person.specialty.code, f"la profession ou la spécialité {of}", f"{path}.specialty")
    _organization(report, person.organization, of, f"{path}.organization")


def _organization(report: _Report, organization: OrganizationContent, of: str, path: str) -> None:
    report.need(organization.struct_idnat, f"l'identifiant (FINESS) de la structure {of}", f"{path}.id")
    report.need(organization.name, f"le nom de la structure {of}", f"{path}.name")


def _encounter(report: _Report, content: DocumentContent) -> None:
    encounter = content.encounter
    report.need(encounter.facility.code, "le secteur d'activité de l'établissement", "encounter.facility")
    report.need(encounter.practice.code, "le cadre d'exercice", "encounter.practice")
    known = report.aware(encounter.start, "le début du séjour", "encounter.start")
    if encounter.end is not None and report.aware(encounter.end, "la fin du séjour", "encounter.end") and known:
        early = encounter.end < encounter.start
        report.refuse(early, "la fin du séjour précède son début", "encounter.end")
