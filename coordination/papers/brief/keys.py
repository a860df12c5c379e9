"""What a value says, in a form that two documents can be compared by. On folded text; empty: it cannot be said."""

from __future__ import annotations

import re

from coordination.papers.dates import DATE, read_date

_DENIED = re.compile(
    r"\b(?:PAS|AUCUNE?|SANS|ABSENCE|NI|NON)\b(?: (?:D'|DE |ETE ))?\s?\w+|\bEPISIOTOMIE ?:? ?(?:NON|PAS|AUCUNE)\b"
)
_NOT_DONE = re.compile(
    r"\b(?:NON|PAS|JAMAIS) (?:ETE )?(?:FAITE?S?|REALISEE?S?|PRELEVEE?S?|EFFECTUEE?S?|INJECTEE?S?|ADMINISTREE?S?)"
    r"|\bA (?:FAIRE|PREVOIR|REALISER|PROGRAMMER)\b|^\W*NON\W*$|\bREFUS"
)
_DONE = re.compile(
    r"\b(?:FAITE?S?|REALISEE?S?|PRELEVEE?S?|PRELEVEMENT|EFFECTUEE?S?|INJECTEE?S?|INJECTION|ADMINISTREE?S?|RECUE?S?|OUI)\b"
    rf"|\bLE {DATE}|^\W*{DATE}|^\W*A?\s?J ?\d"
)
_USELESS = re.compile(
    r"\b(?:SANS OBJET|NON (?:INDIQUEE?S?|CONCERNEE|NECESSAIRE|JUSTIFIEE?)|INUTILE|PAS D'INDICATION)\b"
)


_INSTRUMENT = r"(?:FORCEPS|VENTOUSE|SPATULE|EXTRACTION|INSTRUMENT)\w*"
_NO_INSTRUMENT = re.compile(
    rf"\bNON INSTRUMENTALE?|\b(?:PAS|SANS|NI|AUCUNE?) (?:DE |D')?{_INSTRUMENT}"
    rf"|\b{_INSTRUMENT} ?:? ?(?:NON|PAS|AUCUNE?)\b"
)
_LESS_THAN_SURE = re.compile(  # a range, a bound: numbers told as written, and not compared
    r"\d ?(?:ML|CC|%)? ?(?:-|/|A|ET|OU) ?\d[\d ]*(?:[.,]\d+)? ?(?:ML|CC|%)|[<>≤≥]"
    r"|\b(?:MOINS|PLUS) DE\b|\b(?:INFERIEUR|SUPERIEUR|MAXI)"
)
_UNMEASURED = re.compile(r"\bMAXI|\bJ ?\d")  # a loss that is not that of the exit


def told_as_written(folded: str) -> bool:
    """Numbers that say something, of which no single one can be taken; or a perineum of which only this is denied."""
    measured = re.search(r"\d ?(?:ML|CC|%)", folded) and (_LESS_THAN_SURE.search(folded) or _UNMEASURED.search(folded))
    return bool(measured or re.search(r"\b(?:NON|PAS) INTACT", folded))


def mode(folded: str) -> str:
    said = _NO_INSTRUMENT.sub("", folded)
    caesarean = "CESARIENNE" in said and not re.search(r"\b(?:PAS|SANS) (?:DE )?CESARIENNE", said)
    instrument = bool(re.search(r"\bFORCEPS|VENTOUSE|SPATULES?|INSTRUMENTAL|EXTRACTION INSTRUMENT", said))
    natural = bool(re.search(r"\bVOIE BASSE|\bAVB\b|EUTOCIQUE|ACCOUCHEMENT NORMAL", said))
    if caesarean:
        return "" if instrument or natural else "CAESAREAN"
    return "INSTRUMENTAL" if instrument else "VAGINAL" if natural else ""


_DEGREES = {"1": r"1(?:ER)?|PREMIER|I", "2": r"2(?:E|EME|ND)?|DEUXIEME|SECOND|II", "3": r"3(?:E|EME)?|TROISIEME|III",
            "4": r"4(?:E|EME)?|QUATRIEME|IV"}  # fmt: skip


def perineum(folded: str) -> str:
    said = _DENIED.sub("", folded)
    parts = [f"TEAR{rank}" for rank, words in _DEGREES.items() if re.search(rf"\b(?:{words})(?: ?DEGRE)\b", said)]
    parts += [f"TEAR{rank}" for rank, words in _DEGREES.items() if re.search(rf"\bDEGRE (?:{words})\b", said)]
    parts += [word for word in ("EPISIOTOMIE", "INTACT", "ERAILLURE") if word in said]
    if not parts and re.search(r"DECHIRURE|SUTURE", said):
        parts = ["TEAR"]
    return "+".join(sorted(set(parts)))


_GROUP = re.compile(
    r"[\s:]*(?:-\s*(?=(?:AB|A|B|O|RH|RHESUS|POS\w*|NEG\w*)\b))?(?:RHESUS |RH ?)?\(?(?:(?P<group>AB|A|B|O)\b)?\)?\s*"
    r"(?P<rh>(?:RHESUS|RH)\s*)?(?:\(?D\)?\s*)?(?::\s*)?(?:(?:-\s*)?(?P<word>POS\w*|NEG\w*)|\(?(?P<sign>\+|-(?!\w)))"
)


def together(labelled: str, alone: str) -> str | None:
    """The key of both, when what stands alone adds to what has a label; None when it says the same, or otherwise."""
    if (labelled, alone) == ("VAGINAL", "INSTRUMENTAL"):
        return alone
    if (labelled, alone) == ("CAESAREAN", "INSTRUMENTAL"):  # tried first
        return labelled
    if alone == "EPISIOTOMIE" and labelled.startswith("TEAR"):
        return "+".join(sorted({*labelled.split("+"), alone}))
    return None


def blood_group(folded: str) -> str:
    """« A+ », or the sign alone. A hyphen is a sign after a group or « Rh » only: elsewhere it separates, or stands for
    nothing."""
    match = _GROUP.match(folded)
    if match is None:
        return ""
    sign = match["word"] or match["sign"]
    if sign == "-" and not (match["rh"] or (match["group"] and not re.match(r"\s*\w", folded[match.end() :]))):
        return ""
    return f"{match['group'] or ''}{'+' if sign[0] in '+P' else '-'}"


def done(folded: str) -> str:
    """NONE: it is of no use here."""
    if _USELESS.search(folded):
        return "NONE"
    if _NOT_DONE.search(folded):
        return "NO"
    return "YES" if _DONE.search(folded) else ""


def some(folded: str) -> str:
    """Whether there is any: NONE, or SOME."""
    if re.match(r"\W*(?:AUCUNE?S?|PAS|NON|NEANT|ABSENCE|ABSENTE?|SANS|NI)\b", folded):
        return "NONE"
    return "SOME" if re.search(r"[A-Z]{3}", folded) else ""


_GIVEN_UP = re.compile(  # what the child does not get, or no more
    r"\b(?:SEVRAGE|ARRET|INHIBITION|PAS|SANS|AUCUN)\b(?:(?!\b(?:MAIS|PUIS|ET|PAR|AVEC)\b)[^,;.:])*"
    r"|\b(?:ALLAITEMENT )?MATERNEL (?:ARRETE|STOPPE|INTERROMPU|SEVRE)\w*"
)


def feeding(folded: str) -> str:
    said = _GIVEN_UP.sub("", folded)
    mixed = re.search(r"\bMIXTE|COMPLEMENT", said)
    breast = re.search(r"\bMATERNEL|\bSEIN\b|ALLAITEMENT EXCLUSIF", said)
    formula = re.search(r"ARTIFICIEL|BIBERON|PREPARATION|LAIT 1|FORMULE", said)
    if mixed or (breast and formula):
        return "MIXED"
    return "BREAST" if breast else "FORMULA" if formula else ""


def hearing(folded: str) -> str:
    if re.search(r"NON CONCLUANT|ANORMA|\bA (?:REFAIRE|CONTROLER|REVOIR|RETESTER)|ABSENTE?S?\b|REFER", folded):
        return "ABNORMAL"
    if _NOT_DONE.search(folded):
        return "NOT_DONE"
    return "NORMAL" if re.search(r"CONCLUANT|NORMA|PRESENTE?S?\b|SATISFAISANT|POSITI", folded) else ""


_ANOTHER_WEIGHT = re.compile(r"\b(?:POIDS|P[NS]|SORTIE|NAISSANCE|J ?\d)")


def grams(folded: str) -> str:
    """A newborn's weight: 3 320 g, 3,320 kg. Exactly one, between 300 and 7,000 g, before another one is named."""
    found = _weights(folded)
    if len(found) > 1:
        found = _weights(_ANOTHER_WEIGHT.split(folded)[0])
    return str(found.pop()) if len(found) == 1 else ""


def _weights(folded: str) -> set[int]:
    found = set()
    for number, unit in re.findall(r"(?<![\d.,])(\d[\d ]{0,5}(?:[.,]\d{1,3})?) ?(KG|G|GR|GRAMMES?)\b", folded):
        value = float(number.replace(" ", "").replace(",", "."))
        weight = round(value * 1000 if unit == "KG" else value)
        if 300 <= weight <= 7000:
            found.add(weight)
    return found


def weighing(folded: str) -> str:
    """« J3 : 3 180 g » is 3180@J3: not the exit, as long as nobody says so."""
    day = re.match(r"\W*J ?(\d{1,2})\b", folded)
    weight = grams(folded[day.end() :]) if day else ""
    return f"{weight}@J{day[1]}" if day and weight else ""


def percent(folded: str) -> str:
    """A loss, in percent: 4.2. Exactly one; none when it is the greatest one, or that of a day."""
    if _LESS_THAN_SURE.search(folded) or _UNMEASURED.search(folded):
        return ""
    found = set(re.findall(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?) ?%", folded))
    return f"{float(found.pop().replace(',', '.')):.1f}" if len(found) == 1 else ""


def millilitres(folded: str) -> str:
    if _LESS_THAN_SURE.search(folded):
        return ""
    found = set(re.findall(r"(?<![\d.,])(\d[\d ]{0,5}) ?(?:ML|CC)\b", folded))
    return str(int(found.pop().replace(" ", ""))) if len(found) == 1 else ""


def term(folded: str) -> str:
    """Weeks, and days when they are told: 39, 39+4. Exactly one."""
    found = set(re.findall(r"\b(\d\d) ?SA\b(?: ?(?:\+|ET)? ?(\d)\b ?(?:J(?:OURS?)?\b)?)?", folded))
    if len(found) != 1:
        return ""
    weeks, days = found.pop()
    return (f"{weeks}+{days}" if days else weeks) if 20 <= int(weeks) <= 43 else ""


def moment(folded: str) -> str:
    """A day, and the hour when it is told: 2026-03-02, 2026-03-02T14:32."""
    match = re.search(rf"({DATE})(?:,? ?(?:A|VERS)? ?(\d{{1,2}}) ?(?:H|:) ?(\d\d)?)?", folded)
    day = read_date(match[1]) if match else None
    if match is None or day is None:
        return ""
    return f"{day.isoformat()}T{int(match[2]):02}:{match[3] or '00'}" if match[2] else day.isoformat()
