"""Finds the files below a folder that declare something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.documents import read_entries
from netstacks_tasks.importing.entries import Entries

SUFFIXES: Final = (".yaml", ".yml", ".json", ".csv")


def declared_in(places: Sequence[Path]) -> Entries:
    """What the files, and the files below the folders, declare; faults collect in it.

    Hidden files and folders, and files of other kinds, are passed over.

    Raises:
        InvalidInput: a place cannot be read, or holds no file at all: that it
            means "nothing at all" is too dangerous to guess.
    """
    files: list[Path] = []
    for place in places:
        found = _below(place)
        if not found:
            known = ", ".join(SUFFIXES)
            message = f"there is no file that ends in one of {known} in it"
            raise InvalidInput([Problem(field="", message=message, location=str(place))])
        files += found
    # Named twice it is still one.
    return read_entries(list(dict.fromkeys(files)), None)


def _below(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return list(_walk(place))


def _walk(folder: Path) -> Iterator[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = Problem(field="", message=f"cannot be read: {reason}", location=str(folder))
        raise InvalidInput([problem]) from None
    for one in inside:
        if one.name.startswith("."):
            continue
        if one.is_dir() and not one.is_symlink():
            yield from _walk(one)
        elif one.suffix.lower() in SUFFIXES and one.is_file():
            yield one
