"""The words themselves: twelve messages, plain, dated, sourced, and never about both people at once."""

from __future__ import annotations

import re
from datetime import date

import pytest

from coordination.papers.patient_letters import (
    ANSWER,
    NO_ANSWER,
    Audience,
    Signature,
    Template,
    book,
    write,
)

TEMPLATES = list(book().templates.values())
CASES = [pytest.param(one, audience, id=f"{one.key}-{audience}") for one in TEMPLATES for audience in one.words]
FIELDS = {
    "midwife": "Claire AUBÉPINE", "visit": "le mardi 24 novembre à 9 h 30", "phone": "01 90 00 00 00",
    "early_interview": "le 3 décembre et le 31 décembre", "postnatal_exam": "le 3 décembre et le 31 décembre",
    "second_week": "le 3 décembre et le 10 décembre",
}  # fmt: skip
LONGEST_SENTENCE = 30  # words; the mean is far under it
ALLOWED = {"AUBÉPINE"}


def text(template: Template, audience: Audience, **changes: object) -> str:
    asked: dict[str, object] = {"signature": Signature("Maternité d'essai", "01 90 00 00 00"), "may_answer": True}
    return write(template, audience, FIELDS, **(asked | changes)).text  # type: ignore[arg-type]


def test_there_are_twelve_and_the_one_that_answers() -> None:
    assert len([one for one in TEMPLATES if not one.answers]) == 12
    assert [one.key for one in TEMPLATES if one.answers] == ["answer"]
    assert [one.key for one in TEMPLATES if one.closes] == ["end"]


def test_every_deadline_has_its_source_and_its_day() -> None:
    for fact in book().facts.values():
        assert len(fact.source) > 20 and fact.read_on <= date(2026, 11, 22) and fact.from_days < fact.to_days
    assert book().facts["early_interview"].between(date(2026, 3, 1)) == (date(2026, 3, 29), date(2026, 4, 26))
    assert date.fromisoformat(book().version) and book().owner


@pytest.mark.parametrize(("template", "audience"), CASES)
def test_it_is_plain(template: Template, audience: Audience) -> None:
    words = text(template, audience)
    assert "{" not in words and not set(re.findall(r"\b[A-ZÀ-Ý]{2,}\b", words)) - ALLOWED, "no abbreviation"
    sentences = [one.split() for one in re.split(r"[.?!:;]\s|\n", words) if one.strip()]
    assert max(map(len, sentences)) <= LONGEST_SENTENCE
    assert sum(map(len, sentences)) / len(sentences) < 14


@pytest.mark.parametrize(("template", "audience"), CASES)
def test_each_field_it_names_is_one_it_needs(template: Template, audience: Audience) -> None:
    words = template.words[audience]
    assert set(re.findall(r"\{(\w+)\}", words.text + words.subject)) <= {*template.needs, "answer"}


@pytest.mark.parametrize("template", [one for one in TEMPLATES if Audience.CHILD in one.words], ids=lambda one: one.key)
def test_the_box_of_the_child_says_nothing_of_its_mother(template: Template) -> None:
    assert "midwife" not in template.needs and "visit" not in template.needs
    assert not re.search(r"sage-femme|votre séjour|fatigue|\bmère\b", text(template, Audience.CHILD).split("\n\n")[1])


def test_what_may_be_answered_is_said() -> None:
    template = book().templates["call-back"]
    assert ANSWER in text(template, Audience.MOTHER) and NO_ANSWER in text(template, Audience.MOTHER, may_answer=False)


@pytest.mark.parametrize(("template", "audience"), CASES)
def test_a_message_that_cannot_be_answered_asks_for_no_answer(template: Template, audience: Audience) -> None:
    words = text(template, audience, may_answer=False)
    assert not re.search(r"répond", words.replace(NO_ANSWER, ""))
    asks = "{answer}" in template.words[audience].text
    assert asks == bool(template.words[audience].answer)
    assert asks == bool(
        re.search(r"(répond\w+ à|en réponse à) ce message", text(template, audience).replace(ANSWER, ""))
    )


def test_those_that_ask_for_an_answer() -> None:
    asking = {one.key for one in TEMPLATES for words in one.words.values() if words.answer}
    assert asking == {"first-visit", "searching", "child-protection-service", "call-back"}
    shown = text(book().templates["searching"], Audience.MOTHER)
    assert "au 01 90 00 00 00 ou en réponse à ce message." in shown
    shown = text(book().templates["searching"], Audience.MOTHER, may_answer=False)
    assert "au 01 90 00 00 00." in shown


def test_a_midwife_who_is_only_proposed_is_not_promised() -> None:
    shown = text(book().templates["midwife"], Audience.MOTHER)
    assert "Elle, ou le service, prendra contact avec vous" in shown and "appellera" not in shown


def test_joined_papers_are_said_without_their_titles() -> None:
    template = book().templates["documents"]
    assert "Un document est joint" in text(template, Audience.MOTHER, joined=1)
    assert "Des documents sont joints" in text(template, Audience.MOTHER, joined=3)


def test_an_unknown_field_is_an_error_not_a_hole() -> None:
    with pytest.raises(KeyError):
        write(book().templates["midwife"], Audience.MOTHER, {}, signature=Signature("x"), may_answer=True)
