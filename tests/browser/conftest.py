"""A browser, Django's live server, and channels in memory. Skipped, and said so, where there is no Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Playwright's own loop runs in this thread: Django would otherwise refuse the ORM of the tests.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))

playwright = pytest.importorskip("playwright.sync_api", reason="le groupe e2e n'est pas installé")

from tests.browser.helpers import Clicks, grave_findings  # noqa: E402
from tests.coordination import world  # noqa: E402
from tests.coordination.conftest import fakes, files  # noqa: E402, F401  (fixtures)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright.Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium n'est pas installé ({CHROMIUM})")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=os.fspath(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: playwright.Browser) -> Iterator[playwright.Page]:
    """A page of 1280 pixels; an error of a script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", timezone_id="Europe/Paris")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(10_000)
    yield opened
    context.close()
    assert not errors


@pytest.fixture
def phone(browser: playwright.Browser) -> Iterator[playwright.Page]:
    """A page of 360 pixels, touched with a thumb."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="fr-FR", has_touch=True)
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


@pytest.fixture
def site(live_server: object) -> str:
    """The address of the running product."""
    return str(live_server.url)  # type: ignore[attr-defined]


@pytest.fixture
def ward(transactional_db: None, files: None) -> world.Ward:  # noqa: F811
    return world.ward()


@pytest.fixture
def clicks() -> Clicks:
    return Clicks()


@pytest.fixture
def accessible() -> object:
    """`accessible(page)`: no serious or critical finding of axe (WCAG 2.2 AA and RGAA 4)."""

    def check(opened: playwright.Page) -> None:
        assert grave_findings(opened) == []

    return check
