"""The treatments she leaves with: each with a dose and a duration, or none at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from coordination.papers.letter_check.care import WHO
from coordination.papers.letter_check.letter import Letter
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, better, is_answer
from coordination.papers.letter_check.subjects import STOPPED
from coordination.papers.words import ALL_THE_SAME

DOSE = re.compile(
    r"\d\s?(?:MG|G|ML|UI|µG|MCG)\b|COMPRIME|\bCP\b|GELULE|GOUTTE|SACHET|AMPOULE|INJECTION|SUPPOSITOIRE|PATCH|MATIN|SOIR"
    r"|FOIS PAR JOUR|/ ?J(?:OUR)?\b|PAR JOUR"
)
HOW_LONG = re.compile(
    r"\b(?:\d+|UNE?|DEUX|TROIS|QUATRE|CINQ|SIX|SEPT|HUIT|DIX|QUINZE) ?(?:JOURS?|J|SEMAINES?|MOIS|ANS?)\b"
    r"|JUSQU\S* ?\w|AU LONG COURS|SI BESOIN|\bQSP ?\d|EN CONTINU"
    r"|\b(?:DOSE|PRISE|INJECTION|AMPOULE|FOIS) UNIQUE|\bEN UNE (?:SEULE )?(?:FOIS|PRISE)\b"
)
_NEW_MEDICINE = re.compile(
    r"(?:\d{1,2}[.)/-] ?|[-•*· ])*"
    r"(?!PRENDRE|COMPRIME|SOIT\b|PENDANT|MATIN|MIDI|SOIR|INJECTION|JUSQU|PUIS|POUR\b|DURANT|DOSE|DUREE|POSOLOGIE"
    r"|(?:UNE?|DEUX|TROIS|QUATRE|CINQ|SIX|PAR|LES?|DES?|AUX?|SUR|TOUTE?S?|TOUS|CHAQUE|MAX\w*|EN|AVEC|SANS|APRES|AVANT"
    r"|ENTRE|VOIE|FOIS|GELULES?|SACHETS?|AMPOULES?|GOUTTES?|JOURS?|HEURES?|SEMAINES?|MOIS|QSP|RENOUVEL\w*|ARRET\w*"
    r"|RELAIS|HORS|SELON|SUIVANT|VOIR|ORDONNANCES?|DEBUT\w*|LORS|QUE|NON|EST|SOUS)\b)"
    r"[A-Z][A-Z'-]{2,}"
)
_NO_TREATMENT = re.compile(
    r"\b(?:AUCUN|PAS DE|SANS|ABSENCE DE) TRAITEMENT"
    r"(?:(?= ?(?:[.,;:)]|$))"
    r"| (?:MEDICAMENTEUX|PARTICULIER|SPECIFIQUE|PRESCRIT|DE SORTIE|A LA SORTIE|NECESSAIRE|EN COURS))"
)
_NONE = re.compile(
    r"\W*(?:AUCUNS?(?: TRAITEMENTS?| MEDICAMENTS?)?\W*$|NEANT\b|SANS OBJET\b"
    r"|PAS DE TRAITEMENT\b(?! (?:POUR|CHEZ|DE L|DU|ANTI)))"
)
_SEE = re.compile(r"\b(?:CF|VOIR|SELON|SUIVANT)\b.{0,20}ORDONNANCE|ORDONNANCES? (?:JOINTE|CI[- ]JOINTE|REMISE)")
_STOPPED_LINE = re.compile(STOPPED)
_NO_MEDICINE = re.compile(
    rf"{WHO.pattern}|\bRDV\b|\bREMISE?S?\b|\bRPPS\b|^\W*(?:SPECIALITE|MEDICAMENT|NOM\b|DCI\b|DR|DOCTEUR|PR|MADAME|MME|FAITE?|SIGNE|CORDIAL|CONFRATER|BIEN)"
    r"|\b(?:AUCUNE?|PAS D|A DISCUTER|A VOIR|A PREVOIR|REPOS|NFS|BILANS?|DOSAGE|PLAQUETTES|HYDRATATION"
    r"|BAS DE|CONTENTION|ALLAITE\w*|CONSEIL\w*"
    r"|PRESERVATIF\w*|PANSEMENT|SOINS|TIRE[- ]LAIT|REGIME|SURVEILL\w*|RESULTATS?|POURSUI\w*|ORDONNANCES?)\b|:\W*$"
)
_MOST_WORDS = 8  # a longer line without a dose is a sentence, not a medicine
_NEXT_ON_LINE = re.compile(r" ?[/;] (?=[A-Z])|\. (?=[A-Z])")
_NEXT_WHEN_TOLD = re.compile(r",? (?:ET|\+) (?:D[EU]S? |UN |L[AE] )?|, ")


def treatments(letter: Letter) -> Told:
    """What she leaves with: dose and duration, or that there is none."""
    found = NOT_FOUND
    for part in letter.part("treatments"):
        lines = [line for line in part.lines if not _STOPPED_LINE.search(line.folded) and is_answer(line.folded)]
        found = better(found, _prescribed([line.folded for line in lines], part.heading.page))
    if found[0] == State.MET:
        return found
    for line in letter.lines:
        if _NO_TREATMENT.search(line.folded) and "SORTIE" in line.folded:
            found = better(found, _prescribed([line.folded], line.page))
    return found


def _prescribed(lines: Sequence[str], page: int) -> Told:
    if not lines:
        return State.MISSING, Why.EMPTY, page
    medicines = [one for one in _grouped(lines) if _is_medicine(one)]
    if medicines and all(_is_told(one) for one in medicines):
        return State.MET, Why.NOTHING, page
    if not any(DOSE.search(one) for one in medicines) and _is_none(lines):
        return State.MET, Why.NOTHING, page
    elsewhere = any(_SEE.search(line) for line in lines)
    return (State.UNKNOWN, Why.ELSEWHERE, page) if elsewhere else (State.MISSING, Why.NO_DOSE, page)


def _grouped(lines: Sequence[str]) -> Iterator[str]:
    """One text for each medicine: words that begin with a name, and those that go on with its posology."""
    group = ""
    for words in (piece for line in lines for piece in _NEXT_ON_LINE.split(line)):
        if group and _NEW_MEDICINE.match(words):
            yield from _apart(group)
            group = ""
        group = f"{group} {words}".strip()
    if group:
        yield from _apart(group)


def _apart(group: str) -> Iterator[str]:
    """« Paracétamol 1 g pendant 5 jours, fer et Lovenox »: once dose and duration are told, a name is another one."""
    for end in _NEXT_WHEN_TOLD.finditer(group):
        if _is_told(group[: end.start()]) and _NEW_MEDICINE.match(group, end.end()):
            yield group[: end.start()]
            yield from _apart(group[end.end() :])
            return
    yield group


def _is_told(medicine: str) -> bool:
    return bool(DOSE.search(medicine) and HOW_LONG.search(medicine))


def _is_medicine(words: str) -> bool:
    if _NO_TREATMENT.search(words) or _NONE.match(words):
        return bool(ALL_THE_SAME.search(words) and DOSE.search(words))
    named = not _NO_MEDICINE.search(words) and len(words.split()) <= _MOST_WORDS and bool(_NEW_MEDICINE.match(words))
    return named or bool(DOSE.search(words))


def _is_none(lines: Sequence[str]) -> bool:
    """« Aucun traitement », and no « sauf … » after it, on its line or at the start of the next one."""
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        denial = _NO_TREATMENT.search(line) or (_NONE.match(line) if line is lines[0] else None)
        if denial and not ALL_THE_SAME.search(line, denial.end()) and not ALL_THE_SAME.match(below.lstrip("-•*· (")):
            return True
    return False
