"""Small forms of the town pages. The questions of the visit themselves are data: services.forms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from coordination.models import Organisation, OrganisationKind
from coordination.services import forms as questions
from coordination.services.claims import Clue

CLOCK_DRIFT = timedelta(minutes=5)
REASONS = (
    ("Personne à l’adresse", "Personne à l’adresse"),
    ("Reportée à la demande de la mère", "Reportée à la demande de la mère"),
    ("Mère ou enfant hospitalisé", "Mère ou enfant hospitalisé"),
    ("Empêchement de la sage-femme", "Je n’ai pas pu venir"),
)
REFUSED = "La mère ne souhaite pas de visite"
DECLINES = (
    ("Plus de place cette semaine", "Plus de place cette semaine"),
    ("Trop loin", "Trop loin"),
    ("Absente", "Absente"),
)


class Moment(forms.DateTimeField):
    """A date and hour of Paris, typed with the browser's own field."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "form-control"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
            error_messages={
                "required": "Indiquez la date et l’heure.",
                "invalid": "Indiquez une date et une heure, par exemple 21/11/2026 14:30.",
            },
            **kwargs,
        )


class Choices(forms.RadioSelect):
    """Radio buttons whose error leads to the first of them."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return f"{id_}_0" if index is None else super().id_for_label(id_, index)


class DateForm(forms.Form):
    """When the visit will be: proposed before the deadline, at an ordinary hour."""

    at = Moment(label="Date et heure de la visite")

    def __init__(self, *args: Any, due: datetime | None, at: datetime | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tomorrow = timezone.localtime() + timedelta(days=1)
        proposal = at or tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
        self.fields["at"].initial = min(proposal, due) if due and due > timezone.now() and at is None else proposal

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at < timezone.now() - timedelta(hours=12):
            raise forms.ValidationError("Cette date est passée. Si la visite est faite, choisissez « Visite faite ».")
        if at > timezone.now() + timedelta(weeks=8):
            raise forms.ValidationError("Cette date est dans plus de huit semaines. Vérifiez l’année et le mois.")
        return at


class MissedForm(forms.Form):
    """Why the visit was not done: one reason, a precision if she wishes."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=REASONS,
        widget=Choices,
        error_messages={"required": "Choisissez un motif."},
    )
    detail = forms.CharField(
        label="Précision",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, may_refuse: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_refuse:
            ends = (REFUSED, f"{REFUSED} : le suivi se termine et son dossier se ferme")
            self.fields["reason"].choices = (*REASONS, ends)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["why"] = " : ".join(part for part in (data.get("reason", ""), data.get("detail", "").strip()) if part)
        return data


class CodeForm(forms.Form):
    """« J'ai un code » : the one printed on the sheet."""

    code = forms.CharField(
        label="Code de la feuille",
        max_length=40,
        help_text="Treize caractères, par exemple K7QF2-M9T4C-8HV. Majuscules et tirets n’importent pas.",
        error_messages={"required": "Saisissez le code imprimé sur la feuille."},
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class ClaimForm(forms.Form):
    """« C'est ma patiente » : the printed code, or the three traits."""

    code = forms.CharField(
        label="Code imprimé sur le dossier de sortie",
        required=False,
        max_length=20,
        help_text="Dix caractères, par exemple K7QF2-M9T4C.",
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    family_name = forms.CharField(
        label="Nom de naissance de la mère",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    birth_date = forms.DateField(
        label="Date de naissance de la mère",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
        error_messages={"invalid": "Indiquez une date, par exemple 12/04/1993."},
    )
    maternity = forms.ModelChoiceField(
        label="Maternité",
        required=False,
        queryset=Organisation.objects.none(),
        empty_label="Choisir la maternité",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    chosen = forms.BooleanField(
        label="Cette patiente m’a choisie pour son suivi et sait que j’accède à son dossier.",
        error_messages={"required": "Confirmez que la patiente vous a choisie et en est informée."},
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        maternities = Organisation.objects.filter(kind=OrganisationKind.MATERNITY)
        self.fields["maternity"].queryset = maternities  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("code") or self.errors:
            return data
        missing = {
            "family_name": "Indiquez le nom de naissance, ou le code.",
            "birth_date": "Indiquez la date de naissance, ou le code.",
            "maternity": "Choisissez la maternité, ou indiquez le code.",
        }
        for name, sentence in missing.items():
            if not data.get(name):
                self.add_error(name, sentence)
        return data

    @property
    def clue(self) -> Clue:
        data = self.cleaned_data
        if data["code"]:
            return Clue(code=data["code"])
        return Clue(data["family_name"], data["birth_date"], data["maternity"])


class Questions(forms.Form):
    """The questions of services.forms as fields; their rules stay there (`add_problems`)."""

    done_at = Moment(label="Date et heure")

    def __init__(self, sections: Iterable[questions.Section], *args: Any, done_label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = tuple(sections)
        self.fields["done_at"].label = done_label
        self.fields["done_at"].initial = timezone.localtime()
        for question in (q for section in self.sections for q in section.fields):
            self.fields[question.name] = _field(question)

    def clean_done_at(self) -> datetime:
        at: datetime = self.cleaned_data["done_at"]
        if at > timezone.now() + CLOCK_DRIFT:
            raise forms.ValidationError("Cette date est dans le futur. Indiquez quand la rencontre a eu lieu.")
        if at < timezone.now() - timedelta(weeks=14):
            raise forms.ValidationError("Cette date a plus de quatorze semaines. Vérifiez l’année et le mois.")
        return at

    @property
    def answers(self) -> dict[str, str]:
        """What was typed, by question."""
        return {q.name: str(self.data.get(q.name, "")).strip() for section in self.sections for q in section.fields}

    def add_problems(self, problems: dict[str, str]) -> None:
        """The refusals of the service, each on its field (whose label the page already says)."""
        for name, sentence in problems.items():
            label = f"« {self.fields[name].label} »" if name in self.fields else ""
            told = sentence.removeprefix(label).lstrip(" :") if label else sentence
            self.add_error(name or None, told[:1].upper() + told[1:])

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading, bound fields) for the template."""
        return [(section.title, [self[q.name] for q in section.fields]) for section in self.sections]


def _field(question: questions.Field) -> forms.Field:
    """Never refuses by itself: the service says what is wrong, in one voice."""
    if question.choices:
        return forms.CharField(label=question.label, required=False, widget=Choices(choices=question.choices))
    attrs: dict[str, Any] = {"class": "form-control", "autocomplete": "off", "maxlength": question.maximum}
    if question.numeric:
        attrs = {"class": "form-control", "autocomplete": "off", "inputmode": "numeric", "maxlength": 5}
    field = forms.CharField(label=question.label, required=False, widget=forms.TextInput(attrs=attrs))
    depends = question.name.startswith("epds_")  # asked for or not by the answer before it
    field.optional = not question.required and not depends  # type: ignore[attr-defined]
    return field


def with_normal_answers(data: Any) -> Any:
    """« Tout normal » : every question about a state, not answered yet, becomes « Normal »."""
    filled = data.copy()
    for section in (*questions.MOTHER_VISIT, *questions.NEWBORN_VISIT):
        for question in section.fields:
            if question.choices == questions.NORMAL and not filled.get(question.name):
                filled[question.name] = "normal"
    return filled
