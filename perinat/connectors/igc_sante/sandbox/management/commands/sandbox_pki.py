"""`manage.py sandbox_pki --dir var/pki --structure 1990000012 …`: certificates for the sandboxes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from perinat.connectors.igc_sante.sandbox.authority import SandboxAuthority


class Command(BaseCommand):
    help = "Prépare l'autorité de certification de bac à sable et les certificats des structures."
    requires_system_checks: list[str] = []  # the checks of channels look for these very certificates

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dir", required=True, type=Path, help="dossier des certificats (PKI_DIR)")
        parser.add_argument(
            "--structure",
            nargs="+",
            action="extend",
            default=[],
            metavar="IDNAT",
            help="identifiant national de l'entité juridique ; sans lui, celles de MSSANTE_MAILBOXES",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = SandboxAuthority(options["dir"]).ensure(options["structure"] or _declared())
        except ValueError as error:
            raise CommandError(str(error)) from error
        for path in made:
            self.stdout.write(f"Certificat créé : {path}")
        if not made:
            self.stdout.write("Les certificats sont en place ; rien à renouveler.")


def _declared() -> list[str]:
    """The legal entities whose applicative boxes the settings name."""
    return sorted(set(settings.MSSANTE_MAILBOXES.values()))
