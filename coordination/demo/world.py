"""Who lives in the demonstration: sites, professionals, accounts. All fictitious (FINESS 99…, RPPS 899…)."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "bac-a-sable-perinat"


@dataclass(frozen=True, slots=True)
class Site:
    """An organisation. `parent`: key of its legal entity. `mailbox`: the applicative box it sends from."""

    key: str
    kind: str
    name: str
    finess: str
    facility: str
    city: str
    postal_code: str
    parent: str = ""
    mailbox: str = ""
    practice: str = "AMBULATOIRE"
    ipp_oid: str = ""
    deposits_in_dmp: bool = False
    communes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Carer:
    """A professional; `mailbox` her MSSanté address with the behaviour of her simulated reader.

    `opens_it`: she opens it in perinat, when she signs in with Pro Santé Connect.
    """

    key: str
    rpps: str
    given: str
    family: str
    specialty: str
    site: str
    mailbox: str = ""
    behaviour: str = "silent"
    civility: str = ""
    opens_it: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    role: str
    given: str
    family: str
    site: str
    carer: str = ""
    ward_head: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A professional who does not use perinat, in a structure that deposits in the DMP with its own software."""

    name: str
    finess: str
    facility: str
    ipp_oid: str
    rpps: str
    given: str
    family: str
    specialty: str


SITES = (
    Site("ch", "LEGAL_ENTITY", "Centre hospitalier de Valombre", "997800016", "SA01", "Valombre", "78990"),
    Site("clinique", "LEGAL_ENTITY", "Clinique des Tilleuls", "997800024", "SA04", "Hauteclaire", "78991"),
    Site("chi", "LEGAL_ENTITY", "Hôpital intercommunal de Brégy", "997800032", "SA01", "Brégy", "78992"),
    Site(
        "valombre", "MATERNITY", "Maternité de Valombre", "997800115", "SA01", "Valombre", "78990", "ch",
        "perinat.valombre@maternite.mssante.example", "ETABLISSEMENT", "1.2.250.1.999.78.1", True,
    ),
    Site(
        "tilleuls", "MATERNITY", "Maternité des Tilleuls", "997800123", "SA04", "Hauteclaire", "78991", "clinique",
        "perinat.tilleuls@maternite.mssante.example", "ETABLISSEMENT", "1.2.250.1.999.78.2", True,
    ),
    Site(
        "bregy", "MATERNITY", "Maternité de Brégy", "997800131", "SA01", "Brégy", "78992", "chi",
        "perinat.bregy@maternite.mssante.example", "ETABLISSEMENT", "1.2.250.1.999.78.3", True,
    ),
    Site(
        "grandspres", "PRACTICE", "Maison de santé des Grands Prés", "997800040", "SA52", "Valombre", "78990",
        mailbox="perinat.grandspres@sages-femmes.mssante.example", deposits_in_dmp=True,
    ),
    Site(
        "saule", "PRACTICE", "Cabinet du Saule", "997800057", "SA08", "Hauteclaire", "78991",
        mailbox="perinat.saule@sages-femmes.mssante.example",
    ),
    Site(
        "cpts", "CPTS", "CPTS du Val d'Ombre", "997800214", "SA63", "Valombre", "78990",
        communes=("78990", "78991", "78992", "78993"),
    ),
    Site("pmi", "PMI", "PMI de Valombre", "997800313", "SA15", "Valombre", "78990"),
    Site("cpam", "CPAM", "CPAM du territoire fictif", "997800412", "SA07", "Valombre", "78990"),
)  # fmt: skip

CARERS = (
    Carer("moreau", "89900001010", "Hélène", "CORMIER", "G15_10/SM20", "valombre", civility="Dr"),
    Carer("alisier", "89900001028", "Benoît", "ALISIER", "G15_10/SM20", "tilleuls", civility="Dr"),
    Carer("sorbier", "89900001036", "Farida", "SORBIER", "G15_10/SM20", "bregy", civility="Dr"),
    Carer("genet", "89900001044", "Aude", "GENÊT", "G15_50", "valombre"),
    Carer(
        "aubepine", "89900001051", "Claire", "AUBÉPINE", "G15_50", "grandspres",
        "claire.aubepine@sages-femmes.mssante.example", "reader", opens_it=True,
    ),
    Carer(
        "bruyere", "89900001069", "Lucie", "BRUYÈRE", "G15_50", "saule",
        "lucie.bruyere@sages-femmes.mssante.example", "reader",
    ),
    Carer(
        "charme", "89900001077", "Odile", "CHARME", "G15_50", "saule",
        "odile.charme@sages-femmes.mssante.example", "closed",
    ),
    Carer(
        "douglas", "89900001085", "Yves", "DOUGLAS", "G15_10/SM54", "grandspres",
        "yves.douglas@medecins.mssante.example", "integrator", "Dr",
    ),
    Carer(
        "erable", "89900001093", "Paule", "ÉRABLE", "G15_10/SM54", "saule",
        "paule.erable@medecins.mssante.example", "silent", "Dr",
    ),
    Carer("fusain", "89900001101", "Inès", "FUSAIN", "G15_60", "pmi"),
)  # fmt: skip

ACCOUNTS = (
    Account("secretaire", "SECRETARY", "Nadia", "OSIER", "valombre"),
    Account("secretaire2", "SECRETARY", "Marc", "TROÈNE", "tilleuls"),
    Account("secretaire3", "SECRETARY", "Léa", "VIORNE", "bregy"),
    Account("cadre", "HOSPITAL_MIDWIFE", "Aude", "GENÊT", "valombre", "genet", ward_head=True),
    Account("medecin", "HOSPITAL_DOCTOR", "Hélène", "CORMIER", "valombre", "moreau"),
    Account("medecin2", "HOSPITAL_DOCTOR", "Benoît", "ALISIER", "tilleuls", "alisier"),
    Account("medecin3", "HOSPITAL_DOCTOR", "Farida", "SORBIER", "bregy", "sorbier"),
    Account("sagefemme", "MIDWIFE", "Claire", "AUBÉPINE", "grandspres", "aubepine"),
    Account("sagefemme2", "MIDWIFE", "Lucie", "BRUYÈRE", "saule", "bruyere"),
    Account("sagefemme3", "MIDWIFE", "Odile", "CHARME", "saule", "charme"),
    Account("generaliste", "GP", "Yves", "DOUGLAS", "grandspres", "douglas"),
    Account("pmi", "PMI", "Inès", "FUSAIN", "pmi", "fusain"),
    Account("coordinatrice", "COORDINATOR", "Sonia", "HOUX", "cpts"),
    Account("cpam", "CPAM", "Paul", "IF", "cpam"),
    Account("admin", "ADMINISTRATOR", "Rose", "LILAS", "cpts"),
)

ELSEWHERE = (
    Elsewhere(
        "Cabinet Genévrier", "997800073", "SA07", "1.2.250.1.999.78.8",
        "89900001119", "Anne", "GENÉVRIER", "G15_50",
    ),
    Elsewhere(
        "Laboratoire du Val d'Ombre", "997800081", "SA25", "1.2.250.1.999.78.9",
        "89900001135", "Rémi", "SUREAU", "G15_10/SM03",
    ),
)  # fmt: skip


def certified() -> list[str]:
    """Struct_IdNat of every legal entity that needs certificates: those that send, and those that wrote before."""
    return sorted({*mailboxes().values(), *(f"1{one.finess}" for one in ELSEWHERE)})


def mailboxes() -> dict[str, str]:
    """Applicative boxes of the world → Struct_IdNat of the legal entity whose certificate opens them."""
    by_key = {site.key: site for site in SITES}
    return {s.mailbox: f"1{by_key[s.parent or s.key].finess}" for s in SITES if s.mailbox}
