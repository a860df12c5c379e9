"""What may go wrong at a sign-in, and what the page says: what happened, then what to do.

`code` is for the log and names no person; `status` is that of the page.
"""

from __future__ import annotations

RETRY = "Recommencez la connexion. Si cela se répète, utilisez votre identifiant et votre mot de passe perinat."
TELL = (
    "Prévenez l’administrateur de perinat dans votre établissement, "
    "et utilisez votre identifiant et votre mot de passe."
)


class PscError(Exception):
    """A sign-in with Pro Santé Connect did not succeed."""

    status = 403
    title_fr = "Connexion interrompue"
    message_fr = "La connexion avec Pro Santé Connect n’a pas abouti."
    advice_fr = RETRY

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotConfiguredError(PscError):
    """PSC_DISCOVERY_URL is empty."""

    status = 404
    title_fr = "Pro Santé Connect n’est pas ouvert ici"
    message_fr = "Cette installation de perinat n’est pas reliée à Pro Santé Connect."
    advice_fr = "Utilisez votre identifiant et votre mot de passe perinat."


class UnavailableError(PscError):
    """No usable answer: network, 5xx, or a body that is not what it should be."""

    status = 503
    title_fr = "Pro Santé Connect ne répond pas"
    message_fr = "Pro Santé Connect est injoignable pour le moment. perinat fonctionne normalement."
    advice_fr = "Utilisez votre identifiant et votre mot de passe perinat, ou recommencez dans quelques minutes."


class ClientRefusedError(PscError):
    """The provider refuses perinat itself: client, secret, certificate or address not registered."""

    status = 502
    title_fr = "Pro Santé Connect refuse la demande de perinat"
    message_fr = (
        "Le raccordement de perinat à Pro Santé Connect est mal réglé. Votre carte et votre e-CPS ne sont pas en cause."
    )
    advice_fr = TELL


class CancelledError(PscError):
    """error=access_denied: she gave up, or was refused by the provider."""

    title_fr = "Connexion abandonnée"
    message_fr = "Pro Santé Connect indique que la connexion a été abandonnée ou refusée."


class StateMismatchError(PscError):
    """The answer does not belong to a request of this browser: replayed, opened elsewhere, or forged."""

    status = 400
    title_fr = "Cette connexion ne correspond à aucune demande en cours"
    message_fr = (
        "La réponse de Pro Santé Connect a déjà servi, a trop attendu, ou vient d’une autre fenêtre. "
        "Par sécurité, perinat ne l’accepte pas."
    )


class ExpiredCodeError(PscError):
    """invalid_grant: the code is too old or already used."""

    status = 400
    title_fr = "La connexion a pris trop de temps"
    message_fr = "Le code remis par Pro Santé Connect n’est plus valable."


class UntrustedAnswerError(PscError):
    """The ID token or userinfo fails a check: signature, issuer, audience, nonce, dates, subject."""

    status = 502
    title_fr = "La réponse de Pro Santé Connect n’a pas pu être vérifiée"
    message_fr = "perinat n’a pas pu s’assurer que la réponse vient bien de Pro Santé Connect. Personne n’est connecté."


class IncompleteIdentityError(PscError):
    """userinfo lacks the national id or the profession."""

    status = 502
    title_fr = "Identité incomplète"
    message_fr = "Pro Santé Connect n’a transmis ni numéro national ni profession utilisables."
    advice_fr = TELL


class StudentError(PscError):
    """The profession is that of a student."""

    title_fr = "Compte réservé aux professionnels en exercice"
    message_fr = "Pro Santé Connect vous présente comme professionnel en formation."
    advice_fr = "Demandez à la personne qui vous encadre d’ouvrir le dossier avec vous."


class UnknownProfessionalError(PscError):
    """No active account for this national id and this profession. `number` (RPPS) is shown to her, on the page only."""

    title_fr = "Aucun compte perinat pour vous"
    message_fr = (
        "Votre identité a bien été vérifiée par Pro Santé Connect, mais aucun compte perinat ouvert "
        "ne correspond à votre numéro et à votre profession. Aucun compte n’a été créé."
    )
    advice_fr = (
        "Demandez l’ouverture de votre compte à l’administrateur de votre établissement ou de votre CPTS, "
        "en lui donnant ce numéro."
    )

    def __init__(self, code: str, *, ps_idnat: str) -> None:
        super().__init__(code)
        self.number = ps_idnat.removeprefix("8")  # PS_IdNat = type digit 8 + RPPS
