"""A JSON case ⇄ what a document says: the file that `manage.py build_cda` takes.

    {"document": …, "patient": …, "author": …, …, "body": {the volet's own sections}}

A document whose body is a PDF (level 1) has the same case without `body`: its model is then a type of document
instead of a volet. The header's members are declared here, the body's in each volet; both are checked, normalised and
described (JSON Schema) by the same code. Member names are English, their titles French.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from coordination.cda.model import (
    INFORMANTS,
    PARTICIPANTS,
    Address,
    DocumentContent,
    EncounterContent,
    Guardian,
    InformantContent,
    OrganizationContent,
    ParticipantContent,
    PatientContent,
    ProfessionalContent,
)
from coordination.cda.spec import schema as json_schema
from coordination.cda.spec.checking import Problem, normal, problems
from coordination.cda.spec.coded import Listed, OneOf, Terminology
from coordination.cda.spec.kinds import Count, Kind, Moment, Words
from coordination.cda.spec.nodes import Branch, Leaf, Member
from coordination.cda.spec.references import Number, Oid
from coordination.cda.volets.model import Volet, case_problems
from perinat.standards import codes, oids
from perinat.standards.codes import Code, DocumentType
from perinat.standards.identifiers import IdentifierError, Ins

Model = Volet | DocumentType
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
_INSTANTS = ("authored_at", "authenticated_at")


def members(model: Model) -> tuple[Member, ...]:
    if isinstance(model, DocumentType):
        return HEADER
    return (*HEADER, Branch("body", model.title, model.members, required=True))


def schema(model: Model) -> dict[str, Any]:
    """JSON Schema 2020-12 of a case of this volet, or of this type of document."""
    if isinstance(model, DocumentType):
        name, title = f"{model.code}:N1", f"{model.code} – {model.type.label}"
    else:
        name, title = f"{model.name}:{model.version}", f"{model.name} {model.version} – {model.title}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:perinat:case:{name}",
        "title": title,
    } | json_schema.of(members(model))


def check(model: Model, case: Any) -> list[Problem]:
    """Every problem of a case, with its path, in French."""
    if not isinstance(case, Mapping):
        return [Problem("", "un objet JSON est attendu")]
    on = _day_of(case)
    unstructured = isinstance(model, DocumentType)
    header = {name: value for name, value in case.items() if unstructured or name != "body"}
    found = list(problems(HEADER, header, path="", on=on))
    if not found:
        found.extend(_instants(case))
        found.extend(_ins(case))
    if isinstance(model, DocumentType):
        return found or list(_about(model, case["patient"]))
    if "body" not in case:
        return [*found, Problem("body", f"« {model.title} » est obligatoire")]
    return [*found, *case_problems(model, case["body"], on=on)]


def _about(kind: DocumentType, patient: Mapping[str, Any]) -> Iterator[Problem]:
    """A type of the mother's papers with a newborn's header, or the other way round."""
    child = any(name in patient for name in ("guardian", "born_at", "birth_order"))
    if kind.about == codes.ABOUT_MOTHER and child:
        yield Problem("patient", "ce document est celui de la mère, et l'en-tête désigne un enfant")
    if kind.about == codes.ABOUT_NEWBORN and "guardian" not in patient:
        yield Problem("patient.guardian", "ce document est celui d'un enfant : sa mère est attendue")


def _day_of(case: Mapping[str, Any]) -> date:
    """The day whose code lists apply: that of the document, else today's."""
    try:
        return datetime.fromisoformat(case["document"]["created_at"]).date()
    except (KeyError, TypeError, ValueError):
        return date.today()  # noqa: DTZ011  # the case has no date: the lists of now


def _instants(case: Mapping[str, Any]) -> Iterator[Problem]:
    """What the header writes as an instant must not be a bare day."""
    places = [(name, case[name]) for name in _INSTANTS] + [("document.created_at", case["document"]["created_at"])]
    places += [(f"encounter.{name}", case["encounter"][name]) for name in ("start", "end") if name in case["encounter"]]
    given = enumerate(case.get("participants", ()))
    places += [(f"participants[{index}].since", one["since"]) for index, one in given if "since" in one]
    if "born_at" in case["patient"]:
        places.append(("patient.born_at", case["patient"]["born_at"]))
    for path, value in places:
        if len(value) == 10:
            yield Problem(path, "une date et heure avec son fuseau est attendue")
    if len(case["patient"]["birth_date"]) != 10:
        yield Problem("patient.birth_date", "une date AAAA-MM-JJ est attendue")


def _ins(case: Mapping[str, Any]) -> Iterator[Problem]:
    guardian = case["patient"].get("guardian", {})
    for path, given in (("patient.ins", case["patient"].get("ins")), ("patient.guardian.ins", guardian.get("ins"))):
        if given:
            try:
                Ins(given["matricule"], given["oid"])
            except IdentifierError as error:
                yield Problem(path, str(error))


def content(model: Model, case: Mapping[str, Any], *, pdf: bytes = b"") -> DocumentContent:
    """The document that a case without problem says; `unique_id` and `created_at` stay in the case."""
    volet = None if isinstance(model, DocumentType) else model
    kind = model if isinstance(model, DocumentType) else model.type
    header = normal(HEADER, {name: value for name, value in case.items() if name != "body"})
    document = header["document"]
    return DocumentContent(
        type=kind,
        title=document.get("title", volet.title if volet else kind.type.label[:128]),
        patient=_patient(header["patient"]),
        author=_professional(header["author"]),
        authored_at=datetime.fromisoformat(header["authored_at"]),
        legal_authenticator=_professional(header["legal_authenticator"]),
        authenticated_at=datetime.fromisoformat(header["authenticated_at"]),
        custodian=_organization(header["custodian"]),
        encounter=_encounter(header["encounter"]),
        set_id=document["set_id"],
        version=document["version"],
        replaces_unique_id=document.get("replaces", ""),
        pdf=pdf,
        volet=volet.name if volet else "",
        body=normal(volet.members, case["body"]) if volet else {},
        performer=_professional(header["performer"]) if "performer" in header else None,
        participants=tuple(_participant(given) for given in header.get("participants", ())),
        informants=tuple(_informant(given) for given in header.get("informants", ())),
        recipients=tuple(_professional(given) for given in header.get("recipients", ())),
    )


def _address(given: Mapping[str, Any]) -> Address:
    return Address(given.get("line", ""), given.get("postal_code", ""), given.get("city", ""))


def _organization(given: Mapping[str, Any]) -> OrganizationContent:
    return OrganizationContent(given["id"], given["name"], given.get("phone", ""), _address(given.get("address", {})))


def _professional(given: Mapping[str, Any]) -> ProfessionalContent:
    specialty = Listed("JDV_J01_XdsAuthorSpecialty").find(given["specialty"])
    assert specialty is not None  # checked before
    return ProfessionalContent(
        ps_idnat=given["id"],
        family_name=given["family_name"],
        given_name=given["given_name"],
        specialty=specialty,
        organization=_organization(given["organization"]),
        prefix=given.get("prefix", ""),
        phone=given.get("phone", ""),
    )


def _of_ins(given: Mapping[str, Any] | None) -> Ins | None:
    return Ins(given["matricule"], given["oid"]) if given else None


def _patient(given: Mapping[str, Any]) -> PatientContent:
    guardian = given.get("guardian")
    return PatientContent(
        birth_family_name=given["birth_family_name"],
        birth_given_names=given["birth_given_names"],
        birth_date=date.fromisoformat(given["birth_date"]),
        sex=given["sex"],
        local_id=given.get("local_id", ""),
        local_oid=given.get("local_oid", ""),
        ins=_of_ins(given.get("ins")),
        used_family_name=given.get("used_family_name", ""),
        used_given_name=given.get("used_given_name", ""),
        birth_place_cog=given.get("birth_place_cog", ""),
        address=_address(given.get("address", {})),
        phone=given.get("phone", ""),
        birth_at=datetime.fromisoformat(given["born_at"]) if "born_at" in given else None,
        birth_order=given.get("birth_order"),
        guardian=_guardian(guardian) if guardian else None,
    )


def _guardian(given: Mapping[str, Any]) -> Guardian:
    return Guardian(
        given["family_name"],
        given["given_name"],
        _of_ins(given.get("ins")),
        given.get("phone", ""),
        _address(given.get("address", {})),
    )


def _encounter(given: Mapping[str, Any]) -> EncounterContent:
    return EncounterContent(
        start=datetime.fromisoformat(given["start"]),
        end=datetime.fromisoformat(given["end"]) if "end" in given else None,
        facility=codes.FACILITIES[given["facility"]],
        practice=codes.PRACTICES[given["practice"]],
        responsible=_professional(given["responsible"]) if "responsible" in given else None,
        place=_organization(given["place"]) if "place" in given else None,
    )


def _participant(given: Mapping[str, Any]) -> ParticipantContent:
    return ParticipantContent(
        role=given["role"],
        professional=_professional(given["professional"]),
        title=given.get("title", ""),
        since=datetime.fromisoformat(given["since"]) if "since" in given else None,
    )


def _informant(given: Mapping[str, Any]) -> InformantContent:
    relation = given.get("relation")
    return InformantContent(
        kind=given["kind"],
        family_name=given["family_name"],
        given_name=given["given_name"],
        relation=Code(relation["code"], oids.HL7_ROLE_CODE, relation["label"]) if relation else None,
        phone=given.get("phone", ""),
        address=_address(given.get("address", {})),
    )
