"""Fictitious contents for the CDA tests: test INS OID, FINESS in 99, RPPS in 899, all with right keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from coordination.cda.model import (
    Address,
    DocumentContent,
    EncounterContent,
    Guardian,
    OrganizationContent,
    PatientContent,
    ProfessionalContent,
)
from perinat.standards import codes, oids
from perinat.standards.codes import DocumentType
from perinat.standards.identifiers import Finess, Ins, Rpps

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
NOW = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)  # one minute before the change to summer time
UNIQUE_ID = "2.25.329800735698586629295641978511506172918"
SET_ID = "2.25.161717171717171717171717171717171717171"
FIRST_VERSION = "2.25.77777777777777777777777777777777777777"
LOCAL_OID = "1.2.250.1.999.1.1"
MOTHER_INS = Ins("291037864600195", oids.INS_NIR_TEST)
CHILD_INS = Ins("226117864604269", oids.INS_NIR_TEST)

HOSPITAL = OrganizationContent(
    struct_idnat=Finess("990000127").struct_idnat,
    name="Maternité de démonstration « Les Tilleuls » & fils",
    phone="01 39 00 00 00",
    address=Address("12 bis, rue de l'Essai", "78000", "VERSAILLES"),
)
MIDWIFE = ProfessionalContent(
    ps_idnat=Rpps("89900000012").ps_idnat,
    family_name="ESSAI",
    given_name="Claire",
    specialty=codes.SPECIALTIES["G15_50"],
    organization=HOSPITAL,
    prefix="Mme",
)
DOCTOR = ProfessionalContent(
    ps_idnat=Rpps("89900000020").ps_idnat,
    family_name="D'EXEMPLE",
    given_name="Anne",
    specialty=codes.SPECIALTIES["G15_10/SM20"],
    organization=HOSPITAL,
    prefix="Dr",
    phone="01.39.00.00.01",
)
MOTHER = PatientContent(
    birth_family_name="FICTIVE",
    birth_given_names="JEANNE MARIE",
    birth_date=date(1991, 3, 14),
    sex="F",
    local_id="IPP-0001",
    local_oid=LOCAL_OID,
    ins=MOTHER_INS,
    used_family_name="MODELE",
    birth_place_cog="78646",
    address=Address("3 allée des Essais", "78000", "VERSAILLES"),
    phone="+33 6 00 00 00 00",
)
NEWBORN = PatientContent(
    birth_family_name="FICTIVE",
    birth_given_names="LOUISE",
    birth_date=date(2026, 3, 26),
    sex="F",
    local_id="IPP-0002",
    local_oid=LOCAL_OID,
    birth_place_cog="78646",
    birth_at=datetime(2026, 3, 25, 23, 5, tzinfo=UTC),  # five past midnight in Paris, on the 26th
    birth_order=2,
    guardian=Guardian("FICTIVE", "JEANNE", ins=MOTHER_INS, phone="+33 6 00 00 00 00"),
)
STAY = EncounterContent(
    start=datetime(2026, 3, 25, 14, 0, tzinfo=UTC),
    end=datetime(2026, 3, 28, 10, 30, tzinfo=UTC),
    facility=codes.FACILITIES["SA01"],
    practice=codes.PRACTICE_HOSPITAL,
    event=codes.Code("MED-1176", oids.TA_ASIP, "Suites de couches"),
)
LETTER = DocumentContent(
    type=codes.LETTRE_DE_LIAISON_SORTIE,
    title="Lettre de liaison à la sortie",
    patient=MOTHER,
    author=MIDWIFE,
    authored_at=datetime(2026, 3, 28, 9, 0, tzinfo=UTC),
    legal_authenticator=DOCTOR,
    authenticated_at=datetime(2026, 3, 28, 9, 30, tzinfo=UTC),
    custodian=HOSPITAL,
    encounter=STAY,
    set_id=SET_ID,
    version=1,
    pdf=PDF,
)


def letter(kind: DocumentType, patient: PatientContent = MOTHER) -> DocumentContent:
    """A document of any type, for any patient."""
    return replace(LETTER, type=kind, title=kind.type.label[:128], patient=patient)


PRESCRIPTION = replace(letter(codes.ORDONNANCE_PRODUITS), encounter=replace(STAY, event=None, end=None))
NEWBORN_LETTER = replace(LETTER, patient=NEWBORN, title="Lettre de liaison de l'enfant")
REPLACEMENT = replace(LETTER, version=2, replaces_unique_id=FIRST_VERSION, title="Lettre de liaison <corrigée>")
GOLDEN = {
    "cda_lettre_de_liaison_mere": LETTER,
    "cda_ordonnance": PRESCRIPTION,
    "cda_nouveau_ne_sans_ins": NEWBORN_LETTER,
    "cda_remplacement": REPLACEMENT,
}
NEWBORN_WITH_INS = replace(NEWBORN, ins=CHILD_INS)
MOTHER_WITHOUT_INS = replace(MOTHER, ins=None, birth_place_cog="")
