"""How people are shown: a mother and a newborn never look alike, twins are told apart by four facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from coordination.models import InsStatus, Newborn, Person, Stay

INS_WORDS = {
    InsStatus.PROV: "INS : identité provisoire",
    InsStatus.RECUP: "INS récupérée, à valider",
    InsStatus.VALI: "Identité validée, sans INS",
    InsStatus.QUAL: "INS qualifiée",
}
RANKS = ("", "Premier enfant", "Deuxième enfant", "Troisième enfant", "Quatrième enfant")
SEXES = {"F": "fille", "M": "garçon", "U": "sexe inconnu"}


@dataclass(frozen=True, slots=True)
class PersonCard:
    """What templates/components/person_header.html shows. `kind`: mother or newborn."""

    kind: str
    label: str
    name: str
    facts: tuple[str, ...]


def mother_name(person: Person) -> str:
    """« Mme ACACIA Louise (nom utilisé MARTIN) »: the birth name first."""
    return f"Mme {person.display_name}"


def newborn_name(newborn: Newborn) -> str:
    """« FRENE Louis »; the given name may not be declared yet."""
    return newborn.person.display_name


def newborn_facts(newborn: Newborn, *, several: bool) -> str:
    """« rang 1, fille, 21/11 à 9 h 12, 2 980 g »: rank only when it tells children apart."""
    facts = [SEXES[newborn.person.sex], f"{timezone.localtime(newborn.born_at):%-d/%m à\u00a0%-H\u00a0h\u00a0%M}"]
    if several:
        facts.insert(0, f"rang {newborn.rank}")
    if newborn.weight_g:
        facts.append(f"{newborn.weight_g:,}\u00a0g".replace(",", "\u202f"))
    return ", ".join(facts)


def mother_card(person: Person, stay: Stay | None = None) -> PersonCard:
    facts = [f"née le {person.birth_date:%d/%m/%Y}", INS_WORDS[InsStatus(person.ins_status)]]
    if stay is not None and stay.room:
        facts.append(f"chambre {stay.room}")
    if person.phone:
        facts.append(person.phone)
    return PersonCard("mother", "Mère", mother_name(person), tuple(facts))


def card_of(person: Person) -> PersonCard:
    """A mother, or a child told apart from its twins."""
    birth: Newborn | None = getattr(person, "newborn", None)
    if birth is None:
        return mother_card(person)
    return newborn_card(birth, several=birth.stay.newborns.count() > 1)


def newborn_card(newborn: Newborn, *, several: bool) -> PersonCard:
    """Rank, sex, hour and weight together when there are twins."""
    person = newborn.person
    born = timezone.localtime(newborn.born_at)
    facts = [SEXES[person.sex], f"né{'e' if person.sex == 'F' else ''} le {born:%d/%m/%Y à\u00a0%-H\u00a0h\u00a0%M}"]
    if newborn.weight_g:
        facts.append(f"{newborn.weight_g:,}\u00a0g".replace(",", "\u202f"))
    facts.append(INS_WORDS[InsStatus(person.ins_status)])
    label = f"Nouveau-né · {RANKS[newborn.rank].lower()}" if several else "Nouveau-né"
    return PersonCard("newborn", label, newborn_name(newborn), tuple(facts))
