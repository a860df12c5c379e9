"""`manage.py psc_sandbox --port 8444`: the fictitious Pro Santé Connect, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from perinat.connectors.pro_sante_connect.sandbox import people
from perinat.connectors.pro_sante_connect.sandbox.people import PeopleError
from perinat.connectors.pro_sante_connect.sandbox.server import HOST, PscSandbox


class Command(BaseCommand):
    help = "Démarre le Pro Santé Connect fictif (OpenID Connect sur 127.0.0.1)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8444)
        parser.add_argument("--host", default=HOST, help="adresse d'écoute ; celles annoncées restent 127.0.0.1")
        parser.add_argument("--people", type=Path, default=people.DEFAULT, help="liste JSON des professionnels fictifs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sandbox = PscSandbox(options["port"], host=options["host"], people=people.load(options["people"]).values())
        except (OSError, PeopleError) as error:
            raise CommandError(f"Pro Santé Connect fictif ne démarre pas : {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        sandbox.start()
        self.stdout.write(f"Découverte : {sandbox.discovery_url} · administration : {sandbox.admin_url}")
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()
