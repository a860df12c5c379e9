"""manage.py verify_audit: recompute the seals of all sealed days; exit 1 on the first that does not hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coordination import audit
from coordination.models import AuditSeal


class Command(BaseCommand):
    help = "Recalcule les sceaux du journal ; échoue au premier jour altéré."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = audit.verify()
        if broken is not None:
            raise CommandError(f"Le journal du {broken:%d/%m/%Y} ne correspond plus à son sceau.")
        self.stdout.write(f"{AuditSeal.objects.count()} jours scellés, tous intacts.")
