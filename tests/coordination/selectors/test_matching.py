"""A code that contradicts the chosen person forbids the choice."""

from __future__ import annotations

from datetime import date

import pytest

from coordination.models import Person
from coordination.papers.analysis import Analysis, Identity
from coordination.selectors.matching import WrongPersonError, require_same_person

MOTHER = Identity("293047890000156", "1.2.250.1.213.1.4.10", "ACACIA", "LOUISE MARIE", "F", date(1993, 4, 12))


def chosen(birth_date: date = MOTHER.birth_date, sex: str = "F") -> Person:
    return Person.objects.create(
        birth_family_name="ACACIA", birth_given_names="LOUISE MARIE", birth_date=birth_date, sex=sex
    )


def analysis() -> Analysis:
    return Analysis(sha256="0" * 64, size=1, identities=(MOTHER,))


@pytest.mark.django_db
def test_the_same_traits_without_an_ins_are_accepted() -> None:
    require_same_person(analysis(), chosen())
    require_same_person(analysis(), chosen(sex="U"))


@pytest.mark.django_db
@pytest.mark.parametrize("traits", [{"birth_date": date(2026, 5, 1)}, {"sex": "M"}])
def test_the_paper_of_a_mother_is_not_filed_to_her_newborn(traits: dict[str, object]) -> None:
    with pytest.raises(WrongPersonError):
        require_same_person(analysis(), chosen(**traits))  # type: ignore[arg-type]
