"""The codes that perinat.standards.codes writes by hand, held against the official lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from perinat.standards import codes, value_sets
from perinat.standards.codes import Code


def own_codes() -> dict[str, tuple[Code, ...]]:
    """By official list, the codes that stand in `codes`. JDV_J59, J60 and J61 are not published with the pack."""
    return {
        "JDV_J07_XdsTypeCode": tuple(kind.type for kind in codes.DOCUMENT_TYPES.values()),
        "JDV_J01_XdsAuthorSpecialty": tuple(codes.SPECIALTIES.values()),
        "JDV_J02_XdsHealthcareFacilityTypeCode": tuple(codes.FACILITIES.values()),
        "JDV_J04_XdsPracticeSettingCode": tuple(codes.PRACTICES.values()),
        "JDV_J08_XdsConfidentialityCode": (codes.NORMAL, *codes.MASKS.values()),
    }


def disagreements(on: date) -> tuple[str, ...]:
    """French sentences: codes unknown or gone on that day, labels and classes that are no longer the official ones."""
    found = [sentence for name, ours in own_codes().items() for sentence in _of_list(name, ours, on)]
    return (*found, *_classes())


def _of_list(name: str, ours: Iterable[Code], on: date) -> Iterable[str]:
    official = value_sets.value_set(name)
    for code in ours:
        refusal = value_sets.refusal(name, code.code, on, system=code.system)
        concept = official.find(code.code, code.system)
        if refusal is not None:
            yield refusal
        elif concept is not None and concept.code.label != code.label:
            yield f"Le code {code.code} de la liste {name} s'intitule désormais « {concept.code.label} »."


def _classes() -> Iterable[str]:
    for kind in codes.DOCUMENT_TYPES.values():
        official = value_sets.class_of(kind.code, kind.type.system)
        if official is None and not kind.in_dmp:  # said to be out of the map: it goes by mail only
            continue
        if official is not None and not kind.in_dmp:
            yield f"Le type {kind.code} est désormais dans ASS_X16 ; perinat ne le dépose pas encore dans le DMP."
        if official != kind.document_class.code:
            ours = kind.document_class.code
            yield f"La classe du type {kind.code} est {official or 'absente'} dans ASS_X16 ; perinat écrit {ours}."
