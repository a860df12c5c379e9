"""`.env.example` names every variable that the settings read, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "perinat" / "settings"


def names_read(source: str) -> set[str]:
    """The first argument of every `env.xxx("NAME", …)` call."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, name = node.func.value, node.args[0]
            if isinstance(owner, ast.Name) and owner.id == "env" and isinstance(name, ast.Constant):
                found.add(str(name.value))
    return found


def names_given(text: str) -> list[str]:
    """Variables of an env file; one that is commented out is documented too."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=", text, flags=re.MULTILINE)


def read_by_settings() -> set[str]:
    files = [path.read_text(encoding="utf-8") for path in SETTINGS.glob("*.py")]
    return set().union(*map(names_read, files)) | {"DJANGO_SETTINGS_MODULE"}


def asked_by_compose() -> set[str]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return set(re.findall(r"\$\{([A-Z0-9_]+)", text))


def test_each_variable_is_documented_once_and_read_somewhere() -> None:
    given = names_given((ROOT / ".env.example").read_text(encoding="utf-8"))
    assert sorted(given) == sorted(set(given))
    assert set(given) == read_by_settings() | asked_by_compose()


def test_the_comparison_sees_what_it_should() -> None:
    assert names_read('A = env.str("ONE", default="")\nB = env.int("TWO")\nC = other.str("NO")') == {"ONE", "TWO"}
    assert names_given("ONE=1\n#TWO=\n# a sentence with X=1\n") == ["ONE", "TWO"]
