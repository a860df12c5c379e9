"""Which schematron a document asks for, by its own templateId.

Source: ANS « Modèles de contenus CDA » (root OID of each model) and the file names of the pack. A
level 1 document gets the generic schematrons only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perinat.standards import oids
from perinat.standards.cda_rules.findings import Finding, Level
from perinat.standards.xml import Element

_BRANCH = "1.2.250.1.213.1.1.1."
_SUFFIXES = {
    "2.1.1": "CARD-F-PRC-AVK", "2.1.2": "CARD-F-PRC-TAP", "2.1.3": "CARD-F-PRC-DCI", "2.1.4": "CARD-F-PRC-PSC",
    "2.1.5": "CARD-F-PRC-PPV", "5.1": "CSE-CS8", "5.2": "CSE-CS9", "5.3": "CSE-CS24", "5.4": "CSE-MDE",
    "8": "CANCER-FRCP", "12.1": "OBP-SAP", "12.2": "OBP-SNM", "12.3": "OBP-SNE", "12.4": "OBP-SCM",
    "12.5": "OBP-SEM", "13": "VSM", "15": "AVC-AUNV", "16": "AVC-EUNV", "17": "AVC-SUNV", "18": "OPH-CR-RTN",
    "21": "LDL-EES", "22": "DLU-EHPAD-DLU", "23": "DLU-EHPAD-FLUDT", "24": "DLU-EHPAD-FLUDR", "25": "AVC-PAVC",
    "26": "CANCER-PPS", "27": "CANCER-D2LM-FIN", "28": "CANCER-D2LM-FIDD", "29": "LDL-SES", "30": "SDM-MR",
    "32": "CANCER-CR-GM", "36": "CNAM-HR", "37": "VAC", "38": "TLM-DA", "39": "EP-MED-DM", "40": "ANEST-CR-ANEST",
    "41": "ANEST-CR-CPA", "42": "OPH-BRE", "45": "IMG-CR-IMG", "46": "VAC-NOTE", "47": "IMG-DA-IMG",
    "51": "IPS-FR", "54": "eDISP-MED", "55": "BIO-CR-BIO", "59": "BIO-TROD",
}  # fmt: skip
VOLETS = {_BRANCH + suffix: name for suffix, name in _SUFFIXES.items()}
# (root, extension) whose schematron does not follow from the names; "" = none is published
_SPECIAL = {
    (_BRANCH + "55", ""): "BIO-CR-BIO_2021.01",
    (_BRANCH + "13", "201310"): "VSM_1.4_2022.01",
    (_BRANCH + "13", ""): "",
}
_NS = {"h": oids.NS_HL7}


@dataclass(frozen=True, slots=True)
class Choice:
    """`kind` N1, N3 or empty; `schematron`: file name, empty when none applies; `note` says why."""

    kind: str
    volet: str = ""
    schematron: str = ""
    note: str = ""
    warning: Finding | None = None


def choose(root: Element, schematrons: Path) -> Choice:
    """The schematron of the document's own model, the most specific templateId first."""
    level1 = root.find("h:component/h:nonXMLBody", _NS) is not None
    level3 = root.find("h:component/h:structuredBody", _NS) is not None
    kind = "N1" if level1 else "N3" if level3 else ""
    templates = [(t.get("root", ""), t.get("extension", "")) for t in root.findall("h:templateId", _NS)]
    models = [item for item in templates if item[0] in VOLETS]
    if not models:
        note = "no known document-model templateId: generic schematrons only" if kind == "N3" else ""
        return Choice(kind, note=note)
    oid, extension = max(models, key=lambda item: len(item[0]))
    name = VOLETS[oid]
    volet = f"{name}_{extension}" if extension else name
    if kind == "N1":
        return Choice(kind, volet, note=f"level 1 body: the schematron of {volet} does not apply")
    if (oid, extension) in _SPECIAL:
        special = _SPECIAL[oid, extension]
        note = "" if special else f"no schematron is published for templateId {oid} without extension"
        return Choice(kind, volet, f"CI-SIS_{special}.sch" if special else "", note)
    return _by_version(kind, volet, name, oid, extension, schematrons)


@cache
def _published(schematrons: Path) -> tuple[str, ...]:
    """The files of a pack, which a process reads once, as it does their rules."""
    return tuple(sorted(path.name for path in schematrons.iterdir()))


def _by_version(kind: str, volet: str, name: str, oid: str, extension: str, schematrons: Path) -> Choice:
    pattern = re.compile(rf"CI-SIS_{re.escape(name)}_\d{{4}}\.\d\d\.sch", re.IGNORECASE)
    versions = [published for published in _published(schematrons) if pattern.fullmatch(published)]
    exact = [version for version in versions if extension and version.endswith(f"_{extension}.sch")]
    if exact:
        return Choice(kind, volet, exact[-1])
    if not versions:
        return Choice(kind, volet, note=f"no schematron for {volet}")
    warning = Finding(
        "volet",
        Level.WARNING,
        "La version du modèle que le document déclare n'est pas connue : la plus récente a servi au contrôle.",
        f"templateId {oid} has extension {extension!r}; no schematron of that version: {versions[-1]} used",
    )
    return Choice(kind, volet, versions[-1], warning=warning)
