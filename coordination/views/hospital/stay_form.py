"""The short form of a stay: the mother, the birth, the discharge, up to four children."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings

from coordination.models import BirthMode, InsStatus, Newborn, Organisation, Person, Stay
from coordination.selectors.stay_view import signatories
from coordination.services.stays import NewbornEntry, PersonEntry, StayEntry
from perinat.standards import oids
from perinat.standards.identifiers import IdentifierError, Ins

INSTANT = "%Y-%m-%dT%H:%M"
DAY = "%Y-%m-%d"


class InstantField(forms.DateTimeField):
    """A date and an hour of Paris, typed or chosen in the browser."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=INSTANT)
        super().__init__(widget=widget, input_formats=[INSTANT, "%d/%m/%Y %H:%M"], **kwargs)


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format=DAY)
        super().__init__(widget=widget, input_formats=[DAY, "%d/%m/%Y"], **kwargs)


class PlainForm(forms.Form):
    """Widgets of the house: labels, help and errors tied to the fields, no refusal before the server's."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs.setdefault("class", "form-check-input" if _is_tick(field) else kind)
            field.error_messages["required"] = "à renseigner."
            field.error_messages["invalid"] = "la valeur n'est pas comprise."


def _is_tick(field: forms.Field) -> bool:
    return isinstance(field, forms.BooleanField)


class StayForm(PlainForm):
    """The stay and the mother. INS: optional; qualified only when the ward says so."""

    number = forms.CharField(label="Numéro de dossier du séjour", max_length=40)
    ipp = forms.CharField(
        label="IPP de la mère", max_length=40, help_text="Identifiant permanent du patient, dans l'établissement."
    )
    family_name = forms.CharField(label="Nom de naissance", max_length=100)
    given_names = forms.CharField(
        label="Prénoms de naissance", max_length=100, help_text="Tous, dans l'ordre de l'état civil."
    )
    used_name = forms.CharField(label="Nom utilisé", max_length=100, required=False)
    birth_date = DayField(label="Date de naissance de la mère")
    birth_place = forms.CharField(label="Lieu de naissance (code officiel géographique)", max_length=5, required=False)
    matricule = forms.CharField(label="Matricule INS (15 caractères)", max_length=15, required=False)
    qualified = forms.BooleanField(label="L'INS est qualifiée", required=False)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    room = forms.CharField(label="Chambre", max_length=20, required=False)
    admitted_at = InstantField(label="Entrée")
    birth_at = InstantField(label="Accouchement", required=False)
    birth_mode = forms.ChoiceField(
        label="Mode d'accouchement", choices=[("", "À préciser"), *BirthMode.choices], required=False
    )
    expected_discharge_at = InstantField(label="Sortie prévue", required=False)
    destination_city = forms.CharField(label="Commune où elle sera après la sortie", max_length=80, required=False)
    destination_cog = forms.CharField(
        label="Code de cette commune", max_length=5, required=False, help_text="Code officiel géographique (Insee)."
    )
    postal_code = forms.RegexField(
        r"^\d{5}$",
        label="Code postal",
        required=False,
        help_text="Demandé par le certificat de santé du 8e jour.",
        error_messages={"invalid": "Un code postal a cinq chiffres."},
    )
    physician = forms.ChoiceField(
        label="Qui signe les papiers", required=False, help_text="Médecin ou sage-femme du service."
    )

    def __init__(self, *args: Any, site: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signatories = {str(one.pk): one for one in signatories(site)}
        field = self.fields["physician"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "À préciser"), *((pk, str(one)) for pk, one in self.signatories.items())]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            values["ins"] = _ins(values.get("matricule", ""), values.get("qualified", False))
        except IdentifierError as error:
            self.add_error("matricule", error.message_fr)
        return values


class NewbornForm(PlainForm):
    """One child. A line left empty is no child; a line begun is complete."""

    ipp = forms.CharField(label="IPP de l'enfant", max_length=40, required=False)
    family_name = forms.CharField(label="Nom", max_length=100, required=False)
    given_names = forms.CharField(label="Prénoms", max_length=100, required=False)
    sex = forms.ChoiceField(
        label="Sexe", choices=[("", "À préciser"), ("F", "Fille"), ("M", "Garçon"), ("U", "Inconnu")], required=False
    )
    born_at = InstantField(label="Naissance", required=False)
    weight_g = forms.IntegerField(label="Poids (grammes)", min_value=200, max_value=8000, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.has_changed():
            for name in ("ipp", "given_names", "sex", "born_at"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, "à renseigner.")
        return values


NewbornForms = forms.formset_factory(NewbornForm, extra=1, max_num=4, absolute_max=4)


def _ins(matricule: str, qualified: bool) -> Ins | None:
    """The INS of the house: the national authority in production, that of tests elsewhere."""
    typed = matricule.replace(" ", "").upper()
    if not typed:
        return None
    return Ins(typed, oids.INS_NIR if settings.IDENTITY_ACCEPTS_PRODUCTION else oids.INS_NIR_TEST)


def entry_of(form: StayForm, newborns: Iterable[NewbornForm], *, known: Stay | None = None) -> StayEntry:
    """What the forms say. On a known stay, what the form does not show is kept as it is."""
    values = form.cleaned_data
    before = entry_of_stay(known) if known is not None else None
    mother = PersonEntry(
        birth_family_name=values["family_name"],
        birth_given_names=values["given_names"],
        birth_date=values["birth_date"],
        sex="F",
        ipp=values["ipp"],
        used_family_name=values["used_name"],
        birth_place_cog=values["birth_place"],
        ins=values.get("ins"),
        qualified=values["qualified"],
        phone=values["phone"],
        commune_cog=values["destination_cog"],
        city=values["destination_city"],
        postal_code=values["postal_code"],
    )
    entry = StayEntry(
        number=values["number"],
        mother=mother,
        admitted_at=values["admitted_at"],
        birth_at=values["birth_at"],
        birth_mode=values["birth_mode"],
        expected_discharge_at=values["expected_discharge_at"],
        room=values["room"],
        physician=form.signatories.get(values["physician"]),
        destination_cog=values["destination_cog"],
        destination_city=values["destination_city"],
        newborns=tuple(_newborn(one, rank, mother) for rank, one in enumerate(filled(newborns), start=1)),
    )
    if before is None:
        return entry
    return replace(entry, discharged_at=before.discharged_at, needs=before.needs)


def filled(newborns: Iterable[NewbornForm]) -> list[NewbornForm]:
    return [one for one in newborns if one.cleaned_data.get("born_at")]


def _newborn(form: NewbornForm, rank: int, mother: PersonEntry) -> NewbornEntry:
    values = form.cleaned_data
    born_at: datetime = values["born_at"]
    person = PersonEntry(
        birth_family_name=values["family_name"] or mother.birth_family_name,
        birth_given_names=values["given_names"],
        birth_date=_local_day(born_at),
        sex=values["sex"],
        ipp=values["ipp"],
    )
    return NewbornEntry(person, rank, born_at, values["weight_g"])


def _local_day(at: datetime) -> date:
    """The day of birth in Paris: DateTimeField gives instants of the current time zone."""
    return at.date()


def entry_of_stay(stay: Stay) -> StayEntry:
    """The entry that would record this stay as it is: the ground of a small change."""
    return StayEntry(
        number=stay.number,
        mother=_person_entry(stay.mother, stay.maternity),
        admitted_at=stay.admitted_at,
        birth_at=stay.birth_at,
        birth_mode=stay.birth_mode,
        expected_discharge_at=stay.expected_discharge_at,
        discharged_at=stay.discharged_at,
        room=stay.room,
        physician=stay.physician,
        destination_cog=stay.destination_cog,
        destination_city=stay.destination_city,
        needs=tuple(stay.needs),
        newborns=tuple(_newborn_entry(one, stay.maternity) for one in stay.newborns.select_related("person")),
    )


def _newborn_entry(newborn: Newborn, site: Organisation) -> NewbornEntry:
    return NewbornEntry(_person_entry(newborn.person, site), newborn.rank, newborn.born_at, newborn.weight_g)


def _person_entry(person: Person, site: Organisation) -> PersonEntry:
    ipp = person.local_identifiers.filter(organisation=site).values_list("value", flat=True).first() or ""
    ins = Ins(person.ins_matricule, person.ins_oid) if person.ins_matricule else None
    return PersonEntry(
        birth_family_name=person.birth_family_name,
        birth_given_names=person.birth_given_names,
        birth_date=person.birth_date,
        sex=person.sex,
        ipp=ipp,
        used_family_name=person.used_family_name,
        birth_place_cog=person.birth_place_cog,
        ins=ins,
        qualified=person.ins_status == InsStatus.QUAL,
        phone=person.phone,
        commune_cog=person.commune_cog,
        city=person.city,
        postal_code=person.postal_code,
    )


def initial_of(stay: Stay) -> dict[str, Any]:
    """What the form of a known stay shows."""
    mother = stay.mother
    entry = entry_of_stay(stay)
    return {
        "number": stay.number,
        "ipp": entry.mother.ipp,
        "family_name": mother.birth_family_name,
        "given_names": mother.birth_given_names,
        "used_name": mother.used_family_name,
        "birth_date": mother.birth_date,
        "birth_place": mother.birth_place_cog,
        "matricule": mother.ins_matricule,
        "qualified": mother.ins_status == InsStatus.QUAL,
        "phone": mother.phone,
        "room": stay.room,
        "admitted_at": stay.admitted_at,
        "birth_at": stay.birth_at,
        "birth_mode": stay.birth_mode,
        "expected_discharge_at": stay.expected_discharge_at,
        "destination_city": stay.destination_city,
        "destination_cog": stay.destination_cog,
        "postal_code": mother.postal_code,
        "physician": str(stay.physician_id or ""),
    }


def newborns_initial(stay: Stay) -> list[dict[str, Any]]:
    return [
        {
            "ipp": entry.person.ipp,
            "family_name": entry.person.birth_family_name,
            "given_names": entry.person.birth_given_names,
            "sex": entry.person.sex,
            "born_at": entry.born_at,
            "weight_g": entry.weight_g,
        }
        for entry in entry_of_stay(stay).newborns
    ]
