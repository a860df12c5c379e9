"""The forms of the administrator. They read and clean; the rules are those of the services."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from coordination.models import LetterGate, Organisation, OrganisationKind, Professional, Role
from coordination.services.accounts import AccountEntry, DelegationEntry
from coordination.services.administration import ProfessionalEntry, SiteEntry
from coordination.views.hospital.stay_form import DayField, PlainForm
from perinat.standards import codes

COG = re.compile(r"\d[0-9AB]\d{3}", re.ASCII)
EMPTY = "Choisir"
SITES = Organisation.objects.order_by("kind", "name")
KNOWN = Professional.objects.select_related("organisation")


def _with_site(one: Professional) -> str:
    return f"{one}, {one.organisation}"


class SiteForm(PlainForm):
    """A site or a legal entity."""

    kind = forms.ChoiceField(label="Type", choices=OrganisationKind.choices)
    name = forms.CharField(label="Nom", max_length=120)
    finess = forms.CharField(
        label="Numéro FINESS", max_length=9, required=False, help_text="9 caractères, sa clé est vérifiée."
    )
    parent = forms.ModelChoiceField(
        label="Entité juridique", required=False, empty_label="Aucune",
        queryset=Organisation.objects.filter(kind=OrganisationKind.LEGAL_ENTITY),
        help_text="Pour une maternité : elle détient les certificats.",
    )  # fmt: skip
    mailbox = forms.EmailField(
        label="Boîte applicative MSSanté", required=False, help_text="L’adresse d’où partent les envois du site."
    )
    ipp_oid = forms.CharField(
        label="OID des numéros de patient (IPP)", max_length=64, required=False,
        help_text="L’identifiant du domaine qui attribue les IPP du site.",
    )  # fmt: skip
    deposits_in_dmp = forms.BooleanField(label="Dépose dans le DMP (dossier médical partagé)", required=False)
    letter_gate = forms.ChoiceField(
        label="Lettre de liaison incomplète", choices=LetterGate.choices, required=False,
        help_text="Pour une maternité : ce que fait perinat quand un critère de la lettre n’est pas trouvé.",
    )  # fmt: skip
    falls_back = forms.BooleanField(
        label="Un envoi qui n’arrive pas prend seul la voie suivante", required=False, initial=True,
        help_text="Autre adresse de la même personne, boîte partagée de son cabinet, puis remise sur papier par le "
        "service. Sinon, chaque envoi refusé attend une personne.",
    )  # fmt: skip
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    address_line = forms.CharField(label="Adresse", max_length=120, required=False)
    postal_code = forms.RegexField(
        r"^\d{5}$", label="Code postal", required=False, error_messages={"invalid": "cinq chiffres."}
    )
    city = forms.CharField(label="Ville", max_length=80, required=False)
    communes = forms.CharField(
        label="Communes (codes officiels géographiques)", required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Territoire d’une CPTS, ou commune d’un cabinet. Séparés par une espace ou une virgule.",
    )  # fmt: skip

    def __init__(self, *args: Any, site: Organisation | None = None, **kwargs: Any) -> None:
        if site is not None:
            kwargs["initial"] = {name: getattr(site, name) for name in self.base_fields} | {
                "communes": " ".join(site.communes)
            }
        super().__init__(*args, **kwargs)

    def clean_communes(self) -> tuple[str, ...]:
        found = self.cleaned_data["communes"].replace(",", " ").split()
        if any(not COG.fullmatch(code) for code in found):
            raise forms.ValidationError("un code de commune compte cinq caractères.")
        return tuple(dict.fromkeys(found))

    def clean_letter_gate(self) -> str:
        return self.cleaned_data["letter_gate"] or LetterGate.WARN

    def entry(self) -> SiteEntry:
        return SiteEntry(**self.cleaned_data)


class ProfessionalForm(PlainForm):
    """A professional of the RPPS."""

    rpps = forms.CharField(label="Numéro RPPS", max_length=11, help_text="11 chiffres, la clé est vérifiée.")
    civility = forms.CharField(label="Civilité d’exercice", max_length=10, required=False, help_text="Dr, Pr…")
    family_name = forms.CharField(label="Nom d’exercice", max_length=80)
    given_name = forms.CharField(label="Prénom d’exercice", max_length=80)
    specialty_code = forms.ChoiceField(
        label="Profession et spécialité", choices=[(code, kind.label) for code, kind in codes.SPECIALTIES.items()]
    )
    organisation = forms.ModelChoiceField(label="Lieu d’exercice", queryset=SITES, empty_label=EMPTY)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    mailbox = forms.EmailField(
        label="Adresse MSSanté à ajouter", required=False, help_text="Ses autres adresses sont gardées."
    )

    def __init__(self, *args: Any, professional: Professional | None = None, **kwargs: Any) -> None:
        if professional is not None:
            names = [name for name in self.base_fields if name != "mailbox"]
            kwargs["initial"] = {name: getattr(professional, name) for name in names}
        super().__init__(*args, **kwargs)

    def entry(self) -> ProfessionalEntry:
        return ProfessionalEntry(**self.cleaned_data)


class AccountForm(PlainForm):
    """An account: one role in one site."""

    username = forms.CharField(label="Identifiant", max_length=150)
    first_name = forms.CharField(label="Prénom", max_length=150)
    last_name = forms.CharField(label="Nom", max_length=150)
    email = forms.EmailField(label="Adresse électronique", help_text="Pour les avis sans contenu de santé.")
    role = forms.ChoiceField(label="Rôle", choices=[("", EMPTY), *Role.choices])
    organisation = forms.ModelChoiceField(label="Site", queryset=SITES, empty_label=EMPTY)
    professional = forms.ModelChoiceField(
        label="Professionnel du RPPS", queryset=KNOWN, required=False, empty_label="Aucun",
        help_text="Pour une sage-femme, un médecin, un professionnel de ville.",
    )  # fmt: skip
    is_ward_head = forms.BooleanField(label="Cadre de la maternité : reçoit aussi les retards", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["professional"].label_from_instance = _with_site  # type: ignore[attr-defined]

    def entry(self) -> AccountEntry:
        return AccountEntry(**self.cleaned_data)


class DelegationForm(PlainForm):
    """Who lets the secretaries of her maternity send which papers, from when to when."""

    professional = forms.ModelChoiceField(
        label="Professionnel qui délègue", queryset=KNOWN.filter(organisation__kind=OrganisationKind.MATERNITY),
        empty_label=EMPTY,
    )  # fmt: skip
    type_codes = forms.MultipleChoiceField(
        label="Papiers concernés", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(code, kind.type.label) for code, kind in codes.DOCUMENT_TYPES.items()],
        help_text="Aucun coché : tous les papiers.",
    )  # fmt: skip
    starts_on = DayField(label="Du")
    ends_on = DayField(label="Au", help_text="Un an au plus ; la délégation se renouvelle.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["professional"].label_from_instance = _with_site  # type: ignore[attr-defined]
        self.fields["type_codes"].widget.attrs["class"] = "form-check-input"

    def entry(self) -> DelegationEntry:
        values = self.cleaned_data
        return DelegationEntry(
            professional=values["professional"],
            organisation=values["professional"].organisation,
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            type_codes=tuple(values["type_codes"]),
        )
