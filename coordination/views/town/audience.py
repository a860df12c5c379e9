"""« Qui le verra » : who receives a synthesis, said before it is validated, by the rule that will send it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from coordination.models import CareTeamMember, ChannelName, Document, HoldReason, Person, Stay, User
from coordination.selectors import confidentiality as shown
from coordination.selectors import visit_form
from coordination.selectors.confidentiality import Part
from coordination.services import routing
from perinat.standards import codes, confidentiality

FIELD = "masque"
WAITS = {
    HoldReason.INS: "attendra que l’INS de l’enfant soit qualifiée",
    HoldReason.ADDRESS: "pas d’adresse MSSanté connue : l’envoi attendra, la lecture reste possible dans perinat",
    HoldReason.CONSENT: "attendra que l’information de la mère soit tracée",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One line of « Qui le verra » : a name, a role, by which way, and what it waits for."""

    name: str
    role: str
    way: str
    waits: str = ""


def chosen(request: HttpRequest) -> list[str]:
    """The confidentiality ticked in the form: choices that exist; what does not go together is refused later."""
    return confidentiality.normal(one for one in request.POST.getlist(FIELD) if one in confidentiality.CHOICES)


def part(user: User, *, person: Person, stay: Stay, masks: Sequence[str]) -> Part | None:
    """What may be chosen for the synthesis, with what cannot be undone."""
    paper = _paper(user, person, stay, masks)
    return shown.part(person.pk, paper, ()) if paper is not None else None


def _paper(user: User, person: Person, stay: Stay, masks: Sequence[str]) -> Document | None:
    """Never saved: it asks the routing where such a paper would go."""
    if user.organisation is None or user.professional is None:
        return None  # the form itself says that this account cannot write
    return Document(
        person=person,
        stay=stay,
        organisation=user.organisation,
        type_code=codes.CR_CONSULTATION.code,
        author=user.professional,
        masks=list(masks),
    )


def readers(user: User, *, person: Person, stay: Stay, masks: Sequence[str] = ()) -> list[Reader]:
    """Everybody who will be able to read the synthesis of `person` written by `user`."""
    paper = _paper(user, person, stay, masks)
    if paper is None:
        return []
    team = visit_form.members(stay, without=user.professional_id)
    roles = {str(m.professional): _role(m) for m in team}
    targets = routing.targets(paper)
    found = [_reader(target, roles, person, stay, masks) for target in targets]
    if all(target.channel != ChannelName.DMP for target in targets):
        found.append(Reader("DMP", "non déposé", "votre structure ne dépose pas dans le DMP"))
    if confidentiality.MASKED in masks:
        return found  # no professional opens it here
    reached = {target.name for target in targets}
    found += [
        Reader(str(m.professional), _role(m), "lecture dans perinat")
        for m in team
        if str(m.professional) not in reached and m.informed_at is not None
    ]
    return found


def _role(member: CareTeamMember) -> str:
    """« médecin traitant », « PMI »: inside a sentence."""
    label = str(member.get_role_display())
    return label if label.isupper() else label[:1].lower() + label[1:]


def _reader(target: routing.Target, roles: dict[str, str], person: Person, stay: Stay, masks: Sequence[str]) -> Reader:
    waits = WAITS.get(target.hold, "")
    if target.channel == ChannelName.DMP:
        return Reader("DMP", _in_dmp(masks, is_mother=person.pk == stay.mother_id), "dépôt dans le DMP", waits)
    return Reader(target.name, roles.get(target.name, ""), "MSSanté", waits)


def _in_dmp(masks: Sequence[str], *, is_mother: bool) -> str:
    """Who reads it there."""
    hiding = confidentiality.FROM_PATIENT if is_mother else confidentiality.FROM_REPRESENTATIVES
    home = "la mère" if is_mother else "ses représentants légaux"
    masked = confidentiality.MASKED in masks
    professionals = "vous et le médecin traitant" if masked else "ses professionnels autorisés"
    return f"{professionals}, pas {home}" if hiding in masks else f"{home} et {professionals}"
