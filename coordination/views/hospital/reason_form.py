"""Why a paper is replaced, by a file or on a screen: a reason of the list, and the ward's own words."""

from __future__ import annotations

from django import forms

from coordination.models import ReplacementReason
from coordination.views.hospital.stay_form import PlainForm

BY_ITSELF = ReplacementReason.VISIBILITY  # has its own page (`confidentiality`)
OF_FILES = (ReplacementReason.UNREADABLE, ReplacementReason.WRONG_FILE)


class ReasonForm(PlainForm):
    """`motif` is read by whoever received the paper; `precision` stays in the ward."""

    motif = forms.ChoiceField(
        label="Motif du remplacement",
        choices=[("", "Choisir un motif"), *((one.value, one.label) for one in ReplacementReason if one != BY_ITSELF)],
        help_text="Les destinataires le lisent dans perinat.",
    )
    precision = forms.CharField(
        label="Précision pour le service",
        required=False,
        max_length=200,
        help_text="Elle reste dans le service : aucun destinataire ne la voit. Demandée pour « autre motif ».",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("motif") == ReplacementReason.OTHER and not values.get("precision", "").strip():
            self.add_error("precision", "à renseigner pour « autre motif ».")
        return values


class CorrectionForm(ReasonForm):
    """The same for a document written on a screen: no file can be the wrong one."""

    motif = forms.ChoiceField(
        label="Motif de la correction",
        choices=[
            ("", "Choisir un motif"),
            *((one.value, one.label) for one in ReplacementReason if one not in (*OF_FILES, BY_ITSELF)),
        ],
        help_text="Les destinataires le lisent dans perinat.",
    )
