"""One fictitious lot: a mother, a midwife, a hospital, a discharge letter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from stdnum import luhn

from perinat.standards import codes, oids
from perinat.standards.identifiers import Ins, Rpps, ins_key
from perinat.standards.xds import DocumentEntry, Institution, Professional, SourcePatient, SubmissionSet

PARIS_SUMMER = timezone(timedelta(hours=2))
HOSPITAL = Institution("CHI de l'Exemple & Associés", "1990000010")


def _rpps(stem: str) -> str:
    return Rpps(stem + luhn.calc_check_digit(stem)).ps_idnat


@pytest.fixture
def patient() -> SourcePatient:
    number = "2900478646999"
    return SourcePatient(
        birth_family_name="D'EXEMPLE",
        birth_given_names="ALIX MARIE",
        birth_date=date(1990, 4, 12),
        sex="F",
        local_id="IPP0001",
        local_oid="1.2.250.1.999.1.1",
        ins=Ins(number + ins_key(number), oids.INS_NIR_TEST),
    )


@pytest.fixture
def author() -> Professional:
    return Professional(_rpps("8990000001"), "SAGE", "Fictive", codes.SPECIALTIES["G15_50"], HOSPITAL)


@pytest.fixture
def entry(patient: SourcePatient, author: Professional) -> DocumentEntry:
    return DocumentEntry(
        unique_id="2.25.1001",
        title="Lettre de liaison à la sortie « maternité »",
        mime_type="text/xml",
        language="fr-FR",
        created_at=datetime(2026, 7, 14, 1, 30, 5, tzinfo=PARIS_SUMMER),
        service_start=datetime(2026, 7, 10, 8, 0, tzinfo=UTC),
        service_stop=datetime(2026, 7, 13, 14, 0, tzinfo=UTC),
        author=author,
        legal_authenticator=Professional(
            _rpps("8990000002"), "GYNECO", "Fictif", codes.SPECIALTIES["G15_10/SM20"], HOSPITAL
        ),
        patient=patient,
        type_code=codes.LETTRE_DE_LIAISON_SORTIE.type,
        class_code=codes.LETTRE_DE_LIAISON_SORTIE.document_class,
        format_code=codes.FORMAT_PDF_N1,
        confidentiality=(codes.NORMAL, codes.MASQUE_PS),
        facility=codes.FACILITIES["SA01"],
        practice=codes.PRACTICE_HOSPITAL,
        event_codes=(codes.Code("MED-1176", oids.TA_ASIP, "Suites de couches"),),
        hash_sha1="a" * 40,
        size=12345,
    )


@pytest.fixture
def lot(patient: SourcePatient, author: Professional) -> SubmissionSet:
    return SubmissionSet(
        unique_id="2.25.2002",
        source_id="1.2.250.1.999.2",
        submitted_at=datetime(2026, 7, 14, 9, 0, tzinfo=UTC),
        author=author,
        content_type=codes.ACTIVITY_HOSPITAL_STAY,
        patient=patient,
        title="Sortie de maternité",
    )
