"""One table: what a remote code means — permanent or temporary — and the French sentence for the screen.

SMTP codes: RFC 5321 §4.2, enhanced codes: RFC 3463 and the IANA registry; integration codes 900 to
906: IG « Transmission au LPS d'un document CDA » v1.1.3, applicationErrorCode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from coordination.ports import ChannelError, PermanentChannelError, TemporaryChannelError

# A reply often repeats the address; that of a patient holds the matricule INS.
_PERSONAL = re.compile(r"\S*@\S*|\d[\dAB]{11,}")
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")

# Subject and detail of an enhanced code (RFC 3463), whatever its class; a class alone decides the kind.
_BY_DETAIL = {
    "1.1": "La boîte du destinataire n'existe pas.",
    "1.2": "Le domaine du destinataire n'est pas joignable.",
    "1.3": "L'adresse du destinataire n'a pas la forme attendue.",
    "1.6": "La boîte du destinataire a déménagé sans nouvelle adresse.",
    "1.7": "L'adresse de l'expéditeur n'a pas la forme attendue.",
    "1.8": "Le domaine de l'expéditeur n'est pas reconnu.",
    "1.10": "Le domaine du destinataire ne reçoit pas de messages.",
    "2.0": "La boîte du destinataire pose une difficulté.",
    "2.1": "La boîte du destinataire est fermée ou n'accepte pas de messages.",
    "2.2": "La boîte du destinataire est pleine.",
    "2.3": "Le message dépasse la taille admise par la boîte du destinataire.",
    "3.1": "La messagerie du destinataire manque de place.",
    "3.2": "La messagerie du destinataire ne reçoit pas de messages pour le moment.",
    "3.4": "Le message dépasse la taille admise par la messagerie du destinataire.",
    "4.1": "La messagerie du destinataire ne répond pas.",
    "4.2": "La liaison avec la messagerie du destinataire est coupée.",
    "4.4": "La messagerie du destinataire est introuvable.",
    "4.6": "Le message tourne en boucle entre messageries.",
    "4.7": "La messagerie du destinataire n'a pas répondu dans le délai.",
    "6.0": "Le contenu du message est refusé par la messagerie.",
    "7.0": "La messagerie refuse le message pour une raison de sécurité.",
    "7.1": "La messagerie refuse le message : expéditeur ou domaine non autorisé.",
    "7.8": "La messagerie ne reconnaît pas le certificat de la structure.",
}
_BY_CODE = {
    421: "La messagerie est momentanément indisponible.",
    450: "La boîte du destinataire est momentanément indisponible.",
    451: "La messagerie a rencontré une erreur passagère.",
    452: "La messagerie manque momentanément de place.",
    454: "La connexion sécurisée est momentanément impossible.",
    523: "Le message dépasse la taille admise par le destinataire.",
    530: "La messagerie demande une authentification.",
    535: "La messagerie ne reconnaît pas le certificat de la structure.",
    541: "Le message est refusé par le destinataire.",
    550: "La boîte du destinataire n'existe pas ou refuse le message.",
    551: "Le destinataire n'est pas de cette messagerie.",
    552: "La boîte du destinataire est pleine ou le message trop volumineux.",
    553: "L'adresse n'est pas admise par la messagerie.",
    554: "La messagerie refuse le message.",
}
_BY_CLASS = {
    4: "La messagerie n'a pas pu prendre le message pour le moment.",
    5: "La messagerie refuse le message.",
}
INTEGRATION = {
    "900": "Le logiciel du destinataire détient déjà une version plus récente du document.",
    "901": "Le logiciel du destinataire n'admet pas que cet établissement remplace ou retire ce document.",
    "902": "Le logiciel du destinataire ne connaît pas ce patient : le document attend un rattachement.",
    "903": "Le document ne porte pas d'INS : le destinataire doit le rattacher à la main.",
    "904": "L'INS ou les traits diffèrent de l'identité locale : le destinataire doit vérifier.",
    "905": "L'INS du document est incomplète : le destinataire doit vérifier.",
    "906": "Le logiciel du destinataire n'a pas pu intégrer le document.",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of an SMTP server: `code` (three digits) and its text, enhanced code included."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        """The enhanced status code at the head of the text (RFC 2034), or empty."""
        found = _ENHANCED.match(self.text)
        return found.group(1) if found else ""

    @property
    def verbatim(self) -> str:
        """`550 5.1.1` as the server said it: basic code, then enhanced code when there is one."""
        return f"{self.code} {self.enhanced}".strip()

    @property
    def loggable(self) -> str:
        """The text without any address nor long number."""
        return masked(self.text)

    @property
    def raw(self) -> bytes:
        return f"{self.code} {self.text}".encode()


def masked(text: str) -> str:
    """A text of a server without any address nor long number."""
    return _PERSONAL.sub("…", text)


def sentence(code: str) -> str:
    """French sentence for an enhanced code (`5.1.1`), a basic code (`550`) or both (`550 5.1.1`)."""
    enhanced = _ENHANCED.search(code)
    if enhanced and (found := _BY_DETAIL.get(enhanced.group(1).partition(".")[2])):
        return found
    basic = re.search(r"(?<![.\d])([2-5])\d\d(?![.\d])", code)
    if basic and (found := _BY_CODE.get(int(basic.group()))):
        return found
    kind = enhanced.group(1)[0] if enhanced else basic.group(1) if basic else "5"
    return _BY_CLASS.get(int(kind), _BY_CLASS[5])


def refusal(reply: Reply, *, about_session: bool = False) -> ChannelError:
    """The failure that a negative reply means; 4xx comes back later, 5xx waits for a person.

    `about_session`: said before any mail was named (greeting, EHLO, STARTTLS, AUTH). Even a 5xx is
    then temporary: it says nothing of this parcel, and once the certificate or the server is mended
    every waiting shipment leaves by itself.
    """
    message_fr = sentence(reply.verbatim)
    if about_session or reply.code < 500:
        closing = reply.code == 421  # RFC 5321 §3.8: the service itself closes; the rest is about one box or one mail
        return TemporaryChannelError(reply.verbatim, message_fr, reply.loggable, reply.raw, of_channel=closing)
    return PermanentChannelError(reply.verbatim, message_fr, reply.loggable, reply.raw)
