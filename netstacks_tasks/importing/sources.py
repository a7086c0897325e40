"""The files of an import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, Literal

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing import csv_text, json_text, yaml_text
from netstacks_tasks.importing.nodes import Contents, refused

Format = Literal["yaml", "json", "csv"]

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one file."""

_SUFFIXES: Final[Mapping[str, Format]] = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".csv": "csv",
}
_READERS: Final[Mapping[Format, Callable[[str, str], Contents]]] = {
    "yaml": yaml_text.read,
    "json": json_text.read,
    "csv": csv_text.read,
}


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one file, and what it is called in messages."""

    name: str
    content: bytes

    @classmethod
    def of(cls, path: Path) -> Source:
        """Read a file.

        Raises:
            InvalidInput: it cannot be read, or it is too large.
        """
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InvalidInput(
                [Problem(field="", message=f"cannot be read: {reason}", location=str(path))]
            ) from None
        return cls(str(path), content)

    def read(self, format: Format | None = None) -> Contents:  # noqa: A002 - its name
        """What the file holds.

        Args:
            format: how to read it; by its suffix unless told.

        Raises:
            InvalidInput: it is too large, no UTF-8, of no known format, or faulty.
        """
        self._check_size()
        chosen = format or _SUFFIXES.get(PurePath(self.name).suffix.lower())
        if chosen is None:
            known = ", ".join(_SUFFIXES)
            raise refused(self.name, 1, f"its name must end in one of {known}, or give the format")
        return _READERS[chosen](self.text(), self.name)

    def text(self) -> str:
        """The file as text.

        Raises:
            InvalidInput: it is too large, or no UTF-8.
        """
        self._check_size()
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise refused(self.name, line, "this is not UTF-8 text: save it as UTF-8") from None

    def _check_size(self) -> None:
        if len(self.content) > LARGEST:
            raise refused(self.name, 1, f"larger than {LARGEST >> 20} MiB: split it")
