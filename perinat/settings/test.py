"""Tests: fast hashing, no static manifest, everything on loopback."""

import tempfile
from pathlib import Path

from perinat.settings.dev import *  # noqa: F403

SECRET_KEY = "test-only-" + "0" * 40
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEST_DIR = Path(tempfile.mkdtemp(prefix="perinat-test-"))
VAR_DIR = TEST_DIR
BLOB_DIR = TEST_DIR / "blobs"
BLOB_KEYS_DIR = TEST_DIR / "keys"
PKI_DIR = str(TEST_DIR / "pki")
CODES_DIR = str(TEST_DIR / "codes")
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
UNDO_SECONDS = 0
