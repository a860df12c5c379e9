"""Scripted faults: what the real API, or the network in front of it, may do wrong."""

from __future__ import annotations

import threading
from typing import Any

KINDS = {
    "down": "Répond 503.",
    "slow": "Attend « seconds » secondes avant de répondre.",
    "busy": "Répond 429 avec Retry-After: « seconds ».",
    "refused": "Répond 403, la clé n'est plus acceptée.",
    "truncated": "Coupe la réponse au milieu du corps.",
    "garbled": "Répond 200 avec autre chose que du JSON.",
    "not_a_bundle": "Répond 200 avec un OperationOutcome.",
    "huge": "Répond un corps de 30 Mo.",
    "self_loop": "Le lien « next » redonne la page demandée.",
    "round_loop": "La dernière page renvoie à la première suite.",
    "elsewhere": "Le lien « next » désigne un autre serveur.",
    "lost_page": "Répond 410 à une page suivante.",
    "nonsense": "Ajoute à la page des entrées illisibles.",
}


class UnknownFaultError(ValueError):
    """No such fault; the sentence is in French."""


class Faults:
    """A script by kind: how many answers to spare first, how many to strike (None: until cleared)."""

    def __init__(self) -> None:
        self._script: dict[str, tuple[int, int | None, float]] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, *, times: int | None = 1, seconds: float = 0.0, after: int = 0) -> None:
        """Raises UnknownFaultError."""
        if kind not in KINDS:
            raise UnknownFaultError(f"Panne inconnue. Pannes connues : {', '.join(KINDS)}.")
        with self._lock:
            self._script[kind] = (after, times, seconds)

    def strike(self, kind: str) -> float | None:
        """The seconds of this fault when it happens now, else None; uses one of its times."""
        with self._lock:
            if kind not in self._script:
                return None
            after, times, seconds = self._script[kind]
            if after:
                self._script[kind] = (after - 1, times, seconds)
                return None
            if times is not None and times <= 1:
                del self._script[kind]
            elif times is not None:
                self._script[kind] = (0, times - 1, seconds)
            return seconds

    def clear(self) -> None:
        with self._lock:
            self._script.clear()

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{"kind": k, "after": a, "times": t, "seconds": s} for k, (a, t, s) in self._script.items()]
