"""Makes what a tool found fit into a number of characters, and says what was left out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

TRUNCATED: Final = "truncated"
_ROOM: Final = 400
"""For the notice, which must fit too."""


def as_json(value: object) -> str:
    """Compact JSON in which every character stands for itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fitted(found: Mapping[str, Any], most: int, narrow: str) -> str:
    """JSON of at most `most` characters.

    Lists lose their last entries and texts their ends, none more than its fair
    share asks for; tools put first what matters most. What was left out is said
    under `truncated`, with how to ask for less.

    Args:
        found: what the tool found; lists and texts at the top are cut.
        most: characters; at least 500.
        narrow: how the model gets the rest, as a sentence.
    """
    whole = as_json(found)
    if len(whole) <= most:
        return whole
    fixed = sum(
        len(as_json(key)) + 2 + (0 if _cuttable(value) else _size(value))
        for key, value in found.items()
    )
    sizes = [_size(value) for value in found.values() if _cuttable(value)]
    share = _share(sizes, most - _ROOM - fixed)
    kept = {key: _cut(value, share) for key, value in found.items()}
    kept[TRUNCATED] = {
        "left_out": {
            key: _left_out(found[key], kept[key]) for key in found if kept[key] != found[key]
        },
        "how_to_see_the_rest": narrow,
    }
    text = as_json(kept)
    return text if len(text) <= most else _notice(found, most, narrow)


def _notice(found: Mapping[str, Any], most: int, narrow: str) -> str:
    """When even the cut form is too long: the short values alone."""
    short = {key: value for key, value in found.items() if _size(value) <= 120}
    while short and len(as_json(short)) > most - _ROOM:
        short.popitem()
    short[TRUNCATED] = {"left_out": "nearly everything", "how_to_see_the_rest": narrow[:200]}
    return as_json(short)


def _share(sizes: Sequence[int], room: int) -> int:
    """How much each may have so that all fit; the short ones leave theirs to the long ones."""
    left = room
    for number, size in enumerate(sorted(sizes)):
        fair = left // (len(sizes) - number)
        if size > fair:
            return max(fair, 0)
        left -= size
    return room


def _size(value: object) -> int:
    return len(as_json(value))


def _cuttable(value: object) -> bool:
    return isinstance(value, str | list)


def _cut(value: Any, most: int) -> Any:  # noqa: ANN401 - JSON
    """The beginning of a list or a text; anything else is short and stays."""
    if not _cuttable(value) or _size(value) <= most:
        return value
    if isinstance(value, str):
        while value and _size(value) > most:
            value = value[: min(len(value) - 1, len(value) * most // _size(value))]
        return value
    kept: list[Any] = []
    used = 2
    for one in value:
        used += _size(one) + 1
        if used > most:
            break
        kept.append(one)
    return kept


def _left_out(before: Any, after: Any) -> str:  # noqa: ANN401 - JSON
    unit = "characters" if isinstance(before, str) else "entries"
    return f"{len(before) - len(after)} of {len(before)} {unit}"
