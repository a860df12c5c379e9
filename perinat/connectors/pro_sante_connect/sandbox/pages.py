"""The pages of the sandbox, in French: who signs in, a refusal, the end. No script; nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from perinat.connectors.pro_sante_connect.sandbox.people import Person

STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#f4f6f8}"
    "main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem}"
    "h1{font-size:1.5rem;margin:.5rem 0}ul{list-style:none;padding:0}"
    "li{background:#fff;border:1px solid #8a939c;border-radius:.4rem;padding:.75rem 1rem;margin-bottom:.75rem}"
    "li p{margin:0 0 .5rem}small{color:#454c54}form{display:flex;gap:.5rem;flex-wrap:wrap}"
    "button{font:inherit;min-height:44px;padding:.4rem 1rem;border:1px solid #1b4f72;border-radius:.3rem;"
    "background:#1b4f72;color:#fff;cursor:pointer}button.quiet{background:#fff;color:#1b4f72}"
    "button:focus-visible{outline:3px solid #d35400;outline-offset:2px}"
    ".banner{background:#fff3cd;border:1px solid #8a6d00;padding:.5rem .75rem;border-radius:.3rem}"
)


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        '<p class="banner">Bac à sable : ce n’est pas le vrai Pro Santé Connect, les personnes sont fictives.</p>'
        f"<h1>{title}</h1>{body}</main></body></html>"
    )


def choice(people: Iterable[Person], query_string: str) -> str:
    """Who signs in, and with what. The choice is posted: no identifier in the address."""
    action = escape(f"/auth?{query_string}")
    lines = "".join(_line(person, action) for person in people)
    button = '<button class="quiet" name="choice" value="cancel">Annuler</button>'
    cancel = f'<form method="post" action="{action}">{button}</form>'
    return _page(
        "Pro Santé Connect de bac à sable", f"<p>Choisissez qui se connecte, et avec quoi.</p><ul>{lines}</ul>{cancel}"
    )


def _line(person: Person, action: str) -> str:
    name = escape(f"{person.given_name} {person.family_name}")
    about = " · ".join([person.title, person.activities[0].organisation, *([person.note] if person.note else [])])
    buttons = "".join(
        f'<button name="means" value="{means}" aria-label="{name}, {label}">{label}</button>'
        for means, label in (("CARD", "Carte CPS"), ("MOBILE", "Application e-CPS"))
    )
    return (
        f"<li><p><strong>{name}</strong><br>{escape(about)}<br><small>RPPS {escape(person.rpps)}</small></p>"
        f'<form method="post" action="{action}">'
        f'<input type="hidden" name="person" value="{escape(person.national_id)}">{buttons}</form></li>'
    )


def refusal(reason: str) -> str:
    return _page("Demande refusée", f"<p>{escape(reason)}</p>")


def signed_out() -> str:
    return _page("Session fermée", "<p>La session Pro Santé Connect est fermée.</p>")
