"""`manage.py igc_sandbox --port 8449`: the fictitious authority publishes its list of revoked certificates."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority
from perinat.connectors.igc_sante.sandbox.publisher import CrlPublisher


class Command(BaseCommand):
    help = "Publie la liste de révocation de l'IGC-Santé fictive (sur 127.0.0.1)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8449)
        parser.add_argument("--pki-dir", type=Path, default=None, help="dossier de l'autorité (PKI_DIR)")
        parser.add_argument("--tls", action="store_true", help="en HTTPS, avec le certificat de serveur du dossier")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = SandboxAuthority(options["pki_dir"] or Path(settings.PKI_DIR))
        authority.ensure()
        try:
            publisher = CrlPublisher(authority, options["port"], tls=options["tls"])
        except OSError as error:
            raise CommandError(f"L'autorité fictive ne démarre pas : {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        publisher.start()
        self.stdout.write(f"Liste de révocation : {publisher.url}")
        self.stdout.flush()
        stopping.wait()
        publisher.stop()
