"""The trust space: which domains may write and be written to (liste blanche MSSanté, mssante.md §1.3).

A *hosted* domain is this operator's own: a bad mailbox is refused at RCPT. Any other domain of the
list is another operator's: the mail is taken, and a bad mailbox comes back as a DSN.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from mssante.sandbox.journal import replace_synced
from perinat.standards import xml

NAMESPACE = "https://listeblanche.mssante.fr/schema"
PATIENT_DOMAIN = "patient.mssante.fr"
_NS = f"{{{NAMESPACE}}}"


class TrustSpace:
    """White list read from, and written back to, an XML file of the official form (//Domaine/Nom)."""

    def __init__(self, path: Path, seed: Path) -> None:
        self._path = path
        self._seed = seed
        self.domains: dict[str, bool] = {}
        self._load(path if path.exists() else seed)

    def _load(self, path: Path) -> None:
        root = xml.parse(path.read_bytes())
        self.domains = {}
        for domain in root.iter(f"{_NS}Domaine"):
            name = (domain.findtext(f"{_NS}Nom") or "").strip().lower()
            self.domains[name] = domain.get("heberge") == "true"

    def trusts(self, domain: str) -> bool:
        return domain.lower() in self.domains

    def hosts(self, domain: str) -> bool:
        return self.domains.get(domain.lower(), False)

    def put(self, domain: str, *, hosted: bool) -> None:
        self.domains[domain.lower()] = hosted
        self._save()

    def remove(self, domain: str) -> bool:
        found = self.domains.pop(domain.lower(), None) is not None
        self._save()
        return found

    def reset(self) -> None:
        self._path.unlink(missing_ok=True)
        self._load(self._seed)

    def to_xml(self, *, hosting: bool = False) -> bytes:
        """The list as ANS publishes it; `hosting` adds our own attribute (the file kept on disk)."""
        root = etree.Element(f"{_NS}ListeBlanche", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
        for name, hosted in sorted(self.domains.items()):
            domain = etree.SubElement(root, f"{_NS}Domaine")
            if hosting and hosted:
                domain.set("heberge", "true")
            etree.SubElement(domain, f"{_NS}Nom").text = name
        return xml.to_bytes(root)

    def _save(self) -> None:
        replace_synced(self._path, self.to_xml(hosting=True))
