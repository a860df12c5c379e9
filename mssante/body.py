"""The text of a mail: plain French, without a name of patient and without any health content.

The body is read in lists, on telephones and in notices, where the attachments are not: it says who
writes, what is joined and what to do. The volet leaves the text free, and asks for an explanation
when a document is replaced or withdrawn (Transmission de documents CDA, rules of the mail body). What the hospital's
software asks to write is added as it is: it answers for its words.
"""

from __future__ import annotations

from typing import assert_never

from coordination.ports import Action, Parcel


def text(parcel: Parcel) -> str:
    """Lines separated by `\\n`; `parcel.reason` is free text and stays out. A letter is its own text, unchanged."""
    if parcel.letter is not None:
        return parcel.letter.text.strip() + "\n"
    sender = parcel.sender
    lines = ["Bonjour,", "", *_purpose(parcel), "", *_notes(parcel), *_signature(sender.name, sender.phone)]
    return "\n".join(lines) + "\n"


def _purpose(parcel: Parcel) -> list[str]:
    count = len(parcel.documents)
    several = count > 1
    match parcel.action:
        case Action.SEND:
            what = f"{count} documents de santé" if several else "un document de santé"
            return [f"{parcel.sender.name} vous transmet {what}.", "", *_how_to_read(several)]
        case Action.REPLACE:
            return [
                "Ce message annule et remplace un envoi précédent : "
                + ("les versions jointes font foi." if several else "la version jointe fait foi."),
                "",
                *_how_to_read(several),
            ]
        case Action.WITHDRAW:
            if several:
                return [
                    f"{parcel.sender.name} retire {count} documents envoyés précédemment. "
                    "Merci de ne plus en tenir compte.",
                    "",
                    "Ils sont joints pour que votre logiciel puisse les identifier et les retirer du dossier.",
                ]
            return [
                f"{parcel.sender.name} retire un document envoyé précédemment. Merci de ne plus en tenir compte.",
                "",
                "Il est joint pour que votre logiciel puisse l'identifier et le retirer du dossier.",
            ]
        case _:
            assert_never(parcel.action)


def _notes(parcel: Parcel) -> list[str]:
    """What the hospital's software asked to write (CORPSMAIL_PS), each text once, as it wrote it."""
    notes = dict.fromkeys(document.note for document in parcel.documents if document.note)
    return [line for note in notes for line in (*note.split("\n"), "")]


def _how_to_read(several: bool) -> list[str]:
    copy = "La copie PDF de chaque document se lit" if several else "La copie PDF du document se lit"
    return [
        "L'archive IHE_XDM.zip est destinée à votre logiciel, qui peut la classer dans le dossier du patient.",
        f"{copy} sans logiciel particulier.",
    ]


def _signature(name: str, phone: str) -> list[str]:
    contact = f"Pour joindre l'équipe : {phone}" if phone else "Vous pouvez répondre à ce message."
    return [contact, "", name]
