"""What a value says, in a form that two documents can be compared by. On folded text; empty: it cannot be said."""

from __future__ import annotations

import re

from coordination.papers.dates import DATE, read_date

_DENIED = re.compile(r"\b(?:PAS|AUCUNE?|SANS|ABSENCE|NI)\b(?: (?:D'|DE |ETE ))?\s?\w+")
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


def mode(folded: str) -> str:
    said = re.sub(r"\bNON INSTRUMENTALE?|PAS D'EXTRACTION|SANS (?:EXTRACTION|INSTRUMENT)\w*", "", folded)
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


def blood_group(folded: str) -> str:
    """« A+ », or the sign alone."""
    match = re.match(
        r"[\s:]*(?:RHESUS |RH ?)?\(?(AB|A|B|O)?\b\)?\s*(?:RHESUS\s*|RH\s*)?(?:\(?D\)?\s*)?(?::\s*)?"
        r"(\+|POS\w*|-|NEG\w*)",
        folded,
    )
    if match is None:
        return ""
    return f"{match[1] or ''}{'+' if match[2][0] in '+P' else '-'}"


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


def feeding(folded: str) -> str:
    mixed = re.search(r"\bMIXTE|COMPLEMENT", folded)
    breast = re.search(r"\bMATERNEL|\bSEIN\b|ALLAITEMENT EXCLUSIF", folded)
    formula = re.search(r"ARTIFICIEL|BIBERON|PREPARATION|LAIT 1|FORMULE", folded)
    if mixed or (breast and formula):
        return "MIXED"
    return "BREAST" if breast else "FORMULA" if formula else ""


def hearing(folded: str) -> str:
    if re.search(r"NON CONCLUANT|ANORMA|\bA (?:REFAIRE|CONTROLER|REVOIR|RETESTER)|ABSENTE?S?\b|REFER", folded):
        return "ABNORMAL"
    if _NOT_DONE.search(folded):
        return "NOT_DONE"
    return "NORMAL" if re.search(r"CONCLUANT|NORMA|PRESENTE?S?\b|SATISFAISANT|POSITI", folded) else ""


def grams(folded: str) -> str:
    """A newborn's weight: 3 320 g, 3,320 kg. Exactly one, between 300 and 7,000 g."""
    found = set()
    for number, unit in re.findall(r"(?<![\d.,])(\d[\d ]{0,5}(?:[.,]\d{1,3})?) ?(KG|G|GR|GRAMMES?)\b", folded):
        value = float(number.replace(" ", "").replace(",", "."))
        weight = round(value * 1000 if unit == "KG" else value)
        if 300 <= weight <= 7000:
            found.add(weight)
    return str(found.pop()) if len(found) == 1 else ""


def percent(folded: str) -> str:
    """A loss, in percent: 4.2. Exactly one."""
    found = set(re.findall(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?) ?%", folded))
    return f"{float(found.pop().replace(',', '.')):.1f}" if len(found) == 1 else ""


def millilitres(folded: str) -> str:
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
