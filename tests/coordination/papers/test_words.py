"""Lines of a page: a cut word is whole again, a minus stays a minus."""

from __future__ import annotations

import pytest

from coordination.papers.words import lines_of


def texts(*lines: str) -> list[str]:
    return [line.text for line in lines_of(["\n".join(lines)])]


@pytest.mark.parametrize(
    ("above", "below", "whole"),
    [
        ("Lochies physiolo-", "giques, utérus ferme", "Lochies physiologiques, utérus ferme"),
        ("Injection d’anti-", "inflammatoire", "Injection d’antiinflammatoire"),
        ("Allergies : ab-", "sence connue", "Allergies : absence connue"),
        ("Grossesse mon\u00ad", "ofœtale", "Grossesse monofœtale"),
        ("Suture du péri‐", "née", "Suture du périnée"),
    ],
)
def test_a_word_cut_at_the_end_of_a_line_is_whole_again(above: str, below: str, whole: str) -> None:
    assert texts(above, below) == [whole]


@pytest.mark.parametrize("group", ["A-", "B-", "O-", "AB-", "a-", "Rh-", "RH-", "A‐", "O Rh-"])
def test_a_blood_group_keeps_its_minus(group: str) -> None:
    """« A- » above a line that begins small: joined, the minus would be lost and the group another one."""
    joined = " ".join(texts(f"Groupe sanguin de la mère : {group}", "contrôlé deux fois"))
    assert f"{group} contrôlé" in joined
