"""A small web mail page in French, read-only: mailboxes, messages, one message, refusals."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import quote

from mssante.sandbox.admin import content
from mssante.sandbox.admin.http import Request, Response
from mssante.sandbox.lint import archive as archives
from mssante.sandbox.lint import cda
from mssante.sandbox.lint.mail import Mail, Part, decode_text
from mssante.sandbox.mss_operator import Operator
from mssante.sandbox.people import BEHAVIOURS, KINDS
from perinat.standards import xml

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;color:#1b1b1f;background:#fff}
.banner{background:#fff3cd;border:1px solid #8a6d00;padding:.5rem 1rem;margin-bottom:1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #767676}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f6;padding:1rem}a{color:#0b4fa8}
@media(max-width:40rem){
table,tbody,tr,td,th{display:block}thead{display:none}tr{padding:.5rem 0}td,th{border:0;padding:.1rem 0}}
"""
HEADERS = {
    "From": "De",
    "To": "À",
    "Subject": "Objet",
    "Date": "Date",
    "Message-ID": "Message-ID",
    "X-MSS-NIL": "X-MSS-NIL",
    "X-MSS-CODECDA": "X-MSS-CODECDA",
    "X-MSS-INS": "X-MSS-INS",
}


def page(operator: Operator, request: Request) -> Response | None:
    """The HTML page of this address, None when it is not one."""
    if not request.path:
        return _html("Boîtes aux lettres", _home(operator))
    if request.path[0] == "box" and len(request.path) == 2:
        return _html("Messages de la boîte", _box(operator, request.path[1]))
    if request.path[0] == "mail" and len(request.path) == 2:
        return _html("Message", _mail(content.raw_mail(operator, request.path[1]), request.path[1]))
    if request.path == ("refus",):
        return _html("Messages refusés", _refusals(operator))
    return None


def _html(title: str, body: str) -> Response:
    document = (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)} – opérateur fictif</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        '<p class="banner">Opérateur MSSanté fictif : aucun message ne part vers l\'extérieur.</p>'
        '<nav aria-label="Principal"><a href="/">Boîtes aux lettres</a> · <a href="/refus">Messages refusés</a></nav>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Frame-Options": "DENY"}
    return Response(document.encode("utf-8", "replace"), "text/html; charset=utf-8", headers=headers)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    """Cells of `rows` are HTML already."""
    if not rows:
        return "<p>Rien pour le moment.</p>"
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _when(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%d/%m/%Y à %H:%M}"


def _home(operator: Operator) -> str:
    rows = []
    for box in operator.people:
        count = len(operator.store.folder(box.address).entries)
        link = f'<a href="/box/{quote(box.address)}">{escape(box.address)}</a>'
        rows.append(
            [
                link,
                escape(box.owner),
                KINDS[box.kind],
                BEHAVIOURS[box.behaviour],
                f"{count} message{'s' if count > 1 else ''}",
            ]
        )
    return _table(["Adresse", "Titulaire", "Type", "Comportement", "Messages"], rows)


def _box(operator: Operator, address: str) -> str:
    rows = []
    for name in operator.store.folder_names(address):
        folder = operator.store.folder(address, name)
        for entry in reversed(folder.entries):
            mail = Mail(folder.raw(entry), "", [])
            link = f'<a href="/mail/{entry.id}">{escape(mail.subject or "(sans objet)")}</a>'
            sender = decode_text(mail.value("From"))
            rows.append([link, escape(sender), _when(entry.received_at), escape(name)])
    return f"<p>{escape(address)}</p>" + _table(["Objet", "Expéditeur", "Reçu (UTC)", "Dossier"], rows)


def _mail(raw: bytes, id: str) -> str:
    mail = Mail(raw, "", [])
    heads = "".join(
        f"<tr><th scope='row'>{label}</th><td>{escape(decode_text(mail.value(name)))}</td></tr>"
        for name, label in HEADERS.items()
        if mail.value(name)
    )
    texts = "".join(
        f"<pre>{escape(part.data.decode('utf-8', 'replace'))}</pre>"
        for part in mail.parts
        if part.content_type in ("text/plain", "message/disposition-notification", "message/delivery-status")
        and not part.attached
    )
    files = "".join(f"<li>{escape(part.name)} ({len(part.data)} octets)</li>" for part in mail.parts if part.name)
    listing = f"<h2>Pièces jointes</h2><ul>{files}</ul>" if files else ""
    listing += "".join(map(_archive, mail.archives))
    return f"<table>{heads}</table>{texts}{listing}<p><a href='/messages/{quote(id)}/raw'>Source du message</a></p>"


def _archive(part: Part) -> str:
    """What an XDM archive holds: each document by what its header says, any other file by its name."""
    opened = archives.read(part.data)
    lines = [f"<li>{escape(finding.message_fr)}</li>" for finding in opened.findings]
    for subset, files in opened.subsets.items():
        lines += [f"<li>{escape(f'{subset}/{path}')}{_document(data)}</li>" for path, data in files.items()]
    return f"<h2>Dans l'archive {escape(part.name)}</h2><ul>{''.join(lines)}</ul>"


def _document(data: bytes) -> str:
    try:
        read = cda.read(data)
    except xml.XmlError:
        return f" ({len(data)} octets)"
    person = " ".join((read.birth_name, *read.given_names[:1]))
    return escape(f" : {read.label or read.code}, {person}, {len(data)} octets")


def _refusals(operator: Operator) -> str:
    rows = []
    for record in reversed(list(operator.store.refusals)):
        reasons = "".join(
            f"<li>{escape(finding['clause'])} : {escape(finding['message_fr'])}</li>" for finding in record["findings"]
        )
        rows.append([_when(record["at"]), escape(record["sender"]), f"<ul>{reasons}</ul>"])
    return _table(["Date (UTC)", "Expéditeur", "Motifs"], rows)
