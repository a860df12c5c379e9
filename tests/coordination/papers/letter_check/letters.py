"""Three letters of three hands: a list of labels (the specimen), prose, a form; the words of each criterion."""

from __future__ import annotations

from functools import cache

from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.pdfium import open_pages
from tests.papers_fixtures import make

_C = Criterion
PROSE = """Maternité des Essences
Versailles, le 5 mars 2026
Madame Camille SPECIMEN, née le 14/03/1991
Médecin traitant : Dr Paul Fictif
Cher confrère,
Madame SPECIMEN a été hospitalisée du 02/03/2026, adressée par les urgences, au 05/03/2026, avec retour au domicile.
Motif d'hospitalisation : mise en travail spontanée à 39 SA + 4 j.
Synthèse du séjour : accouchement par voie basse le 2 mars, délivrance dirigée, suites simples.
Il n'y a pas eu d'événement indésirable.
La patiente n'est pas porteuse de germe multirésistant.
Elle n'a pas été transfusée.
Aucun dispositif médical implanté.
Pas d'allergie connue.
Traitement de sortie :
Paracétamol 1 g, 1 comprimé trois fois par jour si besoin, pendant 5 jours.
Aucun traitement interrompu pendant le séjour.
Aucun résultat en attente.
RDV le 07/03/2026 avec la sage-femme libérale à domicile.
Cette lettre a été remise ce jour à la patiente.
Docteur Anne Fictive
RPPS : 89900000129"""
FORM = """LETTRE DE LIAISON À LA SORTIE
Patiente : SPECIMEN Camille   Date de naissance : 14/03/1991
Médecin traitant : aucun déclaré
Date d'entrée : 02/03/2026 Provenance : domicile
Date de sortie : 05/03/2026 Destination : domicile
1. MOTIF DU SÉJOUR
Césarienne programmée.
2. SYNTHÈSE MÉDICALE
Césarienne sous rachianesthésie, suites opératoires simples, cicatrice propre.
Événement indésirable : [ ] oui [X] non
BMR / BHRe : non recherché
Transfusion : ☐ oui ☒ non
Dispositif médical implanté : néant
Allergies : amoxicilline (urticaire)
3. TRAITEMENTS À LA SORTIE
Énoxaparine 4 000 UI : 1 injection par jour, 7 jours
4. TRAITEMENTS ARRÊTÉS
Néant
5. RÉSULTATS EN ATTENTE
Anatomopathologie du placenta
6. SUITES À DONNER
Ablation des fils par la sage-femme à J7
[X] Lettre remise en main propre à la sortie
Fait le 05/03/2026
Dr Anne Fictive, RPPS 89900000129"""

REMOVED: dict[str, dict[Criterion, tuple[str, ...]]] = {
    "specimen": {
        _C.HANDED_OVER: ("Remise",),
        _C.FOLLOW_UP: ("Sage-femme à", "Entretien postnatal", "Examen postnatal"),
        _C.TREATMENTS: ("Paracétamol", "Fer"),
        _C.STOPPED: ("Arrêtés",),
        _C.DATED: ("Versailles, le",),
        _C.IDENTITIES: ("Médecin traitant",),
        _C.STAY: ("Entrée",),
        _C.REASON: ("Mise en travail",),
        _C.SYNTHESIS: ("Accouchement", "Périnée", "Pertes", "Groupe", "Prophylaxie", "Alimentation", "Suites de"),
        _C.ADVERSE_EVENTS: ("Événement",),
        _C.RESISTANT_GERMS: ("Germe",),
        _C.BLOOD: ("Transfusion",),
        _C.DEVICES: ("Dispositif",),
        _C.ALLERGIES: ("Allergies",),
        _C.PENDING: ("Résultats",),
    },
    "prose": {
        _C.HANDED_OVER: ("Cette lettre",),
        _C.FOLLOW_UP: ("RDV",),
        _C.TREATMENTS: ("Paracétamol",),
        _C.STOPPED: ("Aucun traitement",),
        _C.DATED: ("Versailles",),
        _C.IDENTITIES: ("Médecin traitant",),
        _C.STAY: ("Madame SPECIMEN a été",),
        _C.REASON: ("Motif",),
        _C.SYNTHESIS: ("Synthèse",),
        _C.ADVERSE_EVENTS: ("Il n'y a",),
        _C.RESISTANT_GERMS: ("La patiente n'est",),
        _C.BLOOD: ("Elle n'a",),
        _C.DEVICES: ("Aucun dispositif",),
        _C.ALLERGIES: ("Pas d'allergie",),
        _C.PENDING: ("Aucun résultat",),
    },
    "form": {
        _C.HANDED_OVER: ("[X] Lettre",),
        _C.FOLLOW_UP: ("Ablation",),
        _C.TREATMENTS: ("Énoxaparine",),
        _C.STOPPED: ("4. TRAITEMENTS", "Néant"),
        _C.DATED: ("Fait le",),
        _C.IDENTITIES: ("Dr Anne",),
        _C.STAY: ("Date de sortie",),
        _C.REASON: ("Césarienne programmée",),
        _C.SYNTHESIS: ("Césarienne sous",),
        _C.ADVERSE_EVENTS: ("Événement",),
        _C.RESISTANT_GERMS: ("BMR",),
        _C.BLOOD: ("Transfusion",),
        _C.DEVICES: ("Dispositif",),
        _C.ALLERGIES: ("Allergies",),
        _C.PENDING: ("5. RÉSULTATS", "Anatomopathologie"),
    },
}


@cache
def text_of(name: str) -> str:
    if name == "specimen":
        with open_pages(make()) as pages:
            return pages.text(1)
    return {"prose": PROSE, "form": FORM}[name]


def without(text: str, starts: tuple[str, ...]) -> str:
    """The letter without the lines that begin so; each must have been there."""
    lines = text.split("\n")
    kept = [line for line in lines if not line.startswith(starts)]
    assert len(lines) - len(kept) >= len(starts)
    return "\n".join(kept)
