"""A product of its own for what is played once (story, measures, faults): everything in it is temporary."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from scripts.binaries import MissingServerError
from scripts.console import complain, say, step, stop_on_signals
from scripts.ports import private_ports
from scripts.postgres import ServerStartError
from scripts.processes import rotate, start, stop
from scripts.product import ROOT, LaunchError, Product
from scripts.stack import temporary_stack


@contextlib.contextmanager
def temporary_product(name: str, env: Mapping[str, str], *, keeps_logs: bool = True) -> Iterator[Product]:
    """PostgreSQL, Valkey and the rows of the sites; nothing of the product runs yet.

    `keeps_logs`: in var/log/<name> after the end; else several may run at once. Raises LaunchError,
    MissingServerError, ServerStartError.
    """
    with contextlib.ExitStack() as cleanup:
        var = Path(tempfile.mkdtemp(prefix=f"perinat-{name}-"))
        cleanup.callback(shutil.rmtree, var, ignore_errors=True)
        logs = ROOT / "var" / "log" / name if keeps_logs else var / "log"
        rotate(logs)
        with step("PostgreSQL et Valkey"):
            servers = cleanup.enter_context(temporary_stack(own=True))
        product = Product(var, logs, private_ports(), servers)
        product.env |= env
        cleanup.callback(product.stop)
        with step("Certificats, base, établissements et comptes"):
            product.prepare()
        yield product


def in_front(product: Product, name: str, argv: Sequence[object], *, minutes: float) -> int:
    """Runs a module of Python in front of the person who waits; gives its exit code. Raises LaunchError: too long."""
    words = [sys.executable, "-m", *argv]
    child = start(name, words, log=product.logs / f"{name}.log", foreground=True, env=product.env, cwd=ROOT)
    deadline = time.monotonic() + 60.0 * minutes
    try:
        while child.running():
            product.check()
            if time.monotonic() > deadline:
                raise LaunchError(f"La commande n'a pas fini en {minutes:.0f} min.")
            time.sleep(0.1)
    finally:
        stop([child])
    return int(child.popen.returncode)


def told(run: Callable[[], int]) -> int:
    """The exit code of a command whose accidents are said in one sentence."""
    stop_on_signals()
    try:
        return run()
    except KeyboardInterrupt:
        say("\nInterrompu ; rien n'en reste.")
        return 130
    except (LaunchError, MissingServerError, ServerStartError) as error:
        complain(f"\n{error}")
        return 1
