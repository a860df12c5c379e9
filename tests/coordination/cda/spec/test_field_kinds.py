"""Kinds of the field: a telephone, an address, a gestational age, a duration, the identifier of a document."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coordination.cda.entries.documents import DocumentId
from coordination.cda.spec.contacts import Phone, Postal
from coordination.cda.spec.durations import Minutes, Weeks
from coordination.cda.spec.kinds import Kind
from coordination.cda.spec.lexical import UnreadableValueError
from perinat.standards import oids, xml

ON = date(2026, 11, 20)


def _element(kind: Kind, value: Any) -> xml.Element:
    attributes, inner = kind.body(value)
    return xml.parse(f'<x xmlns="{oids.NS_HL7}"{attributes}>{inner}</x>'.encode())


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Phone(), "01 39.00-00 09", "01 39 00 00 09"),
        (Phone(), "+33 1 39 00 00 09", "+33 1 39 00 00 09"),
        (Phone(), "15 00", "1500"),
        (Postal(), {"line": "12 bis, rue de l'Érable", "postal_code": "78990", "city": "Valombre"}, None),
        (Postal(), {"line": "Lieu-dit  Le Chêne & l'Orme"}, "Lieu-dit Le Chêne & l'Orme"),
        (Postal(), {"city": "Valombre"}, "Valombre"),
        (Weeks(), 39.57, "39 SA + 4 j"),
        (Weeks(), 36, "36 SA"),
        (Weeks(), 28.857142, "28 SA + 6 j"),
        (Minutes(), 1695, "28 h 15 min"),
        (Minutes(), 0, "0 min"),
        (DocumentId(), "1.2.250.1.999.1.2.990", "1.2.250.1.999.1.2.990"),
        (DocumentId(), "1.2.250.1.213.1.1.9^A7102400008_640", "1.2.250.1.213.1.1.9^A7102400008_640"),
    ],
)
def test_what_is_written_is_read_back(kind: Kind, value: Any, said: str | None) -> None:
    assert kind.problem(value, ON) is None
    assert kind.read(_element(kind, value)) == kind.normal(value)
    assert kind.say(value) == (said or "12 bis rue de l'Érable, 78990 Valombre")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Phone(), "appeler Ève"),
        (Phone(), ""),
        (Phone(), " . - ()"),
        (Phone(), 139000009),
        (Postal(), {}),
        (Postal(), "1 rue des Essences"),
        (Postal(), {"street": "rue"}),
        (Postal(), {"city": " "}),
        (Weeks(), 392),
        (Weeks(), "39+4"),
        (Minutes(), -1),
        (DocumentId(), "1.2.03"),
        (DocumentId(), "1.2.3^"),
        (DocumentId(), 'urn:"oid'),
        (DocumentId(), None),
    ],
)
def test_what_is_none_is_refused(kind: Kind, value: Any) -> None:
    assert kind.problem(value, ON)


@pytest.mark.parametrize("kind", [Phone(), Postal(), Weeks(), DocumentId()])
def test_an_empty_element_says_nothing(kind: Kind) -> None:
    with pytest.raises(UnreadableValueError):
        kind.read(xml.parse(f'<x xmlns="{oids.NS_HL7}" nullFlavor="UNK"/>'.encode()))
