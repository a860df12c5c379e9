"""Which structured documents a ward writes on a screen, who writes them, and in whose name."""

from __future__ import annotations

from coordination.models import Role, User

WRITERS = frozenset({Role.HOSPITAL_MIDWIFE, Role.HOSPITAL_DOCTOR})
WRITABLE = ("LDL-SES", "OBP-SAP", "OBP-SNM", "OBP-SNE", "OBP-SCM", "OBP-SEM", "CSE-CS8")
BY_THE_PHYSICIAN = ("LDL-SES",)  # CSP R.1112-1-2: the discharge letter is the physician's, whoever writes it
PHYSICIANS_ONLY = ("OBP-SAP", "CSE-CS8")  # their models want a physician as performer: the author is one
_PHYSICIAN = "10"  # TRE_G15


def may_write(volet: str, by: User) -> bool:
    """Whether this person of the ward writes this document; a physician alone writes what she alone may have done."""
    if by.role not in WRITERS or volet not in WRITABLE:
        return False
    return volet not in PHYSICIANS_ONLY or (
        by.professional is not None and by.professional.profession_code == _PHYSICIAN
    )
