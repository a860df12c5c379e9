"""One engine per process and pack, behind a lock.

Threads: any thread may call `check`; a lock lets one document through at a time (Saxon's objects are
shared). Processes: the engine is made lazily, at the first check of each process, never at import;
after a fork the child starts with a new lock and no engine, so a Celery prefork worker or a gunicorn
worker builds its own (2 s with a filled cache, once). Do not call `check` in the parent before the
fork: it only costs memory there.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from perinat.standards.cda_rules.engine import Engine
from perinat.standards.cda_rules.findings import Finding, RuleReport
from perinat.standards.cda_rules.own import own_check
from perinat.standards.cda_rules.pack import Pack, default_cache


class _Engines:
    """The engines of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_pack: dict[tuple[Path, Path], Engine] = {}
        self.inherited: list[dict[tuple[Path, Path], Engine]] = []

    def after_fork(self) -> None:
        """A lock held by a thread of the parent would never be freed; its engines stay untouched."""
        self.lock = threading.Lock()
        self.inherited.append(self.by_pack)  # kept alive: releasing the parent's native objects is not safe here
        self.by_pack = {}


_engines = _Engines()
os.register_at_fork(after_in_child=_engines.after_fork)


def before_leaving(cda: bytes, *, pack: Path | None) -> tuple[Finding, ...]:
    """Why a document of ours must not leave: the national rules and what they do not see; else our own check.

    The schematrons are necessary, not sufficient: those of OBP 2024.01 ask for none of the mandatory sections.
    Raises RulesError.
    """
    return check(cda, pack=pack, ours=True).errors if pack else own_check(cda)


def check(cda: bytes, *, pack: Path, cache: Path | None = None, ours: bool = False) -> RuleReport:
    """Run the XSD and the national rules of `pack` on one document; with `ours`, what perinat looks at besides.

    `cache`: folder for compiled stylesheets, by default under $XDG_CACHE_HOME. The first call of a
    process takes 2 to 5 s, later ones 5 to 20 ms. Raises RulesError when the rules could not be run
    (pack absent or damaged): the document was then not checked.
    """
    key = (pack, cache or default_cache())
    with _engines.lock:
        engine = _engines.by_pack.get(key)
        if engine is None:
            engine = _engines.by_pack[key] = Engine(Pack(*key))
        return engine.check(cda, ours=ours)
