"""One rule for each criterion, on the text of a letter. A rule answers (state, why, page)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from coordination.papers.dates import DATE, read_date
from coordination.papers.letter_check.criteria import Criterion
from coordination.papers.letter_check.letter import Letter, heading_of
from coordination.papers.letter_check.report import State, Why
from coordination.papers.letter_check.statements import NOT_FOUND, Told, is_answer, told
from coordination.papers.words import Line

Rule = Callable[[Letter], Told]

_ADVERSE = r"EVENEMENTS? INDESIRABLES?(?: GRAVES?)?(?: ASSOCIES? AUX SOINS)?(?: SURVENUS?[^:.]{0,40})?|\bEIAS\b"
_GERMS = (
    r"(?:(?:GERMES?|BACTERIES?|MICRO[- ]?ORGANISMES?|AGENTS?)(?: PATHOGENES?)? )?(?:MULTI[- ]?RESISTANTE?S?)"
    r"(?: (?:OU|ET) EMERGENT\w*)?(?: \((?:BMR|BHRE?)\))?|\bBMR(?: ?/ ?BHRE?)?\b|\bBHRE?\b|\bBLSE\b|\bSARM\b"
)
_BLOOD = (
    r"TRANSFUSION\w*(?: SANGUINES?| DE PRODUITS? SANGUINS?)?|PRODUITS? (?:SANGUINS?|DERIVES? DU SANG)|DERIVES? DU SANG"
)
_DEVICES = r"DISPOSITIFS?(?: MEDICA(?:L|UX))?(?: IMPLANTE?S?| IMPLANTABLES?)|\bDMI\b|IMPLANTS?\b|PROTHESES?"
_ALLERGIES = r"ALLERGI(?:ES?|QUES?)(?: (?:CONNUES?|MEDICAMENTEUSES?|IDENTIFIEES?))*|HYPERSENSIBILITES?"
_PENDING = (
    r"(?:RESULTATS?|EXAMENS?|BILANS?|ANALYSES?|PRELEVEMENTS?)(?: D'EXAMENS?| BIOLOGIQUES?)* "
    r"(?:(?:SONT|RESTENT?|EST) )?(?:ENCORE )?(?:EN ATTENTE|ATTENDUS?|EN COURS)"
)
_STOPPED = (
    r"(?:TRAITEMENTS?|MEDICAMENTS?)(?: MEDICAMENTEUX)? (?:N'A ETE |A ETE |ONT ETE )?"
    r"(?:ARRETE|INTERROMPU|SUPPRIME|SUSPENDU)\w*"
    r"(?: (?:PENDANT|DURANT|AU COURS DU?) (?:LE |L'|LA )?\w+)?|^ARRETEE?S?\b"
)
_NOT_TRANSFUSED = re.compile(r"\b(?:PAS|NON|NI) (?:ETE )?TRANSFUSEE?")
_LABELS = re.compile("|".join(f"(?:{one})" for one in (_ADVERSE, _GERMS, _BLOOD, _DEVICES, _ALLERGIES, _PENDING)))


def _stated(subject: str, section: str = "") -> Rule:
    """A subject told somewhere, or a section of its own that says something."""
    pattern = re.compile(subject)

    def rule(letter: Letter) -> Told:
        found = told(letter.lines, pattern, _LABELS)
        return found if found[0] == State.MET or not section else _better(found, _filled(letter, section))

    return rule


def _better(first: Told, second: Told) -> Told:
    order = (State.MET, State.UNKNOWN, State.MISSING)
    if first[0] == second[0]:
        return first if first[1] else second
    return min(first, second, key=lambda one: order.index(one[0]))


def _filled(letter: Letter, section: str) -> Told:
    found = NOT_FOUND
    for part in letter.part(section):
        said = [line for line in part.lines if is_answer(line.folded)]
        if said:
            return State.MET, Why.NOTHING, part.heading.page
        found = (State.MISSING, Why.EMPTY, part.heading.page)
    return found


# --- Handing over ------------------------------------------------------------------------------------

_HANDED = re.compile(
    r"\b(?:REMISE?S?|DONNEE?S?|DELIVREE?S?)\b(?: [^.]{0,40})?"
    r"\b(?:A LA (?:PATIENTE|MERE)|A MADAME|A MME|AUX PARENTS|A L'INTERESSEE|EN MAINS? PROPRES?|CE JOUR|A LA SORTIE)"
    r"|\bREMISE? (?:DE LA LETTRE |DU DOCUMENT )?(?:A LA PATIENTE|EN MAINS? PROPRES?)"
)
_NOT_HANDED = re.compile(r"\b(?:NON|PAS|PAS ETE|SERA|SERONT|DOIT ETRE|A ETRE|RESTE A|ETRE|JAMAIS)\s+$")
_OTHER_PAPER = re.compile(
    r"\b(?:ORDONNANCES?|CARNET|ARRET|CERTIFICAT|PRESCRIPTIONS?|LIVRET|RENDEZ[- ]?VOUS|BROCHURE)\b"
)
_THIS_PAPER = re.compile(r"\b(?:LETTRE|DOCUMENT|EXEMPLAIRE|COPIE|DOUBLE|COMPTE[- ]RENDU|COURRIER|LLS|PRESENTE?)\b")
_UNTICKED = re.compile(r"(?:[☐□]|\[ ?\])\s*[^☒☑\[]{0,60}$")


def handed_over(letter: Letter) -> Told:
    """The letter itself was given to her, in the past: « sera remise » and « ordonnance remise » do not count."""
    best = NOT_FOUND
    for index, line in enumerate(letter.lines):
        following = letter.lines[index + 1].folded if index + 1 < len(letter.lines) else ""
        for match in _HANDED.finditer(f"{line.folded} {following}"):
            if match.start() < len(line.folded):
                best = _better(best, _handed(line.folded[: match.start()], line.page))
    return best


def _handed(before: str, page: int) -> Told:
    sentence = re.split(r"[.;]", before)[-1]
    if not _THIS_PAPER.search(sentence) and (_OTHER_PAPER.search(sentence) or re.search(r"[A-Z]{3}", sentence)):
        return NOT_FOUND  # something else was given to her
    if _NOT_HANDED.search(sentence):
        return State.MISSING, Why.NOT_YET, page
    if _UNTICKED.search(sentence):
        return State.UNKNOWN, Why.BOXES, page
    return State.MET, Why.NOTHING, page


# --- Care that is planned, treatments -------------------------------------------------------------------

_WHO = re.compile(
    r"SAGE[- ]?FEMME|MEDECIN|\bDR\b|GYNECO|OBSTETRI|PEDIATR|\bPMI\b|KINE|\bHAD\b|CONSULTATION|VISITE|ENTRETIEN"
    r"|EXAMEN|CONTROLE"
)
_DELAY = re.compile(
    r"\b(?:\d+|UNE?|DEUX|TROIS|QUATRE|SIX|HUIT|DIX)(?: ?(?:A|-|OU) ?\d+)?(?: ?E(?:ME)?)? ?"
    r"(?:HEURES?|H|JOURS?|J|SEMAINES?|SEM|MOIS)\b|\bJ ?\+? ?\d+|\b(?:DE)?MAIN\b|\bLENDEMAIN\b"
)
_WHEN = re.compile(rf"{DATE}|{_DELAY.pattern}")
_MEETING = re.compile(r"\b(?:RDV|RENDEZ[- ]?VOUS|CONSULTATION|VISITE|REVUE?|CONTROLE)\b")
_DOSE = re.compile(
    r"\d\s?(?:MG|G|ML|UI|µG|MCG)\b|COMPRIME|\bCP\b|GELULE|GOUTTE|SACHET|AMPOULE|INJECTION|SUPPOSITOIRE|PATCH|MATIN|SOIR"
    r"|FOIS PAR JOUR|/ ?J(?:OUR)?\b|PAR JOUR"
)
_HOW_LONG = re.compile(
    r"\b(?:\d+|UNE?|DEUX|TROIS|QUATRE|CINQ|SIX|SEPT|HUIT|DIX|QUINZE) ?(?:JOURS?|J|SEMAINES?|MOIS|ANS?)\b"
    r"|JUSQU|AU LONG COURS|SI BESOIN|\bQSP\b|PENDANT|EN CONTINU"
)
_NO_TREATMENT = re.compile(
    r"\b(?:AUCUN|PAS DE|SANS|ABSENCE DE) TRAITEMENT(?! (?:ARRETE|INTERROMPU|SUPPRIME|SUSPENDU|N'A))"
)
_NONE = re.compile(r"\W*(?:AUCUNS?(?: TRAITEMENTS?| MEDICAMENTS?)?\W*$|NEANT\b|SANS OBJET\b|PAS DE TRAITEMENT\b)")
_SEE = re.compile(r"\b(?:CF|VOIR|SELON|SUIVANT)\b.{0,20}ORDONNANCE|ORDONNANCES? (?:JOINTE|CI[- ]JOINTE|REMISE)")
_STOPPED_LINE = re.compile(_STOPPED)
_ENDS = re.compile(rf"{_HANDED.pattern}|^(?:FAITE?|REDIGEE?|SIGNEE?)\b|^(?:DR|DOCTEUR|PR)\b|\bRPPS\b")


def follow_up(letter: Letter) -> Told:
    """Somebody and a time: in the section, or where a meeting is told."""
    found = NOT_FOUND
    for part in letter.part("follow_up"):
        ended = (line for line in part.lines if not _ENDS.search(line.folded))
        lines = [line.folded for line in (part.heading, *ended)]
        if any(_WHO.search(line) for line in lines) and any(_WHEN.search(line) for line in lines):
            return State.MET, Why.NOTHING, part.heading.page
        why = Why.NO_WHEN if any(is_answer(line) for line in lines[1:]) else Why.EMPTY
        found = (State.MISSING, why, part.heading.page)
    for line in letter.lines:
        if _MEETING.search(line.folded) and _WHEN.search(line.folded) and _WHO.search(line.folded):
            return State.MET, Why.NOTHING, line.page
    return found


def treatments(letter: Letter) -> Told:
    """What she leaves with: dose and duration, or that there is none."""
    found = NOT_FOUND
    for part in letter.part("treatments"):
        lines = [line for line in part.lines if not _STOPPED_LINE.search(line.folded) and is_answer(line.folded)]
        found = _better(found, _prescribed([line.folded for line in lines], part.heading.page))
    if found[0] == State.MET:
        return found
    for line in letter.lines:
        if _NO_TREATMENT.search(line.folded) and "SORTIE" in line.folded:
            return State.MET, Why.NOTHING, line.page
    return found


def _prescribed(lines: Sequence[str], page: int) -> Told:
    if not lines:
        return State.MISSING, Why.EMPTY, page
    if _NONE.match(lines[0]) or any(_NO_TREATMENT.search(line) for line in lines):
        return State.MET, Why.NOTHING, page
    pairs = (f"{line} {below}" for line, below in zip(lines, (*lines[1:], ""), strict=True))
    if any(_DOSE.search(pair) and _HOW_LONG.search(pair) for pair in pairs):
        return State.MET, Why.NOTHING, page
    elsewhere = any(_SEE.search(line) for line in lines)
    return (State.UNKNOWN, Why.ELSEWHERE, page) if elsewhere else (State.MISSING, Why.NO_DOSE, page)


# --- Identity, dates, story --------------------------------------------------------------------------------

_WRITTEN = re.compile(
    r"(?:[A-Z][A-Z' -]{1,40},? LE|(?:FAITE?|REDIGEE?|ECRITE?|ETABLIE?|EDITEE?|VALIDEE?|SIGNEE?|DATE)\b[^.]{0,30}?)"
    rf" ?:? ?({DATE})"
)
_ENTERED = re.compile(rf"\b(?:ENTREE?|ADMISE?|ADMISSION|HOSPITALISEE?)\b[^.]{{0,40}}?({DATE})")
_LEFT = re.compile(rf"\b(?:SORTIE?|SORTANTE|QUITTE)\b[^.]{{0,40}}?({DATE})|{DATE}[^.]{{0,60}}?\bAU ({DATE})")
_FROM = re.compile(r"URGENCE|DOMICILE|PROGRAMM|TRANSFER|MUTATION|CONSULTATION|SPONTAN|ADRESSEE|SAMU|VILLE")
_TO = re.compile(r"DOMICILE|TRANSFER|MUTATION|\bHAD\b|RETOUR|SSR|FAMILLE|HEBERGEMENT|DECE")
_BORN = re.compile(r"DATE DE NAISSANCE|\bNEE? LE\b|\bDDN\b")
_NOT_WRITTEN = re.compile(r"\bNEE? LE\b|NAISSANCE|ACCOUCH|\bRDV\b|RENDEZ[- ]?VOUS|\bREVU")
_DOCTOR = re.compile(r"MEDECIN TRAITANT(?: DECLARE)?")
_AUTHOR = re.compile(r"\bRPPS\b|^(?:DR|DOCTEUR|PR|PROFESSEUR)\b|\bSIGNEE? (?:PAR|:)|SAGE[- ]?FEMME\b.*\bRPPS")
_FOR = re.compile(r"\b(?:HOSPITALISEE?|ADMISE?|ENTREE?|VENUE) (?:\w+ ){0,6}?POUR\b")
_FEWEST_WORDS = 4


def dated(letter: Letter) -> Told:
    """The date of the letter; when that of the exit is told too, they are the same day."""
    left = next((day for line in letter.lines for day in _days(_LEFT, line)), None)
    found = NOT_FOUND
    for line in letter.lines:
        match = _WRITTEN.match(line.folded)
        other = any(one.search(line.folded) for one in (_ENTERED, _LEFT, _NOT_WRITTEN))
        day = read_date(match[1]) if match and not other else None
        if day is not None:
            if left is None or day == left:
                return State.MET, Why.NOTHING, line.page
            found = (State.MISSING, Why.OTHER_DAY, line.page)
    return found


def _days(pattern: re.Pattern[str], line: Line) -> Iterable[date]:
    for match in pattern.finditer(line.folded):
        day = read_date(next(filter(None, match.groups())))
        if day is not None:
            yield day


def identities(letter: Letter) -> Told:
    """Whose letter, who follows her, who writes."""
    born = next((line for line in letter.lines if _BORN.search(line.folded)), None)
    author = any(_AUTHOR.search(line.folded) and not _DOCTOR.search(line.folded) for line in letter.lines)
    doctor = told(letter.lines, _DOCTOR)
    if born and author and doctor[0] == State.MET:
        return State.MET, Why.NOTHING, born.page
    return (State.UNKNOWN if doctor[0] == State.UNKNOWN else State.MISSING), doctor[1], doctor[2]


def stay(letter: Letter) -> Told:
    entered = _with_mode(letter.lines, _ENTERED, _FROM)
    left = _with_mode(letter.lines, _LEFT, _TO)
    if entered is None and left is None:
        return NOT_FOUND
    page = entered[1] if entered else left[1] if left else 0
    whole = entered and entered[0] and left and left[0]
    return (State.MET, Why.NOTHING, page) if whole else (State.MISSING, Why.NO_MODE, page)


def _with_mode(lines: Sequence[Line], dates: re.Pattern[str], modes: re.Pattern[str]) -> tuple[bool, int] | None:
    """(a mode stands in the same line or the next one, page) of the first line with such a date."""
    for index, line in enumerate(lines):
        match = dates.search(line.folded)
        if match:
            after = lines[index + 1].folded if index + 1 < len(lines) else ""
            others = dates is _ENTERED and _LEFT.search(after)  # the next line tells how she left
            return bool(modes.search(line.folded) or (not others and modes.search(after))), line.page
    return None


def reason(letter: Letter) -> Told:
    found = _filled(letter, "reason")
    if found[0] == State.MET:
        return found
    line = next((line for line in letter.lines if _FOR.search(line.folded)), None)
    return (State.MET, Why.NOTHING, line.page) if line else found


def synthesis(letter: Letter) -> Told:
    """Words of the stay itself: the lines that answer another criterion do not make a synthesis."""
    found = NOT_FOUND
    for part in letter.part("synthesis"):
        lines = [line.folded for line in part.lines if not _LABELS.search(line.folded) and not heading_of(line)]
        if sum(len(re.findall(r"[A-Z]{2,}", line)) for line in lines) >= _FEWEST_WORDS:
            return State.MET, Why.NOTHING, part.heading.page
        found = (State.MISSING, Why.EMPTY, part.heading.page)
    return found


def blood(letter: Letter) -> Told:
    line = next((line for line in letter.lines if _NOT_TRANSFUSED.search(line.folded)), None)
    return (State.MET, Why.NOTHING, line.page) if line else _stated(_BLOOD)(letter)


_C = Criterion
RULES: dict[Criterion, Rule] = {
    _C.HANDED_OVER: handed_over,
    _C.FOLLOW_UP: follow_up,
    _C.TREATMENTS: treatments,
    _C.STOPPED: _stated(_STOPPED, "stopped"),
    _C.DATED: dated,
    _C.IDENTITIES: identities,
    _C.STAY: stay,
    _C.REASON: reason,
    _C.SYNTHESIS: synthesis,
    _C.ADVERSE_EVENTS: _stated(_ADVERSE),
    _C.RESISTANT_GERMS: _stated(_GERMS),
    _C.BLOOD: blood,
    _C.DEVICES: _stated(_DEVICES, "devices"),
    _C.ALLERGIES: _stated(_ALLERGIES, "allergies"),
    _C.PENDING: _stated(_PENDING, "pending"),
}
