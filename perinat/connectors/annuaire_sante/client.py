"""The Directory port on the Annuaire Santé FHIR API v2 (FHIR R4, HAPI).

There is no geographic search on people: a département is read through its organisations
(`Organization?address-postalcode=78&_revinclude=PractitionerRole:organization`), then the people by id. Pages are
followed as given (`Bundle.link[next]`), only inside the base address: the key goes nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from perinat.connectors.annuaire_sante import conf, errors, resources
from perinat.connectors.annuaire_sante.conf import AnnuaireConfig
from perinat.connectors.annuaire_sante.wire import Wire
from perinat.standards.health_directory import DirectoryPage

PEOPLE_AT_ONCE = 50


class AnnuaireSante:
    """Zero-argument constructor for the core; a config for the tests. Thread-safe."""

    def __init__(self, config: AnnuaireConfig | None = None) -> None:
        self._config = config or conf.load()
        self._wire = Wire(self._config)

    def places(self, departement: str, *, since: datetime | None = None, cursor: str = "") -> DirectoryPage:
        """Organisations whose postal code starts so, with the practices there. Raises a DirectoryError."""
        asked = [("address-postalcode", departement), ("_revinclude", "PractitionerRole:organization")]
        return self._page("Organization", [*asked, *_since(since)], cursor)

    def practices(self, *, since: datetime, cursor: str = "") -> DirectoryPage:
        """Practices changed since, of the whole country. Raises a DirectoryError."""
        return self._page("PractitionerRole", _since(since), cursor)

    def changed_people(self, *, since: datetime, cursor: str = "") -> DirectoryPage:
        """People of the professions asked for, changed since. Raises a DirectoryError."""
        return self._page("Practitioner", [*self._professions(), *_since(since)], cursor)

    def people(self, keys: Sequence[str]) -> DirectoryPage:
        """Those of these ids whose profession is asked for: one page. Raises a DirectoryError."""
        if len(keys) > PEOPLE_AT_ONCE:
            raise ValueError(f"{PEOPLE_AT_ONCE} people at once")
        asked = [("_id", ",".join(keys)), *self._professions()]
        page = self._page("Practitioner", asked, "", count=PEOPLE_AT_ONCE)
        if page.cursor:  # who is on a page that was not read would pass for gone
            raise errors.unusable("PEOPLE_CUT")
        return page

    def _professions(self) -> list[tuple[str, str]]:
        return [("qualification-code", ",".join(self._config.professions))]

    def _page(self, kind: str, asked: list[tuple[str, str]], cursor: str, *, count: int = 0) -> DirectoryPage:
        if not self._config.base_url or not self._config.api_key:
            raise errors.not_configured()
        query = urlencode([*asked, ("_count", str(count or self._config.page_size))])
        url = self._inside(cursor) if cursor else f"{self._config.base_url}/{kind}?{query}"
        bundle = self._wire.get(url, following=bool(cursor))
        return _read(bundle, self._next(bundle, url))

    def _next(self, bundle: dict[str, Any], asked: str) -> str:
        links = bundle.get("link")
        for link in links if isinstance(links, list) else []:
            if isinstance(link, dict) and link.get("relation") == "next":
                following = self._inside(str(link.get("url")))
                if following == asked:
                    raise errors.unusable("PAGE_LOOP")
                return following
        return ""

    def _inside(self, url: str) -> str:
        """This address, refused outside the base of the settings."""
        base, other = urlsplit(self._config.base_url), urlsplit(url)
        same_server = (base.scheme, base.netloc) == (other.scheme, other.netloc)
        if not same_server or not other.path.startswith(f"{base.path}/") or ".." in other.path:
            raise errors.unusable("NEXT_ELSEWHERE")
        return url


def _since(since: datetime | None) -> list[tuple[str, str]]:
    return [("_lastUpdated", f"ge{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")] if since else []


def _read(bundle: dict[str, Any], cursor: str) -> DirectoryPage:
    places, practices, people, skipped = [], [], [], 0
    entries = bundle.get("entry") or []
    if not isinstance(entries, list):
        raise errors.unusable("NOT_A_BUNDLE")
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            skipped += 1
            continue
        match resource.get("resourceType"):
            case "Organization" if one := resources.place(resource):
                places.append(one)
            case "PractitionerRole" if practice := resources.practice(resource):
                practices.append(practice)
            case "Practitioner" if person := resources.person(resource):
                people.append(person)
            case _:
                skipped += 1
    return DirectoryPage(tuple(places), tuple(practices), tuple(people), cursor, skipped)
