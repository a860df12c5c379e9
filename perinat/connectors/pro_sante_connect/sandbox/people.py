"""Who may sign in at the sandbox, and the claims that Pro Santé Connect gives about each.

Shape of userinfo: ANS, PSC-POC, UserInfo_site_PSC.json. The spelling `numeroFinessetablissementJuridique` is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).parent / "data" / "people.json"
REALM_UUID = "550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd"
PROFESSIONS = {"10": "Médecin", "50": "Sage-femme", "60": "Infirmière puéricultrice"}
STUDENT = "E"
# Fields of one activity that perinat's people leave empty; the real answer carries them all the same.
_EMPTY_ACTIVITY = (
    "codeSectionPharmacien", "codeRole", "numeroSiretSite", "numeroSirenSite", "numeroFinessSite",
    "numeroFinessetablissementJuridique", "identifiantTechniqueDeLaStructure", "enseigneCommercialeSite",
    "complementDestinataire", "complementPointGeographique", "numeroVoie", "indiceRepetitionVoie", "codeTypeDeVoie",
    "libelleVoie", "mentionDistribution", "bureauCedex", "codePostal", "codeCommune", "codePays", "telephone",
    "telephone2", "telecopie", "adresseEMail", "codeDepartement", "ancienIdentifiantDeLaStructure",
    "autoriteDenregistrement",
)  # fmt: skip


class PeopleError(ValueError):
    """The file of people cannot be used; the sentence is in French."""


@dataclass(frozen=True, slots=True)
class Activity:
    """`mode`: L libéral, S salarié, B bénévole; `sector`: TRE_R02 (SA07…)."""

    mode: str
    sector: str
    organisation: str
    finess: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """`profession`: TRE_G15; `category`: C civil, M militaire, E étudiant; `skill`: savoir-faire (SM54…)."""

    rpps: str
    family_name: str
    given_name: str
    profession: str
    activities: tuple[Activity, ...]
    civility: str = "MME"
    category: str = "C"
    skill: str = ""
    note: str = ""

    @property
    def national_id(self) -> str:
        """Type digit 8 (RPPS) and the number: 12 digits."""
        return f"8{self.rpps}"

    @property
    def sub(self) -> str:
        return f"f:{REALM_UUID}:{self.national_id}"

    @property
    def title(self) -> str:
        """What the page says of her."""
        name = PROFESSIONS.get(self.profession, f"Profession {self.profession}")
        return f"{name} en formation" if self.category == STUDENT else name

    def claims(self) -> dict[str, Any]:
        """Answer of userinfo, for the first activity (the real page lets her choose one)."""
        first = self.activities[0]
        return {
            "sub": self.sub,
            "SubjectNameID": self.national_id,
            "preferred_username": self.national_id,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "email_verified": False,
            "SubjectRole": [f"{self.profession}^1.2.250.1.213.1.1.5.5"],
            "SubjectOrganization": first.organisation,
            "SubjectOrganizationID": f"1{first.finess}" if first.finess else "",
            "Secteur_Activite": f"{first.sector}^1.2.250.1.71.4.2.4",
            "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
            "Mode_Acces_Raison": "",
            "Acces_Regulation_Medicale": "FAUX",
            "UITVersion": "1.0",
            "PSI_Locale": "1.2.250.1.213.1.3.1.1",
            "otherIds": [{"identifiant": self.national_id, "origine": "RPPS", "qualite": 1}],
            "SubjectRefPro": {"codeCivilite": self.civility, "exercices": [self._exercice()]},
        }

    def _exercice(self) -> dict[str, Any]:
        return {
            "codeProfession": self.profession,
            "codeCategorieProfessionnelle": self.category,
            "codeCiviliteDexercice": self.civility,
            "nomDexercice": self.family_name,
            "prenomDexercice": self.given_name,
            "codeTypeSavoirFaire": "S" if self.skill else "",
            "codeSavoirFaire": self.skill,
            "activities": [_activity(activity) for activity in self.activities],
        }


def _activity(activity: Activity) -> dict[str, str]:
    return dict.fromkeys(_EMPTY_ACTIVITY, "") | {
        "codeModeExercice": activity.mode,
        "codeSecteurDactivite": activity.sector,
        "codeGenreActivite": "GENR01",
        "raisonSocialeSite": activity.organisation,
        "numeroFinessSite": activity.finess,
    }


def person_from(value: Mapping[str, Any]) -> Person:
    """A person from one JSON object. Raises PeopleError."""
    try:
        activities = tuple(Activity(**activity) for activity in value["activities"])
        person = Person(**{**value, "activities": activities})
    except (KeyError, TypeError) as error:
        raise PeopleError("Une personne du bac à sable n'a pas les champs attendus.") from error
    if not (person.activities and person.rpps.startswith("899") and person.rpps.isdigit()):
        raise PeopleError("Une personne du bac à sable a une activité et un numéro RPPS fictif (899…).")
    return person


def load(path: Path = DEFAULT) -> dict[str, Person]:
    """The people of a file (a JSON list), by national id. Raises PeopleError."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PeopleError(f"Le fichier {path.name} ne se lit pas.") from error
    return {person.national_id: person for person in map(person_from, values)}
