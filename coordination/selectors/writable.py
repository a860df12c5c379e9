"""Which structured documents a ward writes on a screen, who writes them, and in whose name."""

from __future__ import annotations

from coordination.models import Role

WRITERS = frozenset({Role.HOSPITAL_MIDWIFE, Role.HOSPITAL_DOCTOR})
WRITABLE = ("LDL-SES", "OBP-SNM", "OBP-SNE", "OBP-SCM", "OBP-SEM")
BY_THE_PHYSICIAN = ("LDL-SES",)  # CSP R.1112-1-2: the discharge letter is the physician's
