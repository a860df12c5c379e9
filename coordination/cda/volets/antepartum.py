"""What the tree of OBP-SAP cannot say: an antepartum summary whose parts agree with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordination.cda.spec.checking import Problem
from perinat.standards import oids
from perinat.standards.codes import Code

NAMED = {  # the five problems that the rules ask for, present or absent: what people call them, their code
    "bleeding": (
        "Hémorragie avant l'accouchement",
        Code("O46", oids.CIM_10, "Hémorragie précédant l'accouchement, non classée ailleurs"),
    ),
    "false_labour": (
        "Menace d'accouchement prématuré (faux travail avant 37 SA)",
        Code("O47.0", oids.CIM_10, "Faux travail avant 37 semaines révolues de gestation"),
    ),
    "membranes_rupture": (
        "Rupture prématurée des membranes",
        Code("O42", oids.CIM_10, "Rupture prématurée des membranes"),
    ),
    "urinary_infection": (
        "Infection urinaire",
        Code("N39.0", oids.CIM_10, "Infection des voies urinaires, siège non précisé"),
    ),
    "genital_infection": (
        "Infection génito-urinaire au cours de la grossesse",
        Code("O23", oids.CIM_10, "Infections de l'appareil génito-urinaire au cours de la grossesse"),
    ),
}


def no_child(body: Mapping[str, Any]) -> Iterator[Problem]:
    """A pregnancy without a birth must hold every fact of the organizer (S_pregnancyHistoryOrganizer)."""
    needed = ("number", "gestational_age", "perineum", "postpartum_haemorrhage", "living_children")
    for index, one in enumerate(body["pregnancies"].get("earlier", ())):
        path = f"body.pregnancies.earlier[{index}]"
        if one.get("children"):
            ranks = [child["rank"] for child in one["children"]]
            if len(set(ranks)) != len(ranks):
                yield Problem(f"{path}.children", "deux enfants d'une grossesse ont le même rang")
            continue
        for name in needed:
            if name not in one:
                yield Problem(f"{path}.{name}", "cette donnée est obligatoire pour une grossesse sans naissance")
        if not one.get("pathologies") and "pathology" not in one:
            yield Problem(f"{path}.pathology", "dire s'il y a eu une pathologie pendant une grossesse sans naissance")


def pregnancies_counted(body: Mapping[str, Any]) -> Iterator[Problem]:
    told = body["pregnancies"]
    if len(told.get("earlier", ())) > told["previous"]:
        yield Problem("body.pregnancies.previous", "il y a plus de grossesses antérieures décrites que comptées")


def body_mass(body: Mapping[str, Any]) -> Iterator[Problem]:
    measures = body["vital_signs"]["measures"]
    expected = measures["weight"] / (measures["height"] / 100) ** 2
    if abs(expected - measures["bmi"]) > 1:
        found = f"{expected:.1f}".replace(".", ",")
        yield Problem("body.vital_signs.measures.bmi", f"l'IMC calculé sur ce poids et cette taille est {found}")


def named_not_denied(body: Mapping[str, Any]) -> Iterator[Problem]:
    """O42.0 cited among the others, and O42 said absent: one of the two is wrong."""
    told = body["problems"]
    for index, other in enumerate(told.get("maternal", ())):
        for name, (label, code) in NAMED.items():
            if not told[name]["present"] and other["problem"]["code"].startswith(f"{code.code}."):
                yield Problem(
                    f"body.problems.maternal[{index}]",
                    f"« {label} » est dit absent, et {other['problem']['code']} en est une forme",
                )


def treatments(body: Mapping[str, Any]) -> Iterator[Problem]:
    told = body["treatments"]
    if bool(told.get("none")) == bool(told.get("maternal") or told.get("foetal")):
        yield Problem(
            "body.treatments", "les traitements sont attendus, ou none : true s'il n'y en a pas ; l'un des deux"
        )


def foetal_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    told = body["problems"]
    if bool(told.get("no_foetal_problem")) == bool(told.get("foetal")):
        yield Problem(
            "body.problems", "les pathologies du fœtus sont attendues, ou no_foetal_problem : true ; l'un des deux"
        )
