"""The operator's linter: what a mail of the MSSanté space must be, each breach with its clause.

Clauses: Référentiel socle #2 v1.0.1 (ECO.x.y.z), Volet Échange, IHE ITI-32 (XDM), RFC 5321/5322,
RFC 8098, the ANS guides LPS v1.1.3 and TRANS v2.1.2, Mon espace santé – Messagerie v1.3 (ENS).
"""

from __future__ import annotations

from mssante.sandbox.lint import body, exchange, headers
from mssante.sandbox.lint.findings import Finding
from mssante.sandbox.lint.mail import Mail

__all__ = ["Finding", "Mail", "lint"]


def lint(
    raw: bytes, *, mail_from: str, recipients: list[str], known_nils: frozenset[str] = frozenset()
) -> list[Finding]:
    """Findings on one mail and its envelope, errors and warnings, without repetition."""
    mail = Mail(raw, mail_from, recipients)
    found = [*headers.check(mail, known_nils), *body.check(mail)]
    if mail.should_carry_xdm and not mail.is_report:
        found += exchange.check(mail)
    return list(dict.fromkeys(found))
