"""Twenty mothers and their newborns, the same each time; instants are relative to the day of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from coordination.deadlines import PARIS
from coordination.services.stays import NewbornEntry, PersonEntry
from perinat.standards import oids
from perinat.standards.identifiers import Ins, ins_key


@dataclass(frozen=True, slots=True)
class Family:
    """One mother. `midwife` empty: nobody follows her yet.

    `dmp`: state of her DMP in the sandbox; it is open, and nobody is authorised on it before she says so.
    """

    number: int
    site: str
    family: str
    given: str
    birth: date
    mode: str
    hours: int  # between birth and discharge
    left_days_ago: int
    midwife: str
    gp: str
    babies: tuple[tuple[str, str, int], ...]  # given name, sex, weight in grams
    dmp: str = "NO_AUTHORIZATION"
    qualified: bool = True
    city: tuple[str, str] = ("78990", "Valombre")


def _f(*values: object, **more: object) -> Family:
    return Family(*values, **more)  # type: ignore[arg-type]


HAUTECLAIRE, BREGY = ("78991", "Hauteclaire"), ("78992", "Brégy")

FAMILIES = (
    _f(1, "valombre", "ACACIA", "LOUISE MARIE", date(1993, 4, 12), "VAGINAL", 80, 0, "aubepine", "douglas",
       (("JULES", "M", 3420),)),
    _f(2, "valombre", "BOULEAU", "AMELIE", date(1990, 7, 2), "CAESAREAN", 110, 0, "aubepine", "douglas",
       (("ANNA", "F", 2980), ("PAUL", "M", 2850))),
    _f(3, "valombre", "CEDRE", "FATOU", date(1998, 1, 23), "VAGINAL", 50, 0, "aubepine", "erable",
       (("AWA", "F", 3105),)),
    _f(4, "valombre", "DATTIER", "SAMIRA", date(1988, 11, 5), "VAGINAL", 84, 0, "bruyere", "douglas",
       (("ILYES", "M", 3610),), dmp="CLOSED"),
    _f(5, "valombre", "EPICEA", "CLAIRE", date(1995, 3, 30), "INSTRUMENTAL", 90, 0, "bruyere", "erable",
       (("ROSE", "F", 3300),)),
    _f(6, "valombre", "FRENE", "MARIANNE SOPHIE", date(1986, 9, 14), "CAESAREAN", 100, 0, "", "douglas",
       (("LOUIS", "M", 3520),)),
    _f(7, "valombre", "GRENADIER", "OLENA", date(1999, 6, 8), "VAGINAL", 76, 0, "charme", "",
       (("SOFIA", "F", 3190),), qualified=False, dmp="NONE"),
    _f(8, "tilleuls", "HETRE", "JULIE", date(1992, 12, 1), "VAGINAL", 78, 0, "bruyere", "erable",
       (("ADAM", "M", 3450),), city=HAUTECLAIRE),
    _f(9, "tilleuls", "JUJUBIER", "ANNE-SOPHIE", date(1991, 2, 17), "VAGINAL", 82, 0, "bruyere", "erable",
       (("LINA", "F", 3040),), city=HAUTECLAIRE),
    _f(10, "tilleuls", "LAURIER", "INES", date(1996, 5, 25), "VAGINAL", 60, 0, "charme", "erable",
       (("NOE", "M", 3390),), city=HAUTECLAIRE),
    _f(11, "tilleuls", "MELEZE", "PAULINE", date(1989, 8, 9), "CAESAREAN", 120, 0, "charme", "douglas",
       (("EVA", "F", 2790),), city=HAUTECLAIRE),
    _f(12, "tilleuls", "NOISETIER", "SARAH", date(1994, 10, 20), "VAGINAL", 75, 0, "", "erable",
       (("TOM", "M", 3560),), city=HAUTECLAIRE),
    _f(13, "tilleuls", "OLIVIER", "CAMILLE", date(1997, 4, 3), "VAGINAL", 88, 1, "bruyere", "douglas",
       (("JADE", "F", 3210),), city=HAUTECLAIRE),
    _f(14, "bregy", "PALMIER", "MONA", date(1993, 1, 11), "VAGINAL", 79, 0, "aubepine", "douglas",
       (("SACHA", "M", 3480),), city=BREGY),
    _f(15, "bregy", "QUINQUINA", "ELISE", date(1987, 6, 19), "INSTRUMENTAL", 96, 0, "aubepine", "erable",
       (("MILA", "F", 3120),), dmp="EXPIRED", city=BREGY),
    _f(16, "bregy", "ROBINIER", "NORA", date(1998, 9, 28), "VAGINAL", 48, 0, "aubepine", "douglas",
       (("GABIN", "M", 3350),), city=BREGY),
    _f(17, "bregy", "SAPIN", "VERONIQUE", date(1985, 3, 6), "CAESAREAN", 115, 0, "bruyere", "douglas",
       (("ZOE", "F", 3010),), city=BREGY),
    _f(18, "bregy", "TREMBLE", "AICHA", date(2000, 7, 15), "VAGINAL", 83, 0, "", "",
       (("YANIS", "M", 3270),), city=BREGY),
    _f(19, "bregy", "VERNE", "LUCILE", date(1992, 11, 27), "VAGINAL", 77, 1, "aubepine", "erable",
       (("ELIO", "M", 3640),), city=BREGY),
    _f(20, "valombre", "YEUSE", "MATHILDE", date(1991, 5, 4), "VAGINAL", 81, 1, "bruyere", "douglas",
       (("IRIS", "F", 3330),)),
)  # fmt: skip


def ins_of(family: Family) -> Ins:
    """A matricule of the test domain, with its right key."""
    number = f"2{family.birth:%y%m}78990{family.number:03d}"
    return Ins(number + ins_key(number), oids.INS_NIR_TEST)


def instants(family: Family, now: datetime) -> tuple[datetime, datetime, datetime]:
    """(admission, birth, discharge): she left this morning, or some days ago, at an ordinary hour."""
    local = now.astimezone(PARIS)
    left = datetime.combine(local.date() - timedelta(days=family.left_days_ago), time(0, 5), tzinfo=PARIS)
    leaves = min(left + timedelta(hours=10, minutes=10 * (family.number % 6)), now - timedelta(minutes=5))
    birth = leaves - timedelta(hours=family.hours)
    return birth - timedelta(hours=9), birth, leaves


def mother_entry(family: Family) -> PersonEntry:
    commune, city = family.city
    return PersonEntry(
        birth_family_name=family.family,
        birth_given_names=family.given,
        birth_date=family.birth,
        sex="F",
        ipp=f"M{family.number:05d}",
        birth_place_cog="78646",
        ins=ins_of(family) if family.qualified else None,
        qualified=family.qualified,
        address_line=f"{family.number} rue des Essences",
        postal_code=commune,
        city=city,
        commune_cog=commune,
    )


def newborn_entries(family: Family, born_at: datetime) -> tuple[NewbornEntry, ...]:
    instants = [born_at + timedelta(minutes=7 * place) for place in range(len(family.babies))]
    return tuple(
        NewbornEntry(
            person=PersonEntry(
                birth_family_name=family.family,
                birth_given_names=given,
                birth_date=at.astimezone(PARIS).date(),
                sex=sex,
                ipp=f"E{family.number:05d}{rank}",
                birth_place_cog="78646",
            ),
            rank=rank,
            born_at=at,
            weight_g=weight,
        )
        for rank, (at, (given, sex, weight)) in enumerate(zip(instants, family.babies, strict=True), start=1)
    )
