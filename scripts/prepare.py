"""Certificates, tables, static files, sites and accounts, in one process; prints the sign-ins, one per role."""

from __future__ import annotations

import sys

import django
from django.conf import settings
from django.core.management import call_command

from coordination.demo import world


def main() -> None:
    django.setup()
    # First: the system checks of the channels look for these certificates.
    call_command("sandbox_pki", "--dir", str(settings.PKI_DIR), "--structure", *world.certified(), stdout=sys.stderr)
    call_command("migrate", "--no-input", verbosity=0)
    call_command("collectstatic", "--no-input", verbosity=0)
    call_command("seed_demo")


if __name__ == "__main__":
    main()
