"""The repository keeps its own house rules: sizes, edges, unfinished work, machines, templates, settings."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

THIS = Path(__file__).resolve()
ROOT = THIS.parents[2]
CODE = ("coordination", "dmp_gateway", "mssante", "perinat", "scripts", "tests")
LONGEST = 400
# Files above 400 lines, each with the reason why it is not cut.
LONG = {"coordination/migrations/0001_initial.py": "written by Django, from the models"}
BROAD = {
    "coordination/tasks.py": "the edge of the tasks: what nobody foresaw is logged, and the worker goes on",
    "coordination/services/collection.py": "the edge of one mail: it is put aside, and the rest is stored",
    "coordination/services/intake.py": "the edge of one pushed message: it is kept and refused, and the flow goes on",
    "mssante/collector.py": "the edge of one mail: anybody may write it; it is put aside, and the mailbox goes on",
    "mssante/channel.py": "the edge of one mailbox: the others are read",
}
TEXT = {
    ".py",
    ".md",
    ".html",
    ".txt",
    ".toml",
    ".yml",
    ".yaml",
    ".js",
    ".css",
    ".sh",
    ".typ",
    ".xml",
    ".json",
    ".csv",
    "",
}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|HACK)\b|raise NotImplementedError")
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
REFERENCES = re.compile(r"""["']([\w/.-]+\.(?:html|txt|typ))["']""")


@cache
def files() -> tuple[Path, ...]:
    """What git knows, and what is about to be added."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(sorted({ROOT / name for name in names if (ROOT / name).is_file()}))


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def ours() -> list[Path]:
    """Text that we wrote: neither vendored nor generated."""
    return [p for p in files() if p.suffix in TEXT and "vendor" not in label(p) and p.name != "uv.lock"]


def python() -> list[Path]:
    return [path for path in ours() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in (*CODE, "manage.py")]


def test_no_file_is_too_long_to_be_read() -> None:
    long = {label(path) for path in python() if len(text(path).splitlines()) > LONGEST}
    assert long - set(LONG) == set(), "cut it, or give the reason in LONG"
    assert set(LONG) - long == set(), "no longer an exception"


def catches_everything(source: str) -> bool:
    """Whether a handler stops whatever comes; one that cleans up and raises again does not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {kind.id if isinstance(kind, ast.Name) else None if kind else "" for kind in kinds}
            last = node.body[-1]
            if names & {"Exception", "BaseException", ""} and not (isinstance(last, ast.Raise) and last.exc is None):
                return True
    return False


def test_what_nobody_foresaw_is_caught_at_the_edges_only() -> None:
    product = [path for path in python() if path.relative_to(ROOT).parts[0] != "tests"]
    broad = {label(path) for path in product if catches_everything(text(path))}
    assert broad == set(BROAD)


def test_no_work_is_left_unfinished() -> None:
    assert [label(path) for path in ours() if UNFINISHED.search(text(path)) and path != THIS] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    looking_for_them = {THIS, THIS.with_name("test_docs.py")}
    assert [label(path) for path in ours() if MACHINE.search(text(path)) and path not in looking_for_them] == []


def test_no_import_is_relative() -> None:
    assert [label(p) for p in python() if re.search(r"^\s*from \.", text(p), re.MULTILINE)] == []


def templates() -> dict[str, Path]:
    """Name by which Django finds it → file."""
    found = {}
    for path in files():
        parts = path.relative_to(ROOT).parts
        if "templates" in parts and path.suffix in (".html", ".txt") and parts[0] != "tests":
            found["/".join(parts[parts.index("templates") + 1 :])] = path
    return found


def named() -> set[str]:
    """Templates that some code or some template names; a component may be named by its folder and a variable."""
    return {name for path in files() if path.suffix in (".py", ".html") for name in REFERENCES.findall(text(path))}


ERROR_PAGES = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}  # found by Django itself


def test_every_template_is_used_and_every_one_named_exists() -> None:
    there = set(templates())
    assert there - named() - ERROR_PAGES == set(), "unused"
    missing = {
        name for name in named() if name.endswith(".html") and name.split("/")[0] in ("coordination", "components")
    }
    assert missing - there == set(), "named, and absent"


def test_no_page_holds_a_script_or_a_style_of_its_own() -> None:
    """The content security policy is « self »: the browser would refuse it."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=[\"']|\son\w+=[\"']|javascript:", re.IGNORECASE)
    assert [name for name, path in templates().items() if inline.search(text(path))] == []


@pytest.mark.parametrize(
    ("check", "bad", "good"),
    [
        (UNFINISHED, "# TODO: later", "método, todos"),
        (UNFINISHED, "raise NotImplementedError", "NotImplemented"),
        (MACHINE, 'open("/home/anna/x")', "https://host/work/x"),
    ],
)
def test_the_checks_see_what_they_should(check: re.Pattern[str], bad: str, good: str) -> None:
    assert check.search(bad) and not check.search(good)


@pytest.mark.parametrize(
    ("handler", "everything"),
    [
        ("except Exception: pass", True),
        ("except: pass", True),
        ("except (OSError, BaseException) as e: print(e)", True),
        ("except Exception as e: raise ValueError from e", True),
        ("except BaseException: raise", False),
        ("except (OSError, ValueError): pass", False),
    ],
)
def test_a_broad_handler_is_recognised(handler: str, everything: bool) -> None:
    assert catches_everything(f"try: pass\n{handler}\n") is everything
