"""docs/state-machines.md, drawn from coordination/lifecycles.py: `python -m scripts.state_machines`.

A test compares the page with the tables: run this after a change of a lifecycle.
"""

from __future__ import annotations

import sys
from pathlib import Path

from coordination.lifecycles import LIFECYCLES, Lifecycle

PAGE = Path(__file__).resolve().parent.parent / "docs" / "state-machines.md"
TITLES = {
    "shipment": ("Shipment", "envoi: one patient, one channel, one recipient, one action"),
    "document": ("Document", "a paper about one person, over its versions"),
    "deposit": ("Deposit", "one file dropped by a ward"),
    "received": ("ReceivedDocument", "a document received by mail, until it has its place"),
    "handover": ("Handover", "relais: from « no midwife » to a mother seen"),
    "offer": ("Offer", "demande to one midwife"),
    "work_item": ("WorkItem", "tâche: a line on somebody's list"),
    "paper": ("PaperDelivery", "remise sur papier: the last step of a sending that reached no address"),
}
HEAD = """# State machines

Generated from `coordination/lifecycles.py` by `scripts/state_machines.py`: do not edit. Each table is applied by one
function, `move()` in `coordination/services/transitions.py`, by compare-and-set, leaving one immutable event row each
time. A passage that is not drawn here is refused. Reading a document is no state: it is a fact of its own
([ADR 0002](adr/0002-reading-is-a-fact.md)).
"""


def drawing(cycle: Lifecycle) -> list[str]:
    """A mermaid state diagram: first states, every passage, last states."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.value} ({state.label})" for state in cycle.states]
    lines += [f"    [*] --> {state.value}" for state in cycle.initial]
    lines += [f"    {source.value} --> {target.value}" for source in cycle.states for target in cycle.table[source]]
    lines += [f"    {state.value} --> [*]" for state in cycle.states if not cycle.table[state]]
    return [*lines, "```"]


def table(cycle: Lifecycle) -> list[str]:
    lines = ["| state | French label | may become |", "|---|---|---|"]
    for state in cycle.states:
        following = ", ".join(target.value for target in cycle.table[state]) or "—"
        first = " (first)" if state in cycle.initial else ""
        lines.append(f"| {state.value}{first} | {state.label} | {following} |")
    return lines


def page() -> str:
    """The whole page, as it must stand in docs/."""
    parts = [HEAD]
    for name, cycle in LIFECYCLES.items():
        title, meaning = TITLES[name]
        parts.append("\n".join([f"## {title}", "", f"{meaning[0].upper()}{meaning[1:]}.", "", *drawing(cycle), ""]))
        parts.append("\n".join([*table(cycle), ""]))
    return "\n".join(parts)


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
