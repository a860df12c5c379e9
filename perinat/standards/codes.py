"""The coded values perinat uses, dated and sourced; other files refine or refresh them.

Each entry is a fact of a national nomenclature: code, code system (OID), French display name as
the nomenclature prints it. Sources: JDV_J07 20260629 (document types), ASS_X16 20240223 (class),
JDV_J08 (confidentiality), JDV_J02/J61 (facility, 20241213), JDV_J04 (practice, 20240927),
JDV_J59 (activity), JDV_J01 (author specialty, 20241213).
"""

from __future__ import annotations

from dataclasses import dataclass

from perinat.standards import oids


@dataclass(frozen=True, slots=True)
class Code:
    """One coded value: `code` within `system` (an OID), with its official French `label`."""

    code: str
    system: str
    label: str


ABOUT_MOTHER, ABOUT_NEWBORN, ABOUT_EITHER = "mother", "newborn", ""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A typeCode of JDV_J07 with the classCode that ASS_X16 derives from it.

    `in_dmp`: whether ASS_X16 has it (a type that it lacks goes by mail only). `about`: whom such a document can be
    about, when it can be about one of the two only: a mother's paper never stands in her child's record.
    """

    type: Code
    document_class: Code
    in_dmp: bool = True
    about: str = ABOUT_EITHER

    @property
    def code(self) -> str:
        return self.type.code


def _class(code: str, label: str) -> Code:
    return Code(code, oids.TRE_A03_CLASSE_DOCUMENT, label)


CLASS_REPORT = _class("10", "Compte rendu")
CLASS_SYNTHESIS = _class("11", "Synthèse")
CLASS_IMAGING = _class("31", "Imagerie médicale")
CLASS_PRESCRIPTION = _class("42", "Prescription")
CLASS_CERTIFICATE = _class("52", "Certificat, déclaration")
CLASS_BY_PATIENT = _class("90", "Autres documents déposés par le patient")
CLASS_MANAGEMENT = _class("95", "Document de gestion")


def _loinc(
    code: str, label: str, document_class: Code, about: str = ABOUT_EITHER, *, in_dmp: bool = True
) -> DocumentType:
    return DocumentType(Code(code, oids.LOINC, label), document_class, in_dmp, about)


def _a05(code: str, label: str, document_class: Code, about: str = ABOUT_EITHER) -> DocumentType:
    return DocumentType(Code(code, oids.TRE_A05_TYPE_DOCUMENT_COMPL, label), document_class, about=about)


LETTRE_DE_LIAISON_SORTIE = _loinc("11490-0", "Lettre de liaison à la sortie d'un établissement de soins", CLASS_REPORT)
CR_ACCOUCHEMENT = _loinc("15508-5", "CR d'accouchement", CLASS_REPORT, ABOUT_MOTHER)
CR_HOSPITALIER = _loinc("34112-3", "CR hospitalier (séjour)", CLASS_REPORT)
CR_OPERATOIRE = _loinc("34874-8", "CR opératoire", CLASS_REPORT, ABOUT_MOTHER)  # of the caesarean
ORDONNANCE_PRODUITS = _loinc("57833-6", "Prescription de produits de santé", CLASS_PRESCRIPTION)
ORDONNANCE_SOINS = _loinc("57832-8", "Prescription de soins", CLASS_PRESCRIPTION)
ORDONNANCE_AUTRE = _loinc("57828-6", "Prescription (autre)", CLASS_PRESCRIPTION)
ORDONNANCE_BIOLOGIE = _a05("PRESC-BIO", "Prescription d'actes de biologie médicale", CLASS_PRESCRIPTION)
ORDONNANCE_KINE = _a05("PRESC-KINE", "Prescription d'actes de kinésithérapie", CLASS_PRESCRIPTION)
CR_EXAMEN_ENFANT = _loinc("59283-2", "CR d'examen de l'enfant", CLASS_REPORT, ABOUT_NEWBORN)
CR_BIOLOGIE = _loinc("11502-2", "CR d'examens biologiques", CLASS_REPORT)
CR_CONSULTATION = _loinc("11488-4", "CR ou fiche de consultation ou de visite", CLASS_REPORT)
SYNTHESE_EPISODE = _loinc("34133-9", "Synthèse d'épisode de soins", CLASS_SYNTHESIS)
LETTRE_ADRESSAGE = _loinc("96349-6", "Lettre d'adressage", CLASS_REPORT)
CERTIFICAT = _a05("CERT_DECL", "Certificat, déclaration", CLASS_CERTIFICATE)
SYNTHESE_ANTEPARTUM = _loinc("57055-6", "Synthèse antepartum", CLASS_SYNTHESIS, ABOUT_MOTHER)
SYNTHESE_NAISSANCE_MERE = _loinc("57057-2", "Synthèse Salle de Naissance Mère", CLASS_SYNTHESIS, ABOUT_MOTHER)
SYNTHESE_NAISSANCE_ENFANT = _loinc("57075-4", "Synthèse Salle de Naissance Enfant", CLASS_SYNTHESIS, ABOUT_NEWBORN)
SYNTHESE_SUITES_DE_COUCHES = _loinc("89235-6", "Synthèse Suites de Couches Mère", CLASS_SYNTHESIS, ABOUT_MOTHER)
SYNTHESE_ENFANT_MATERNITE = _loinc("78489-2", "Synthèse Enfant en Maternité", CLASS_SYNTHESIS, ABOUT_NEWBORN)
MESURES_ENFANT = _loinc("29274-8", "Mesures de signes vitaux", CLASS_REPORT)
LETTRE_DE_LIAISON_ENTREE = _loinc(
    "18761-7", "Note de transfert (dont lettre de liaison à l'entrée en établissement de soins)", CLASS_SYNTHESIS
)
CR_PRE_ANESTHESIE = _loinc("34749-2", "CR de consultation pré-anesthésique", CLASS_REPORT)
CR_ANESTHESIE = _loinc("77436-4", "CR d'anesthésie", CLASS_REPORT)
CR_DEPISTAGE = _loinc("75492-9", "CR d'acte diagnostique à visée préventive ou de dépistage", CLASS_REPORT)
CR_GROSSESSE = _loinc("89233-1", "CR de grossesse", CLASS_REPORT, ABOUT_MOTHER, in_dmp=False)
DOCUMENT_SOCIAL = _loinc("28653-4", "Document du secteur social / médico-social", CLASS_REPORT)
HISTORIQUE_VACCINATIONS = _loinc("11369-6", "Historique des vaccinations", CLASS_CERTIFICATE)
NOTE_VACCINATION = _loinc("87273-9", "Note de vaccination", CLASS_CERTIFICATE)
ORDONNANCE_SOINS_INFIRMIERS = _a05("PRESC-INF", "Prescription d'actes infirmiers", CLASS_PRESCRIPTION)
ARRET_DE_TRAVAIL = _a05("PRESC-AAT", "Prescription arrêt de travail", CLASS_PRESCRIPTION, ABOUT_MOTHER)
DEMANDE_IMAGERIE = _loinc("55115-0", "Demande d'actes d'imagerie", CLASS_PRESCRIPTION)
VOLONTES = _a05("EXPPAT_1", "Volontés et droits du patient", CLASS_BY_PATIENT, ABOUT_MOTHER)
DIRECTIVES_ANTICIPEES = _a05("EXPPAT_3", "Directives anticipées", CLASS_BY_PATIENT, ABOUT_MOTHER)
QUESTIONNAIRE = _loinc("74465-6", "Questionnaire patient", CLASS_BY_PATIENT)

DOCUMENT_TYPES: dict[str, DocumentType] = {
    kind.code: kind
    for kind in (
        LETTRE_DE_LIAISON_SORTIE,
        CR_ACCOUCHEMENT,
        CR_HOSPITALIER,
        CR_OPERATOIRE,
        ORDONNANCE_PRODUITS,
        ORDONNANCE_SOINS,
        ORDONNANCE_AUTRE,
        ORDONNANCE_BIOLOGIE,
        ORDONNANCE_KINE,
        CR_EXAMEN_ENFANT,
        CR_BIOLOGIE,
        CR_CONSULTATION,
        SYNTHESE_EPISODE,
        LETTRE_ADRESSAGE,
        CERTIFICAT,
        SYNTHESE_ANTEPARTUM,
        SYNTHESE_NAISSANCE_MERE,
        SYNTHESE_NAISSANCE_ENFANT,
        SYNTHESE_SUITES_DE_COUCHES,
        SYNTHESE_ENFANT_MATERNITE,
        MESURES_ENFANT,
        LETTRE_DE_LIAISON_ENTREE,
        CR_PRE_ANESTHESIE,
        CR_ANESTHESIE,
        CR_DEPISTAGE,
        CR_GROSSESSE,
        DOCUMENT_SOCIAL,
        HISTORIQUE_VACCINATIONS,
        NOTE_VACCINATION,
        ORDONNANCE_SOINS_INFIRMIERS,
        ARRET_DE_TRAVAIL,
        DEMANDE_IMAGERIE,
        VOLONTES,
        DIRECTIVES_ANTICIPEES,
        QUESTIONNAIRE,
    )
}

# Confidentiality — JDV_J08 / JDV_J58 DMP
NORMAL = Code("N", oids.HL7_CONFIDENTIALITY, "Normal")
MASQUE_PS = Code("MASQUE_PS", oids.TRE_A07_STATUS_VISIBILITE, "Masqué aux professionnels de santé")
INVISIBLE_PATIENT = Code("INVISIBLE_PATIENT", oids.TRE_A07_STATUS_VISIBILITE, "Non visible par le patient")
INVISIBLE_REPRESENTANTS_LEGAUX = Code(
    "INVISIBLE_REPRESENTANTS_LEGAUX",
    oids.TRE_A07_STATUS_VISIBILITE,
    "Non visible par les représentants légaux du patient",
)
MASKS = {c.code: c for c in (MASQUE_PS, INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX)}

# Facility (healthcareFacilityTypeCode) and practice setting
FACILITIES = {
    c.code: c
    for c in (
        Code("SA01", oids.TRE_R02_SECTEUR_ACTIVITE, "Etablissement public de santé"),
        Code("SA04", oids.TRE_R02_SECTEUR_ACTIVITE, "Etablissement privé non PSPH"),
        Code("SA05", oids.TRE_R02_SECTEUR_ACTIVITE, "Centre de santé"),
        Code("SA07", oids.TRE_R02_SECTEUR_ACTIVITE, "Cabinet individuel"),
        Code("SA08", oids.TRE_R02_SECTEUR_ACTIVITE, "Cabinet de groupe"),
        Code("SA09", oids.TRE_R02_SECTEUR_ACTIVITE, "Exercice en société"),
        Code("SA15", oids.TRE_R02_SECTEUR_ACTIVITE, "PMI et Planification familiale"),
        Code("SA52", oids.TRE_R02_SECTEUR_ACTIVITE, "Maison de santé ou Pôle de santé"),
        Code(
            "SA63",
            oids.TRE_R02_SECTEUR_ACTIVITE,
            "Communauté professionnelle territoriale de santé et équipe de soins spécialisés",
        ),
        Code("SA69", oids.TRE_R02_SECTEUR_ACTIVITE, "Maisons de naissance"),
    )
}
PRACTICE_HOSPITAL = Code("ETABLISSEMENT", oids.TRE_A01_CADRE_EXERCICE, "Etablissement de santé")
PRACTICE_AMBULATORY = Code("AMBULATOIRE", oids.TRE_A01_CADRE_EXERCICE, "Ambulatoire")
PRACTICE_HOME_CARE = Code("SAD", oids.TRE_A01_CADRE_EXERCICE, "Soins à domicile")
PRACTICE_HOME_HOSPITAL = Code("HAD", oids.TRE_A01_CADRE_EXERCICE, "Hospitalisation à domicile")
PRACTICES = {c.code: c for c in (PRACTICE_HOSPITAL, PRACTICE_AMBULATORY, PRACTICE_HOME_CARE, PRACTICE_HOME_HOSPITAL)}
ACTIVITY_HOSPITAL_STAY = Code("03", oids.TYPE_ACTIVITE, "Hospitalisation complète")
ACTIVITY_OUTPATIENT = Code("07", oids.TYPE_ACTIVITE, "Consultations externes")

# Format codes — ASS_A12 (unstructured bodies)
FORMAT_PDF_N1 = Code(
    "urn:ihe:iti:xds-sd:pdf:2008", oids.TRE_A11_FORMAT_CODE_IHE, "Document à corps non structuré en Pdf/A-1"
)

# Author specialty (JDV_J01): code, label; system oids.AUTHOR_SPECIALTY
SPECIALTIES = {
    c.code: c
    for c in (
        Code("G15_50", oids.AUTHOR_SPECIALTY, "Sage-Femme"),
        Code("G15_37", oids.AUTHOR_SPECIALTY, "Auxiliaire de puériculture"),
        Code("G15_60", oids.AUTHOR_SPECIALTY, "Infirmier"),
        Code("G15_70", oids.AUTHOR_SPECIALTY, "Masseur-Kinésithérapeute"),
        Code("G15_10/SM20", oids.AUTHOR_SPECIALTY, "Médecin - Gynécologie-obstétrique (SM)"),
        Code("G15_10/SM26", oids.AUTHOR_SPECIALTY, "Médecin - Qualifié en Médecine Générale (SM)"),
        Code("G15_10/SM40", oids.AUTHOR_SPECIALTY, "Médecin - Pédiatrie (SM)"),
        Code("G15_10/SM87", oids.AUTHOR_SPECIALTY, "Médecin - Pédiatrie option néonatologie (SM)"),
        Code("G15_10/SM53", oids.AUTHOR_SPECIALTY, "Médecin - Spécialiste en Médecine Générale (SM)"),
        Code("G15_10/SM54", oids.AUTHOR_SPECIALTY, "Médecin - Médecine Générale (SM)"),
        Code("G15_10/SM42", oids.AUTHOR_SPECIALTY, "Médecin - Psychiatrie (SM)"),
        Code("G15_10/SM43", oids.AUTHOR_SPECIALTY, "Médecin - Psychiatrie, opt enfant et adolescent (SM)"),
        Code("G15_10/SM92", oids.AUTHOR_SPECIALTY, "Médecin - Psychiatrie option enfant et adolescent (SM)"),
    )
}
