"""Rules on the content of a VIHF: attributes, values, structure, role, time (dmp.md §2)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from dmp_gateway.sandbox import grammar, value_sets
from dmp_gateway.sandbox.certificates import is_client_certificate, structures_of
from dmp_gateway.sandbox.context import World
from dmp_gateway.sandbox.grammar import Cx
from dmp_gateway.sandbox.refusals import SoapRefusal
from dmp_gateway.sandbox.vihf import CLAUSE, CLAUSE_CERTIFICATE, Vihf
from perinat.standards import oids

XACML = "urn:oasis:names:tc:xacml:2.0:"
XSPA = "urn:oasis:names:tc:xspa:1.0:"
SUBJECT_ID = f"{XSPA}subject:subject-id"
ROLE = f"{XACML}subject:role"
RESOURCE_ID = f"{XACML}resource:resource-id"
PURPOSE = f"{XSPA}subject:purposeofuse"
CONFIDENTIALITY = f"{XSPA}resource:patient:hl7:confidentiality-code"
MODE = "Authentification_Mode"
SECRET_CONNECTION = f"INVISIBLE_REPRESENTANTS_LEGAUX^{oids.TRE_A07_STATUS_VISIBILITE}"
PURPOSE_SYSTEM = "1.2.250.1.213.1.1.4.248"
DOCTOR, PHARMACIST = "10", "21"
PHARMACIST_TABLE = "1.2.250.1.71.4.2.6"  # G05
CONTEXTS = {
    f"urn:oasis:names:tc:SAML:2.0:ac:classes:{name}"
    for name in ("SmartcardPKI", "Password", "PasswordProtectedTransport", "TLSClient")
    + ("MobileTwoFactorUnregistered", "unspecified")
}
_MANDATORY = ("VIHF_Version", "Identifiant_Structure", "Secteur_Activite", SUBJECT_ID, ROLE, "Ressource_URN")
_MANDATORY_TOO = (PURPOSE, "LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP")
_KNOWN = frozenset((*_MANDATORY, *_MANDATORY_TOO, MODE, "Authentification_mode", RESOURCE_ID))
_OPTIONAL = frozenset((CONFIDENTIALITY, "LPS_ID"))
NOBODY = Cx("", "", "")  # the patient of a call that names none (TD0.4)


class Mode(enum.StrEnum):
    """Authentification_Mode (dmp.md §1.9)."""

    DIRECTE = "DIRECTE"
    INDIRECTE = "INDIRECTE"
    INDIRECTE_RENFORCEE = "INDIRECTE_RENFORCEE"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, once admitted: mode, Struct_IdNat of the site and of its legal entity, patient named.

    `subject`: PS_IdNat of the user, `name` hers; `profession`: code of her first role.
    """

    mode: Mode
    is_professional: bool
    structure: str
    legal: str
    patient: Cx
    secret_connection: bool
    subject: str
    name: str
    profession: str

    @property
    def holder(self) -> str:
        """Who holds the authorisations: the professional in AIR and DIRECTE, else the structure."""
        return self.subject if self.is_professional and self.mode is not Mode.INDIRECTE else self.structure

    @property
    def patient_key(self) -> str:
        """The patient as the store names her."""
        return f"{self.patient.identifier}^{self.patient.oid}"


def check(vihf: Vihf, *, tls: x509.Certificate, world: World, now: datetime, about_patient: bool = True) -> Caller:
    """Every rule in the order of dmp.md §7 (2). `about_patient`: resource-id is required. Raises SoapRefusal."""
    _attribute_list(vihf, about_patient=about_patient)
    mode = _values(vihf)
    structure, legal = _structure(vihf, tls, world)
    _role(vihf)
    _time(vihf, world, now)
    patient = grammar.cx(vihf.first(RESOURCE_ID)) or NOBODY  # grammar checked by _values
    return Caller(
        mode=mode,
        is_professional=vihf.roles[0].system == oids.TRE_G15_PROFESSION,
        structure=structure,
        legal=legal,
        patient=patient,
        secret_connection=bool(vihf.first(CONFIDENTIALITY)),
        subject=vihf.subject,
        name=vihf.first(SUBJECT_ID),
        profession=vihf.roles[0].code,
    )


def _refuse(name: str, reason: str) -> SoapRefusal:
    return SoapRefusal(f"sandbox:{name}", reason, CLAUSE)


def _attribute_list(vihf: Vihf, *, about_patient: bool) -> None:
    for name in (*_MANDATORY, *_MANDATORY_TOO, *([RESOURCE_ID] if about_patient else [])):
        if name not in vihf.attributes:
            raise _refuse("VihfAttribute", f"Attribut obligatoire absent du VIHF : {name}.")
    for name, values in vihf.attributes.items():
        if name not in _KNOWN | _OPTIONAL:
            raise _refuse("VihfAttribute", "Attribut inconnu dans le VIHF.")
        if len(values) != 1 and name != ROLE:
            raise _refuse("VihfAttribute", f"Attribut {name} : une valeur et une seule.")
    if (MODE in vihf.attributes) == ("Authentification_mode" in vihf.attributes):
        raise _refuse("VihfAttribute", f"Attribut {MODE} absent ou présent sous deux graphies.")


def _values(vihf: Vihf) -> Mode:
    if vihf.first("VIHF_Version") not in ("3.0", "4.0"):
        raise _refuse("VihfValue", "VIHF_Version non admise.")
    try:
        mode = Mode(vihf.first(MODE) or vihf.first("Authentification_mode"))
    except ValueError as error:
        raise _refuse("VihfValue", "Mode d'authentification inconnu.") from error
    sector, _, system = vihf.first("Secteur_Activite").partition("^")
    if not value_sets.has("facility", sector, system):
        raise _refuse("VihfValue", "Secteur d'activité hors du jeu de valeurs.")
    for name in (SUBJECT_ID, "LPS_Nom", "LPS_Version", "LPS_ID_HOMOLOGATION_DMP"):
        if not vihf.first(name):
            raise _refuse("VihfValue", f"Attribut {name} vide.")
    if vihf.first("Ressource_URN") != "urn:dmp":
        raise _refuse("VihfValue", "Ressource_URN différent de urn:dmp.")
    patient = grammar.cx(vihf.first(RESOURCE_ID))
    if RESOURCE_ID in vihf.attributes and (patient is None or not patient.is_national):
        raise _refuse("VihfValue", "resource-id n'est pas un INS au format CX.")
    if vihf.purpose is None or (vihf.purpose.code, vihf.purpose.system) != ("normal", PURPOSE_SYSTEM):
        raise _refuse("VihfValue", "Mode d'accès (purposeofuse) non admis.")
    if CONFIDENTIALITY in vihf.attributes and vihf.first(CONFIDENTIALITY) != SECRET_CONNECTION:
        raise _refuse("VihfValue", "Code de confidentialité du VIHF non admis.")
    if not grammar.is_ps_idnat(vihf.subject):
        raise _refuse("VihfValue", "L'identifiant de l'utilisateur (NameID) n'est pas un PS_IdNat.")
    if vihf.authn_context not in CONTEXTS:
        raise _refuse("VihfValue", "Contexte d'authentification inconnu.")
    if bool(vihf.authn_declaration) != (mode is Mode.INDIRECTE_RENFORCEE):
        raise _refuse("VihfValue", "AuthnContextDecl est réservé au mode AIR, où il est obligatoire.")
    return mode


def _structure(vihf: Vihf, tls: x509.Certificate, world: World) -> tuple[str, str]:
    if not is_client_certificate(tls):
        reason = "Le certificat de la connexion TLS n'est pas un certificat d'authentification."
        raise SoapRefusal("soap:DMPInvalidCertificate", reason, CLAUSE_CERTIFICATE)
    declared = vihf.first("Identifiant_Structure")
    if not grammar.is_struct_idnat(declared):
        raise _refuse("VihfValue", "Identifiant_Structure n'est pas un Struct_IdNat.")
    certified = structures_of(vihf.certificate)
    legal = world.structures.legal_entity(declared, certified)
    if not legal:
        raise SoapRefusal("sandbox:StructureInactive", "Structure introuvable ou Inactive", f"{CLAUSE}, EJ/EG")
    if legal not in certified or not certified & structures_of(tls):
        raise SoapRefusal(
            "sandbox:StructureMismatch", "Erreur d'authentification de la personne morale", f"{CLAUSE}, EJ/EG"
        )
    return declared, legal


def _role(vihf: Vihf) -> None:
    if not 1 <= len(vihf.roles) <= 2 or len(vihf.roles) != len(vihf.attributes[ROLE]):
        raise _refuse("VihfRole", "Le rôle compte une ou deux valeurs codées (CE).")
    profession = vihf.roles[0]
    if not value_sets.has("role", profession.code, profession.system):
        raise _refuse("VihfRole", "Rôle hors du jeu de valeurs JDV_J65.")
    doctor = profession.system == oids.TRE_G15_PROFESSION and profession.code == DOCTOR
    pharmacist = profession.system == oids.TRE_G15_PROFESSION and profession.code == PHARMACIST
    if (doctor or pharmacist) and len(vihf.roles) == 1:
        raise _refuse("VihfSpeciality", "Aucune spécialité dans le vihf")
    if doctor and not value_sets.has("medical_specialty", vihf.roles[1].code, vihf.roles[1].system):
        raise _refuse("VihfSpeciality", "Spécialité de médecin hors du jeu de valeurs.")
    if pharmacist and vihf.roles[1].system != PHARMACIST_TABLE:
        raise _refuse("VihfSpeciality", "Table de pharmacien hors du jeu de valeurs.")


def _time(vihf: Vihf, world: World, now: datetime) -> None:
    skew = timedelta(seconds=world.limits.clock_skew)
    oldest = timedelta(seconds=world.limits.assertion_age)
    if vihf.issued_at > now + skew or vihf.issued_at < now - oldest:
        raise _refuse("VihfExpired", "Le VIHF est trop ancien ou daté du futur.")
    if vihf.authn_instant > vihf.issued_at + skew:
        raise _refuse("VihfExpired", "L'authentification de l'utilisateur est postérieure au VIHF.")
    if vihf.not_before is not None and now + skew < vihf.not_before:
        raise _refuse("VihfExpired", "Le VIHF n'est pas encore valable.")
    if vihf.not_on_or_after is not None and now - skew >= vihf.not_on_or_after:
        raise _refuse("VihfExpired", "Le VIHF n'est plus valable.")
    if not world.replay.first_use(vihf.identifier, until=vihf.issued_at + oldest, now=now):
        raise _refuse("VihfReplayed", "Ce VIHF a déjà servi.")
