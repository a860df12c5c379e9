#!/usr/bin/env python3
"""Prepares the checkout: `.venv`, uv inside it, the locked packages; then runs what follows `--`.

    python3 scripts/bootstrap.py --group embedded --group sandboxes -- python -m scripts.demo

Standard library only: it runs with the bare `python3` of a machine. What pip is configured with
(index, extra indexes, certificate, proxy) is also what uv gets. A second call with the same lock file
does nothing. Sentences are in French: they are for the person who typed `make`.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "perinat-bootstrap.json"
OLDEST_PYTHON = (3, 11)
UV_REQUIREMENT = "uv>=0.13.9,<0.14"
PYPI = "https://pypi.org/simple"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def give_up(sentence: str) -> NoReturn:
    say(sentence)
    raise SystemExit(1)


def quiet(argv: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs to the end, keeping the output: shown only by who finds it useful."""
    return subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


# --- The interpreter ------------------------------------------------------------------------------


def use_a_recent_python() -> None:
    """Goes on under another `python3.x` of the PATH when this one is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in (13, 12, 11, 14):
        other = shutil.which(f"python3.{minor}")
        if other and quiet([other, "-c", ""]).returncode == 0:
            os.execv(other, [other, *sys.argv])
    found = ".".join(str(part) for part in sys.version_info[:2])
    give_up(f"perinat demande Python 3.11 ou plus récent ; cette machine n'a que Python {found}.")


def make_venv() -> None:
    """An environment with pip when this Python can make one, else without: uv does not need it."""
    if (BIN / "python").exists() and quiet([str(BIN / "python"), "-c", ""]).returncode == 0:
        return
    say(f"→ Environnement Python {sys.version_info[0]}.{sys.version_info[1]} dans .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    argv = [sys.executable, "-m", "venv", str(VENV)]
    if importlib.util.find_spec("ensurepip") is None or quiet(argv).returncode:
        made = quiet([*argv, "--clear", "--without-pip"])
        if made.returncode:
            give_up(f"L'environnement .venv n'a pas pu être créé.\n{made.stderr or made.stdout}")


# --- uv -------------------------------------------------------------------------------------------


def pip_command() -> list[str] | None:
    for python in (str(BIN / "python"), sys.executable):
        if quiet([python, "-m", "pip", "--version"]).returncode == 0:
            return [python, "-m", "pip"]
    return None


def works(uv: Path) -> bool:
    """Whether this uv runs and is recent enough to read `uv.lock`."""
    if not uv.exists():
        return False
    answer = quiet([str(uv), "--version"]).stdout.split()
    return len(answer) > 1 and tuple(int(n) for n in answer[1].split(".")[:2]) >= (0, 13)


def find_uv() -> Path:
    """The uv of `.venv`, else the one of the PATH, else a freshly fetched one."""
    own = BIN / "uv"
    if works(own):
        return own
    elsewhere = shutil.which("uv")
    if elsewhere and works(Path(elsewhere)):
        return Path(elsewhere)
    say("→ Installation de uv")
    pip = pip_command() or install_pip()
    with tempfile.TemporaryDirectory() as folder:
        argv = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder, UV_REQUIREMENT]
        fetched = quiet([*pip, *argv])
        wheels = list(Path(folder).glob("uv-*.whl"))
        if not wheels:
            give_up("uv n'a pas pu être obtenu : le réseau ou l'index de paquets ne répond pas.\n" + fetched.stderr)
        unpack_uv(wheels[0], own)
    return own


def unpack_uv(wheel: Path, target: Path) -> None:
    """Only the program is taken out of the wheel: nothing for `uv sync` to clean away."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".data/scripts/uv"))
        fresh = target.with_name("uv.new")
        fresh.write_bytes(archive.read(name))
    fresh.chmod(0o755)
    fresh.replace(target)


def install_pip() -> list[str]:
    """Debian's bare python3 has neither pip nor ensurepip: apt gives them to root, else a sentence says so."""
    missing = "Il manque pip et venv à ce Python : demandez l'installation du paquet « python3-venv », puis relancez."
    if os.name == "nt" or os.geteuid() != 0 or not shutil.which("apt-get"):
        give_up(missing)
    say("→ Installation du paquet Debian python3-venv")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quiet(["apt-get", "update"], env)
    for package in (f"python3.{sys.version_info[1]}-venv", "python3-venv"):
        if quiet(["apt-get", "install", "-y", "--no-install-recommends", package], env).returncode == 0:
            break
    shutil.rmtree(VENV, ignore_errors=True)
    importlib.invalidate_caches()
    make_venv()
    return pip_command() or give_up(missing)


# --- The packages ---------------------------------------------------------------------------------


def pip_configuration() -> dict[str, str]:
    """pip's own settings (files and environment), the name alone: {'index-url': …, 'cert': …}."""
    pip = pip_command()
    lines = quiet([*pip, "config", "list"]).stdout.splitlines() if pip else []
    found: dict[str, str] = {}
    for line in lines:  # global.index-url='https://…' ; the environment comes under ':env:.'
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if not value.startswith("'"):
            continue
        if section == ":env:" or key not in found:
            found[key] = str(ast.literal_eval(value.strip()))
    own = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")  # told to uv itself: stronger
    return {**found, "index-url": own} if own else found


def uv_environment(pip: dict[str, str]) -> dict[str, str]:
    """The environment that makes uv reach the packages the way pip does."""
    env = dict(os.environ)
    env.update(UV_PYTHON_DOWNLOADS="never", UV_PROJECT_ENVIRONMENT=str(VENV), VIRTUAL_ENV=str(VENV), UV_NO_PROGRESS="1")
    env.setdefault("UV_HTTP_TIMEOUT", pip.get("default-timeout", "120"))
    certificates = pip.get("cert") or (str(SYSTEM_CERTIFICATES) if SYSTEM_CERTIFICATES.exists() else "")
    if certificates:
        env.setdefault("SSL_CERT_FILE", certificates)
    if pip.get("proxy"):
        env.setdefault("HTTPS_PROXY", pip["proxy"])
        env.setdefault("HTTP_PROXY", pip["proxy"])
    if pip.get("trusted-host"):
        env.setdefault("UV_INSECURE_HOST", pip["trusted-host"])
    home = Path(env.get("XDG_CACHE_HOME") or Path.home())
    if not os.access(home, os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(ROOT / "var" / "cache" / "uv"))
    env.setdefault("UV_LINK_MODE", "copy" if "UV_CACHE_DIR" in env else "hardlink")
    return env


def sync(uv: Path, groups: list[str], log: Path) -> None:
    """Installs exactly what `uv.lock` says.

    A lock names the index it was made on; where pip is told another one (a mirror, a folder), the same
    versions and the same hashes are asked from that index instead.
    """
    pip = pip_configuration()
    env = uv_environment(pip)
    chosen = [flag for group in groups for flag in ("--group", group)]
    index = pip.get("index-url", PYPI).rstrip("/")
    tried: list[subprocess.CompletedProcess[str]] = []
    if index == PYPI and "no-index" not in pip:
        argv = ["sync", "--locked", "--no-default-groups", "--directory", str(ROOT), "--python", str(BIN / "python")]
        tried.append(quiet([str(uv), *argv, *chosen], env))
        if tried[-1].returncode == 0:
            return
    if index != PYPI or {"no-index", "extra-index-url", "find-links"} & pip.keys():
        tried.extend(sync_from_elsewhere(uv, pip, chosen, env))
        if tried[-1].returncode == 0:
            return
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("\n".join(" ".join(t.args) + "\n" + t.stdout + t.stderr for t in tried), encoding="utf-8")
    last = [line for line in tried[-1].stderr.splitlines() if line.strip()][-6:]
    give_up(f"Les paquets n'ont pas pu être installés (journal : {log}).\n" + "\n".join(last))


def sync_from_elsewhere(
    uv: Path, pip: dict[str, str], chosen: list[str], env: dict[str, str]
) -> list[subprocess.CompletedProcess[str]]:
    """`uv.lock` as a list of versions with hashes, installed from pip's own index, extras and folders."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        argv = ["export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-annotate", *chosen]
        exported = quiet([str(uv), *argv, "--directory", str(ROOT), "--output-file", str(wanted)], env)
        if exported.returncode:
            return [exported]
        argv = ["pip", "sync", "--require-hashes", "--index-strategy", "unsafe-best-match"]
        argv += ["--python", str(BIN / "python")]
        if "no-index" in pip:
            argv.append("--no-index")
        else:
            argv += ["--default-index", pip.get("index-url", PYPI)]
        for url in pip.get("extra-index-url", "").split():
            argv += ["--index", url]
        for place in pip.get("find-links", "").split():
            argv += ["--find-links", place]
        return [exported, quiet([str(uv), *argv, str(wanted)], env)]


def digest() -> str:
    """What the installed set depends on: the lock file and the project file."""
    return hashlib.sha256((ROOT / "uv.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()


def read_stamp() -> tuple[str, set[str]]:
    """The digest and the groups of the last installation ("" and nothing when there was none)."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        return str(stamp["digest"]), set(stamp["groups"])
    except (OSError, ValueError, KeyError):
        return "", set()


def prepare(groups: set[str]) -> None:
    """Leaves `.venv` with at least these groups; groups installed earlier stay."""
    seen, already = read_stamp()
    if seen == digest() and groups <= already and (BIN / "python").exists():
        return
    started = time.monotonic()
    make_venv()
    uv = find_uv()
    wanted = sorted(groups | already)
    say("→ Installation des paquets (" + ", ".join(["base", *wanted]) + ")")
    STAMP.unlink(missing_ok=True)
    sync(uv, wanted, ROOT / "var" / "log" / "bootstrap.log")
    STAMP.write_text(json.dumps({"digest": digest(), "groups": wanted}), encoding="utf-8")
    say(f"  prêts en {time.monotonic() - started:.0f} s".replace(".", ","))


def main() -> None:
    use_a_recent_python()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--group", action="append", default=[], help="groupe de pyproject.toml, répétable")
    cut = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)  # after it: the command to run in .venv
    options = parser.parse_args(sys.argv[1:cut])
    prepare(set(options.group))
    command = sys.argv[cut + 1 :]
    if not command:
        return
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ.pop("PYTHONHOME", None)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
