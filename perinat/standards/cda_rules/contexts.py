"""From rule contexts to loops: which nodes each rule of a pattern is for, found once and shared.

In Schematron the first rule of a pattern that matches a node is the one that fires. So each rule
loops over the nodes of its context less those of the earlier rules that could share nodes with it;
contexts that begin alike share global variables; a context that begins with
X[hl7:templateId/@root='…'] is found through a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from perinat.standards.cda_rules.includes import Element
from perinat.standards.cda_rules.paths import ContextPath, alternatives, split_predicates
from perinat.standards.cda_rules.schema import Schema

KEY = "v:t"


@dataclass(frozen=True, slots=True)
class Loops:
    """`selects`: rule → expression; `variables`: global (name, expression), in order of need."""

    selects: dict[Element, str]
    variables: list[tuple[str, str]]


def through_key(step: str, hl7_prefixes: list[str]) -> str | None:
    """X[P:templateId/@root='oid' …]… through the key, if that is sure to mean the same."""
    match = re.match(r"(\*|[\w.-]+:[\w.-]+|[\w.-]+)\s*\[", step)
    if not match or step.startswith("."):
        return None
    predicates = split_predicates(step[match.end() - 1 :])
    if not predicates:
        return None
    prefix = "(?:" + "|".join(map(re.escape, hl7_prefixes)) + ")" if hl7_prefixes else "(?!)"
    head = re.match(
        rf"\s*(?:\./)?{prefix}:templateId\s*(?:/\s*@root\s*=\s*('[^']*'|\"[^\"]*\")"
        rf"|\[\s*@root\s*=\s*('[^']*'|\"[^\"]*\")\s*\])\s*(?=$|and\b)",
        predicates[0],
    )
    if not head:
        return None
    rest = predicates[0][head.end() :].strip()
    if _has_top_level_or(predicates[0]) or any(_may_be_position(predicate) for predicate in predicates):
        return None
    tail = ([rest[3:].strip()] if rest else []) + predicates[1:]
    return f"key('{KEY}', {head[1] or head[2]})/parent::{match[1]}" + "".join(f"[{item}]" for item in tail)


def _without_strings(text: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "''", text)


def _has_top_level_or(predicate: str) -> bool:
    top = _without_strings(predicate)
    while (cut := re.sub(r"\[[^][()]*\]|\([^][()]*\)", "", top)) != top:
        top = cut
    return bool(re.search(r"\bor\b", top))


def _may_be_position(predicate: str) -> bool:
    bare = _without_strings(predicate)
    calls = set(re.findall(r"([\w:.-]+)\s*\(", bare)) - {"not", "and", "or"}
    return bool(calls) or bool(re.search(r"(^|\[)\s*[\d+-]", bare))


class _Prefixes:
    """Every path with its prefixes, shortest first, and how often each prefix is used."""

    def __init__(self, hl7_prefixes: list[str]) -> None:
        self.hl7_prefixes = hl7_prefixes
        self.uses: dict[str, int] = {}
        self.chains: dict[ContextPath, list[str]] = {}

    def of(self, path: ContextPath) -> list[str]:
        if path not in self.chains:
            chain, current = [], ""
            for n, (before, step) in enumerate(path.steps):
                keyed = through_key(step, self.hl7_prefixes) if n == 0 and before == "//" else None
                current = keyed or current + before + step
                chain.append(current)
            self.chains[path] = chain
        return self.chains[path]

    def count(self, path: ContextPath) -> None:
        for prefix in self.of(path):
            self.uses[prefix] = self.uses.get(prefix, 0) + 1

    def shared(self) -> dict[str, str]:
        """prefix → variable, where two expressions part or one is used twice, not at every step."""
        followers: dict[str, set[str]] = {}
        for chain in self.chains.values():
            for shorter, longer in zip(chain, chain[1:], strict=False):
                followers.setdefault(shorter, set()).add(longer)
        names: dict[str, str] = {}
        for prefix, count in self.uses.items():
            if count > 1 and not any(self.uses[item] == count for item in followers.get(prefix, ())):
                names[prefix] = f"v:c{len(names)}"
        return names


def plan_loops(schema: Schema, patterns: list[Element], rewrite: Callable[[str | None], str]) -> Loops:
    """The loop of every rule of these patterns. `rewrite` adapts expressions that read files."""
    prefixes = _Prefixes(schema.hl7_prefixes)
    jobs: list[tuple[Element, list[ContextPath], list[ContextPath]]] = []
    for pattern in patterns:
        earlier: list[ContextPath] = []
        for rule in schema.rules(pattern):
            own = alternatives(rewrite(rule.get("context")))
            minus = [item for item in earlier if any(item.may_share_nodes(path, schema.namespaces) for path in own)]
            jobs.append((rule, own, minus))
            for path in own + minus:
                if path.plain:
                    prefixes.count(path)
            earlier += own
    names = prefixes.shared()

    def expression(chain: list[str], whole: bool) -> str:
        for k in range(len(chain) - (not whole), 0, -1):
            if chain[k - 1] in names:
                return "$" + names[chain[k - 1]] + chain[-1][len(chain[k - 1]) :]
        return chain[-1]

    def select(paths: list[ContextPath]) -> str:
        pieces = (expression(prefixes.of(p), True) if p.plain and p.steps else p.select for p in paths)
        return " | ".join(dict.fromkeys(pieces))

    selects = {rule: f"({select(own)}) except ({select(minus)})" if minus else select(own) for rule, own, minus in jobs}
    chain_of = {chain[k]: chain[: k + 1] for chain in prefixes.chains.values() for k in range(len(chain))}
    return Loops(selects, [(name, expression(chain_of[prefix], False)) for prefix, name in names.items()])
