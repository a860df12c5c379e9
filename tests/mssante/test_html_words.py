"""The words of an HTML mail, however it is written: a reply is never shown empty."""

from __future__ import annotations

import pytest

from mssante.html_words import words


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<html><head><title>Objet</title></head><body><p>Bonjour</p></body></html>", "Bonjour"),
        ("<html><head><title>Objet</title><style>p{}</style><body><p>Bonjour</p>", "Bonjour"),  # no </head>
        ("<head><title>Objet<body>Bonjour", "Bonjour"),  # nothing is ended
        ("<html><head><meta charset=utf-8><p>Bonjour", "Bonjour"),  # no body
        ("<p>Bonjour<script>alert(1)</script> madame", "Bonjour madame"),
        ("Merci &agrave; vous, M. Durand &fils", "Merci à vous, M. Durand &fils"),  # might have gone on
        ("Rendez-vous demain &a", "Rendez-vous demain &a"),
        ("Avant <![foo bar]> après", "Avant après"),
        ("Avant <![foo", "Avant <![foo"),
        ("Avant <![if !mso]>milieu<![endif]> après", "Avant milieu après"),
        ("<!--[if mso]><p>caché</p><![endif]-->Bonjour", "Bonjour"),
    ],
)
def test_words(html: str, shown: str) -> None:
    assert " ".join(words(html).split()) == shown
