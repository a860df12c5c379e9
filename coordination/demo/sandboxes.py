"""What the demonstration tells the sandboxes before the week: over their administration door, as a tester would."""

from __future__ import annotations

from typing import Any

import requests
from django.conf import settings

from coordination.demo import conversation, world
from coordination.demo.families import FAMILIES, ins_of

TIMEOUT = 60  # of a sandbox that starts beside everything else


def _put(url: str, payload: Any) -> None:
    answer = requests.put(url, json=payload, timeout=TIMEOUT)
    answer.raise_for_status()


def prepare() -> None:
    """Register people, structures and mailboxes of the fictitious world."""
    _prepare_dmp(settings.DMP_SANDBOX_ADMIN_URL)
    _prepare_mssante(settings.MSSANTE_SANDBOX_ADMIN_URL)


def _prepare_dmp(admin: str) -> None:
    by_key = {site.key: site for site in world.SITES}
    for site in world.SITES:
        legal = by_key[site.parent or site.key]
        _put(
            f"{admin}/structures",
            {"struct_idnat": f"1{site.finess}", "legal": f"1{legal.finess}", "name": site.name},
        )
    for one in world.ELSEWHERE:
        _put(f"{admin}/structures", {"struct_idnat": f"1{one.finess}", "legal": f"1{one.finess}", "name": one.name})
    people = []
    for family in FAMILIES:
        ins = ins_of(family)
        people.append(
            {
                "matricule": ins.matricule,
                "oid": ins.oid,
                "state": family.dmp,
                "birth_name": family.family,
                "given_names": family.given,
                "sex": "F",
                "birth_date": f"{family.birth:%Y%m%d}",
            }
        )
    _put(f"{admin}/people", people)


def _prepare_mssante(admin: str) -> None:
    boxes: list[dict[str, Any]] = [
        {"address": address, "kind": "APP", "owner": address.partition("@")[0], "legal_struct": legal}
        for address, legal in world.mailboxes().items()
    ]
    boxes += [
        {
            "address": carer.mailbox,
            "kind": "PER",
            "owner": f"{carer.given} {carer.family}",
            "behaviour": carer.behaviour,
            "delay_s": 1,
            "holders": [carer.rpps],
        }
        for carer in world.CARERS
        if carer.mailbox
    ]
    for box in [*boxes, *conversation.boxes()]:
        _put(f"{admin}/mailboxes", box)
