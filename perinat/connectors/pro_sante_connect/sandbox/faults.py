"""Scripted faults: what Pro Santé Connect, or somebody in its place, may do wrong."""

from __future__ import annotations

import threading
from typing import Any

KINDS = {
    "down": "Toutes les adresses répondent 503.",
    "slow": "Chaque réponse attend « seconds » secondes.",
    "garbled": "La découverte répond autre chose que du JSON.",
    "token_down": "L'échange du code répond 503.",
    "ended": "Le renouvellement du jeton répond que la session est terminée (invalid_grant).",
    "keys_down": "Les clés publiques répondent 503.",
    "userinfo_down": "Les informations du professionnel répondent 503.",
    "refused": "L'autorisation est refusée (error=server_error).",
    "wrong_state": "Le retour porte un autre state.",
    "wrong_issuer_back": "Le retour porte un autre iss (RFC 9207).",
    "expired_code": "Le code est périmé dès son émission.",
    "wrong_nonce": "L'id_token porte un autre nonce.",
    "expired_id_token": "L'id_token est périmé.",
    "wrong_audience": "L'id_token est destiné à un autre client (aud).",
    "wrong_party": "L'id_token a été remis à un autre client (azp).",
    "wrong_issuer": "L'id_token vient d'un autre émetteur.",
    "wrong_signature": "L'id_token est signé par une autre clé, sous le même kid.",
    "unknown_key": "L'id_token nomme une clé qui n'est pas publiée.",
    "no_kid": "L'id_token ne nomme pas sa clé.",
    "hs256": "L'id_token est signé en HS256 avec le secret du client.",
    "unsigned": "L'id_token n'est pas signé (alg none).",
    "other_person": "userinfo parle d'une autre personne que l'id_token.",
    "unknown_rpps": "userinfo donne un numéro RPPS que personne ne porte.",
    "no_rpps": "userinfo donne un identifiant qui n'est pas un RPPS (compte d'éditeur).",
    "incomplete": "userinfo ne donne ni identifiant ni profession.",
}


class UnknownFaultError(ValueError):
    """No such fault; the sentence is in French."""


class Faults:
    """A script by kind: how many times still, None for « until cleared »."""

    def __init__(self) -> None:
        self._script: dict[str, tuple[int | None, float]] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, *, times: int | None = 1, seconds: float = 0.0) -> None:
        """Strike `times` times (None: until cleared). Raises UnknownFaultError."""
        if kind not in KINDS:
            raise UnknownFaultError(f"Panne inconnue. Pannes connues : {', '.join(KINDS)}.")
        with self._lock:
            self._script[kind] = (times, seconds)

    def strike(self, kind: str) -> bool:
        """Whether this fault happens now; uses one of its times."""
        with self._lock:
            if kind not in self._script:
                return False
            times, seconds = self._script[kind]
            if times is not None and times <= 1:
                del self._script[kind]
            elif times is not None:
                self._script[kind] = (times - 1, seconds)
            return True

    def first(self, *kinds: str) -> str:
        """The first of these faults that strikes now, else ''."""
        return next((kind for kind in kinds if self.strike(kind)), "")

    def delay(self) -> float:
        """Seconds to wait before this reply."""
        with self._lock:
            seconds = self._script.get("slow", (0, 0.0))[1]
        return seconds if self.strike("slow") else 0.0

    def clear(self) -> None:
        with self._lock:
            self._script.clear()

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{"kind": kind, "times": times, "seconds": s} for kind, (times, s) in self._script.items()]
