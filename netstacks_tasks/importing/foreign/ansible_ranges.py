"""Host names with ranges, as `sw[01:20].example.net`."""

from __future__ import annotations

import re
from itertools import product
from typing import Final

MOST: Final = 100_000
"""Hosts of one line."""
_RANGE: Final = re.compile(r"\[(\w*):(\w+)(?::(\d+))?\]", re.ASCII)


def expanded(pattern: str) -> list[str]:
    """The names that a pattern stands for; the pattern itself without a range.

    Raises:
        ValueError: saying what is wrong with a range.
    """
    pieces: list[list[str]] = []
    end, count = 0, 1
    for match in _RANGE.finditer(pattern):
        values = _values(match)
        count *= len(values)
        if count > MOST:
            raise ValueError(f"the range stands for more than {MOST:,} hosts")
        pieces += [[pattern[end : match.start()]], values]
        end = match.end()
    pieces.append([pattern[end:]])
    return ["".join(parts) for parts in product(*pieces)]


def _values(match: re.Match[str]) -> list[str]:
    first, last, step = match[1] or "0", match[2], int(match[3] or 1)
    if step < 1:
        raise ValueError(f"the range {match[0]} has no step")
    if first.isdecimal() and last.isdecimal():
        # Zeros at the front of the first say how wide the numbers are.
        width = len(first) if first.startswith("0") and len(first) > 1 else 0
        if width and len(last) != width:
            raise ValueError(f"the range {match[0]} has ends of different lengths")
        numbers = range(int(first), int(last) + 1, step)
        # Python itself counts no range as long as somebody can write one.
        if (numbers.stop - numbers.start) // step > MOST:
            raise ValueError(f"the range {match[0]} stands for more than {MOST:,} hosts")
        values = [str(number).zfill(width) for number in numbers]
    elif len(first) == len(last) == 1 and first.isalpha() and last.isalpha():
        values = [chr(code) for code in range(ord(first), ord(last) + 1, step)]
    else:
        raise ValueError(f"the range {match[0]} is neither of numbers nor of letters")
    if not values:
        raise ValueError(f"the range {match[0]} runs backwards")
    return values
