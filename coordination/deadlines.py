"""The rules of time, as dated data, and the few functions that turn them into instants.

Instants are stored in UTC; a deadline that speaks of an hour of the day is computed in Europe/Paris,
so that it survives the two changes of hour.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Rule:
    """One delay: `source` says where it comes from, `as_of` when it was read."""

    delay: timedelta
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days after a first one on which something is done again."""

    days: tuple[int, ...]
    source: str
    as_of: date

    def after(self, first: date, *, not_before: date) -> list[date]:
        """The days that are not over at `not_before`."""
        days = [first + timedelta(days=number) for number in self.days]
        return [day for day in days if day >= not_before]


READ = date(2026, 11, 21)
FIRST_VISIT_EARLY = Rule(timedelta(hours=24), "HAS 2014, PRADO : visite sous 24 h après une sortie précoce", READ)
FIRST_VISIT_STANDARD = Rule(timedelta(hours=48), "HAS 2014, PRADO : visite idéalement sous 48 h", READ)
NOT_SEEN_ACT = Rule(timedelta(days=7), "Parcours Yvelines : les 7 premiers jours décident", READ)
EPNP_FROM = Rule(timedelta(weeks=4), "CSP L.2122-1 : entretien postnatal de la 4e à la 8e semaine", READ)
EPNP_UNTIL = Rule(timedelta(weeks=8), "CSP L.2122-1", READ)
EXIT_AFTER_PLANNED = Rule(timedelta(hours=24), "règle de la maison : la sortie prévue est passée d'un jour", READ)
EXIT_AFTER_BIRTH = Rule(
    timedelta(days=10), "règle de la maison : deux fois le séjour après césarienne (HAS 2014)", READ
)
REVEAL_AFTER = Rule(
    timedelta(days=7),
    "règle de la maison : une annonce dans la semaine ; aucun délai national n'est publié",
    READ,
)
EXIT_LOOKED_FOR = Rule(timedelta(days=60), "règle de la maison : au-delà, le séjour est une reprise d'archive", READ)
OFFER_EXPIRES = Rule(timedelta(hours=2), "perinat, défaut modifiable : vague de 2 h", READ)

# When INSi is asked for an INS that papers wait for. Nobody publishes how long it takes to know a child.
INS_OF_NEWBORN = Calendar(
    (5, 6, 7, 8, 10, 14, 21),
    "perinat, défaut du produit : depuis la naissance, à la fin du délai de déclaration (cinq jours, service-public)",
    READ,
)
INS_OF_OTHERS = Calendar((0, 1, 7), "règle de la maison : depuis l'attente, l'INS d'une adulte existe déjà", READ)
INS_SILENT = timedelta(minutes=15)  # a service that did not answer is left alone
INS_ASK_AGAIN = timedelta(hours=1)  # before the same person's question is tried again

LETTER_WARNS_AT = time(16, 0)  # D0, product default: the letter is not sent
LETTER_ACTS_AT = time(20, 0)  # D0: task for the ward head; CSP R.1112-1-2 asks for the day of discharge
LETTER_REQUEST_HOURS = 4  # working hours given to the ward to answer « demander la LLS »
WORKDAY_STARTS, WORKDAY_ENDS = time(8, 0), time(18, 0)

# A letter that its midwife has not opened before the first visit (DLV-08): a notice to her, then a call by the ward.
UNREAD_NOTICE = Rule(timedelta(hours=18), "perinat, défaut du produit (DLV-08) : 18 h avant la première visite", READ)
UNREAD_CALL = Rule(timedelta(hours=4), "perinat, défaut du produit (DLV-08) : 4 h avant la première visite", READ)
UNREAD_PATIENCE = timedelta(hours=2)  # a letter that has just come was announced: it is not nudged about yet
QUIET_FROM, QUIET_UNTIL = time(21, 0), time(7, 0)  # nobody is told nor called at night
QUIET_MARGIN = timedelta(hours=1)  # between the end of the night and what must come before; else the evening before

# Delays before each new try after a temporary failure; when exhausted, a person decides.
RETRY_DELAYS = tuple(timedelta(seconds=s) for s in (30, 120, 600, 3600, 3 * 3600))
UNCERTAIN_DELAY = timedelta(seconds=5)  # then `find`, and only then perhaps a resend
JITTER = 0.25  # each wait is longer by a share up to this one, so that what failed together does not come back together
# A channel that is down (ADR 0020): waits grow with the outage, between these bounds.
OUTAGE_WAIT = (timedelta(seconds=30), timedelta(minutes=10))  # of a shipment that has tried
PROBE_WAIT = (timedelta(seconds=30), timedelta(minutes=5))  # of the channel, all shipments together
# A shipment that fails alone, when no other says whether the channel lives, is given the benefit for so long.
DOUBTED_FOR = timedelta(days=3)


def spread(delay: timedelta, key: str) -> timedelta:
    """`delay`, longer by a share that only depends on `key`: the same try always waits the same time."""
    return delay * (1 + JITTER * zlib.crc32(key.encode()) / 0xFFFFFFFF)


def growing(elapsed: timedelta, bounds: tuple[timedelta, timedelta]) -> timedelta:
    """Half of what has already passed, between `bounds`."""
    least, most = bounds
    return min(max(elapsed / 2, least), most)


def at_paris(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=PARIS)


def is_quiet(at: datetime) -> bool:
    """Whether this instant is of the night, Paris."""
    hour = at.astimezone(PARIS).time()
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def night_ends(at: datetime) -> datetime:
    """The end of the night that this instant is of."""
    local = at.astimezone(PARIS)
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return at_paris(day, QUIET_UNTIL).astimezone(UTC)


def out_of_the_night(at: datetime, *, before: datetime) -> datetime:
    """`at`, or when it is of the night its end; the evening before when that would come too late for `before`."""
    if not is_quiet(at):
        return at
    morning = night_ends(at)
    if morning + QUIET_MARGIN <= before:
        return morning
    evening = at_paris(morning.astimezone(PARIS).date() - timedelta(days=1), QUIET_FROM)
    return evening.astimezone(UTC) - QUIET_MARGIN


def first_visit_due(leaves_at: datetime, *, early: bool | None) -> datetime:
    """Deadline of the first visit; an unknown category counts as early, the safer one."""
    rule = FIRST_VISIT_STANDARD if early is False else FIRST_VISIT_EARLY
    return leaves_at.astimezone(UTC) + rule.delay  # real hours, even across a change of hour


@lru_cache(maxsize=8)
def _french_holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("FR", years=year)


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and day not in _french_holidays(day.year)


def after_working_hours(start: datetime, hours: int) -> datetime:
    """Instant that lies `hours` working hours after `start` (8–18 h, working days, Paris)."""
    left, now = timedelta(hours=hours), start.astimezone(PARIS)
    while True:
        opens, closes = at_paris(now.date(), WORKDAY_STARTS), at_paris(now.date(), WORKDAY_ENDS)
        if is_workday(now.date()) and now < closes:
            now = max(now, opens)
            if closes - now >= left:
                return now + left
            left -= closes - now
        now = at_paris(now.date() + timedelta(days=1), WORKDAY_STARTS)
