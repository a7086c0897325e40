"""Reads a JSON document strictly: what PostgreSQL cannot keep is refused here."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from netstacks_tasks.errors import InvalidInput, Problem

MAX_CHARACTERS: Final = 8 * 1024 * 1024
_MAX_DEPTH: Final = 30
_LONGEST_NAME: Final = 60
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def read_document(document: Mapping[str, Any] | str | bytes) -> dict[str, Any]:
    """The document as a plain dictionary; no message repeats a value of it.

    Raises:
        InvalidInput: it is no JSON object, too large or too deep, names a field
            twice, or holds what cannot be stored.
    """
    read, problems = examine(document)
    if problems:
        raise InvalidInput(problems)
    return read


def examine(document: Mapping[str, Any] | str | bytes) -> tuple[dict[str, Any], list[Problem]]:
    """The document as far as it can be read, and what is wrong with its values.

    Raises:
        InvalidInput: it cannot be read at all.
    """
    read = _parsed(document) if isinstance(document, str | bytes) else document
    if not isinstance(read, Mapping):
        raise InvalidInput.single("", "is no JSON object: write {...}")
    return dict(read), list(_problems(read, "", 0))


class _Fields(dict[str, Any]):
    """A JSON object that knows which of its names were given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counted = Counter(name for name, _ in pairs) if len(self) < len(pairs) else {}
        self.twice = [name for name, times in counted.items() if times > 1]


def _parsed(text: str | bytes) -> object:
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput.single("", f"is larger than {MAX_CHARACTERS} characters: shorten it")
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.lstrip("\ufeff")
        return json.loads(decoded, object_pairs_hook=_Fields)
    except UnicodeDecodeError:
        raise InvalidInput.single("", "is not UTF-8 text: save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise InvalidInput.single(
            "", f"is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise InvalidInput.single("", "is nested too deeply: flatten it") from None
    except ValueError:
        raise InvalidInput.single("", "holds a number of thousands of digits: shorten it") from None


def _problems(value: object, path: str, depth: int) -> Iterator[Problem]:
    if depth > _MAX_DEPTH:
        yield Problem(field=path, message="is nested too deeply: flatten it")
    elif isinstance(value, str):
        if _UNSTORABLE.search(value):
            message = "holds a NUL or half a character, which cannot be stored: remove it"
            yield Problem(field=path, message=message)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield Problem(field=path, message="is no finite number: give one")
    elif isinstance(value, Mapping):
        yield from _problems_of_fields(value, path, depth)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _problems(inner, f"{path}.{position}", depth + 1)


def _problems_of_fields(
    fields: Mapping[object, object], path: str, depth: int
) -> Iterator[Problem]:
    for name in getattr(fields, "twice", ()):
        yield Problem(field=_inside(path, name), message="is given twice: give it once")
    for name, inner in fields.items():
        place = _inside(path, name)
        if not isinstance(name, str) or _UNSTORABLE.search(name):
            yield Problem(field=place, message="is no field name: write letters in quotes")
        yield from _problems(inner, place, depth + 1)


def show_name(name: object) -> str:
    """A field's name as it can be printed, and no page long."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(name)[:_LONGEST_NAME])


def _inside(path: str, name: object) -> str:
    return f"{path}.{show_name(name)}" if path else show_name(name)
