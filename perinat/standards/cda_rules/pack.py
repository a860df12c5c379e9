"""One pack folder (rules and value sets as published) and its compiled stylesheets on disk.

Layout of the pack: infrastructure/cda/CDA_extended.xsd, schematrons/, jeuxDeValeurs/. Compiled files
are keyed by this package's code and by size and date of every file read: a changed pack recompiles.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from perinat.standards.cda_rules.compiler import Compiler
from perinat.standards.cda_rules.findings import RulesError
from perinat.standards.cda_rules.includes import find_nocase, load_schema
from perinat.standards.cda_rules.lookups import AbsentFiles, lookup_document
from perinat.standards.cda_rules.schema import Schema

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
# the five schematrons that every document gets, in the order of the national tool
GENERIC = {
    "ihe": "profils/IHE.sch",
    "terminologies": "profils/terminologies/schematron/terminologie.sch",
    "modeles": "profils/CI-SIS_ModelesDeContenusCDA.sch",
    "strucmin": "profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch",
    "ans": "profils/CI-SIS_Modeles_ANS.sch",
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A stylesheet on disk, with what its report refers to."""

    path: Path
    asserts: list[tuple[str, str]]
    warnings: list[str]
    uses_lookups: bool


def default_cache() -> Path:
    """$XDG_CACHE_HOME/perinat-cda-rules, or under ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "perinat-cda-rules"


class Pack:
    """Files of one pack and its cache folder. Safe to share between processes (atomic writes)."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder.resolve()
        self.schematrons = self.folder / "schematrons"
        self.value_sets = self.folder / "jeuxDeValeurs"
        self.xsd = self.folder / "infrastructure/cda/CDA_extended.xsd"
        if not (self.schematrons / GENERIC["ihe"]).exists() or not self.xsd.exists():
            raise RulesError(f"no CDA rules under {self.folder}")
        self.cache = cache.resolve()
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RulesError(f"cache folder: {error}") from error

    @functools.cached_property
    def stamp(self) -> str:
        """Changes whenever this package, a schematron or a value set does."""
        digest = hashlib.sha256(str(self.folder).encode())
        for source in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        for top in (self.schematrons, self.value_sets):
            for folder, folders, files in os.walk(top):
                folders.sort()
                for name in sorted(files):
                    if name.endswith((".sch", ".xml", ".rdf")):
                        stat = os.stat(os.path.join(folder, name))
                        digest.update(f"{folder}/{name}:{stat.st_size}:{stat.st_mtime_ns}".encode())
        return digest.hexdigest()[:16]

    def compiled(self, name: str) -> Compiled:
        """The stylesheet of one schematron (path relative to schematrons/), compiled if need be."""
        source = find_nocase(self.schematrons / name)
        if source is None:
            raise RulesError(f"no schematron {name}")
        key = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}_{self.stamp}"
        sheet, meta = self.cache / f"{key}.xsl", self.cache / f"{key}.json"
        if not (sheet.exists() and meta.exists()):
            self._compile(source, sheet, meta)
        data = json.loads(meta.read_text())
        asserts = [(level, test) for level, test in data["asserts"]]
        return Compiled(sheet, asserts, data["warnings"], data["lookups"])

    def _compile(self, source: Path, sheet: Path, meta: Path) -> None:
        warnings: list[str] = []
        schema = Schema(load_schema(source, warnings), source.name, warnings)
        absent = AbsentFiles(self.value_sets, self.cache, source, warnings)
        compiler = Compiler(schema, absent.rewrite)
        root = compiler.compile()
        # document('../jeuxDeValeurs/…') is relative to where the national tool leaves its .xsl: beside the .sch
        root.set(_XML_BASE, f"{source.parent.as_uri()}/{source.stem}.xsl")
        data = {"warnings": warnings, "asserts": compiler.asserts, "lookups": compiler.uses_lookups}
        self._write(sheet, etree.tostring(root, encoding="UTF-8", xml_declaration=True))
        self._write(meta, json.dumps(data).encode())

    def lookups(self) -> Path:
        """The file of codes (see `lookups`)."""
        path = self.cache / f"lookups_{self.stamp}.xml"
        if not path.exists():
            self._write(path, lookup_document(self.schematrons, self.value_sets))
        return path

    def _write(self, path: Path, data: bytes) -> None:
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError as error:
            raise RulesError(f"cache folder: {error}") from error
