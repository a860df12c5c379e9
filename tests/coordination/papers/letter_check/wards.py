"""Letters of twelve fictitious wards: how each hand writes, and what each one lacks (told by hand, not computed)."""

from __future__ import annotations

from dataclasses import dataclass, field

from coordination.papers.letter_check.criteria import Criterion

_C = Criterion
HEAD = """Centre hospitalier du Chêne, 1 place du Bac-à-Sable, 78990 Valombre
Lettre de liaison à la sortie
Patiente : SPÉCIMEN Jeanne, née le 14/03/1991
Médecin traitant : Dr Paul Modèle
Entrée le 02/03/2026, venue de son domicile.
Sortie le 05/03/2026, retour à domicile.
"""
ASKED = """Événement indésirable : aucun
Germe multirésistant : non recherché
Transfusion : non
Dispositif implanté : aucun
Allergies : aucune connue
"""
END = """Fait le 05/03/2026
Lettre remise ce jour à la patiente.
Dr Anne Fictive, RPPS 89900000129
"""
STORY = """Motif : accouchement à terme
Synthèse médicale : accouchement par voie basse d'un enfant vivant, suites de couches simples.
"""
CARE = """Traitements à la sortie
Paracétamol 1 g : 1 comprimé trois fois par jour, 5 jours
Traitements arrêtés : aucun
Résultats en attente : aucun
Suites à donner
Visite de la sage-femme à domicile dans les 48 heures
"""


@dataclass(frozen=True)
class Written:
    """A letter; `missing` and `unknown`: what it does not say, and what cannot be told."""

    text: str
    missing: frozenset[Criterion] = field(default_factory=frozenset)
    unknown: frozenset[Criterion] = field(default_factory=frozenset)


def _w(text: str, missing: tuple[Criterion, ...] = (), unknown: tuple[Criterion, ...] = ()) -> Written:
    return Written(text, frozenset(missing), frozenset(unknown))


LETTERS = {
    "whole": _w(HEAD + STORY + ASKED + CARE + END),
    "titles without content": _w(
        HEAD + "Motif\nSynthèse médicale\n" + ASKED.replace(" : aucune connue", "") + CARE + END,
        (_C.REASON, _C.SYNTHESIS, _C.ALLERGIES),
    ),
    "blank form": _w(
        HEAD + STORY + ASKED.replace("aucun\n", "........\n").replace("non\n", "........\n") + CARE
        + END.replace("Lettre remise ce jour à la patiente.", "Lettre remise à la patiente : ........"),
        (_C.ADVERSE_EVENTS, _C.BLOOD, _C.DEVICES, _C.HANDED_OVER),
    ),
    "boxes that nobody ticked": _w(
        HEAD + STORY + ASKED.replace("Transfusion : non", "Transfusion : ☐ oui ☐ non") + CARE
        + END.replace("Lettre remise ce jour à la patiente.", "Lettre remise à la patiente : ☐ oui ☐ non"),
        unknown=(_C.BLOOD, _C.HANDED_OVER),
    ),
    "prescription elsewhere": _w(
        HEAD + STORY + ASKED
        + CARE.replace("Paracétamol 1 g : 1 comprimé trois fois par jour, 5 jours", "Selon l'ordonnance jointe") + END,
        unknown=(_C.TREATMENTS,),
    ),
    "a medicine without its duration": _w(
        HEAD + STORY + ASKED
        + CARE.replace("5 jours\n", "5 jours\nÉnoxaparine 4 000 UI : 1 injection par jour\n") + END,
        (_C.TREATMENTS,),
    ),
    "follow-up left to her": _w(
        HEAD + STORY + ASKED + CARE.replace("Visite de la sage-femme à domicile dans les 48 heures",
                                            "Consulter en cas de fièvre ou de saignement") + END,
        (_C.FOLLOW_UP,),
    ),
    "written the next day, to be given": _w(
        HEAD + STORY + ASKED + CARE + END.replace("Fait le 05/03/2026", "Fait le 06/03/2026").replace(
            "Lettre remise ce jour", "Lettre qui sera remise"),
        (_C.DATED, _C.HANDED_OVER),
    ),
    "no doctor, nobody signs": _w(
        HEAD.replace("Dr Paul Modèle", "Dr ............") + STORY + ASKED + CARE
        + END.replace("Dr Anne Fictive, RPPS 89900000129", "Le praticien"),
        (_C.IDENTITIES,),
    ),
    "advice that only mentions": _w(
        HEAD + STORY + CARE + END
        + "En cas d'événement indésirable, appelez la maternité.\nPrévention des BMR : lavage des mains.\n"
        "Carte de groupe à présenter avant toute transfusion.\nContraception : implant\n",
        (_C.ADVERSE_EVENTS, _C.RESISTANT_GERMS, _C.BLOOD, _C.DEVICES, _C.ALLERGIES),
    ),
    "prose": _w(
        HEAD + "Madame a été hospitalisée pour un travail spontané. Elle a accouché par voie basse le 2 mars, sans "
        "lésion du périnée ; les suites de couches ont été simples et l'allaitement maternel est installé.\n"
        "Il n'y a pas eu d'événement indésirable. Elle n'est pas porteuse de germe multirésistant. Elle n'a pas été "
        "transfusée. Aucun dispositif implanté. Pas d'allergie connue.\n"
        "Aucun traitement à la sortie. Son traitement habituel est poursuivi sans changement. Tous les résultats "
        "sont revenus.\nElle verra la sage-femme en visite le 07/03/2026.\n" + END,
    ),
    "an earlier visit is no follow-up": _w(
        HEAD + "Motif : contractions, consultation du 01/03/2026 aux urgences, médecin de garde\n"
        "Synthèse médicale : accouchement par voie basse, suites de couches simples.\n" + ASKED
        + CARE.split("Suites à donner")[0] + END,
        (_C.FOLLOW_UP,),
    ),
}  # fmt: skip
