"""Texts of the fictitious hospital papers: title and sections by kind, with named values to fill in.

Contents follow CSP R.1112-1-2 (lettre de liaison) and what a delivery report usually holds. All
values are invented; `specimen_values` gives each of them, a caller may change any.
"""

from __future__ import annotations

import enum

from perinat.standards import codes

Sections = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class Kind(enum.StrEnum):
    """The papers of a discharge pack."""

    LLS = "LLS"
    LLS_NEWBORN = "LLS_NEWBORN"
    CRA = "CRA"
    CRH = "CRH"
    CRO = "CRO"
    MEDICINES = "MEDICINES"
    CARE = "CARE"
    LAB_ORDER = "LAB_ORDER"
    PHYSIO = "PHYSIO"
    IMAGING = "IMAGING"
    CHILD_EXAM = "CHILD_EXAM"
    LAB_REPORT = "LAB_REPORT"


TYPE_CODES = {
    Kind.LLS: codes.LETTRE_DE_LIAISON_SORTIE.code,
    Kind.LLS_NEWBORN: codes.LETTRE_DE_LIAISON_SORTIE.code,
    Kind.CRA: codes.CR_ACCOUCHEMENT.code,
    Kind.CRH: codes.CR_HOSPITALIER.code,
    Kind.CRO: codes.CR_OPERATOIRE.code,
    Kind.MEDICINES: codes.ORDONNANCE_PRODUITS.code,
    Kind.CARE: codes.ORDONNANCE_SOINS.code,
    Kind.LAB_ORDER: codes.ORDONNANCE_BIOLOGIE.code,
    Kind.PHYSIO: codes.ORDONNANCE_KINE.code,
    Kind.IMAGING: codes.DEMANDE_IMAGERIE.code,
    Kind.CHILD_EXAM: codes.CR_EXAMEN_ENFANT.code,
    Kind.LAB_REPORT: codes.CR_BIOLOGIE.code,
}

_STAY = (("Entrée", "{entree}"), ("Sortie", "{sortie}"), ("Médecin traitant", "{medecin_traitant}"))

TITLES = {
    Kind.LLS: "Lettre de liaison à la sortie",
    Kind.LLS_NEWBORN: "Lettre de liaison à la sortie — nouveau-né",
    Kind.CRA: "Compte rendu d'accouchement",
    Kind.CRH: "Compte rendu d'hospitalisation",
    Kind.CRO: "Compte rendu opératoire — césarienne",
    Kind.MEDICINES: "Ordonnance — médicaments",
    Kind.CARE: "Ordonnance de soins",
    Kind.LAB_ORDER: "Ordonnance de biologie médicale",
    Kind.PHYSIO: "Ordonnance de kinésithérapie",
    Kind.IMAGING: "Ordonnance d'imagerie",
    Kind.CHILD_EXAM: "Examen du nouveau-né avant la sortie",
    Kind.LAB_REPORT: "Compte rendu d'examens biologiques",
}

SECTIONS: dict[Kind, Sections] = {
    Kind.LLS: (
        ("Séjour", _STAY),
        ("Motif d'hospitalisation", (("", "Mise en travail spontanée à {terme}, {parite}."),)),
        (
            "Synthèse médicale",
            (
                ("Accouchement", "{naissance}, {mode}"),
                ("Périnée", "{perinee}"),
                ("Pertes sanguines", "{pertes}"),
                ("Groupe sanguin", "{groupe}"),
                ("Prophylaxie anti-D", "{anti_d}"),
                ("Allergies", "{allergies}"),
                ("Transfusion", "Non"),
                ("Événement indésirable", "Aucun"),
                ("Germe multirésistant", "Non recherché, pas de facteur de risque"),
                ("Dispositif implanté", "Aucun"),
                ("Alimentation de l'enfant", "{allaitement}"),
                ("", "Suites de couches simples. Apyrétique, globe utérin ferme, lochies physiologiques."),
            ),
        ),
        (
            "Traitements à la sortie",
            (
                ("Paracétamol 1 g", "1 comprimé jusqu'à 3 fois par jour si douleur, 5 jours"),
                ("Fer 80 mg", "1 comprimé le matin, 3 mois"),
                ("Arrêtés", "Aucun"),
            ),
        ),
        (
            "Suite à donner",
            (
                ("Résultats en attente", "Aucun"),
                ("Sage-femme", "{sage_femme} : visite à domicile dans les 48 heures, puis selon l'état"),
                ("Entretien postnatal", "Entre la 4e et la 8e semaine"),
                ("Examen postnatal", "6 à 8 semaines après l'accouchement"),
                ("", "Consulter sans attendre en cas de fièvre, de saignement abondant ou de douleur du mollet."),
                ("Remise", "Lettre expliquée et remise ce jour à la patiente"),
            ),
        ),
    ),
    Kind.LLS_NEWBORN: (
        ("Séjour", _STAY),
        ("Motif d'hospitalisation", (("", "Naissance le {naissance} à {terme}."),)),
        (
            "Synthèse médicale",
            (
                ("Poids de naissance", "{poids}"),
                ("Poids de sortie", "{poids_sortie}"),
                ("Apgar", "{apgar}"),
                ("Bilirubine", "142 µmol/L à 60 heures de vie, sous la courbe"),
                ("Dépistage néonatal", "{depistage}"),
                ("Audition", "{audition}"),
                ("Vaccinations", "{vaccins}"),
                ("Alimentation", "{allaitement}"),
            ),
        ),
        ("Traitements à la sortie", (("Vitamine D", "2 gouttes par jour"), ("Vitamine K", "2 mg à la 4e semaine"))),
        ("Résultats en attente", (("", "Dépistage néonatal."),)),
        (
            "Suite à donner",
            (("Examen", "Deuxième examen obligatoire entre le 8e et le 15e jour"), ("Sage-femme", "{sage_femme}")),
        ),
    ),
    Kind.CRA: (
        ("Grossesse", (("Terme", "{terme}"), ("Parité", "{parite}"), ("Groupe sanguin", "{groupe}"))),
        (
            "Travail et accouchement",
            (
                ("Début du travail", "Spontané"),
                ("Analgésie", "Péridurale"),
                ("Naissance", "{naissance}"),
                ("Mode", "{mode}"),
                ("Présentation", "Sommet, occipito-iliaque gauche antérieure"),
                ("Liquide amniotique", "Clair"),
                ("Périnée", "{perinee}"),
                ("Délivrance", "Dirigée, complète"),
                ("Pertes sanguines", "{pertes}"),
            ),
        ),
        (
            "Enfant",
            (
                ("Poids", "{poids}"),
                ("Taille", "{taille}"),
                ("Périmètre crânien", "{perimetre}"),
                ("Apgar", "{apgar}"),
                ("pH au cordon", "7,28"),
                ("Vitamine K", "2 mg par voie orale"),
            ),
        ),
        (
            "Surveillance",
            (("", "Deux heures en salle de naissance, sans particularité. Passage en suites de couches."),),
        ),
    ),
    Kind.CRH: (
        ("Séjour", _STAY),
        ("Motif", (("", "Accouchement à {terme}, {parite}."),)),
        (
            "Évolution",
            (("Accouchement", "{naissance}, {mode}"), ("", "Suites de couches simples. Sortie au troisième jour.")),
        ),
        ("Conclusion", (("", "Suivi par une sage-femme à domicile, examen postnatal à 6 semaines."),)),
    ),
    Kind.CRO: (
        ("Indication", (("", "Césarienne en cours de travail pour anomalies du rythme cardiaque fœtal."),)),
        (
            "Intervention",
            (
                ("Anesthésie", "Rachianesthésie"),
                ("Incision", "Transversale sus-pubienne, hystérotomie segmentaire"),
                ("Extraction", "{naissance}, {poids}"),
                ("Pertes sanguines", "{pertes}"),
                ("Fermeture", "Surjet utérin, fils résorbables à la peau"),
            ),
        ),
        (
            "Consignes",
            (
                ("Antibioprophylaxie", "Céfazoline 2 g"),
                ("Prévention veineuse", "Enoxaparine 4 000 UI par jour, 7 jours"),
            ),
        ),
    ),
    Kind.MEDICINES: (
        (
            "",
            (
                ("", "Paracétamol 1 g, comprimé : 1 comprimé jusqu'à 3 fois par jour si douleur, pendant 5 jours."),
                ("", "Fer 80 mg, comprimé : 1 comprimé le matin, pendant 3 mois."),
                ("", "Tire-lait électrique : location pendant 4 semaines, si besoin."),
            ),
        ),
    ),
    Kind.CARE: (
        (
            "",
            (
                ("", "Surveillance à domicile de la mère et de l'enfant par une sage-femme, dès le retour."),
                ("", "Soins de cicatrice : contrôle du pansement, ablation des fils si nécessaire."),
            ),
        ),
    ),
    Kind.LAB_ORDER: (
        (
            "",
            (
                ("", "Au laboratoire, 6 semaines après l'accouchement :"),
                ("", "Hémogramme (NFS), ferritine, glycémie à jeun."),
            ),
        ),
    ),
    Kind.PHYSIO: (
        (
            "",
            (
                (
                    "",
                    "Rééducation abdominale : 10 séances par un masseur-kinésithérapeute.",
                ),
            ),
        ),
    ),
    Kind.IMAGING: (
        ("", (("", "Échographie de hanches du nouveau-né à un mois de vie (présentation par le siège)."),)),
    ),
    Kind.CHILD_EXAM: (
        (
            "Mesures",
            (
                ("Poids de naissance", "{poids}"),
                ("Poids de sortie", "{poids_sortie}"),
                ("Taille", "{taille}"),
                ("Périmètre crânien", "{perimetre}"),
            ),
        ),
        (
            "Examen clinique",
            (
                ("Cœur, poumons", "Sans particularité, pouls fémoraux perçus"),
                ("Hanches", "Stables"),
                ("Tonus, réflexes", "Adaptés à l'âge"),
                ("Ictère", "{jaunisse}"),
                ("Alimentation", "{allaitement}"),
            ),
        ),
        (
            "Dépistages et prévention",
            (
                ("Dépistage néonatal", "{depistage}"),
                ("Audition", "{audition}"),
                ("Vaccinations", "{vaccins}"),
            ),
        ),
        (
            "Suite à donner",
            (
                ("Sage-femme", "Pesée à domicile dans les 48 heures"),
                ("Examen", "Deuxième examen obligatoire entre le 8e et le 15e jour"),
            ),
        ),
        ("Conclusion", (("", "Examen de sortie normal. Sortie autorisée."),)),
    ),
    Kind.LAB_REPORT: (
        (
            "Hématologie",
            (
                ("Hémoglobine", "11,2 g/dL (11,5 à 15,0)"),
                ("Plaquettes", "238 G/L (150 à 400)"),
                ("Leucocytes", "9,8 G/L"),
            ),
        ),
        ("Biochimie", (("CRP", "6 mg/L (inférieure à 5)"), ("Ferritine", "18 µg/L"))),
        ("Validation", (("", "Résultats validés par le biologiste responsable."),)),
    ),
}
