"""The few pieces of HTML that the pages of the sandbox are made of. No script, no style kit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1b;background:#fff;max-width:90rem}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2rem}"
    "th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}code,td{overflow-wrap:anywhere}"
)


def document(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def table(caption: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Cells are HTML already. Its caption is the heading of its part of the page."""
    if not rows:
        return f"<h2>{caption}</h2><p>Rien pour l'instant.</p>"
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{caption}</h2><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Name and value, both plain text; what is empty is left out."""
    lines = (f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows if value)
    return f"<table><tbody>{''.join(lines)}</tbody></table>"
