"""A page to look at what the sandbox received: documents, last requests, faults. No script, no style kit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dmp_gateway.sandbox.context import World
from dmp_gateway.sandbox.registry_objects import APPROVED, ARCHIVED, DELETED, DEPRECATED

STATUSES = {APPROVED: "Actif", DEPRECATED: "Remplacé", ARCHIVED: "Archivé", DELETED: "Supprimé"}
VERDICTS = {"accepted": "acceptée", "refused": "refusée", "fault": "panne demandée", "crash": "défaut du bac à sable"}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1b;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2rem}"
    "th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}code{overflow-wrap:anywhere}"
)


def render(world: World) -> str:
    """The whole page (HTML, French)."""
    documents = [
        (
            str(record.sequence),
            record.at[:19].replace("T", " "),
            escape(record.title),
            escape(f"{record.type_code} · version {record.version}"),
            escape(record.structure),
            STATUSES.get(record.status, escape(record.status)),
            f'<a href="/documents/{escape(record.unique_id)}/bytes"><code>{escape(record.unique_id)}</code></a>',
        )
        for record in reversed(world.store.all()[-200:])
    ]
    requests = [
        (
            str(entry["sequence"]),
            escape(str(entry["at"])[11:19]),
            escape(f"{entry['path']} {entry['transaction'] and 'TD' + str(entry['transaction'])}"),
            VERDICTS.get(str(entry["verdict"]), ""),
            escape(str(entry["code"])),
            escape(f"{entry['detail']} {entry['clause'] and '[' + str(entry['clause']) + ']'}"),
            escape(str(entry["fault"])),
            escape(str(entry["milliseconds"])),
        )
        for entry in world.journal.recent(50)
    ]
    faults = [
        (escape(str(row["id"])), escape(str(row["kind"])), escape(str(row["endpoint"] or "tous")), str(row["hits"]))
        for row in world.faults.all()
    ]
    headings = ("N°", "Arrivée (UTC)", "Titre", "Type", "Structure", "État", "Identifiant (contenu)")
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>DMP de bac à sable</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>DMP de bac à sable</h1>"
        "<p>Serveur d'essai : identités fictives seulement. Il tient lieu du DMP et ne partage aucun code "
        "avec le client.</p>"
        f"<p>Documents reçus : <strong>{world.store.count}</strong>. Requêtes : {world.journal.count}. "
        f"Règles nationales : {'appliquées' if world.national_rules.present else 'non fournies, non vérifiées'}. "
        f"Schémas : {'appliqués' if world.schemas.present else 'non fournis, non vérifiés'}.</p>"
        + _table("Documents (200 derniers)", headings, documents)
        + _table(
            "Requêtes (50 dernières)",
            ("N°", "Heure (UTC)", "Demande", "Verdict", "Code", "Motif et règle", "Panne", "ms"),
            requests,
        )
        + _table("Pannes demandées", ("Nom", "Panne", "Point d'accès", "Fois"), faults)
        + "</main></body></html>"
    )


def _table(caption: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return f"<h2>{caption}</h2><p>Rien pour l'instant.</p>"
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{caption}</h2><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
