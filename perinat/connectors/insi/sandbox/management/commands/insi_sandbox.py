"""`manage.py insi_sandbox --port 8447 --admin-port 8448`: the fictitious INSi, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from perinat.connectors.insi.sandbox import people
from perinat.connectors.insi.sandbox.server import InsiSandbox


class Command(BaseCommand):
    help = "Démarre l'INSi fictif (WS_INS2 sur 127.0.0.1)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8447)
        parser.add_argument("--admin-port", type=int, default=8448)
        parser.add_argument("--data", type=Path, default=people.DEFAULT, help="JSON des identités fictives")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sandbox = InsiSandbox(options["port"], options["admin_port"], data=options["data"])
        except (OSError, ValueError) as error:
            raise CommandError(f"L'INSi fictif ne démarre pas : {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        sandbox.start()
        self.stdout.write(f"INSi : {sandbox.url} · administration : {sandbox.admin_url}")
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()
