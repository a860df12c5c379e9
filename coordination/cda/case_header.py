"""The members of a case's header: names in English, titles in French, what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coordination.cda.model import INFORMANTS, PARTICIPANTS
from coordination.cda.spec.coded import Listed, OneOf, Terminology
from coordination.cda.spec.kinds import Count, Kind, Moment, Words
from coordination.cda.spec.nodes import Branch, Leaf, Member
from coordination.cda.spec.references import Number, Oid
from perinat.standards import codes, oids
from perinat.standards.codes import Code

_NAME = Words(most=80)


def _leaf(name: str, label: str, kind: Kind, *, required: bool = False) -> Leaf:
    return Leaf(name, label, kind, required)


def _branch(
    name: str, label: str, members: tuple[Member, ...], *, required: bool = False, many: bool = False
) -> Branch:
    return Branch(name, label, members, required=required, many=many)


def _named(values: Mapping[str, Any]) -> OneOf:
    """A plain word among these (role, kind)."""
    return OneOf(tuple(Code(name, "", name) for name in values))


ADDRESS: tuple[Member, ...] = (
    _leaf("line", "Numéro et voie", Words(most=200)),
    _leaf("postal_code", "Code postal", Words(most=10)),
    _leaf("city", "Ville", Words(most=100)),
)
INS: tuple[Member, ...] = (
    _leaf(
        "matricule",
        "Matricule INS, clé comprise",
        Number("", r"[0-9AB]{15}", "15 caractères sont attendus"),
        required=True,
    ),
    _leaf("oid", "OID de l'autorité d'affectation", Oid(), required=True),
)
ORGANIZATION: tuple[Member, ...] = (
    _leaf("id", "Struct_IdNat (1 + FINESS, 4 + RPPS-rang…)", Words(most=40), required=True),
    _leaf("name", "Nom", Words(most=200), required=True),
    _leaf("phone", "Téléphone", Words(most=40)),
    _branch("address", "Adresse", ADDRESS),
)
PROFESSIONAL: tuple[Member, ...] = (
    _leaf("id", "PS_IdNat (8 + RPPS)", Words(most=40), required=True),
    _leaf("family_name", "Nom d'exercice", _NAME, required=True),
    _leaf("given_name", "Prénom d'exercice", _NAME, required=True),
    _leaf("prefix", "Civilité ou titre", Words(most=20)),
    _leaf("specialty", "Profession et spécialité", Listed("JDV_J01_XdsAuthorSpecialty"), required=True),
    _leaf("phone", "Téléphone", Words(most=40)),
    _branch("organization", "Structure", ORGANIZATION, required=True),
)
GUARDIAN: tuple[Member, ...] = (
    _leaf("family_name", "Nom de naissance de la mère", _NAME, required=True),
    _leaf("given_name", "Prénom de la mère", _NAME, required=True),
    _branch("ins", "INS de la mère", INS),
    _leaf("phone", "Téléphone", Words(most=40)),
    _branch("address", "Adresse", ADDRESS),
)
PATIENT: tuple[Member, ...] = (
    _leaf("birth_family_name", "Nom de naissance", _NAME, required=True),
    _leaf("birth_given_names", "Prénoms de naissance", Words(most=200), required=True),
    _leaf("birth_date", "Date de naissance", Moment(), required=True),
    _leaf("sex", "Sexe (F, M ou U)", OneOf(tuple(Code(sex, "", sex) for sex in "FMU")), required=True),
    _branch("ins", "INS qualifiée", INS),
    _leaf("local_id", "Identifiant local (IPP)", Words(most=64)),
    _leaf("local_oid", "OID de l'émetteur de l'IPP", Oid()),
    _leaf("used_family_name", "Nom utilisé", _NAME),
    _leaf("used_given_name", "Prénom utilisé", _NAME),
    _leaf("birth_place_cog", "Code COG du lieu de naissance", Number("", r"\d[0-9AB]\d{3}", "un code COG est attendu")),
    _branch("address", "Adresse", ADDRESS),
    _leaf("phone", "Téléphone", Words(most=40)),
    _leaf("born_at", "Instant de la naissance (nouveau-né)", Moment()),
    _leaf("birth_order", "Rang dans une naissance multiple", Count(least=1, most=9)),
    _branch("guardian", "Mère (documents du nouveau-né)", GUARDIAN),
)
ENCOUNTER: tuple[Member, ...] = (
    _leaf("start", "Début de la prise en charge", Moment(), required=True),
    _leaf("end", "Fin de la prise en charge", Moment()),
    _leaf("facility", "Secteur d'activité", OneOf(tuple(codes.FACILITIES.values())), required=True),
    _leaf("practice", "Cadre d'exercice", OneOf(tuple(codes.PRACTICES.values())), required=True),
    _branch("responsible", "Responsable de la prise en charge", PROFESSIONAL),
    _branch("place", "Lieu de la prise en charge", ORGANIZATION),
)
PARTICIPANT: tuple[Member, ...] = (
    _leaf("role", "Rôle", _named(PARTICIPANTS), required=True),
    _leaf("title", "Fonction en clair", Words(most=100)),
    _leaf("since", "Depuis", Moment()),
    _branch("professional", "Professionnel", PROFESSIONAL, required=True),
)
INFORMANT: tuple[Member, ...] = (
    _leaf("kind", "Qualité", _named(INFORMANTS), required=True),
    _leaf("relation", "Lien avec le patient", Terminology(((oids.HL7_ROLE_CODE, "RoleCode"),))),
    _leaf("family_name", "Nom", _NAME, required=True),
    _leaf("given_name", "Prénom", _NAME, required=True),
    _leaf("phone", "Téléphone", Words(most=40)),
    _branch("address", "Adresse", ADDRESS),
)
DOCUMENT: tuple[Member, ...] = (
    _leaf("unique_id", "Identifiant unique du document", Oid(), required=True),
    _leaf("set_id", "Identifiant de la série de versions", Oid(), required=True),
    _leaf("version", "Numéro de version", Count(least=1, most=9999), required=True),
    _leaf("replaces", "Identifiant du document remplacé", Oid()),
    _leaf("created_at", "Date du document", Moment(), required=True),
    _leaf("title", "Titre", Words(most=128)),
)
HEADER: tuple[Member, ...] = (
    _branch("document", "Document", DOCUMENT, required=True),
    _branch("patient", "Patient", PATIENT, required=True),
    _branch("author", "Auteur", PROFESSIONAL, required=True),
    _leaf("authored_at", "Date de rédaction", Moment(), required=True),
    _branch("legal_authenticator", "Responsable du document", PROFESSIONAL, required=True),
    _leaf("authenticated_at", "Date de validation", Moment(), required=True),
    _branch("custodian", "Structure qui conserve le document", ORGANIZATION, required=True),
    _branch("encounter", "Prise en charge", ENCOUNTER, required=True),
    _branch("performer", "Exécutant de l'acte (l'auteur par défaut)", PROFESSIONAL),
    _branch("participants", "Professionnels du parcours", PARTICIPANT, many=True),
    _branch("informants", "Proches", INFORMANT, many=True),
    _branch("recipients", "Destinataires", PROFESSIONAL, many=True),
)
