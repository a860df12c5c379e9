"""The values of a PDF's text. Cautious: a label and its answer side by side, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from coordination.papers.brief import keys
from coordination.papers.brief.fields import Field
from coordination.papers.brief.labels import (
    ALERT_LABELS,
    ALONE,
    ANY,
    CHILD_LABELS,
    DENIAL,
    EARLIER,
    MOTHER_LABELS,
    NOT_A_LABEL,
    OF_THE_CHILD,
    SEVERAL,
    Label,
)
from coordination.papers.brief.shown import EDGES, grams_words, shown
from coordination.papers.brief.values import LONGEST, Found, cut
from coordination.papers.letter_check.letter import Letter, heading_of, is_heading, letter_of
from coordination.papers.letter_check.statements import is_answer
from coordination.papers.words import Line, fold, lines_of

_SENTENCE_END = re.compile(r"(?<!\bDR)(?<!\d)[.;](?:\s|$)")
_BEGINNING = re.compile(r"(?:^|[.;:|•*]\s*|^\W*-\s*)$")
_BARE_WEIGHT = re.compile(r"^(?:POIDS)\b(?! (?:DE|A|DU|J))")
_SIGNATURE = re.compile(
    r"\bRPPS\b|^(?:DR|DOCTEUR|PR|SAGE[- ]FEMME) [A-Z]+ [A-Z]+$|^SPECIMEN\b|\bREMISE? (?:CE JOUR|A LA|EN MAIN)"
)
_OTHER = re.compile(
    r"^ARRETEE?S?\b|^(?:RESULTATS?|EXAMENS?) (?:EN ATTENTE|ATTENDUS?)"
    r"|\b(?:TRAITEMENTS?|MEDICAMENTS?) (?:ARRETE|INTERROMPU)"
)
_NEGATIVE = re.compile(r"(?::|^) ?(?:NON|NEGATIF|AUCUN|PAS|NEANT)\b")
_NOT_ONE_NUMBER = (Field.BLOOD_LOSS, Field.LOSS, Field.PERINEUM)
MOST_LINES = 8


def read_text(pages: Sequence[str], *, about_child: bool) -> tuple[Found, ...]:
    """`about_child`: the document is a newborn's. A mother's document gives her child's values where it names the
    child; the caller drops them when she has several children.
    """
    letter = letter_of(lines_of(pages, alone=is_heading))
    if about_child:
        found = [*_labelled(letter, CHILD_LABELS), *_section(letter, "follow_up", Field.CHILD_FOLLOW_UP)]
    else:
        found = [
            *_completed([*_labelled(letter, MOTHER_LABELS)], [*_labelled(letter, ALONE)]),
            *_alerts(letter),
            *_section(letter, "treatments", Field.TREATMENTS),
            *_section(letter, "follow_up", Field.FOLLOW_UP),
            *_child_of_the_mother(letter),
        ]
    return tuple(_distinct(found))


def _distinct(found: Iterable[Found]) -> Iterator[Found]:
    """Each value once; without a key, the first words only. Two keys stay: the document contradicts itself."""
    seen: set[tuple[Field, str]] = set()
    for one in found:
        mark = (one.field, one.key)
        if mark not in seen and (one.key or not any(field == one.field for field, _ in seen)):
            seen.add(mark)
            yield one


def _labelled(letter: Letter, labels: Sequence[Label]) -> Iterator[Found]:
    history = {line for part in letter.part("history") for line in part.lines}
    for index, line in enumerate(letter.lines):
        if line in history or EARLIER.search(line.folded):
            continue
        following = letter.lines[index + 1] if index + 1 < len(letter.lines) else None
        for label in labels:
            yield from _of_label(label, line, following)


def _of_label(label: Label, line: Line, following: Line | None) -> Iterator[Found]:
    for match in label.words.finditer(line.folded):
        before = line.folded[: match.start()]
        denial = DENIAL.search(before)
        if denial and label.free:
            end = _end(line, match.end())
            said = line.text[denial.start() : end].strip(EDGES)
            yield Found(label.field, cut(said, LONGEST), label.key("AUCUN"), line.page)
            continue
        if denial or NOT_A_LABEL.search(before) or (label.at_start and not _BEGINNING.search(before)):
            continue
        answer = _answer(line, match.end(), following if not before.strip(EDGES) else None)
        if answer is None:
            continue
        key = label.key(answer.folded)
        as_written = label.free and is_answer(answer.folded)
        if key or as_written or (label.field in _NOT_ONE_NUMBER and keys.told_as_written(answer.folded)):
            yield Found(label.field, shown(label, answer, key), key, answer.page)


def _completed(labelled: Sequence[Found], alone: Sequence[Found]) -> list[Found]:
    """What stands alone says more of what has a label, unless both cannot be true: « voie basse », then « Forceps »."""
    found = list(labelled)
    for one in alone:
        rank = next((at for at, other in enumerate(found) if other.field == one.field), None)
        if rank is None:
            found.append(one)
        elif (key := keys.together(found[rank].key, one.key)) is not None:
            found[rank] = replace(found[rank], value=f"{found[rank].value} ; {one.value}", key=key)
        elif found[rank].key != one.key:
            found.append(one)
    return found


def _answer(line: Line, start: int, following: Line | None) -> Line | None:
    """The words after a label: to the end of the sentence or to the next label; alone on its line, the next line."""
    end = _end(line, start)
    folded = line.folded[start:end]
    if folded.strip(EDGES):
        return Line(line.page, line.text[start:end], folded)
    if line.folded[start:].strip(EDGES) or following is None:
        return None
    if heading_of(following) or ANY.match(following.folded):
        return None
    end = _end(following, 0)
    return Line(following.page, following.text[:end], following.folded[:end])


def _end(line: Line, start: int) -> int:
    """Where the answer ends: at the end of the sentence, or at the next label (which has a capital)."""
    sentence = _SENTENCE_END.search(line.folded, start)
    labels = (match.start() for match in ANY.finditer(line.folded, start))
    label = next((at for at in labels if line.text[at].isupper()), len(line.text))
    return min(label, sentence.start() if sentence else len(line.text))


def _alerts(letter: Letter) -> Iterator[Found]:
    """What the letter warns of; when it asked and found nothing, that it says so."""
    told = list(_alerts_told(letter))
    some = [one for one in told if one.key == "SOME" and not _NEGATIVE.search(fold(one.value))]
    words = (" ; " if some else ", ").join(dict.fromkeys(one.value for one in some or told))
    if told:
        value = words if some else f"aucune signalée ({words})"
        yield Found(Field.ALERTS, cut(value, LONGEST), _transfused(told), (some or told)[0].page)


def _transfused(told: Iterable[Found]) -> str:
    """What is comparable with another document: whether she was transfused."""
    for one in told:
        if "TRANSFUSION" in fold(one.value) and one.key:
            denied = one.key == "NONE" or _NEGATIVE.search(fold(one.value))
            return f"TRANSFUSION={'NO' if denied else 'YES'}"
    return ""


def _alerts_told(letter: Letter) -> Iterator[Found]:
    for index, line in enumerate(letter.lines):
        following = letter.lines[index + 1] if index + 1 < len(letter.lines) else None
        for label in ALERT_LABELS:
            name = label.words.search(line.folded)
            for one in _of_label(label, line, following):
                said = line.text[name.start() : name.end()] if name else ""
                words = one.value if fold(said) in fold(one.value) else f"{said.lower()} : {one.value}"
                yield replace(one, value=words)


def _section(letter: Letter, name: str, field: Field) -> Iterator[Found]:
    for part in letter.part(name):
        lines = [line for line in part.lines if is_answer(line.folded)]
        lines = [line for line in lines if not (_SIGNATURE.search(line.folded) or _OTHER.search(line.folded))]
        if lines:
            words = " ; ".join(line.text.strip(EDGES) for line in lines[:MOST_LINES])
            key = keys.some(lines[0].folded) if field == Field.TREATMENTS else ""
            yield Found(field, cut(words), key, lines[0].page)


def _child_of_the_mother(letter: Letter) -> Iterator[Found]:
    """In her papers, what stands under « Enfant » or whose label says whose it is; nothing when twins are named."""
    if any(SEVERAL.search(line.folded) for line in letter.lines):
        return
    own = {line for part in letter.part("child") for line in part.lines}
    for index, line in enumerate(letter.lines):
        if line not in own and not OF_THE_CHILD.search(line.folded):
            continue
        following = letter.lines[index + 1] if index + 1 < len(letter.lines) else None
        for label in CHILD_LABELS:
            yield from _of_label(label, line, following)
        bare = _BARE_WEIGHT.match(line.folded) if line in own else None
        weight = keys.grams(line.folded[bare.end() :]) if bare else ""
        if weight:
            yield Found(Field.BIRTH_WEIGHT, grams_words(weight), weight, line.page)
