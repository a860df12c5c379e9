"""The lines of a CSV of stays → the entries of `services.stays`, with every fault and its line number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from django.conf import settings

from coordination.deadlines import PARIS
from coordination.models import BirthMode, Professional
from coordination.services.stays import NewbornEntry, PersonEntry, StayEntry
from perinat.standards import oids
from perinat.standards.identifiers import IdentifierError, Ins

REQUIRED = ("sejour", "ipp", "nom", "prenoms", "naissance", "entree")
CHILD = ("enfant_ipp", "enfant_prenoms", "enfant_sexe", "enfant_naissance")
MODES = {
    "": "",
    "VOIE_BASSE": BirthMode.VAGINAL.value,
    "INSTRUMENTALE": BirthMode.INSTRUMENTAL.value,
    "CESARIENNE": BirthMode.CAESAREAN.value,
}
Row = dict[str, str]
T = TypeVar("T")


class LineError(Exception):
    """One value cannot be read; `sentence` is French and names the column."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault and the line of the file where it stands (the heading is line 1)."""

    line: int
    sentence: str


def entries_of(rows: list[tuple[int, Row]]) -> tuple[list[tuple[int, StayEntry]], list[Problem]]:
    """(first line, entry) of each stay, and the problems; a stay with one faulty line is left out whole."""
    missing = [name for name in REQUIRED if rows and name not in rows[0][1]]
    if not rows or missing:
        return [], [Problem(1, f"colonnes manquantes : {', '.join(missing or REQUIRED)}.")]
    entries: dict[str, tuple[int, StayEntry]] = {}
    problems: list[Problem] = []
    faulty: set[str] = set()
    for line, row in rows:
        found = _problems_of(row)
        number = row["sejour"]
        if not found:
            if number in entries:
                first, entry = entries[number]
                found = _add_twin(entries, number, first, entry, row)
            else:
                entries[number] = (line, _entry(row))
        if found:
            faulty.add(number)
            problems += [Problem(line, sentence) for sentence in found]
    return [pair for number, pair in entries.items() if number not in faulty], problems


def _problems_of(row: Row) -> list[str]:
    """Every fault of a line, so that it is corrected once."""
    found = [f"« {name} » est vide." for name in REQUIRED if not row.get(name)]
    readers: list[Callable[[], object]] = [
        lambda: _day(row, "naissance"),
        *(
            lambda name=name: _instant(row, name)
            for name in ("entree", "accouchement", "sortie_prevue", "sortie", "information_mere", "enfant_naissance")
        ),
        *(
            lambda name=name: _professional(row, name)
            for name in ("rpps_signataire", "rpps_sage_femme", "rpps_medecin")
        ),
        lambda: _mode(row),
        lambda: _ins(row),
        lambda: _weight(row),
    ]
    for read in readers:
        try:
            read()
        except LineError as error:
            found.append(error.sentence)
    if any(row.get(name) for name in CHILD):
        found += [f"« {name} » est vide." for name in CHILD if not row.get(name)]
        if row.get("enfant_sexe", "F") not in ("", "F", "M", "U"):
            found.append("« enfant_sexe » : F, M ou U.")
    return found


def _entry(row: Row) -> StayEntry:
    informed_at = _instant(row, "information_mere")
    entry = StayEntry(
        number=row["sejour"],
        mother=_mother(row),
        admitted_at=_required(_instant(row, "entree")),
        birth_at=_instant(row, "accouchement"),
        birth_mode=_mode(row),
        expected_discharge_at=_instant(row, "sortie_prevue"),
        discharged_at=_instant(row, "sortie"),
        room=row.get("chambre", ""),
        physician=_professional(row, "rpps_signataire"),
        destination_cog=row.get("code_commune", ""),
        destination_city=row.get("commune", ""),
        midwife=_professional(row, "rpps_sage_femme"),
        general_practitioner=_professional(row, "rpps_medecin"),
        informed_at=informed_at,
    )
    return replace(entry, newborns=_children(row, 1))


def _add_twin(
    entries: dict[str, tuple[int, StayEntry]], number: str, first: int, entry: StayEntry, row: Row
) -> list[str]:
    """A second line of the same stay is another child of the same mother, and nothing else."""
    if _mother(row) != entry.mother:
        return [f"le séjour est déjà à la ligne {first}, avec une autre mère."]
    children = _children(row, len(entry.newborns) + 1)
    if not children:
        return [f"le séjour est déjà à la ligne {first}."]
    entries[number] = (first, replace(entry, newborns=entry.newborns + children))
    return []


def _mother(row: Row) -> PersonEntry:
    return PersonEntry(
        birth_family_name=row["nom"],
        birth_given_names=row["prenoms"],
        birth_date=_required(_day(row, "naissance")),
        sex="F",
        ipp=row["ipp"],
        used_family_name=row.get("nom_utilise", ""),
        birth_place_cog=row.get("lieu_naissance", ""),
        ins=_ins(row),
        qualified=row.get("ins_qualifiee", "").lower() == "oui",
        phone=row.get("telephone", ""),
        city=row.get("commune", ""),
        commune_cog=row.get("code_commune", ""),
    )


def _children(row: Row, rank: int) -> tuple[NewbornEntry, ...]:
    born_at = _instant(row, "enfant_naissance")
    if born_at is None:
        return ()
    person = PersonEntry(
        birth_family_name=row.get("enfant_nom", "") or row["nom"],
        birth_given_names=row["enfant_prenoms"],
        birth_date=born_at.date(),
        sex=row["enfant_sexe"],
        ipp=row["enfant_ipp"],
    )
    return (NewbornEntry(person, rank, born_at, _weight(row)),)


def _required(value: T | None) -> T:
    assert value is not None  # `_problems_of` refused the line otherwise
    return value


def _day(row: Row, name: str) -> date | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        raise LineError(f"« {name} » : date attendue sous la forme 21/11/2026.") from None


def _instant(row: Row, name: str) -> datetime | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=PARIS)
    except ValueError:
        raise LineError(f"« {name} » : date et heure attendues sous la forme 21/11/2026 09:12.") from None


def _professional(row: Row, name: str) -> Professional | None:
    text = row.get(name, "")
    if not text:
        return None
    professional = Professional.objects.filter(rpps=text).first()
    if professional is None:
        raise LineError(f"« {name} » : ce numéro RPPS n'est pas dans l'annuaire de perinat.")
    return professional


def _mode(row: Row) -> str:
    text = row.get("mode", "").upper()
    if text not in MODES:
        raise LineError("« mode » : VOIE_BASSE, INSTRUMENTALE ou CESARIENNE.")
    return MODES[text]


def _ins(row: Row) -> Ins | None:
    text = row.get("matricule_ins", "").replace(" ", "").upper()
    if not text:
        if row.get("ins_qualifiee", "").lower() == "oui":
            raise LineError("« ins_qualifiee » : une identité qualifiée porte un matricule INS.")
        return None
    try:
        return Ins(text, oids.INS_NIR if settings.IDENTITY_ACCEPTS_PRODUCTION else oids.INS_NIR_TEST)
    except IdentifierError as error:
        raise LineError(f"« matricule_ins » : {error.message_fr}") from error


def _weight(row: Row) -> int | None:
    text = row.get("enfant_poids", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 200 <= int(text) <= 8000:
        raise LineError("« enfant_poids » : un nombre de grammes entre 200 et 8000.")
    return int(text)
