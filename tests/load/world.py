"""Rows of the benchmark: fictitious mothers of the demonstration's sites, and papers waiting for their validation."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from coordination import blobs
from coordination.models import Document, Organisation, Professional, Stay, User
from coordination.services import documents, stays
from perinat.standards import codes, oids
from perinat.standards.identifiers import Ins, ins_key

PDF_BYTES = 300_000
SITE, DOCTOR, DOCTOR_ACCOUNT = "997800115", "89900001010", "medecin"
# The midwives who receive the papers of P1; the general practitioner who opens the list of P6 is another.
MIDWIVES = ("89900001051", "89900001069", "89900001077")
READER, READER_ACCOUNT = "89900001085", "generaliste"
LISTED, LISTED_STAYS = 20, 5
SENT_STAYS = 24
LISTED_PREFIX = "LISTE"
_orders = itertools.count(1)


def pdf() -> bytes:
    """A file of 300 kB that begins as a PDF; nothing in it compresses, as in a scanned paper."""
    return b"%PDF-1.4\n" + secrets.token_bytes(PDF_BYTES - 9)


@dataclass(frozen=True, slots=True)
class Place:
    """The ward that sends: its site, the doctor whose name the papers bear, her account, and her patients."""

    site: Organisation
    doctor: Professional
    account: User
    stays: tuple[Stay, ...]

    def drafts(self, count: int, data: bytes) -> list[Document]:
        """Papers waiting for validation, spread over the mothers; `data`: bytes of their PDF."""
        return [self._draft(of, data) for of in itertools.islice(itertools.cycle(self.stays), count)]

    def _draft(self, of: Stay, data: bytes) -> Document:
        blob = blobs.store(data, media_type="application/pdf")
        kind = codes.DOCUMENT_TYPES[codes.LETTRE_DE_LIAISON_SORTIE.code]
        return documents.draft(
            person=of.mother,
            stay=of,
            organisation=self.site,
            type_code=kind.code,
            title=kind.type.label,
            author=self.doctor,
            legal_authenticator=self.doctor,
            original=blob,
            readable=blob,
            by=self.account,
        )


def place() -> Place:
    """The ward whose mothers each have one midwife: one DMP lot and one mail for each paper."""
    midwives = [Professional.objects.get(rpps=rpps) for rpps in MIDWIVES]
    pairs = zip(range(SENT_STAYS), itertools.cycle(midwives), strict=False)
    return _place(tuple(stay_of("ENVOI", midwife=midwife) for _, midwife in pairs))


def listed() -> Place:
    """Five mothers whose practitioner receives twenty papers in all (`drafts` and validate them)."""
    reader = Professional.objects.get(rpps=READER)
    return _place(tuple(stay_of(LISTED_PREFIX, practitioner=reader) for _ in range(LISTED_STAYS)))


def sealed() -> Document:
    """One validated paper, queued for its two channels."""
    where = place()
    paper = where.drafts(1, pdf())[0]
    documents.validate(paper, by=where.account)
    return paper


def _place(mothers: tuple[Stay, ...]) -> Place:
    return Place(
        site=Organisation.objects.get(finess=SITE),
        doctor=Professional.objects.get(rpps=DOCTOR),
        account=User.objects.get(username=DOCTOR_ACCOUNT),
        stays=mothers,
    )


def stay_of(prefix: str, *, midwife: Professional | None = None, practitioner: Professional | None = None) -> Stay:
    """A mother who has just left, with these carers only."""
    order = next(_orders)
    number = f"2930478990{order:03d}"
    leaves = timezone.now() - timedelta(hours=1)
    mother = stays.PersonEntry(
        birth_family_name="ACACIA",
        birth_given_names="LOUISE",
        birth_date=date(1993, 4, 12),
        sex="F",
        ipp=f"B{order:05d}",
        birth_place_cog="78646",
        ins=Ins(number + ins_key(number), oids.INS_NIR_TEST),
        qualified=True,
        address_line="1 rue des Essences",
        postal_code="78990",
        city="Valombre",
        commune_cog="78990",
    )
    entry = stays.StayEntry(
        number=f"{prefix}-{order:04d}",
        mother=mother,
        admitted_at=leaves - timedelta(hours=90),
        birth_at=leaves - timedelta(hours=80),
        birth_mode="VAGINAL",
        discharged_at=leaves,
        physician=Professional.objects.get(rpps=DOCTOR),
        midwife=midwife,
        general_practitioner=practitioner,
        informed_at=timezone.now(),
    )
    site = Organisation.objects.get(finess=SITE)
    return stays.record(entry, maternity=site, by=User.objects.get(username="secretaire"))
