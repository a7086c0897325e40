"""Which cron expressions are schedules, and what is wrong with the others.

Taken is what croniter and the older copy of it inside Prefect read alike:
numbers, names, ranges, lists and steps in five fields, `L` for the last day of
a month, `5#2` for the second Friday, `L5` for the last one, `?` for `*`. Random
and hashed times (`R`, `H`) are refused: each reader would see other times.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from croniter import CroniterBadDateError, CroniterError, croniter

ALIASES: Final = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
MAX_CRON_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One of the five, and what it takes."""

    name: str
    takes: str
    largest: int
    words: tuple[str, ...] = ()
    """Names of values; they count from `first_word`."""
    first_word: int = 0

    def value(self, text: str) -> int | None:
        """The number that a number or a name stands for."""
        if text in self.words:
            return self.words.index(text) + self.first_word
        return int(text) if text.isdigit() else None


_FIELDS: Final = (
    _Field(name="minute", takes="0-59", largest=59),
    _Field(name="hour", takes="0-23", largest=23),
    _Field(name="day of month", takes="1-31 or L", largest=31),
    _Field(
        name="month",
        takes="1-12 or jan-dec",
        largest=12,
        words=("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        first_word=1,
    ),
    _Field(
        name="day of week",
        takes="0-7 or sun-sat",
        largest=6,
        words=("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
    ),
)
_DAY, _WEEKDAY = 2, 4
_EXAMPLE: Final = "for example '0 2 * * *', or an alias such as @daily"
_CHARACTERS: Final = re.compile(r"[0-9a-z*?,/#-]+", re.ASCII)
_WORD: Final = re.compile(r"[a-z]+", re.ASCII)
_SPAN: Final = re.compile(r"(?P<first>\w+)(?:-(?P<last>\w+))?(?P<step>/\d+)?", re.ASCII)
# Whatever comes at all comes within 50 years of any day, and croniter looks no further.
_SOME_DAY: Final = datetime(2024, 1, 1)  # noqa: DTZ001 - a reading of any zone's clock


@lru_cache(maxsize=4096)
def check_cron(expression: str) -> str:
    """The expression, single spaces between its fields; raises `ValueError` when it is none."""
    if len(expression) > MAX_CRON_LENGTH:
        raise ValueError(f"is longer than {MAX_CRON_LENGTH} characters: give five cron fields")
    fields = expression.split()
    if len(fields) == 1 and fields[0].startswith("@"):
        return _check_alias(fields[0])
    if len(fields) != len(_FIELDS):
        count = {0: "is empty", 1: "has 1 field"}.get(len(fields), f"has {len(fields)} fields")
        names = ", ".join(field.name for field in _FIELDS)
        raise ValueError(f"{count}: give five ({names}), {_EXAMPLE}")
    text = " ".join(fields)
    faults = [
        fault
        for position, (field, said) in enumerate(zip(_FIELDS, fields, strict=True))
        for fault in _faults(field, position, said.casefold())
    ] or list(_contradictions(text))
    if faults:
        raise ValueError(f"{text!r} is no schedule: {'; '.join(faults)}")
    return text


def _check_alias(alias: str) -> str:
    if alias in ALIASES:
        return alias
    near = difflib.get_close_matches(alias.casefold(), ALIASES, n=1, cutoff=0.8)
    hint = f"did you mean {near[0]}?" if near else "write five cron fields instead"
    raise ValueError(f"{alias!r} is no known alias ({', '.join(ALIASES)}): {hint}")


def _faults(field: _Field, position: int, text: str) -> Iterator[str]:
    """What is wrong with one field by itself."""
    shown = f"the {field.name} field {text!r}"
    words = set(_WORD.findall(text))
    alone = ["*"] * len(_FIELDS)
    alone[position] = text
    if words & {"r", "h"}:
        yield f"{shown} asks for a random time: say which ({field.takes})"
    elif (
        not _CHARACTERS.fullmatch(text)
        or words - {*field.words, "l" if position in {_DAY, _WEEKDAY} else ""}
        or not croniter.is_valid(" ".join(alone))
    ):
        yield f"{shown} is not understood: it takes {field.takes}"
    elif "*" in (parts := text.split(",")) and len(parts) > 1:
        yield f"{shown} names every value and some of them again: write '*', or a list without it"
    else:
        for part in parts:
            yield from (f"{shown}: {fault}" for fault in _misread(field, position, part))


def _misread(field: _Field, position: int, part: str) -> Iterator[str]:
    """Forms that croniter takes for something else than a person means."""
    span = _SPAN.fullmatch(part)
    first = field.value(span["first"]) if span else None
    if span is None or first is None:
        return
    last = field.value(span["last"]) if span["last"] else None
    if last is None:
        if span["step"] and not span["last"] and first == field.largest:
            yield f"nothing comes after {span['first']} to step to, write {span['first']}"
    elif first == last or (position == _WEEKDAY and (first, last) == (7, 0)):
        yield f"{part} would stand for every value, write {span['first']}"
    elif position == _DAY and first > last:
        yield (
            f"{part} runs backwards, write {span['first']}-31,1-{span['last']} for a range "
            "across the end of the month"
        )


def _contradictions(text: str) -> Iterator[str]:
    """What is wrong with fields that are right by themselves."""
    try:
        expanded, nth_weekdays = croniter.expand(text)
        croniter(text, _SOME_DAY).get_next(datetime)
        # Prefect fails on a date that never comes even beside a weekday that does.
        croniter(" ".join([*text.split()[:_WEEKDAY], "*"]), _SOME_DAY).get_next(datetime)
    except CroniterBadDateError:
        yield "it never comes, for no such day exists; change the day of month or the month"
        return
    except (CroniterError, ValueError, KeyError) as error:
        yield f"{error}; simplify it, {_EXAMPLE}"
        return
    days = expanded[_DAY]
    if nth_weekdays and days != ["*"]:
        yield "a weekday with # or L would hide the day of month, give one of the two"
    if "l" in days and {29, 30, 31} & set(days):
        # Prefect passes over the last day of February then.
        yield "L and the days 29 to 31 do not go together, give one of the two"
