"""`manage.py dpi_sandbox --port 2576`: a fictitious hospital's software that takes ZAM messages, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from perinat.connectors.hl7v2.sandbox.server import FAULTS, DpiSandbox


class Command(BaseCommand):
    help = "Démarre le dossier patient informatisé fictif, qui reçoit les accusés ZAM (MLLP sur 127.0.0.1)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=2576)
        parser.add_argument("--fault", action="append", default=[], choices=FAULTS, help="une fois par option")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sandbox = DpiSandbox(options["port"])
        except OSError as error:
            raise CommandError(f"Le DPI fictif ne démarre pas : {error}") from error
        sandbox.faults.update(options["fault"])
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        sandbox.start()
        self.stdout.write(f"DPI fictif (MLLP) : 127.0.0.1:{sandbox.port}")
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()
        for report in sandbox.taken.values():
            self.stdout.write(f"{report.event} sur {report.about} : {'oui' if report.ok else f'non, {report.code}'}")
        self.stdout.write(
            f"reçus {sum(sandbox.received.values())}, pris {len(sandbox.taken)}, hors guide : {len(sandbox.refusals)}"
        )
