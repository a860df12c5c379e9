"""`manage.py annuaire_sandbox --port 8445 --admin-port 8446`: the fictitious Annuaire Santé, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from perinat.connectors.annuaire_sante.sandbox import store
from perinat.connectors.annuaire_sante.sandbox.server import AnnuaireSandbox


class Command(BaseCommand):
    help = "Démarre l'Annuaire Santé fictif (API FHIR sur 127.0.0.1)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8445)
        parser.add_argument("--admin-port", type=int, default=8446)
        parser.add_argument("--data", type=Path, default=store.DEFAULT, help="JSON des personnes et lieux fictifs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sandbox = AnnuaireSandbox(options["port"], options["admin_port"], data=options["data"])
        except (OSError, ValueError) as error:
            raise CommandError(f"L'Annuaire Santé fictif ne démarre pas : {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        sandbox.start()
        self.stdout.write(f"API : {sandbox.base_url} · administration : {sandbox.admin_url}")
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()
