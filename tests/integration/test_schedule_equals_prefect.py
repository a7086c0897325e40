"""The times of a schedule are those that Prefect's server schedules.

100 random pairs of a cron expression and a zone, each asked from: the two days
before a change of the zone's clock, the hour before it, the second before it,
the change itself, the second and the half hour after it, the end of the hour or
so that comes twice; two random moments; and the end of February. Half of the
pairs are in zones chosen for their changes, by half an hour and by two hours too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from prefect.server.schemas.schedules import CronSchedule

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.cron import ALIASES
from netstacks_tasks.models.schedule import Schedule, timezones

PAIRS = 100
TIMES = 12
MOVED = 20
# Prefect counts times of the hour that comes twice among those asked for.
OVER = 130
CHANGING = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",  # two hours
    "Asia/Beirut",  # at midnight
    "Australia/Lord_Howe",  # half an hour
    "Europe/Berlin",
    "Europe/Dublin",  # its winter time is the exception
    "Pacific/Chatham",  # 45 minutes from the hour
)
YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC))
AROUND = (
    -timedelta(days=2),
    -timedelta(hours=1),
    -timedelta(seconds=1),
    timedelta(),
    timedelta(microseconds=1),
    timedelta(seconds=1),
    timedelta(minutes=30),
    timedelta(minutes=59, seconds=59),
    timedelta(hours=2),
)
FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ("L", "?", "1,15,30", "*/5")),
    (1, 12, ("jan", "MAR", "apr-oct", "2")),
    (0, 6, ("mon-fri", "SUN", "fri#2", "L5", "7", "?")),
)


@pytest.fixture(autouse=True, scope="module")
def _zones_are_listed_once() -> Iterator[None]:
    """Prefect walks through the machine's zones for each schedule it checks."""
    with pytest.MonkeyPatch.context() as patched:
        once = lru_cache(available_timezones)
        patched.setattr("prefect.types._datetime.available_timezones", once)
        yield


@lru_cache(maxsize=1000)
def changes(zone: str) -> tuple[datetime, ...]:
    """The instants at which the zone's clock is put on or back."""
    return tuple(_changes(ZoneInfo(zone)))


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    day = YEARS[0]
    while day < YEARS[1]:
        low, high = day, day + timedelta(days=1)
        day = high
        if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
            continue
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
            low, high = (middle, high) if same else (low, middle)
        yield high


def field(dice: random.Random, low: int, high: int, words: tuple[str, ...]) -> str:
    kind = dice.random()
    if words and kind < 0.2:
        return dice.choice(words)
    first = dice.randint(low, high - 1)
    last = dice.randint(first + 1, high)
    return dice.choice(
        [
            "*",
            "*",
            str(last),
            f"{first},{last}",
            f"{first}-{last}",
            f"*/{dice.randint(1, high // 2)}",
            f"{first}-{last}/{dice.randint(1, 5)}",
            f"{first}/{dice.randint(1, high)}",
        ]
    )


def expression(dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.04:
        return dice.choice(ALIASES)
    if kind < 0.3:
        # At the hours in which clocks are changed, on most days.
        minute = dice.choice(["*/10", "30", "0,15", "59"])
        return f"{minute} {dice.choice(['0', '1-3', '2', '3'])} * * *"
    while True:
        fields = [field(dice, *bounds) if dice.random() < 0.6 else "*" for bounds in FIELDS]
        if fields[2] in {"*", "?"} or not set("#L") & set(fields[4]):
            return " ".join(fields)


def pairs() -> list[tuple[str, str]]:
    dice = random.Random(20261124)  # noqa: S311 - the same dice every time
    zones = sorted(timezones())
    found: list[tuple[str, str]] = []
    refused: list[str] = []
    while len(found) < PAIRS:
        zone = dice.choice(CHANGING) if len(found) % 2 else dice.choice(zones)
        cron = expression(dice)
        try:
            Schedule(cron, zone)
        except InvalidInput as error:
            refused.append(str(error))
        else:
            found.append((cron, zone))
    # A random date may not exist; nothing else is wrong with what is made here.
    assert all("never comes" in fault for fault in refused), refused
    return found


def moments(dice: random.Random, zone: str) -> Iterator[datetime]:
    span = (YEARS[1] - YEARS[0]).total_seconds()
    for _ in range(2):
        yield YEARS[0] + timedelta(seconds=dice.uniform(0, span))
    yield datetime(
        dice.choice([2026, 2028]), 2, dice.randint(20, 28), dice.randint(0, 23), tzinfo=UTC
    )
    if known := changes(zone):
        position = dice.randrange(len(known) - 1)
        for change in known[position : position + 2]:
            yield from (change + distance for distance in AROUND)


async def prefect_times(cron: str, zone: str, after: datetime) -> list[datetime]:
    schedule = CronSchedule(cron=cron, timezone=zone)
    # Prefect's start is inclusive.
    start = after + timedelta(microseconds=1)
    found: Sequence[datetime] = await schedule.get_dates(n=TIMES, start=start)
    if _clock_is_changed_near(zone, after, *found):
        # A moved time may come before some read earlier.
        found = await schedule.get_dates(n=TIMES + MOVED, start=start)
    if found and found[0] <= after:
        found = await schedule.get_dates(n=TIMES + MOVED + OVER, start=start)
    return sorted(time.astimezone(UTC) for time in found if time > after)[:TIMES]


def _clock_is_changed_near(zone: str, *times: datetime) -> bool:
    clock, day = ZoneInfo(zone), timedelta(days=1)
    return any(
        (time.astimezone(UTC) - day).astimezone(clock).utcoffset()
        != (time.astimezone(UTC) + day).astimezone(clock).utcoffset()
        for time in times
    )


async def test_random_schedules_from_around_the_changes_of_their_clocks() -> None:
    dice = random.Random(3)  # noqa: S311 - the same dice every time
    compared = around_changes = 0
    for cron, zone in pairs():
        schedule = Schedule(cron, zone)
        for after in moments(dice, zone):
            expected = await prefect_times(cron, zone, after)
            assert schedule.next(TIMES, after) == expected, (cron, zone, after)
            compared += 1
            around_changes += any(
                abs(after - change) < timedelta(days=3) for change in changes(zone)
            )
    assert compared > 3 * PAIRS
    assert around_changes > PAIRS


@pytest.mark.parametrize("zone", CHANGING)
async def test_every_minute_through_both_changes(zone: str) -> None:
    schedule = Schedule("* * * * *", zone)
    for change in changes(zone)[:2]:
        start, end = change - timedelta(hours=3), change + timedelta(hours=5)
        found = await CronSchedule(cron="* * * * *", timezone=zone).get_dates(
            n=1000, start=start + timedelta(microseconds=1), end=end
        )
        assert schedule.between(start, end) == sorted(time.astimezone(UTC) for time in found)


async def test_what_a_person_may_write_is_taken_by_prefect() -> None:
    """Random text: whatever is taken here, Prefect takes and reads alike."""
    dice = random.Random(7)  # noqa: S311 - the same dice every time
    alphabet = "0123456789*/,-#?LWlwhrRH @janfrisu"
    taken = 0
    for _ in range(2000):
        text = list(expression(dice))
        for _ in range(dice.choice([0, 1, 1, 2])):
            text[dice.randrange(len(text))] = dice.choice(alphabet)
        try:
            schedule = Schedule("".join(text))
        except InvalidInput:
            continue
        after = datetime(2027, 2, dice.randint(1, 28), tzinfo=UTC)
        assert schedule.next(TIMES, after) == await prefect_times(schedule.cron, "UTC", after), text
        taken += 1
    assert taken > 500


async def test_every_zone_and_alias_is_taken_by_prefect() -> None:
    after = datetime(2026, 11, 24, tzinfo=UTC)
    for zone in sorted(timezones()):
        expected = await prefect_times("30 2 * * *", zone, after)
        assert Schedule("30 2 * * *", zone).next(TIMES, after) == expected, zone
    for alias in ALIASES:
        assert Schedule(alias).next(TIMES, after) == await prefect_times(alias, "UTC", after)


@pytest.mark.parametrize(
    "cron",
    [
        "0 0 1,15,30 * *",
        "30 12 1,2,31 * *",
        "0 6 */3 * *",
        "0 6 */5 * *",
        "0 6 */10 2,3 *",
        "*/30 22,23 1,28,29,30 * *",
        "0 0 1,31 2 *",
        "0 0 1,31 * 0",
        "0 0 2,30 1-3 mon-fri",
        "59 23 1,26,31 * *",
    ],
)
async def test_the_beginning_of_march_from_every_day_of_february(cron: str) -> None:
    schedule = Schedule(cron)
    for year in (2026, 2028):
        for hour in range(0, 36 * 24, 11):
            after = datetime(year, 1, 27, 0, 7, tzinfo=UTC) + timedelta(hours=hour)
            assert schedule.next(TIMES, after) == await prefect_times(cron, "UTC", after), after
