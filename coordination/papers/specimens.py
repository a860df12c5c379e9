"""Fictitious hospital papers for the demonstration and the tests, each marked « SPÉCIMEN ».

Only invented people and test INS. The makers give PDF/A-1b files with the INS datamatrix top right;
`specimen_variants` turns them into what maternity wards really send: scans, old PDFs, joined files.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from coordination.papers.specimen_texts import SECTIONS, TITLES, Kind
from coordination.papers.specimen_values import DEFAULTS
from coordination.papers.synthesis import PatientBlock, french_date, render
from perinat.standards import datamatrix

BANNER = "SPÉCIMEN — personne fictive, document sans valeur médicale"
QR_TEXT = "https://specimen.invalid/ordonnance-numerique/0000"


@dataclass(frozen=True, slots=True)
class Ward:
    """Who issues the paper: hospital, service, address lines, phone, FINESS (fictitious, 99…)."""

    name: str
    service: str
    address: tuple[str, ...]
    phone: str
    finess: str

    def lines(self) -> list[str]:
        return [self.name, self.service, *self.address, f"Téléphone : {self.phone}", f"FINESS : {self.finess}"]


@dataclass(frozen=True, slots=True)
class Signatory:
    """`title_fr`: « Dr » or « Sage-femme »; `rpps` fictitious (899…)."""

    title_fr: str
    given_name: str
    family_name: str
    rpps: str

    def lines(self) -> list[str]:
        if self.title_fr == "Sage-femme":
            return [f"{self.given_name} {self.family_name}, sage-femme", f"RPPS : {self.rpps}"]
        return [f"{self.title_fr} {self.given_name} {self.family_name}", f"RPPS : {self.rpps}"]


@dataclass(frozen=True, slots=True)
class Person:
    """The person of the paper. `claims` when the identity is qualified: it gives the matricule and the code."""

    family_name: str
    given_names: str
    sex: str
    birth_date: date
    local_id: str
    used_name: str = ""
    claims: datamatrix.Claims | None = None

    @classmethod
    def of(cls, claims: datamatrix.Claims, local_id: str, used_name: str = "") -> Person:
        return cls(claims.family_name, claims.given_names, claims.sex, claims.birth_date, local_id, used_name, claims)

    def block(self, code: str) -> PatientBlock:
        ins = self.claims.ins if self.claims else None
        return PatientBlock(
            self.family_name,
            self.given_names,
            self.birth_date,
            self.sex,
            self.used_name,
            ins.matricule if ins else "",
            ins.oid if ins else "",
            (("IPP", self.local_id),),
            code,
        )


def paper(
    kind: Kind,
    *,
    person: Person,
    ward: Ward,
    author: Signatory,
    written_at: datetime,
    values: Mapping[str, str] | None = None,
    code: str | None = None,
    with_qr: bool = False,
    without: Container[str] = (),
) -> bytes:
    """One paper as PDF/A-1b. `values` replaces entries of `specimen_values.DEFAULTS`.

    `without`: headings and labels left out, as when the ward forgot them.
    `code`: text of the datamatrix; None for the one of the person's claims, "" for no code.
    `with_qr`: a QR code beside the signature (ordonnance numérique).
    """
    if code is None:
        code = datamatrix.write(person.claims) if person.claims else ""
    filled = {**DEFAULTS, **(values or {})}
    sections = [
        (heading, [(label, text.format_map(filled)) for label, text in rows if not label or label not in without])
        for heading, rows in SECTIONS[kind]
        if not heading or heading not in without
    ]
    city = ward.address[-1].split(" ", 1)[-1] if ward.address else ""
    return render(
        TITLES[kind],
        sections,
        written_at=written_at,
        issuer=ward.lines(),
        patient=person.block(code),
        subtitle=f"{city}, le {french_date(written_at.date())}",
        signature=author.lines(),
        footer="Spécimen produit par perinat",
        banner=BANNER,
        qr_text=QR_TEXT if with_qr else "",
    )
