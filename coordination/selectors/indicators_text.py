"""What each indicator means, in words: definition, numerator, denominator, source. Shown on demand."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.selectors.indicators_masking import ACCEPTED, FLOOR, IN_TIME, PLACED, READ, SAME_DAY


@dataclass(frozen=True, slots=True)
class Definition:
    """An indicator in words."""

    key: str
    label: str
    short: str
    sentence: str
    numerator: str
    denominator: str
    source: str


DEFINITIONS: dict[str, Definition] = {
    one.key: one
    for one in (
        Definition(
            READ,
            "Lettre de liaison lue avant la première visite",
            "Lue avant la visite",
            "La sage-femme de la première visite a ouvert la lettre de liaison de sortie (LLS) avant cette visite.",
            "mères vues dont la lettre a été ouverte par leur sage-femme avant l’heure de la visite",
            "mères sorties dans le mois dont la première visite est confirmée",
            "lectures enregistrées (ouverture dans perinat ou accusé de lecture MSSanté), visites confirmées",
        ),
        Definition(
            IN_TIME,
            "Première visite faite à temps",
            "Visite à temps",
            "La première visite à domicile est confirmée dans les 24 h après une sortie précoce, dans les 48 h après "
            "une sortie standard (HAS 2014). Une sortie dont le type est inconnu compte comme précoce.",
            "mères dont la première visite est confirmée dans ce délai",
            "mères sorties dans le mois",
            "heures de sortie, de naissance et de première visite confirmée",
        ),
        Definition(
            SAME_DAY,
            "Lettre de liaison partie le jour de la sortie",
            "Partie le jour même",
            "La lettre de la mère est acceptée par un canal au moins (DMP ou MSSanté) avant minuit, le jour de la "
            "sortie. Une lettre rejetée ensuite, ou retirée, ne compte pas.",
            "mères dont la lettre est acceptée avant minuit, heure de Paris",
            "mères sorties dans le mois",
            "réponses des canaux à chaque tentative d’envoi",
        ),
        Definition(
            ACCEPTED,
            "Lettre de liaison acceptée, quel que soit le jour",
            "Acceptée",
            "La lettre de la mère est acceptée par un canal au moins avant la clôture du mois.",
            "mères dont la lettre est acceptée",
            "mères sorties dans le mois",
            "réponses des canaux à chaque tentative d’envoi",
        ),
        Definition(
            PLACED,
            "Mère confiée à une sage-femme avant la sortie",
            "Placée avant la sortie",
            "Aucune sage-femme n’était connue à l’ouverture du relais ; une sage-femme a accepté avant l’heure "
            "de la sortie.",
            "mères qu’une sage-femme a acceptées avant leur sortie",
            "mères sorties dans le mois sans sage-femme connue à l’ouverture du relais",
            "demandes et réponses enregistrées du relais",
        ),
    )
}
HEADLINE = (READ, IN_TIME)
OTHERS = (SAME_DAY, ACCEPTED, PLACED)
ORDER = HEADLINE + OTHERS
TOO_FEW = f"Effectifs trop faibles pour être montrés (moins de {FLOOR})"
HIDDEN = "masqué"
