"""One at a time in the whole product: a PostgreSQL advisory lock of this session."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator

from django.db import connection


@contextlib.contextmanager
def alone(name: str) -> Iterator[bool]:
    """True for the first to come under this name, False for whoever comes while it is held."""
    key = zlib.crc32(f"perinat.{name}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        first = bool(cursor.fetchone()[0])
    try:
        yield first
    finally:
        if first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
