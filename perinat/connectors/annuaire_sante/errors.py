"""What the API answers, as the errors of the Directory port. No sentence or code here holds a name or the key."""

from __future__ import annotations

from perinat.standards.health_directory import (
    CursorLostError,
    DirectoryAnswerError,
    DirectoryError,
    DirectoryRefusedError,
    DirectoryUnavailableError,
)

LATER = "perinat garde les adresses déjà connues et redemandera."


def not_configured() -> DirectoryRefusedError:
    return DirectoryRefusedError(
        "NOT_CONFIGURED", "perinat n’est pas relié à l’Annuaire Santé (adresse ou clé absente)."
    )


def unreachable(code: str) -> DirectoryUnavailableError:
    return DirectoryUnavailableError(code, f"L’Annuaire Santé ne répond pas pour le moment. {LATER}")


def unusable(code: str) -> DirectoryAnswerError:
    return DirectoryAnswerError(code, f"La réponse de l’Annuaire Santé n’est pas exploitable. {LATER}")


def of_status(status: int, *, following: bool) -> DirectoryError:
    """The error of an HTTP status other than 200. `following`: the page of a cursor was asked for."""
    code = f"HTTP_{status}"
    if status in (401, 403):
        return DirectoryRefusedError(
            code, "L’Annuaire Santé refuse la clé de perinat. Vérifiez-la sur le portail des API de l’ANS."
        )
    if status == 429:
        return DirectoryUnavailableError(code, f"L’Annuaire Santé demande de ralentir les appels. {LATER}")
    if status >= 500 or status == 408:
        return unreachable(code)
    if following and status in (400, 404, 410):
        return CursorLostError(
            code, "La suite de la liste n’est plus gardée par l’Annuaire Santé : on la reprend au début."
        )
    return DirectoryRefusedError(
        code, "L’Annuaire Santé refuse la question de perinat : prévenez le support de perinat."
    )
