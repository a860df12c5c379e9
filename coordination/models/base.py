"""What every table shares: UUID keys and, for facts that never change, database triggers."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models


class UuidModel(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def append_only() -> list[pgtrigger.Protect]:
    """Triggers that make PostgreSQL refuse UPDATE and DELETE, even by raw SQL."""
    return [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class ImmutableModel(UuidModel):
    """A fact: written once. Subclasses set `triggers = append_only()` in their Meta."""

    class Meta:
        abstract = True
        triggers: ClassVar = append_only()
