"""`manage.py dmp_sandbox`: run the DMP sandbox in the foreground, until interrupted."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dmp_gateway.sandbox.server import DmpSandbox


class Command(BaseCommand):
    help = "Lance le DMP de bac à sable (HTTPS avec certificat client) et son administration."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8441)
        parser.add_argument("--admin-port", type=int, default=8442)
        parser.add_argument("--dir", default="var/sandbox/dmp", help="dossier des documents reçus")
        parser.add_argument("--pki-dir", default=os.environ.get("PKI_DIR", "var/pki"))
        parser.add_argument("--pack", default=os.environ.get("ANS_PACK"), help="règles nationales des CDA")
        parser.add_argument("--xsd-dir", default=os.environ.get("XSD_DIR"), help="schémas XDS, ebRIM et SAML")

    def handle(self, *args: Any, **options: Any) -> None:
        sandbox = DmpSandbox(
            options["dir"],
            options["pki_dir"],
            options["port"],
            options["admin_port"],
            options["pack"],
            options["xsd_dir"],
        )
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with sandbox:
                self.stdout.write(f"DMP de bac à sable : {sandbox.base_url}")
                self.stdout.write(f"Administration : {sandbox.admin_url}")
                self.stdout.flush()
                sandbox.world.national_rules.warm()
                signal.pause()
        except KeyboardInterrupt:
            self.stdout.write("Arrêt du bac à sable.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
