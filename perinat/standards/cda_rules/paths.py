"""XPath pieces that the schematron compiler cuts and compares: unions, steps, predicates.

Not a parser of XPath: it knows brackets, quotes, comments and separators, and leaves alone whatever
it is not sure of.
"""

from __future__ import annotations

import re

LOOKUP = "$vc("  # a call of the map of `lookups`, the same for every rule: no variable of this one


def split_top(expression: str, separators: tuple[str, ...]) -> list[tuple[str, str]]:
    """Cut at separators outside (), [], {}, quotes and comments: [(separator before, piece)]."""
    out: list[tuple[str, str]] = []
    depth, quote, piece, before, i = 0, "", "", "", 0
    while i < len(expression):
        char = expression[i]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif expression.startswith("(:", i):
            end = expression.find(":)", i)
            i = len(expression) if end < 0 else end + 2
            continue
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if not quote and not depth:
            hit = next((x for x in separators if expression.startswith(x, i)), None)
            if hit:
                out.append((before, piece.strip()))
                before, piece, i = hit, "", i + len(hit)
                continue
        piece += char
        i += 1
    out.append((before, piece.strip()))
    return out


def split_predicates(text: str) -> list[str] | None:
    """'[a][b]' → ['a', 'b']; None if there is anything else."""
    out: list[str] = []
    depth, quote, start = 0, "", 0
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "[":
            if not depth:
                start = i + 1
            depth += 1
        elif char == "]":
            depth -= 1
            if not depth:
                out.append(text[start:i])
        elif not depth and not char.isspace():
            return None
    return out if not depth and not quote else None


class ContextPath:
    """One alternative of a rule context, as steps [(separator, step)]; « // » first if relative."""

    __slots__ = ("plain", "steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = "$" not in text.replace(LOOKUP, "") and not text.startswith("(")
        self.steps: list[tuple[str, str]] = []
        if text == "/":
            return
        steps = split_top(text, ("//", "/"))
        if steps[0][1] == "":  # the text begins with a separator
            steps = steps[1:]
        else:
            steps[0] = ("//", steps[0][1])
        self.steps = steps

    @property
    def select(self) -> str:
        return "/" if not self.steps else "".join(before + step for before, step in self.steps)

    def may_share_nodes(self, other: ContextPath, namespaces: dict[str, str]) -> bool:
        """False only if no node can match both: their names differ, read from the last step back."""
        if not self.steps or not other.steps:
            return not self.steps and not other.steps
        for (before_a, a), (before_b, b) in zip(reversed(self.steps), reversed(other.steps), strict=False):
            name_a, name_b = _name_test(a, namespaces), _name_test(b, namespaces)
            if name_a is None or name_b is None:
                return True
            if any(x != y and "*" not in (x, y) for x, y in zip(name_a, name_b, strict=True)):
                return False
            if before_a != "/" or before_b != "/":
                return True
        return True


def alternatives(context: str) -> list[ContextPath]:
    """The paths of a union."""
    return [ContextPath(piece) for _, piece in split_top(context, ("|",)) if piece]


def _name_test(step: str, namespaces: dict[str, str]) -> tuple[str, str, str] | None:
    """(kind, namespace, local name) of a step on the child or attribute axis, « * » for any; else None."""
    match = re.match(r"(@)?(?:([\w.-]+|\*):(?!:))?([\w.-]+|\*)\s*(?=$|\[)", step)
    if not match or match[3] in (".", ".."):
        return None
    prefix, local = match[2], match[3]
    uri = "*" if prefix == "*" or (local == "*" and not prefix) else namespaces.get(prefix, "?") if prefix else ""
    return match[1] or "", uri, local
