"""Hypothesis strategies of headers: people, places and moments as a site may type them, every part optional or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import strategies as st

from coordination.cda.markup import PARIS
from coordination.cda.model import (
    INFORMANTS,
    PARTICIPANTS,
    Address,
    DocumentContent,
    EncounterContent,
    Guardian,
    InformantContent,
    OrganizationContent,
    ParticipantContent,
    PatientContent,
    ProfessionalContent,
)
from perinat.standards import codes, oids
from perinat.standards.identifiers import Ins, ins_key

_LETTERS = st.sampled_from([*"AEIOUÉÈÊËÀÂÇÎÏÔÖÙÛÜŸŒÆÑaeiouéèêëàâçîïôöùûüÿœæñBCDLMNRTbcdlmnrt"])
_WORD = st.lists(_LETTERS, min_size=1, max_size=8).map("".join)
_JOINTS = st.sampled_from(["-", "'", "’", " ", "--", " & ", " <", ">", '"'])
NAME = st.lists(st.tuples(_WORD, _JOINTS), max_size=2).flatmap(
    lambda parts: _WORD.map(lambda last: "".join(word + joint for word, joint in parts) + last)
)
GIVEN = st.lists(st.builds("{}{}".format, _WORD, st.sampled_from(["", "-ÈVE", "-Élise"])), min_size=1, max_size=4)
PHONE = st.from_regex(r"(\+33 |0)[1-9]( [0-9]{2}){4}", fullmatch=True)
_LINE = st.builds("{}{}".format, st.sampled_from(["", "12 ", "3 bis ", "4, ", "7B "]), NAME)
ADDRESS = st.one_of(
    st.just(Address()),
    st.builds(Address, _LINE, st.from_regex(r"[0-9]{5}", fullmatch=True), NAME),
    st.builds(Address, line=st.just(""), postal_code=st.just(""), city=NAME),
)
MOMENT = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).flatmap(
    lambda at: st.integers(-12 * 60, 14 * 60).map(
        lambda minutes: at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    )
)
_COG = st.sampled_from(["78646", "2A004", "99109", "97411"])
_NUMBER = st.from_regex(r"[12][0-9]{2}(0[1-9]|1[0-2])(78|99|2A|2B)[0-9]{6}", fullmatch=True)
INS = st.builds(
    Ins, _NUMBER.map(lambda number: number + ins_key(number)), st.sampled_from([oids.INS_NIR_TEST, oids.INS_NIR_DEMO])
)
OID = st.integers(1, 10**38).map("2.25.{}".format)
ORGANIZATION = st.builds(
    OrganizationContent, st.from_regex(r"199[0-9]{7}", fullmatch=True), NAME, st.one_of(st.just(""), PHONE), ADDRESS
)
PROFESSIONAL = st.builds(
    ProfessionalContent,
    ps_idnat=st.from_regex(r"8899[0-9]{8}", fullmatch=True),
    family_name=NAME,
    given_name=NAME,
    specialty=st.sampled_from(list(codes.SPECIALTIES.values())),
    organization=ORGANIZATION,
    prefix=st.sampled_from(["", "Mme", "M.", "Dr", "Pr"]),
    phone=st.one_of(st.just(""), PHONE),
)
PARTICIPANT = st.builds(
    ParticipantContent,
    st.sampled_from(list(PARTICIPANTS)),
    PROFESSIONAL,
    st.one_of(st.just(""), NAME),
    st.one_of(st.none(), MOMENT),
)
INFORMANT = st.builds(
    InformantContent,
    kind=st.sampled_from(list(INFORMANTS)),
    family_name=NAME,
    given_name=NAME,
    relation=st.sampled_from([None, codes.Code("SIS", oids.HL7_ROLE_CODE, "Soeur")]),
    phone=st.one_of(st.just(""), PHONE),
    address=ADDRESS,
)
GUARDIAN = st.builds(Guardian, NAME, NAME, st.one_of(st.none(), INS), st.one_of(st.just(""), PHONE), ADDRESS)
_MAYBE_NAME = st.one_of(st.just(""), NAME)


@st.composite
def patients(draw: st.DrawFn) -> PatientContent:
    """A mother or a newborn; an INS, a local identifier, or both."""
    born = draw(MOMENT) if draw(st.booleans()) else None
    ins = draw(st.one_of(st.none(), INS))
    local = draw(st.booleans()) or ins is None
    return PatientContent(
        birth_family_name=draw(NAME),
        birth_given_names=" ".join(draw(GIVEN)),
        birth_date=born.astimezone(PARIS).date() if born else draw(st.dates(date(1970, 1, 1), date(2012, 1, 1))),
        sex=draw(st.sampled_from("FMU")),
        local_id=draw(st.from_regex(r"[A-Z0-9&'-]{1,12}", fullmatch=True)) if local else "",
        local_oid="1.2.250.1.999.1.1" if local else "",
        ins=ins,
        used_family_name=draw(_MAYBE_NAME),
        used_given_name=draw(_MAYBE_NAME),
        birth_place_cog=draw(_COG) if ins or draw(st.booleans()) else "",
        address=draw(ADDRESS),
        phone=draw(st.one_of(st.just(""), PHONE)),
        birth_at=born,
        birth_order=draw(st.integers(1, 9)) if born and draw(st.booleans()) else None,
        guardian=draw(GUARDIAN) if born else None,
    )


@st.composite
def documents(draw: st.DrawFn) -> DocumentContent:
    """A document of level 1, any header around any PDF."""
    patient, start = draw(patients()), draw(MOMENT)
    about = codes.ABOUT_NEWBORN if patient.guardian else codes.ABOUT_MOTHER
    kinds = [kind for kind in codes.DOCUMENT_TYPES.values() if kind.about in (codes.ABOUT_EITHER, about)]
    version = draw(st.integers(1, 99))
    return DocumentContent(
        type=draw(st.sampled_from(kinds)),
        title=draw(NAME),
        patient=patient,
        author=draw(PROFESSIONAL),
        authored_at=draw(MOMENT),
        legal_authenticator=draw(PROFESSIONAL),
        authenticated_at=draw(MOMENT),
        custodian=draw(ORGANIZATION),
        encounter=EncounterContent(
            start,
            draw(st.one_of(st.none(), st.integers(0, 10**6).map(lambda more: start + timedelta(seconds=more)))),
            draw(st.sampled_from(list(codes.FACILITIES.values()))),
            draw(st.sampled_from(list(codes.PRACTICES.values()))),
            responsible=draw(st.one_of(st.none(), PROFESSIONAL)),
            place=draw(st.one_of(st.none(), ORGANIZATION)),
        ),
        set_id=draw(OID) + "1",
        version=version,
        replaces_unique_id=draw(OID) + "2" if version > 1 else "",
        pdf=b"%PDF-" + draw(st.binary(max_size=200)),
        performer=draw(st.one_of(st.none(), PROFESSIONAL)),
        participants=tuple(draw(st.lists(PARTICIPANT, max_size=3))),
        informants=tuple(draw(st.lists(INFORMANT, max_size=2))),
        recipients=tuple(draw(st.lists(PROFESSIONAL, max_size=3))),
    )


NOW = datetime(2028, 1, 3, 9, 0, tzinfo=UTC)  # after every drawn moment: nobody is born in the future
