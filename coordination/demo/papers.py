"""The papers a fictitious ward prints for one family: good, old and scanned, as in real life."""

from __future__ import annotations

from django.utils import timezone

from coordination.demo import world
from coordination.demo.families import Family, ins_of
from coordination.models import Deposit, Newborn, Stay
from coordination.models import Person as Row
from coordination.papers import specimen_variants as variants
from coordination.papers.specimen_texts import TYPE_CODES, Kind
from coordination.papers.specimens import Person, Signatory, Ward, paper
from perinat.standards import datamatrix

MOTHER_PAPERS = (("lettre-de-liaison", Kind.LLS), ("accouchement", Kind.CRA), ("ordonnance", Kind.MEDICINES))
OPERATION = (("cesarienne", Kind.CRO),)
SCANNED, NOT_PDF_A = 3, 5  # one family in three brings scans, one in five PDFs that are not PDF/A
NOT_HANDED_OVER, FORGOTTEN = 4, ("Remise", "Allergies")  # what one letter in four does not say
MODES = {
    "VAGINAL": "voie basse spontanée",
    "INSTRUMENTAL": "voie basse instrumentale, ventouse",
    "CAESAREAN": "césarienne en cours de travail",
}


def pack(family: Family, stay: Stay, *, with_letter: bool) -> list[tuple[str, bytes]]:
    """(file name, bytes) of everything the ward prints at discharge: the mother's, then each newborn's."""
    site = next(s for s in world.SITES if s.key == family.site)
    ward = Ward(site.name, "Maternité", ("1 place du Bac-à-Sable", f"{site.postal_code} {site.city}"), "", site.finess)
    author = _signatory(family.site)
    mother = _mother(family)
    written_at = timezone.localtime(stay.discharged_at or stay.admitted_at)
    files = []
    printed = MOTHER_PAPERS + (OPERATION if family.mode == "CAESAREAN" else ())
    for name, kind in printed:
        if kind is Kind.LLS and not with_letter:
            continue
        data = paper(
            kind,
            person=mother,
            ward=ward,
            author=author,
            written_at=written_at,
            values=values_of(family, stay),
            without=FORGOTTEN if family.number % NOT_HANDED_OVER == 0 else (),
        )
        files.append((f"{name}-{family.number:02d}.pdf", _as_printed(data, family.number, kind)))
    for newborn in stay.newborns.select_related("person"):
        data = paper(
            Kind.CHILD_EXAM,
            person=_child(newborn),
            ward=ward,
            author=author,
            written_at=written_at,
            values=values_of(family, stay, newborn),
        )
        files.append((f"{newborn.person.birth_given_names}_{newborn.person.birth_family_name}.pdf", data))
    return files


def values_of(family: Family, stay: Stay, newborn: Newborn | None = None) -> dict[str, str]:
    """What the papers of this family say: her own dates, mode, weights; the same each time."""
    born = timezone.localtime(newborn.born_at if newborn else stay.birth_at)
    entered, left = timezone.localtime(stay.admitted_at), timezone.localtime(stay.discharged_at or stay.admitted_at)
    caesarean, negative = family.mode == "CAESAREAN", family.number % 6 == 0
    weight = newborn.weight_g if newborn and newborn.weight_g else family.babies[0][2]
    lost = 4 + family.number % 5
    values = {
        "entree": f"{entered:%d/%m/%Y, %H h %M}, par les urgences obstétricales",
        "sortie": f"{left:%d/%m/%Y, %H h %M}, retour au domicile",
        "naissance": f"{born:%d/%m/%Y à %H h %M}",
        "terme": f"{38 + family.number % 4} SA + {family.number % 7} j",
        "mode": MODES[family.mode],
        "pertes": f"{600 if caesarean else 200 + 10 * family.number} mL",
        "groupe": "O négatif" if negative else "A positif",
        "anti_d": f"Injectée le {born:%d/%m/%Y}" if negative else "Sans objet",
        "poids": f"{weight} g",
        "poids_sortie": f"{round(weight * (100 - lost) / 100)} g (− {lost} %)",
        "allaitement": "maternel exclusif" if family.number % 3 else "mixte",
    }
    if caesarean:
        values["perinee"] = "intact. Cicatrice propre, fils résorbables"
    if len(family.babies) > 1:
        values["parite"] = "première geste, grossesse gémellaire"
    return values


def _as_printed(data: bytes, number: int, kind: Kind) -> bytes:
    if kind is Kind.CRA and number % SCANNED == 0:
        return variants.scanned(data)
    return variants.without_pdf_a(data) if kind is Kind.LLS and number % NOT_PDF_A == 0 else data


def _signatory(site: str) -> Signatory:
    carer = next(c for c in world.CARERS if c.site == site and c.civility == "Dr")
    return Signatory("Dr", carer.given, carer.family, carer.rpps)


def _mother(family: Family) -> Person:
    if not family.qualified:
        return Person(family.family, family.given, "F", family.birth, f"M{family.number:05d}")
    claims = datamatrix.Claims(ins_of(family), family.given, family.family, "F", family.birth, "78646")
    return Person.of(claims, f"M{family.number:05d}")


def _child(newborn: Newborn) -> Person:
    row = newborn.person
    return Person(
        row.birth_family_name, row.birth_given_names, row.sex, row.birth_date, f"E{newborn.rank}-{newborn.stay.number}"
    )


def owner_by_name(deposit: Deposit) -> tuple[Row, Stay]:
    """Whose paper it is, as a secretary reads its name: the child of « PRENOM_NOM.pdf », else the mother."""
    given, _, family = deposit.file_name.removesuffix(".pdf").rpartition("_")
    newborn = (
        Newborn.objects.filter(person__birth_family_name=family, person__birth_given_names=given)
        .filter(stay__maternity=deposit.organisation)
        .select_related("person", "stay")
        .first()
    )
    if newborn is not None:
        return newborn.person, newborn.stay
    number = int(deposit.file_name.removesuffix(".pdf")[-2:])
    stay = Stay.objects.select_related("mother").get(number=f"2026-{number:04d}")
    return stay.mother, stay


def type_by_name(deposit: Deposit) -> str:
    """The type a secretary chooses for a scan that no rule could read."""
    kind = next(
        (kind for stem, kind in MOTHER_PAPERS + OPERATION if deposit.file_name.startswith(stem)), Kind.CHILD_EXAM
    )
    return TYPE_CODES[kind]
