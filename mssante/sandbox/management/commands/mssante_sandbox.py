"""`manage.py mssante_sandbox`: the fictitious MSSanté operator, until interrupted."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mssante.sandbox.server import MssanteSandbox
from mssante.sandbox.settings import LINT_MODES


class Command(BaseCommand):
    help = "Démarre l'opérateur MSSanté fictif (SMTP, IMAP et administration sur 127.0.0.1)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--smtp-port", type=int, default=8587)
        parser.add_argument("--imap-port", type=int, default=8143)
        parser.add_argument("--admin-port", type=int, default=8588)
        parser.add_argument("--dns-port", type=int, default=8153, help="UDP : enregistrements SRV donnés par PUT /dns")
        parser.add_argument("--psc", default="", help="adresse du Pro Santé Connect fictif, à qui demander les jetons")
        parser.add_argument("--dir", type=Path, default=Path("var/sandbox/mssante"), help="dossier des messages")
        parser.add_argument("--pki-dir", type=Path, default=None, help="ca.pem, server.pem et server.key")
        parser.add_argument("--lint", choices=LINT_MODES, default=None, help="strict : refuse les écarts")

    def handle(self, *args: Any, **options: Any) -> None:
        pki_dir = options["pki_dir"] or Path(settings.PKI_DIR)
        try:
            sandbox = MssanteSandbox(
                options["dir"],
                pki_dir,
                options["smtp_port"],
                options["imap_port"],
                options["admin_port"],
                dns_port=options["dns_port"],
                psc=options["psc"],
                lint=options["lint"],
            )
            sandbox.start()
        except OSError as error:
            raise CommandError(f"L'opérateur fictif ne démarre pas : {error}") from error
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write(f"SMTP {sandbox.smtp_port} · IMAP {sandbox.imap_port} · {sandbox.admin_url}")
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()
