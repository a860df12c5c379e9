"""HL7 data types of XDS metadata: writing then reading gives back the same value, whatever the text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perinat.standards import codes, ebrim_types, oids
from perinat.standards.codes import Code
from perinat.standards.xds import Institution, Professional, SourcePatient

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60)
NASTY = st.text("\\|^&~EFSTR A", min_size=1, max_size=20) | TEXT


@given(NASTY)
def test_escape(text: str) -> None:
    escaped = ebrim_types.escape(text)
    assert ebrim_types.unescape(escaped) == text
    assert not set(escaped) & set("|^&~")


@given(NASTY, NASTY, NASTY)
def test_xcn(identifier: str, family: str, given_name: str) -> None:
    person = Professional(identifier, family, given_name, codes.SPECIALTIES["G15_50"])
    read = ebrim_types.parse_xcn(ebrim_types.xcn(person))
    assert (read.identifier, read.family_name, read.given_name) == (identifier, family, given_name)
    assert (read.authority, read.kind) == (oids.PS_IDNAT, "IDNPS")


@given(NASTY, NASTY)
def test_xon_and_specialty(name: str, label: str) -> None:
    institution = Institution(name, "1990000010")
    assert ebrim_types.parse_xon(ebrim_types.xon(institution)) == institution
    code = Code("G15_50", oids.AUTHOR_SPECIALTY, label)
    assert ebrim_types.parse_specialty(ebrim_types.specialty(code)) == code


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_utc(moment: datetime, offset: int) -> None:
    local = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))
    text = ebrim_types.utc(local)
    assert len(text) == 14 and ebrim_types.parse_dtm(text) == local


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("202607", datetime(2026, 7, 1, tzinfo=UTC)),
        ("20260714", datetime(2026, 7, 14, tzinfo=UTC)),
        ("2026071409", datetime(2026, 7, 14, 9, tzinfo=UTC)),
        ("20260714090501.123-0330", datetime(2026, 7, 14, 12, 35, 1, tzinfo=UTC)),
        ("00010101000000+1400", None),
        ("20260231", None),
        ("20260714T0905", None),
        ("20260714+2500", None),
        ("", None),
    ],
)
def test_dtm_of_any_precision(text: str, expected: datetime | None) -> None:
    assert ebrim_types.parse_dtm(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1^^^&1.2&ISO^NH^^20101207", ebrim_types.Cx("1", "1.2", "NH")),
        ("1", ebrim_types.Cx("1", "")),
        ("1^^^ORG", ebrim_types.Cx("1", "")),
        ("", None),
        ("^^^&1.2&ISO", None),
    ],
)
def test_cx_as_others_write_it(text: str, expected: ebrim_types.Cx | None) -> None:
    assert ebrim_types.parse_cx(text) == expected


def test_cx_with_a_wrong_matricule_is_no_ins() -> None:
    assert ebrim_types.Cx("221042545611404", oids.INS_NIR_TEST).ins is None
    found = ebrim_types.Cx("279035121518989", oids.INS_NIR_TEST).ins
    assert found is not None and found.matricule == "279035121518989"


def test_source_patient_id_falls_back_on_the_ins() -> None:
    patient = SourcePatient("A", "B", date(2000, 1, 1), "F", "", "")
    assert ebrim_types.source_patient_cx(patient) == patient.patient_id_cx


def test_the_legal_name_is_preferred() -> None:
    info = ebrim_types.parse_source_patient_info(("PID-5|USUEL^A^^^^^D~LEGAL^B^^^^^L", "PID-7|199004121530"))
    assert info == ebrim_types.PatientInfo("LEGAL", "B", date(1990, 4, 12), "")
    assert ebrim_types.parse_source_patient_info(("PID-7|1990", "PID-3|x", "rubbish")).birth_date == date(1990, 1, 1)
