"""What the specimens of papers say when their caller says nothing else: invented, plausible, the same each time."""

from __future__ import annotations

DEFAULTS = {
    "entree": "02/03/2026, 04 h 10, par les urgences obstétricales",
    "sortie": "05/03/2026, 11 h 00, retour au domicile",
    "naissance": "02/03/2026 à 14 h 32",
    "terme": "39 SA + 4 j",
    "parite": "deuxième geste, deuxième pare",
    "mode": "voie basse spontanée",
    "perinee": "déchirure du premier degré, suturée",
    "pertes": "250 mL",
    "poids": "3 320 g",
    "poids_sortie": "3 180 g (− 4,2 %)",
    "taille": "50 cm",
    "perimetre": "34,5 cm",
    "apgar": "10 à 1 min, 10 à 5 min, 10 à 10 min",
    "allaitement": "maternel exclusif",
    "sage_femme": "à désigner",
    "medecin_traitant": "Dr Paul Fictif, Versailles",
    "groupe": "A positif",
    "anti_d": "Sans objet",
    "allergies": "Aucune connue",
    "jaunisse": "Modéré, bilirubine transcutanée sous la courbe",
    "depistage": "Prélevé à 72 heures de vie",
    "audition": "Potentiels évoqués automatisés : concluants des deux côtés",
    "vaccins": "Aucun en maternité, hépatite B non indiquée",
}
