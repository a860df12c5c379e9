"""Who validates: small letters of a few mothers, on the DMP alone, as fast as the worker takes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice

import requests
import typst

from coordination.models import Organisation, Professional, Shipment, Stay, User
from coordination.services import documents
from tests.load import world

MOTHERS = 50
AHEAD = 60  # validated and not yet acknowledged, at most: the queue stays short, as on an ordinary day


def ward(admin: str, mothers: int = MOTHERS) -> world.Place:
    """Mothers without carers, so that each letter goes to the DMP only, and what the sandbox must know of them."""
    stays = tuple(world.stay_of("ENDURANCE") for _ in range(mothers))
    site = Organisation.objects.select_related("parent").get(finess=world.SITE)
    account = User.objects.get(username=world.DOCTOR_ACCOUNT)
    structure = {"struct_idnat": site.struct_idnat, "legal": site.legal_struct_idnat, "name": site.name}
    _put(f"{admin}/structures", structure)
    register(admin, stays)
    return world.Place(site, Professional.objects.get(rpps=world.DOCTOR), account, stays)


def register(admin: str, stays: Sequence[Stay], state: str = "OK") -> None:
    """Tell the sandbox who these mothers are, and how their DMP stands."""
    people = []
    for mother in (one.mother for one in stays):
        assert mother.ins is not None
        person = {
            "matricule": mother.ins.matricule,
            "oid": mother.ins.oid,
            "state": state,
            "birth_name": mother.birth_family_name,
            "given_names": mother.birth_given_names,
            "sex": mother.sex,
            "birth_date": f"{mother.birth_date:%Y%m%d}",
        }
        people.append(person)
    _put(f"{admin}/people", people)


def _put(url: str, payload: object) -> None:
    requests.put(url, json=payload, timeout=30).raise_for_status()


def paper(text: str = "Lettre de liaison") -> bytes:
    """One page of PDF/A-1b, as small as can be."""
    return typst.compile(text.encode(), pdf_standards=["a-1b"])


def feed(place: world.Place, count: int, alive: Callable[[], None]) -> None:
    """Validate `count` letters and wait until each is acknowledged. `alive` raises when the worker is gone."""
    data = paper()
    already = Shipment.objects.count()
    for number, mother in enumerate(_turns(place, count), start=already + 1):
        one = world.Place(place.site, place.doctor, place.account, (mother,))
        documents.validate(one.drafts(1, data)[0], by=place.account)
        if number % 10 == 0:
            _until(lambda number=number: number - _accepted() < AHEAD, alive)  # type: ignore[misc]
    _until(lambda: _accepted() == already + count, alive)


def _turns(place: world.Place, count: int) -> Iterator[Stay]:
    return islice(cycle(place.stays), count)


def _accepted() -> int:
    return Shipment.objects.filter(status="ACCEPTED").count()


def _until(done: Callable[[], bool], alive: Callable[[], None]) -> None:
    while not done():
        alive()
        time.sleep(0.05)
