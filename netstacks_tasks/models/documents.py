"""Reads a JSON document strictly: what PostgreSQL cannot keep is refused here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

from netstacks_tasks.errors import InvalidInput, Problem

MAX_CHARACTERS: Final = 1024 * 1024
_MAX_DEPTH: Final = 30


def read_document(document: Mapping[str, Any] | str | bytes) -> dict[str, Any]:
    """The document as a plain dictionary.

    Raises:
        InvalidInput: it is no JSON object, too large or too deep, names a key
            twice, or holds text that cannot be stored.
    """
    read = _parsed(document) if isinstance(document, str | bytes) else dict(document)
    if not isinstance(read, dict):
        raise InvalidInput.single("", "a task is a JSON object: write {...}")
    problems = list(_unstorable(read, "", 0))
    if problems:
        raise InvalidInput(problems)
    return read


def _parsed(text: str | bytes) -> object:
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput.single("", f"is larger than {MAX_CHARACTERS} characters")
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(decoded, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise InvalidInput.single("", "is not UTF-8 text: save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise InvalidInput.single(
            "", f"is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise InvalidInput.single("", "is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise InvalidInput.single("", f"is not usable JSON: {error}") from None


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InvalidInput.single(twice[0], "is given twice: give it once")
    return read


def _no_constant(name: str) -> NoReturn:
    raise InvalidInput.single("", f"holds {name}, which is no JSON number: give a number")


def _unstorable(value: object, path: str, depth: int) -> Iterator[Problem]:
    if depth > _MAX_DEPTH:
        yield Problem(field=path, message="is nested too deeply")
    elif isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            message = "holds a NUL or half a character, which cannot be stored: remove it"
            yield Problem(field=path, message=message)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unstorable(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _unstorable(inner, f"{path}.{position}", depth + 1)
