"""Table SMTPERRORCODE: why a mail did not arrive, as the hospital's software is told in ERR-5 of a ZAM^Z02.

Source: IG « Transmission de document(s) CDA en HL7v2 » 2.1.2 (ANS), page « error-codes », read on 2026-11-22. Labels
are shortened. A DSN gives an enhanced code (RFC 3463): its basic code follows the IANA registry
« SMTP Enhanced Status Codes » (RFC 5248), else the class.
"""

from __future__ import annotations

import re

SYSTEM = "SMTPERRORCODE"
LABELS = {
    "101": "Le serveur n'arrive pas à se connecter.",
    "111": "Connexion refusée ou impossibilité d'ouvrir un flux SMTP.",
    "251": "Le compte du destinataire n'est pas sur le serveur actuel. L'envoi sera relayé à un autre serveur.",
    "252": "Le serveur ne peut pas vérifier l'utilisateur. Il essaiera de transmettre le message.",
    "420": "Problème de connexion de temporisation pendant le transfert du message.",
    "421": "Le service est indisponible en raison d'un problème de connexion.",
    "422": "La boîte aux lettres du destinataire a dépassé sa limite de stockage.",
    "431": "Espace insuffisant sur le disque, ou mémoire insuffisante.",
    "432": "Mot de passe de transition nécessaire",
    "441": "Le serveur du destinataire ne répond pas",
    "442": "La connexion a été interrompue pendant la transmission",
    "450": "Action non effectuée : boîte aux lettres non disponible",
    "451": "Action arrêtée : erreur de traitement",
    "452": "Action non effectuée : manque de ressources système.",
    "500": "Erreur de syntaxe, commande non reconnue",
    "501": "Erreur de syntaxe dans des paramètres ou arguments de commande",
    "502": "Commande non implémentée",
    "503": "Mauvaise séquence de commandes",
    "504": "Paramètre de commande non implémenté",
    "510": "Mauvaise adresse courriel",
    "512": "Erreur DNS : le serveur du domaine du destinataire est introuvable.",
    "513": "Le type d'adresse est incorrect.",
    "523": "La taille totale du message dépasse les limites du serveur destinataire.",
    "530": "L'authentification est requise.",
    "541": "L'adresse du destinataire a rejeté le message.",
    "550": "Action non effectuée : boîte aux lettres non disponible.",
    "551": "L'adresse du destinataire n'est pas hébergée par ce serveur.",
    "552": "Action abandonnée : allocation de stockage dépassée.",
    "553": "La commande a été abandonnée car le nom de la boîte aux lettres n'est pas valide.",
    "554": "L'envoi a échoué. Le serveur n'essaiera pas d'envoyer le message à nouveau.",
}
# Enhanced code without its class → (basic code when it is permanent, when it is passing)
ENHANCED = {
    "1.1": ("550", "451"), "1.2": ("512", "441"), "1.3": ("553", "451"), "1.6": ("550", "450"), "1.10": ("512", "441"),
    "2.0": ("550", "450"), "2.1": ("550", "450"), "2.2": ("552", "422"), "2.3": ("523", "452"), "3.1": ("452", "431"),
    "3.2": ("550", "421"), "3.4": ("523", "452"), "4.1": ("441", "441"), "4.2": ("442", "442"), "4.3": ("512", "441"),
    "4.4": ("512", "441"), "4.7": ("441", "420"), "5.1": ("503", "503"), "5.2": ("500", "500"), "5.4": ("501", "501"),
    "6.0": ("554", "451"), "7.0": ("554", "451"), "7.1": ("541", "450"), "7.8": ("530", "530"),
}  # fmt: skip
CLASSES = {"4": "451", "5": "554"}
_BASIC = re.compile(r"(?<![.\d])([1-5]\d\d)(?![.\d])")
_ENHANCED = re.compile(r"(?<![.\d])([45])\.(\d{1,3}\.\d{1,3})(?![.\d])")


def basic(code: str) -> str:
    """The code of the table that says most of what a channel answered (`550 5.1.1`, `5.2.2`, or words)."""
    said = _BASIC.search(code)
    if said and said.group(1) in LABELS:
        return said.group(1)
    enhanced = _ENHANCED.search(code)
    if enhanced is None:
        return CLASSES[said.group(1)[0]] if said and said.group(1)[0] in CLASSES else "554"
    permanent, passing = ENHANCED.get(enhanced.group(2), (CLASSES["5"], CLASSES["4"]))
    return permanent if enhanced.group(1) == "5" else passing
