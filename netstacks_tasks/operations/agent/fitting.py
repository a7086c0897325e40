"""Makes what a tool found fit into a number of characters, and says what was left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

TRUNCATED: Final = "truncated"
_ROOM: Final = 400
"""For the notice, which must fit too."""


def as_json(value: object) -> str:
    """Compact JSON in which every character stands for itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fitted(found: Mapping[str, Any], most: int, narrow: str) -> str:
    """JSON of at most `most` characters.

    Lists lose their last entries and texts their ends, the longest first, until
    the rest fits; tools put first what matters most. What was left out is said
    under `truncated`, with how to ask for less.

    Args:
        found: what the tool found; lists and texts at the top are cut.
        most: characters; at least 500.
        narrow: how the model gets the rest, as a sentence.
    """
    whole = as_json(found)
    if len(whole) <= most:
        return whole
    kept = dict(found)
    sizes = {key: _size(value) for key, value in kept.items()}
    room = most - _ROOM - sum(len(key) + 4 for key in kept)
    for key in sorted(sizes, key=lambda key: sizes[key], reverse=True):
        rest = sum(size for other, size in sizes.items() if other != key)
        if rest + sizes[key] <= room:
            break
        # Down to the size of the next one, or as far as is needed.
        others = sorted((sizes[other] for other in sizes if other != key), reverse=True)
        kept[key] = _cut(kept[key], max(room - rest, min(others[:1] or [0], default=0) // 2, 40))
        sizes[key] = _size(kept[key])
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


def _size(value: object) -> int:
    return len(as_json(value))


def _cut(value: Any, most: int) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        while _size(value) > most:
            value = value[: max(0, min(len(value) - 1, int(len(value) * most / _size(value)) - 1))]
        return value
    if isinstance(value, list):
        kept: list[Any] = []
        used = 2
        for one in value:
            used += _size(one) + 1
            if used > most:
                break
            kept.append(one)
        return kept
    return value


def _left_out(before: Any, after: Any) -> str:  # noqa: ANN401 - JSON
    unit = "characters" if isinstance(before, str) else "entries"
    return f"{len(before) - len(after)} of {len(before)} {unit}"
