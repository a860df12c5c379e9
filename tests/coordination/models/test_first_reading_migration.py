"""Migration 0007 on a database that already holds what its constraint forbids."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.journeys.arena import database_url

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db
DROP_LINKS = """
DO $$ DECLARE link name; BEGIN
  FOR link IN SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'coordination_reading'::regclass
  LOOP EXECUTE format('ALTER TABLE coordination_reading DROP CONSTRAINT %I', link); END LOOP; END $$
"""
ADD = "INSERT INTO coordination_reading (id, version_id, professional_id, via, at) VALUES (%s, %s, %s, %s, %s)"


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of a database without any table."""
    name = f"migrated_{uuid.uuid4().hex}"
    here = database_url()
    with psycopg.connect(here, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            before, _, after = here.partition("@/")
            yield f"{before}@/{name}?{after.partition('?')[2]}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(url: str, target: str) -> None:
    words = [sys.executable, "manage.py", "migrate", "coordination", target, "--no-input", "--skip-checks", "-v", "0"]
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "perinat.settings.test"}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_earliest_of_each_group_stays_and_the_table_stays_append_only(empty: str) -> None:
    migrate(empty, "0006")
    version, other, reader = (uuid.uuid4() for _ in range(3))
    first, alone, read = uuid.UUID(int=9), uuid.uuid4(), uuid.uuid4()
    with psycopg.connect(empty) as database:
        database.execute(DROP_LINKS)
        for row in [
            (uuid.UUID(int=1), version, reader, "PERINAT", "2026-03-16 09:00:01+00"),
            (first, version, reader, "PERINAT", "2026-03-16 09:00:00+00"),
            (uuid.UUID(int=10), version, reader, "PERINAT", "2026-03-16 09:00:00+00"),
            (read, version, reader, "MDN", "2026-03-16 09:05:00+00"),
            (alone, other, reader, "PERINAT", "2026-03-16 09:06:00+00"),
        ]:
            database.execute(ADD, row)
    migrate(empty, "0007")
    with psycopg.connect(empty, autocommit=True) as database:
        kept = {row[0] for row in database.execute("SELECT id FROM coordination_reading").fetchall()}
        assert kept == {first, read, alone}
        with pytest.raises(psycopg.errors.RaiseException, match="append|Cannot update or delete"):
            database.execute("DELETE FROM coordination_reading")
        with pytest.raises(psycopg.errors.UniqueViolation):
            database.execute(ADD, (uuid.uuid4(), version, reader, "PERINAT", "2026-03-17 09:00:00+00"))
