"""The query string of each list: declared, checked, refused with French sentences.

An unknown parameter is refused rather than ignored: a filter misspelt must not answer everything.
An empty value counts as absent.
"""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from coordination.api.errors import Errors, ParameterError
from coordination.lifecycles import DocumentStatus, ShipmentStatus
from coordination.models import ChannelName
from coordination.selectors.indicators_text import DEFINITIONS
from perinat.standards import codes

PER_PAGE, MOST_PER_PAGE, MOST_PAGES = 50, 100, 100_000
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
FIRST_YEAR, LAST_YEAR = 2000, 2099


def _whole(low: int, high: int) -> dict[str, Any]:
    sentence = f"Donnez un nombre entier, de {low} à {high}."
    return dict.fromkeys(("invalid", "min_value", "max_value", "max_string_length"), sentence)


def _choice(choices: Any, help_text: str) -> serializers.ChoiceField:
    words = ", ".join(str(choice[0]) if isinstance(choice, tuple) else str(choice) for choice in choices)
    return serializers.ChoiceField(
        choices, required=False, help_text=help_text, error_messages={"invalid_choice": f"Valeurs admises : {words}."}
    )


def _uuid(help_text: str) -> serializers.UUIDField:
    sentence = "Donnez un identifiant de la forme 00000000-0000-0000-0000-000000000000."
    return serializers.UUIDField(required=False, help_text=help_text, error_messages={"invalid": sentence})


def _day(help_text: str) -> serializers.DateField:
    sentence = "Donnez une date de la forme AAAA-MM-JJ."
    return serializers.DateField(
        required=False, help_text=help_text, error_messages={"invalid": sentence, "datetime": sentence}
    )


class Parameters(serializers.Serializer[Any]):
    """What every list accepts."""

    page = serializers.IntegerField(
        default=1, min_value=1, max_value=MOST_PAGES, help_text="Rang de la page, à partir de 1",
        error_messages=_whole(1, MOST_PAGES),
    )  # fmt: skip
    taille = serializers.IntegerField(
        default=PER_PAGE, min_value=1, max_value=MOST_PER_PAGE, help_text="Lignes par page",
        error_messages=_whole(1, MOST_PER_PAGE),
    )  # fmt: skip


class StayParameters(Parameters):
    sortie_du = _day("Sortie, réelle ou prévue, ce jour-là ou après (heure de Paris)")
    sortie_au = _day("Sortie, réelle ou prévue, ce jour-là ou avant (heure de Paris)")
    etat = _choice(["present", "sortie"], "« present » : encore à la maternité ; « sortie » : sortie enregistrée")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("sortie_du"), attrs.get("sortie_au")
        for name, day in (("sortie_du", first), ("sortie_au", last)):
            if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
                sentence = f"Donnez une année de {FIRST_YEAR} à {LAST_YEAR}."
                raise serializers.ValidationError({name: [sentence]})
        if first and last and first > last:
            raise serializers.ValidationError({"sortie_au": ["Cette date précède « sortie_du »."]})
        return attrs


class DocumentParameters(Parameters):
    sejour = _uuid("Les documents de ce séjour")
    type = _choice(list(codes.DOCUMENT_TYPES), "Code du type de document (JDV_J07)")
    statut = _choice(DocumentStatus.choices(), "État du document")


class ShipmentParameters(Parameters):
    sejour = _uuid("Les envois de ce séjour")
    document = _uuid("Les envois de ce document, toutes versions")
    canal = _choice(ChannelName.choices, "Canal")
    etat = _choice(ShipmentStatus.choices(), "État de l'envoi")
    a_traiter = _choice(["oui", "non"], "« oui » : seulement ceux qui attendent une personne")


@extend_schema_field({"type": "string", "pattern": MONTH.pattern})
class MonthField(serializers.Field[str, str, str, Any]):
    default_error_messages = {"invalid": "Donnez un mois de la forme AAAA-MM."}

    def to_internal_value(self, data: str) -> str:
        if not MONTH.fullmatch(data):
            self.fail("invalid")
        return data

    def to_representation(self, value: str) -> str:
        return value


class IndicatorParameters(Parameters):
    mois = MonthField(required=False, help_text="Mois clos, de la forme AAAA-MM")
    indicateur = _choice(list(DEFINITIONS), "Un seul indicateur")


class NoParameters(serializers.Serializer[Any]):
    """What an address of one row accepts: nothing."""


def read(expected: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The checked values of the query string; raises ParameterError (400)."""
    serializer = expected(data={name: value for name, value in request.query_params.items() if value})
    serializer.is_valid()
    errors: Errors = {name: [str(sentence) for sentence in told] for name, told in serializer.errors.items()}
    names = list(serializer.fields)
    if set(request.query_params) - set(names):
        known = f"Paramètres admis : {', '.join(names)}." if names else "Cette adresse n'admet aucun paramètre."
        errors["parametres"] = [known]
    for name in names:
        if len(request.query_params.getlist(name)) > 1:
            errors[name] = ["Ce paramètre est donné plusieurs fois."]
    if errors:
        raise ParameterError(errors)
    return dict(serializer.validated_data)
