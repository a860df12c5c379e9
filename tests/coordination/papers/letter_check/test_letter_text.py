"""The criteria on texts: each sentence removed flips its criterion and no other; what is doubtful is said so."""

from __future__ import annotations

import textwrap
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.papers.letter_check.criteria import DESCRIPTIONS, WEAK, Criterion
from coordination.papers.letter_check.report import Report, State, Why
from coordination.papers.letter_check.text import check_text
from tests.coordination.papers.letter_check.letters import PROSE, REMOVED, text_of, without

C = Criterion
HANDS = tuple(REMOVED)
EACH = [(hand, criterion) for hand in HANDS for criterion in Criterion]


def states(text: str) -> dict[Criterion, State]:
    return {one.criterion: one.state for one in check_text([text]).findings}


def one(text: str, criterion: Criterion) -> tuple[State, Why]:
    """What a text (with a few words around, that it be a letter) says of one criterion."""
    found = check_text([f"Madame, la suite de la prise en charge et des soins est dans le courrier.\n{text}"])
    return next((f.state, f.why) for f in found.findings if f.criterion == criterion)


def test_every_criterion_is_described_and_the_weak_ones_come_first() -> None:
    assert set(DESCRIPTIONS) == set(Criterion)
    assert tuple(Criterion)[:3] == WEAK
    assert [f.criterion for f in check_text([PROSE]).findings] == list(Criterion)


@pytest.mark.parametrize("hand", HANDS)
def test_a_whole_letter_meets_every_criterion(hand: str) -> None:
    found = check_text([text_of(hand)])
    assert found.gaps == () and {f.page for f in found.findings} == {1}
    assert found.summary == "15 critères sur 15"


@pytest.mark.parametrize(("hand", "criterion"), EACH)
def test_a_sentence_removed_flips_its_criterion_and_no_other(hand: str, criterion: Criterion) -> None:
    found = states(without(text_of(hand), REMOVED[hand][criterion]))
    assert {name for name, state in found.items() if state != State.MET} == {criterion}
    assert found[criterion] == State.MISSING


def _stripped(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


WRITINGS = {
    "no accents": _stripped,
    "capitals": str.upper,
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "curly quotes": lambda text: text.replace("'", "’"),
    "no-break spaces": lambda text: text.replace(" :", "\u00a0:").replace("à la", "à\u00a0la"),
    "blank lines": lambda text: text.replace("\n", "\n\n \n"),
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("hand", HANDS)
def test_the_way_it_is_typed_changes_nothing(hand: str, writing: str) -> None:
    written = WRITINGS[writing]
    assert states(written(text_of(hand))) == states(text_of(hand))
    for criterion in WEAK:
        cut = written(without(text_of(hand), REMOVED[hand][criterion]))
        assert states(cut)[criterion] == State.MISSING


@settings(deadline=None)
@given(st.integers(48, 110), st.booleans())
def test_prose_says_the_same_however_its_lines_are_cut(width: int, hyphens: bool) -> None:
    wrapper = textwrap.TextWrapper(width=width, break_on_hyphens=hyphens)
    assert states("\n".join(row for line in PROSE.split("\n") for row in wrapper.wrap(line))) == states(PROSE)


def test_words_cut_at_the_end_of_a_line_are_joined() -> None:
    assert one("Le dossier dit : aucun événe-\nment indésirable.", C.ADVERSE_EVENTS)[0] == State.MET


@pytest.mark.parametrize(
    ("text", "criterion", "expected"),
    [
        ("La lettre sera remise à la patiente.", C.HANDED_OVER, (State.MISSING, Why.NOT_YET)),
        ("Lettre non remise à la patiente.", C.HANDED_OVER, (State.MISSING, Why.NOT_YET)),
        ("☐ Lettre remise à la patiente", C.HANDED_OVER, (State.UNKNOWN, Why.BOXES)),
        ("Ordonnances remises ce jour à la patiente.", C.HANDED_OVER, (State.MISSING, Why.NOTHING)),
        ("Une information a été donnée à la patiente.", C.HANDED_OVER, (State.MISSING, Why.NOTHING)),
        ("Carte de groupe remise à la patiente.", C.HANDED_OVER, (State.MISSING, Why.NOTHING)),
        ("Un exemplaire a été donné à la patiente.", C.HANDED_OVER, (State.MET, Why.NOTHING)),
        ("Un exemplaire lui a été remis en main propre.", C.HANDED_OVER, (State.MET, Why.NOTHING)),
        ("Document remis ce jour à la patiente avec explications", C.HANDED_OVER, (State.MET, Why.NOTHING)),
        ("Transfusion : oui / non", C.BLOOD, (State.UNKNOWN, Why.BOXES)),
        ("Transfusion : ☒ oui ☐ non", C.BLOOD, (State.MET, Why.NOTHING)),
        ("Transfusion : ............", C.BLOOD, (State.MISSING, Why.EMPTY)),
        ("Transfusion : non renseigné", C.BLOOD, (State.MISSING, Why.EMPTY)),
        ("Transfusion Allergies\nNon Aucune", C.BLOOD, (State.UNKNOWN, Why.COLUMNS)),
        ("Transfusion Allergies\nNon Aucune", C.ALLERGIES, (State.UNKNOWN, Why.COLUMNS)),
        ("Transfusion\nNon", C.BLOOD, (State.MET, Why.NOTHING)),
        ("Transfusion Non Événement indésirable Aucun", C.ADVERSE_EVENTS, (State.MET, Why.NOTHING)),
        ("Transfusion de 2 culots globulaires le 03/03", C.BLOOD, (State.MET, Why.NOTHING)),
        ("Événement indésirable Aucun Dispositif implanté", C.DEVICES, (State.UNKNOWN, Why.COLUMNS)),
        ("Traitements à la sortie\nselon l'ordonnance jointe", C.TREATMENTS, (State.UNKNOWN, Why.ELSEWHERE)),
        ("Traitements à la sortie\nParacétamol", C.TREATMENTS, (State.MISSING, Why.NO_DOSE)),
        ("Traitements à la sortie\nAucun", C.TREATMENTS, (State.MET, Why.NOTHING)),
        ("Aucun traitement à la sortie.", C.TREATMENTS, (State.MET, Why.NOTHING)),
        ("Aucun traitement arrêté.", C.TREATMENTS, (State.MISSING, Why.NOTHING)),
        ("Arrêt de travail de dix jours", C.STOPPED, (State.MISSING, Why.NOTHING)),
        ("Suites à donner\nUn suivi est à organiser", C.FOLLOW_UP, (State.MISSING, Why.NO_WHEN)),
        ("Suites à donner", C.FOLLOW_UP, (State.MISSING, Why.EMPTY)),
        ("RDV le 12/03/2026 avec le Dr Modèle", C.FOLLOW_UP, (State.MET, Why.NOTHING)),
        ("Sortie le 05/03/2026.\nFait le 06/03/2026", C.DATED, (State.MISSING, Why.OTHER_DAY)),
        ("Entrée le 02/03/2026.\nSortie le 05/03/2026.", C.STAY, (State.MISSING, Why.NO_MODE)),
        ("Médecin traitant :", C.IDENTITIES, (State.MISSING, Why.EMPTY)),
    ],
)
def test_what_is_doubtful_is_not_met(text: str, criterion: Criterion, expected: tuple[State, Why]) -> None:
    assert one(text, criterion) == expected


def test_a_scan_cannot_be_told() -> None:
    for pages in ([""], ["", " \n "], ["x)§ #z (glyphes) qjz 88"]):
        found = check_text(pages)
        assert {(f.state, f.why) for f in found.findings} == {(State.UNKNOWN, Why.SCAN)}
        assert found.findings[0].sentence and "ne peuvent pas être dits" in found.summary


def test_a_page_that_is_a_scan_may_hold_what_is_not_found() -> None:
    found = check_text([without(PROSE, ("Cette lettre",)), ""])
    assert [(f.criterion, f.state, f.why) for f in found.gaps] == [(C.HANDED_OVER, State.UNKNOWN, Why.PART_SCAN)]


def test_the_page_where_it_was_seen() -> None:
    head, tail = PROSE.split("Traitement de sortie")
    found = {f.criterion: f.page for f in check_text([head, f"Traitement de sortie{tail}"]).findings}
    assert found[C.ALLERGIES] == 1 and found[C.TREATMENTS] == found[C.HANDED_OVER] == 2


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=300), max_size=3))
def test_any_text_gives_a_report_that_goes_through_json(pages: list[str]) -> None:
    found = check_text(pages)
    assert Report.from_json(found.as_json()) == found


def test_the_report_holds_no_word_of_the_letter() -> None:
    allowed = {*Criterion, *State, *Why}
    for row in check_text([without(PROSE, ("RDV", "Paracétamol"))]).as_json()["findings"]:
        assert set(row) <= {"criterion", "state", "why", "page"}
        assert {value for value in row.values() if isinstance(value, str)} <= allowed
