"""The words by which perinat recognises a hospital paper: data, dated, read by classify.py.

Words are compared without accents, in capitals, apostrophes straight, hyphens as spaces. Sources:
usual titles of the maternity papers listed by the Yvelines perinatal pathway (LLS, CRA, CRH) and
the wordings of JDV_J07; to be completed with the titles of each site. Change TABLE with the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordination.papers.analysis import Subject
from perinat.standards import codes

TABLE = "2026-11-22"
THRESHOLD = 0.80  # below, nothing is proposed: a person chooses
TITLE_ZONE_LINES = 30
TITLE_MAX_LENGTH = 90
RUNNER_UP_DISTANCE = 10  # lines: a second title further down is a section, not a rival


@dataclass(frozen=True, slots=True)
class TitleRule:
    """`phrase` at the start of a title line means `type_code`; `unless` words on the line cancel it."""

    phrase: str
    type_code: str
    subject: Subject = Subject.UNKNOWN
    unless: tuple[str, ...] = ()


_LLS = codes.LETTRE_DE_LIAISON_SORTIE.code
_CRA = codes.CR_ACCOUCHEMENT.code
_CRH = codes.CR_HOSPITALIER.code
_CRO = codes.CR_OPERATOIRE.code
_EXAM = codes.CR_EXAMEN_ENFANT.code
_BIO = codes.CR_BIOLOGIE.code
_ANAESTHESIA, _BEFORE = codes.CR_ANESTHESIE.code, codes.CR_PRE_ANESTHESIE.code
_TRANSFER, _SCREENING = codes.LETTRE_DE_LIAISON_ENTREE.code, codes.CR_DEPISTAGE.code
_IMAGING, _SICK_LEAVE = codes.DEMANDE_IMAGERIE.code, codes.ARRET_DE_TRAVAIL.code
ORDONNANCE = "ORDONNANCE"  # to be refined by its content
_ENTRY = ("ENTREE", "TRANSFERT")

TITLE_RULES: tuple[TitleRule, ...] = (
    TitleRule("LETTRE DE LIAISON", _LLS, unless=_ENTRY),
    TitleRule("LETTRE DE SORTIE", _LLS),
    TitleRule("LLS", _LLS),
    TitleRule("COMPTE RENDU D'ACCOUCHEMENT", _CRA, Subject.MOTHER),
    TitleRule("COMPTE RENDU ACCOUCHEMENT", _CRA, Subject.MOTHER),
    TitleRule("CR D'ACCOUCHEMENT", _CRA, Subject.MOTHER),
    TitleRule("CR ACCOUCHEMENT", _CRA, Subject.MOTHER),
    TitleRule("COMPTE RENDU DE SALLE DE NAISSANCE", _CRA, Subject.MOTHER),
    TitleRule("COMPTE RENDU D'HOSPITALISATION", _CRH),
    TitleRule("COMPTE RENDU HOSPITALIER", _CRH),
    TitleRule("COMPTE RENDU DE SEJOUR", _CRH),
    TitleRule("CR D'HOSPITALISATION", _CRH),
    TitleRule("CRH", _CRH),
    TitleRule("COMPTE RENDU OPERATOIRE", _CRO, Subject.MOTHER),
    TitleRule("COMPTE RENDU DE CESARIENNE", _CRO, Subject.MOTHER),
    TitleRule("CR OPERATOIRE", _CRO, Subject.MOTHER),
    TitleRule("EXAMEN DU NOUVEAU NE", _EXAM, Subject.NEWBORN),
    TitleRule("EXAMEN DE SORTIE DU NOUVEAU NE", _EXAM, Subject.NEWBORN),
    TitleRule("EXAMEN PEDIATRIQUE", _EXAM, Subject.NEWBORN),
    TitleRule("EXAMEN DE L'ENFANT", _EXAM, Subject.NEWBORN),
    TitleRule("COMPTE RENDU D'EXAMEN DE L'ENFANT", _EXAM, Subject.NEWBORN),
    TitleRule("COMPTE RENDU D'EXAMEN DU NOUVEAU NE", _EXAM, Subject.NEWBORN),
    TitleRule("COMPTE RENDU D'EXAMEN PEDIATRIQUE", _EXAM, Subject.NEWBORN),
    TitleRule("COMPTE RENDU PEDIATRIQUE", _EXAM, Subject.NEWBORN),
    TitleRule("COMPTE RENDU D'EXAMENS BIOLOGIQUES", _BIO),
    TitleRule("COMPTE RENDU D'EXAMENS DE BIOLOGIE MEDICALE", _BIO),
    TitleRule("COMPTE RENDU D'ANALYSES", _BIO),
    TitleRule("COMPTE RENDU DE BIOLOGIE", _BIO),
    TitleRule("RESULTATS D'ANALYSES", _BIO),
    TitleRule("RESULTATS DE BIOLOGIE", _BIO),
    TitleRule("LETTRE DE LIAISON A L'ENTREE", _TRANSFER),
    TitleRule("LETTRE DE LIAISON D'ENTREE", _TRANSFER),
    TitleRule("LETTRE DE TRANSFERT", _TRANSFER),
    TitleRule("NOTE DE TRANSFERT", _TRANSFER),
    TitleRule("COMPTE RENDU DE CONSULTATION PRE ANESTHESIQUE", _BEFORE),
    TitleRule("CR DE CONSULTATION PRE ANESTHESIQUE", _BEFORE),
    TitleRule("COMPTE RENDU DE CONSULTATION D'ANESTHESIE", _BEFORE),
    TitleRule("COMPTE RENDU D'ANESTHESIE", _ANAESTHESIA),
    TitleRule("CR D'ANESTHESIE", _ANAESTHESIA),
    TitleRule("COMPTE RENDU DE DEPISTAGE", _SCREENING),
    TitleRule("CR DE DEPISTAGE", _SCREENING),
    TitleRule("COMPTE RENDU DE GROSSESSE", codes.CR_GROSSESSE.code, Subject.MOTHER),
    TitleRule("SYNTHESE ANTEPARTUM", codes.SYNTHESE_ANTEPARTUM.code, Subject.MOTHER),
    TitleRule("SYNTHESE SALLE DE NAISSANCE MERE", codes.SYNTHESE_NAISSANCE_MERE.code, Subject.MOTHER),
    TitleRule("SYNTHESE SALLE DE NAISSANCE ENFANT", codes.SYNTHESE_NAISSANCE_ENFANT.code, Subject.NEWBORN),
    TitleRule("SYNTHESE SUITES DE COUCHES", codes.SYNTHESE_SUITES_DE_COUCHES.code, Subject.MOTHER),
    TitleRule("SYNTHESE ENFANT EN MATERNITE", codes.SYNTHESE_ENFANT_MATERNITE.code, Subject.NEWBORN),
    TitleRule("NOTE DE VACCINATION", codes.NOTE_VACCINATION.code),
    TitleRule("LETTRE D'ADRESSAGE", codes.LETTRE_ADRESSAGE.code),
    TitleRule("DEMANDE D'IMAGERIE", _IMAGING),
    TitleRule("DEMANDE D'EXAMEN D'IMAGERIE", _IMAGING),
    TitleRule("DEMANDE D'ACTES D'IMAGERIE", _IMAGING),
    TitleRule("AVIS D'ARRET DE TRAVAIL", _SICK_LEAVE, Subject.MOTHER),
    TitleRule("PRESCRIPTION D'ARRET DE TRAVAIL", _SICK_LEAVE, Subject.MOTHER),
    TitleRule("PRESCRIPTION ARRET DE TRAVAIL", _SICK_LEAVE, Subject.MOTHER),
    TitleRule("ORDONNANCE DE SOINS INFIRMIERS", codes.ORDONNANCE_SOINS_INFIRMIERS.code),
    TitleRule("PRESCRIPTION D'ACTES INFIRMIERS", codes.ORDONNANCE_SOINS_INFIRMIERS.code),
    TitleRule("PRESCRIPTION DE SOINS INFIRMIERS", codes.ORDONNANCE_SOINS_INFIRMIERS.code),
    TitleRule("ORDONNANCE", ORDONNANCE),
    TitleRule("PRESCRIPTION MEDICALE", ORDONNANCE),
    TitleRule("PRESCRIPTION", ORDONNANCE),
)

# A title that is also the heading of a section in other papers (« dépistage auditif », « directives anticipées ») has
# no rule: it would make a rival of a line of the discharge letter, which is then proposed as nothing at all.

# Kind of prescription: words of the title line (decisive), then words of the body (counted).
PRESCRIPTION_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    codes.ORDONNANCE_PRODUITS.code: (
        ("MEDICAMENT", "PRODUITS DE SANTE", "BIZONE", "CONTRACEPTION", "DISPOSITIF"),
        (
            "COMPRIME",
            "GELULE",
            " MG",
            "SACHET",
            "POSOLOGIE",
            "MATIN",
            "GOUTTES",
            "UI",
            "SERINGUE",
            "BOITE",
            "TIRE LAIT",
            "SUPPOSITOIRE",
            "BAS DE CONTENTION",
            "PENDANT",
        ),
    ),
    codes.ORDONNANCE_SOINS.code: (
        ("SOINS", "INFIRMIER", "SAGE FEMME"),
        ("IDE ", "INFIRMIER", "PANSEMENT", "AGRAFES", "ABLATION", "A DOMICILE", "SURVEILLANCE", "SAGE FEMME"),
    ),
    codes.ORDONNANCE_BIOLOGIE.code: (
        ("BIOLOGIE", "LABORATOIRE", "ANALYSES", "BIOLOGIQUE"),
        (
            "NFS",
            "HEMOGRAMME",
            "FERRITINE",
            "GLYCEMIE",
            "BILIRUBINE",
            "SEROLOGIE",
            "PRELEVEMENT",
            "CRP",
            "LABORATOIRE",
            "DOSAGE",
        ),
    ),
    codes.ORDONNANCE_KINE.code: (
        ("KINESITHERAPIE", "MASSO KINESITHERAPIE", "REEDUCATION"),
        ("KINESITHERAP", "REEDUCATION ABDOMINALE", "REEDUCATION PERINEALE", "SEANCES"),
    ),
    codes.DEMANDE_IMAGERIE.code: (("IMAGERIE",), ("ECHOGRAPHIE", "RADIOGRAPHIE")),
    codes.ARRET_DE_TRAVAIL.code: (("ARRET DE TRAVAIL",), ("ARRET DE TRAVAIL", "SORTIES AUTORISEES")),
    codes.ORDONNANCE_AUTRE.code: (("TRANSPORT",), ("BON DE TRANSPORT",)),
}

# A line with one of these words speaks of another document.
REFERENCE_WORDS = ("JOINT", "CF ", "VOIR ", "PJ ", "COPIE", "CI JOINT", "TRANSMIS", "REMIS", "SUIVRA")
# What may stand before the phrase on a title line.
TITLE_PREFIXES = ("OBJET : ", "OBJET: ", "TITRE : ", "DOCUMENT : ")

NEWBORN_WORDS = ("NOUVEAU NE", "NOURRISSON", "BEBE", "L'ENFANT", "POIDS DE NAISSANCE", "PEDIATRE")
MOTHER_WORDS = ("ACCOUCHEE", "PARTURIENTE", "MADAME", "MME ", "PERINEE", "CONTRACEPTION", "POST PARTUM", "NOM D'EPOUSE")
