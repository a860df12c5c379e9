"""Reads a published schematron with the files that it includes.

The national tree was written for a file system that ignores case: on another one, twenty
sub-schematrons would be dropped without a word. File names are therefore resolved without case, and
a file that does not exist at all becomes a warning, never a silence.
"""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from perinat.standards.cda_rules.findings import RulesError

SCH = "http://purl.oclc.org/dsdl/schematron"
ABSENT = "cda-rules-absent:"  # stands in a let for a value set that does not exist
Element = etree._Element


@functools.cache
def _listing(folder: str) -> dict[str, str]:
    try:
        return {name.casefold(): name for name in os.listdir(folder)}
    except OSError:
        return {}


def find_nocase(path: Path) -> Path | None:
    """The existing file that `path` names when letter case is ignored, or None."""
    path = Path(os.path.normpath(path))
    if path.exists():
        return path
    current = Path(path.anchor)
    for part in path.parts[1:] if path.is_absolute() else path.parts:
        following = current / part
        if not following.exists():
            real = _listing(str(current)).get(part.casefold())
            if real is None:
                return None
            following = current / real
        current = following
    return current


def pack_parser() -> etree.XMLParser:
    """For files of the pack (operator's data, some of several MB): no network, no entity."""
    return etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=True)


def load_schema(path: Path, warnings: list[str]) -> Element:
    """The schema with its includes replaced by what they name, and its value-set paths resolved."""
    root = _expand(path, warnings, ())
    for let in root.iter(f"{{{SCH}}}let"):
        match = re.fullmatch(r"\s*'([^']*\.(?:xml|rdf))'\s*", let.get("value") or "")
        if not match:
            continue
        real = find_nocase(path.parent / match[1])
        if real is None:
            warnings.append(f"{path.name}: value set does not exist, so no code is in it: {match[1]}")
            let.set("value", f"'{ABSENT}{Path(match[1]).name}'")
        else:
            let.set("value", f"'{os.path.relpath(real, path.parent)}'")
    return root


def _expand(path: Path, warnings: list[str], seen: tuple[Path, ...]) -> Element:
    if path in seen:
        raise RulesError(f"include loop at {path.name}")
    try:
        root = etree.parse(str(path), pack_parser()).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise RulesError(f"{path.name}: {error}") from error
    for include in list(root.iter(f"{{{SCH}}}include")):
        href = unquote(include.get("href", ""))
        if not href or "#" in href:
            raise RulesError(f"{path.name}: include form not handled: {href!r}")
        target = find_nocase(path.parent / href)
        parent = include.getparent()
        if parent is None:
            raise RulesError(f"{path.name}: include outside a schema")
        if target is None:
            warnings.append(f"{path.name}: included file does not exist: {href}")
            parent.remove(include)
            continue
        included = _expand(target, warnings, (*seen, path))
        if included.tag == f"{{{SCH}}}schema":
            raise RulesError(f"{path.name}: includes a whole schema: {href}")
        included.tail = include.tail
        parent.replace(include, included)
    return root
