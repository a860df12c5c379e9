"""« Qui le verra » : who receives a synthesis, said before it is validated, by the rule that will send it."""

from __future__ import annotations

from dataclasses import dataclass

from coordination.models import CareTeamMember, ChannelName, Document, HoldReason, Person, Stay, User
from coordination.selectors import visit_form
from coordination.services import routing
from perinat.standards import codes

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


def readers(user: User, *, person: Person, stay: Stay) -> list[Reader]:
    """Everybody who will be able to read the synthesis of `person` written by `user`."""
    if user.organisation is None or user.professional is None:
        return []  # the form itself says that this account cannot write
    paper = Document(
        person=person,
        stay=stay,
        organisation=user.organisation,
        type_code=codes.CR_CONSULTATION.code,
        author=user.professional,
    )  # never saved: it asks the routing where such a paper would go
    team = visit_form.members(stay, without=user.professional_id)
    roles = {str(m.professional): _role(m) for m in team}
    targets = routing.targets(paper)
    found = [_reader(target, roles, person, stay) for target in targets]
    if all(target.channel != ChannelName.DMP for target in targets):
        found.append(Reader("DMP", "non déposé", "votre structure ne dépose pas dans le DMP"))
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


def _reader(target: routing.Target, roles: dict[str, str], person: Person, stay: Stay) -> Reader:
    waits = WAITS.get(target.hold, "")
    if target.channel == ChannelName.DMP:
        whose = "la mère" if person.pk == stay.mother_id else "ses représentants légaux"
        return Reader("DMP", f"{whose} et ses professionnels autorisés", "dépôt dans le DMP", waits)
    return Reader(target.name, roles.get(target.name, ""), "MSSanté", waits)
