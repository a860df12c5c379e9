"""A page to look at what the sandbox received: people, documents, last requests, faults. No script."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Any

from dmp_gateway.sandbox import document_page, html
from dmp_gateway.sandbox.context import World
from dmp_gateway.sandbox.registry_objects import APPROVED, ARCHIVED, DELETED, DEPRECATED
from dmp_gateway.sandbox.store import Record

STATUSES = {APPROVED: "Actif", DEPRECATED: "Remplacé", ARCHIVED: "Archivé", DELETED: "Supprimé"}
VERDICTS = {"accepted": "acceptée", "refused": "refusée", "fault": "panne demandée", "crash": "défaut du bac à sable"}
STATES = {
    "OK": "ouvert, accès autorisé",
    "NO_AUTHORIZATION": "ouvert, jamais autorisé",
    "EXPIRED": "ouvert, autorisation expirée",
    "BLOCKED": "ouvert, structure bloquée",
    "OPPOSED": "opposition à l'alimentation",
    "EMERGENCY_OPPOSED": "ouvert, opposition à l'accès en urgence",
    "CLOSED": "fermé",
    "NONE": "pas de DMP",
}
REFUSED = "refus=1"
SHOWN = 50
DOCUMENT_HEADINGS = ("N°", "Arrivée (UTC)", "Titre et identifiant", "Type", "Structure", "État")


def render(world: World, query: str = "") -> str:
    """The whole page (HTML, French). `query`: « refus=1 » keeps the refused requests only."""
    only_refused = query == REFUSED
    requests = [_request(entry) for entry in _entries(world, only_refused=only_refused)]
    documents = [_document(record) for record in reversed(world.store.all()[-200:])]
    other = '<a href="/">Toutes</a>' if only_refused else f'<a href="/?{REFUSED}">Refus seulement</a>'
    return html.document(
        "DMP de bac à sable",
        "<p>Serveur d'essai : identités fictives seulement. Il tient lieu du DMP et ne partage aucun code avec le "
        f"client.</p><p>Documents reçus : <strong>{world.store.count}</strong>. Requêtes : {world.journal.count}. "
        f"Règles nationales : {'appliquées' if world.national_rules.present else 'non fournies, non vérifiées'}. "
        f"Schémas : {'appliqués' if world.schemas.present else 'non fournis, non vérifiés'}.</p>"
        + html.table("Documents (200 derniers)", DOCUMENT_HEADINGS, documents)
        + html.table(
            f"Requêtes ({SHOWN} dernières)" if not only_refused else f"Requêtes refusées ({SHOWN} dernières)",
            ("N°", "Heure (UTC)", "Demande", "Verdict", "Code", "Motif et règle", "Panne", "ms"),
            requests,
        )
        + f"<p>{other}</p>"
        + html.table("Pannes demandées", ("Nom", "Panne", "Point d'accès", "Transaction", "Fois"), _faults(world))
        + html.table("Personnes", ("Nom", "Naissance", "DMP", "Documents actifs", "Note"), _people(world)),
    )


def one_document(world: World, record: Record) -> str:
    return document_page.render(world, record, STATUSES.get(record.status, record.status))


def _entries(world: World, *, only_refused: bool) -> list[dict[str, Any]]:
    if not only_refused:
        return world.journal.recent(SHOWN)
    return [entry for entry in world.journal.recent(world.journal.count) if entry["verdict"] == "refused"][:SHOWN]


def _document(record: Record) -> tuple[str, ...]:
    return (
        str(record.sequence),
        record.at[:19].replace("T", " "),
        f'<a href="/documents/{escape(record.unique_id)}/page">{escape(record.title or "Sans titre")}</a>'
        f"<br><code>{escape(record.unique_id)}</code>",
        escape(f"{record.type_code} · version {record.version}"),
        escape(record.structure),
        STATUSES.get(record.status, escape(record.status)),
    )


def _request(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(entry["sequence"]),
        escape(str(entry["at"])[11:19]),
        escape(f"{entry['path']} {entry['transaction'] and 'TD' + str(entry['transaction'])}"),
        VERDICTS.get(str(entry["verdict"]), ""),
        escape(str(entry["code"])),
        escape(f"{entry['detail']} {entry['clause'] and '[' + str(entry['clause']) + ']'}"),
        escape(str(entry["fault"])),
        escape(str(entry["milliseconds"])),
    )


def _faults(world: World) -> list[tuple[str, ...]]:
    return [
        (
            escape(str(row["id"])),
            escape(str(row["kind"])),
            escape(str(row["endpoint"] or "tous")),
            escape(str(row["transaction"] or "toutes")),
            f"{row['hits']} sur {row['times'] or 'sans fin'}",
        )
        for row in world.faults.all()
    ]


def _people(world: World) -> list[tuple[str, ...]]:
    """Their matricule is not shown: `GET /people` gives it."""
    active = Counter(record.patient for record in world.store.all() if record.status == APPROVED)
    rows: list[tuple[str, ...]] = []
    for person in world.people.all():
        name, birth = f"{person['birth_name']} {person['given_names']}", str(person["birth_date"])
        held = sum(count for patient, count in active.items() if patient.startswith(str(person["matricule"])))
        day = f"{birth[6:8]}/{birth[4:6]}/{birth[:4]}" if len(birth) == len("AAAAMMJJ") else ""
        state = STATES.get(str(person["state"]), str(person["state"]))
        rows.append((escape(name), escape(day), escape(state), str(held), escape(str(person["note"]))))
    return rows
