"""The named reasons of a coordinator's decisions: a reviewed list, and « autre » with its precision."""

OTHER = "Autre motif"
ESCALATE = (
    "Aucune sage-femme disponible",
    "Pas de réponse dans les délais",
    "Mère injoignable",
    "Adresse introuvable",
    "Non vue à J+7",
    "Situation fragile signalée par la maternité",
    OTHER,
)
CLOSE = (
    "Vue par un autre professionnel",
    "Suivie hors du territoire",
    "Mère ou enfant réhospitalisé",
    "Prise en charge par l’HAD",
    "Séjour enregistré par erreur",
    OTHER,
)
DECLINED = (
    "La mère organise elle-même son suivi",
    "La mère ne souhaite pas de visite",
    "La mère préfère consulter en cabinet",
    OTHER,
)
PLACE_AGAIN = (
    "La sage-femme n’est plus disponible",
    "La mère souhaite une autre sage-femme",
    "La mère a changé d’avis",
    OTHER,
)
