"""The documentation points at things that exist: pages, decisions, make targets, files, tests, names of the code."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
PACKAGES = ("coordination", "dmp_gateway", "docs", "mssante", "perinat", "scripts", "templates", "tests")

FENCE = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?: {4}|\t)\S.*$", flags=re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def label(page: Path) -> str:
    return str(page.relative_to(ROOT))


def content_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def links(text: str) -> list[str]:
    """Targets of the relative links, those inside code left out."""
    prose = SPAN.sub("", FENCE.sub("", text))
    return [target for target in LINK.findall(prose) if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path, text: str) -> list[str]:
    """Links of `text`, as if it stood in `page`, that lead nowhere."""
    found = []
    for link in links(text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(text if target == page else content_of(target))):
            found.append(link)
    return found


def make_targets(text: str) -> set[str]:
    """Targets of the `make x` written as code; a sentence may use the verb freely."""
    code = [*SPAN.findall(text), *FENCE.findall(text), *INDENTED.findall(text)]
    return {target for line in code for target in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", line)}


def absent_files(text: str) -> list[str]:
    """Files and folders of the repository named as code, that are not there."""
    named = [span.partition("::")[0] for span in SPAN.findall(text) if span.split("/")[0] in PACKAGES and "/" in span]
    plain = [name for name in named if re.fullmatch(r"[\w./-]+", name)]
    return [name for name in plain if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()]


@cache
def known_tests() -> tuple[str, ...]:
    sources = list((ROOT / "tests").rglob("*.py"))
    functions = [re.findall(r"def (test_\w+)", content_of(source)) for source in sources]
    return (*(source.stem for source in sources), *(name for names in functions for name in names))


def absent_tests(text: str) -> list[str]:
    """Tests named as code, that do not exist; « test_long_name_… » names one by its beginning."""
    named = [name for span in SPAN.findall(text) for name in re.findall(r"\btest_\w+…?", span)]
    known = known_tests()
    return [
        name
        for name in named
        if name not in known and not (name.endswith("…") and any(one.startswith(name[:-1]) for one in known))
    ]


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_a_page_points_at_things_that_exist(page: Path) -> None:
    text = content_of(page)
    assert broken(page, text) == []
    assert make_targets(text) - TARGETS == set()
    assert absent_files(text) == []
    assert absent_tests(text) == []
    assert not re.search(r"/(?:home|root|work|Users)/", text), "a path of one machine"


def test_each_decision_has_its_own_number_and_stands_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    numbers = Counter(path.name.partition("-")[0] for path in decisions)
    assert [number for number, times in numbers.items() if times > 1 or not re.fullmatch(r"\d{4}", number)] == []
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", content_of(folder / "README.md"))
    assert listed == [path.name for path in decisions]
    for path in decisions:
        assert content_of(path).startswith(f"# {path.name[:4]}"), path.name


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    shown = {(index.parent / link.partition("#")[0]).resolve() for link in links(content_of(index))}
    pages = {page for page in PAGES if page.is_relative_to(index.parent) and page.parent.name not in ("adr", "guide")}
    assert sorted(label(page) for page in pages - shown - {index}) == []


def test_the_glossary_names_what_the_code_names() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", content_of(ROOT / "docs/glossary.md"), re.MULTILINE)
    names = [name for _, cell in rows for name in SPAN.findall(cell)]
    assert len(names) > 30
    sources = [path for package in PACKAGES[:2] + PACKAGES[3:5] for path in (ROOT / package).rglob("*.py")]
    text = "\n".join(content_of(path) for path in sources)
    assert [name for name in names if not re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", text)] == []
    terms = [term for term, _ in rows if term not in ("French term", "---")]
    assert sorted(terms) == sorted(set(terms))


def test_the_checks_see_what_they_should() -> None:
    page = ROOT / "docs" / "index.md"
    assert broken(page, "[a](nowhere.md) [b](../README.md) `[c](code.md)` [d](https://perinat.example)") == [
        "nowhere.md"
    ]
    assert broken(page, "# One, two\n[a](#one-two) [b](#three) [c](../README.md#nothing)") == [
        "#three",
        "../README.md#nothing",
    ]
    assert make_targets("we make bread; `make cake`\n\n    make tea  # hot\n```\nVAR=1 make soup\n```") == {
        "cake",
        "tea",
        "soup",
    }
    assert absent_files("`tests/nowhere.py` `tests/conftest.py` `perinat/standards/xml` `a/b`") == ["tests/nowhere.py"]
    assert absent_tests("`test_docs.py` `test_never` `test_the_checks_see_…` `test_zzz_…`") == [
        "test_never",
        "test_zzz_…",
    ]


def test_each_component_is_in_the_page_of_the_design() -> None:
    page = content_of(ROOT / "docs" / "guide" / "design.md")
    named = set(re.findall(r"^\| `(\w+\.html)` \|", page, flags=re.MULTILINE))
    assert named == {path.name for path in (ROOT / "templates" / "components").glob("*.html")}


def test_the_page_of_security_says_how_the_accesses_are_walked() -> None:
    assert "access" in make_targets(content_of(ROOT / "docs" / "security.md"))
