"""The table of codes: kind, sentence, and what a log may hold."""

from __future__ import annotations

import pytest

from coordination.ports import PermanentChannelError, TemporaryChannelError
from mssante.errors import Reply, refusal, sentence


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("550 5.1.1", "La boîte du destinataire n'existe pas."),
        ("4.2.2", "La boîte du destinataire est pleine."),
        ("552 5.2.2", "La boîte du destinataire est pleine."),
        ("552", "La boîte du destinataire est pleine ou le message trop volumineux."),
        ("421 4.9.9", "La messagerie est momentanément indisponible."),
        ("450 4.9.9 later", "La boîte du destinataire est momentanément indisponible."),
        ("4.9.9", "La messagerie n'a pas pu prendre le message pour le moment."),
        ("599", "La messagerie refuse le message."),
        ("", "La messagerie refuse le message."),
        ("panne", "La messagerie refuse le message."),
    ],
)
def test_sentences(code: str, text: str) -> None:
    assert sentence(code) == text


def test_the_class_decides() -> None:
    assert isinstance(refusal(Reply(450, "4.2.2 full")), TemporaryChannelError)
    assert isinstance(refusal(Reply(552, "5.2.2 full")), PermanentChannelError)
    assert isinstance(refusal(Reply(535, "5.7.8 no"), about_session=True), TemporaryChannelError)


def test_the_enhanced_code_is_the_one_at_the_head() -> None:
    assert Reply(550, "5.1.1 see 5.7.1").verbatim == "550 5.1.1"
    assert Reply(550, "version 5.1.1 of the server").verbatim == "550"


def test_neither_an_address_nor_a_matricule_reaches_the_log() -> None:
    reply = Reply(550, "5.1.1 <290057864612312@patient.mssante.fr> unknown, INS 2900578646123 12")
    error = refusal(reply)
    assert "29005786" not in str(error)
    assert "@" not in str(error)
    assert b"290057864612312@patient" in error.raw  # kept encrypted by the core
