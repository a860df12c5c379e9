"""manage.py seed_demo: sites, professionals and accounts of the demonstration; prints one sign-in per role."""

from typing import Any

from django.core.management.base import BaseCommand

from coordination.demo import seed, world
from coordination.models import Role


class Command(BaseCommand):
    help = "Crée (ou met à jour) les établissements, professionnels et comptes de la démonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        seed.seed()
        self.stdout.write(f"Comptes de démonstration (mot de passe : {world.PASSWORD}) :")
        shown: set[str] = set()
        for account in world.ACCOUNTS:
            if account.role not in shown:
                shown.add(account.role)
                self.stdout.write(f"  {Role(account.role).label:28} {account.username}")
