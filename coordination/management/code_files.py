"""A folder of official code files against the lists in place: what changes, or why it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from perinat.standards import official_fhir, official_svs, value_sets
from perinat.standards.official_lists import MAX_BYTES, OfficialFileError, plain_name
from perinat.standards.value_set_files import StoredAssociation, StoredList
from perinat.standards.value_set_refresh import AssociationRefresh, Refresh, refreshed, refreshed_association

Unknown = Literal["refuse", "skip", "add"]


@dataclass(slots=True)
class Reading:
    """What the folder gives. Nothing may be written when there is a `problem`.

    `skipped`: names of files that are no list of perinat; `set_aside`: such files that are faulty, and why;
    `systems`: whole nomenclatures, read for what lists refer to.
    """

    changes: list[Refresh | AssociationRefresh] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    systems: list[str] = field(default_factory=list)

    @property
    def to_write(self) -> list[StoredList | StoredAssociation]:
        return [change.stored for change in self.changes]


def read_folder(folder: Path, unknown: Unknown) -> Reading:
    """Read every .xml and .json file of `folder`, not of its subfolders; `unknown`: what to do with other lists."""
    reading, taken = Reading(), dict[str, str]()
    for path, official in _official(folder, reading, unknown):
        try:
            change = _change(official, unknown)
        except OfficialFileError as error:
            reading.problems.append(f"{path.name} : {error.message_fr}")
            continue
        except value_sets.DamagedValueSetError:
            reading.problems.append(f"{path.name} : la liste en place est illisible ; supprimez son fichier.")
            continue
        if change is None:
            _unknown(path, official, reading, unknown)
        elif (name := change.stored.head.name) in taken:
            reading.problems.append(f"{path.name} : la liste {name} est déjà donnée par {taken[name]}.")
        else:
            taken[name] = path.name
            reading.changes.append(change)
    return reading


def _official(
    folder: Path, reading: Reading, unknown: Unknown
) -> Iterator[tuple[Path, StoredList | StoredAssociation]]:
    """The files in the order of their names; CodeSystems are read before the lists that refer to them."""
    resources: list[tuple[Path, official_fhir.Resource]] = []
    systems = official_fhir.CodeSystems()
    for path in sorted(folder.iterdir()):
        try:
            if path.suffix.lower() == ".json":
                resource = official_fhir.parse(_bytes(path))
                if resource["resourceType"] == "CodeSystem":
                    systems.add(resource)
                resources.append((path, resource))
            elif path.suffix.lower() == ".xml":
                yield path, official_svs.read(_bytes(path), path.name)
            elif path.is_file():
                reading.skipped.append(path.name)
        except OfficialFileError as error:
            _refuse(path, error, reading, unknown)
    for path, resource in resources:
        try:
            yield path, official_fhir.read(resource, path.name, systems)
        except OfficialFileError as error:
            _refuse(path, error, reading, unknown)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise OfficialFileError("le fichier dépasse la taille admise.")
        return path.read_bytes()
    except OSError as error:
        raise OfficialFileError("le fichier n'est pas lisible.") from error


def _refuse(path: Path, error: OfficialFileError, reading: Reading, unknown: Unknown) -> None:
    """A faulty file; with « skip », one that is not named as a list of perinat does not stop the others."""
    ours = {*value_sets.names(), *value_sets.association_names()}
    stranger = unknown == "skip" and plain_name(path.stem) not in ours
    (reading.set_aside if stranger else reading.problems).append(f"{path.name} : {error.message_fr}")


def _change(official: StoredList | StoredAssociation, unknown: Unknown) -> Refresh | AssociationRefresh | None:
    """None: the list is unknown and not asked for."""
    if isinstance(official, StoredAssociation):
        former = value_sets.stored_association(_known(official, value_sets.association_names()))
        return refreshed_association(former, official) if former or unknown == "add" else None
    current = value_sets.stored_list(_known(official, value_sets.names()))
    return refreshed(current, official) if current or unknown == "add" else None


def _known(official: StoredList | StoredAssociation, names: tuple[str, ...]) -> str:
    """The name under which perinat knows it: ANS writes some lists with other cases."""
    name = official.head.name
    return next((known for known in names if known.casefold() == name.casefold()), name)


def _unknown(path: Path, official: StoredList | StoredAssociation, reading: Reading, unknown: Unknown) -> None:
    name = official.head.name
    if name.startswith("TRE_"):
        reading.systems.append(name)  # a whole nomenclature: read for the OID and the codes that lists refer to
    elif unknown == "skip":
        reading.skipped.append(path.name)
    else:
        reading.problems.append(
            f"{path.name} : perinat n'utilise pas la liste {name} (--unknown skip pour l'ignorer, add pour l'ajouter)."
        )
