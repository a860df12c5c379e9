"""What every journey uses: counting activations, signing in, asking axe, standing in for the workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Locator, Page

from coordination import tasks
from coordination.services import deposits, outbox

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4"]
GRAVE = ("serious", "critical")
PASSWORD = "mot-de-passe"


@dataclass
class Clicks:
    """Activations by a person: a click, a tap, a key that does something, a drop. Typing is counted apart."""

    count: int = 0
    typed: int = 0

    def press(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def choose(self, target: Locator, label: str) -> None:
        """One choice in a list of the browser."""
        self.count += 1
        target.select_option(label=label)

    def type(self, target: Locator, text: str) -> None:
        self.typed += len(text)
        target.press_sequentially(text)

    def drop(self, page: Page, files: list[FilePayload]) -> None:
        """Files chosen in (or dropped on) the dropzone: the page sends them by itself."""
        self.count += 1
        page.locator("[data-drop-send]").wait_for(state="hidden")  # the script is there
        with page.expect_navigation():
            page.get_by_label("Déposer des papiers").set_input_files(files)


def sign_in(page: Page, site: str, username: str, password: str = PASSWORD) -> None:
    page.goto(f"{site}/connexion/")
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def grave_findings(page: Page) -> list[str]:
    """Serious and critical findings of axe on this page, each with the element it speaks of."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:120]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def read_papers() -> None:
    """The worker's part: read every file dropped."""
    for identifier in list(deposits._unread().values_list("pk", flat=True)):
        tasks.read_deposit(str(identifier))


def deliver() -> None:
    """The worker's part: one try of every shipment that is due."""
    for identifier in outbox.due_ids():
        tasks.deliver(str(identifier))


def files_of(folder: Path) -> Iterator[FilePayload]:
    for path in sorted(folder.glob("*.pdf")):
        yield {"name": path.name, "mimeType": "application/pdf", "buffer": path.read_bytes()}
