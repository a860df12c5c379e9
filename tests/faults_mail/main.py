"""The scenarios of the operator, one after the other: one line for each, then the count."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

from tests.faults.main import Count
from tests.faults_mail import scenarios

EXPLAINED = (
    "{} mails arrived twice, each with the same Message-ID and the same bytes: the line broke when the operator had, "
    "or may have had, the whole mail, and SMTP cannot be asked about it."
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Les pannes de l'opérateur MSSanté, à l'envoi et à la réception.")
    parser.add_argument("--short", action="store_true", help="un scénario de chaque sorte")
    parser.add_argument("--only", default="", help="les scénarios dont le nom contient ceci")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "perinat.settings.test"  # importing `perinat` names those of development
    django.setup()
    from django.test.runner import DiscoverRunner
    from django.test.utils import override_settings

    chosen = [one for one in (scenarios.SHORT if options.short else scenarios.WHOLE) if options.only in one.name]
    runner, count = DiscoverRunner(verbosity=0, interactive=False), Count()
    databases = runner.setup_databases()
    try:
        with tempfile.TemporaryDirectory(prefix="perinat-faults-") as folder, override_settings(ANS_PACK=""):
            doubled = _played(chosen, Path(folder), count)
    finally:
        runner.teardown_databases(databases)
    if doubled:
        print(EXPLAINED.format(doubled))
    count.duplicated = doubled
    print(count.line, flush=True)
    return 0 if count.scenarios > 0 and not count.lost else 1


def _played(chosen: list[scenarios.Scenario], folder: Path, count: Count) -> int:
    """Mails that arrived twice; `count.lost` grows with each scenario that does not end as it must."""
    from django.conf import settings
    from django.test.utils import override_settings

    from coordination import channels
    from mssante.sandbox.server import MssanteSandbox
    from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
    from tests.faults_mail.stage import Stage
    from tests.mssante.operator import MATERNITY
    from tests.mssante.parcels import EJ

    SandboxAuthority(settings.PKI_DIR).ensure([EJ])
    doubled = 0
    with MssanteSandbox(folder, settings.PKI_DIR, automatic=False, lint="strict") as sandbox:
        outside = {
            "MSSANTE_SMTP_HOST": "localhost", "MSSANTE_IMAP_HOST": "localhost", "MSSANTE_SMTP_PORT": sandbox.smtp_port,
            "MSSANTE_IMAP_PORT": sandbox.imap_port, "MSSANTE_MAILBOXES": {MATERNITY: EJ}, "MSSANTE_TIMEOUT": 1.5,
            "MSSANTE_DATA_TIMEOUT": 1.5,
        }  # fmt: skip
        with override_settings(**outside):
            channels._load.cache_clear()
            stage = Stage(sandbox)
            for one in chosen:
                problem, twice = stage.play(one)
                count.scenarios += 1
                count.lost += bool(problem)
                doubled += twice
                told = problem or ("twice, same Message-ID and bytes" if twice else "")
                print(f"{'FAUX' if problem else 'ok':5}{one.name}{' : ' + told if told else ''}", flush=True)
    return doubled


if __name__ == "__main__":
    sys.exit(main())
