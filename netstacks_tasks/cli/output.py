"""Prints for programs (JSON) and for people (tables)."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TextIO

import typer

from netstacks_tasks.models.printable import printable

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

BROKEN_PIPE = 141
"""As the shell calls the end by SIGPIPE."""
_ID_LENGTH = 36


def one_line(text: str) -> str:
    """`printable`, with every run of white space made one space."""
    return printable(" ".join(text.split()))


def write(text: str, *, error: bool = False) -> None:
    """Write the text as it is; whoever closed the pipe has read enough.

    Raises:
        typer.Exit: nobody reads any more.
    """
    stream = sys.stderr if error else sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        abandon(stream)
        raise typer.Exit(BROKEN_PIPE) from None


def abandon(stream: TextIO) -> None:
    """Let what is still in the stream's buffer go nowhere when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def print_json(value: object, *, error: bool = False) -> None:
    """One JSON document; times are ISO 8601 in UTC."""
    text = json.dumps(value, default=_plain, indent=2, ensure_ascii=False)
    write(_escaped(text) + "\n", error=error)


def print_text(text: str) -> None:
    """A line, or lines, as they are."""
    write(printable(text) + "\n")


def print_contents(text: str) -> None:
    """What a file holds: as it is in a pipe, and on a terminal without what could steer it."""
    if sys.stdout.isatty():
        print_text(text.rstrip("\n"))
    else:
        write(text)


def print_note(text: str) -> None:
    """A line beside the result, for people: on standard error."""
    write(f"{one_line(text)}\n", error=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """A table; `empty` is said instead of one without rows.

    In a pipe every row is one line and nothing is cut.
    """
    if not rows:
        print_text(empty)
        return
    cells = [[one_line(_cell(value)) for value in row] for row in rows]
    if sys.stdout.isatty():
        _print_rich(columns, cells)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = []
    for row in [list(columns), *cells]:
        padded = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        lines.append("  ".join(padded).rstrip() + "\n")
    write("".join(lines))


def print_fields(fields: Mapping[str, object]) -> None:
    """Names and values, one a line; what is nested as `parameters.destination`."""
    flat = dict(_flat(fields))
    width = max(map(len, flat), default=0)
    lines = [f"{name.ljust(width)}  {one_line(_cell(value))}\n" for name, value in flat.items()]
    write(printable("".join(lines)))


def _flat(fields: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _print_rich(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column, values in zip(columns, zip(*cells, strict=True), strict=True):
        # An id is copied: the other columns make room for it.
        is_id = any(len(value) == _ID_LENGTH and value.count("-") == 4 for value in values)
        table.add_column(column, overflow="fold", no_wrap=False, min_width=_ID_LENGTH * is_id)
    for row in cells:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "-"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(value)


def _escaped(document: str) -> str:
    """JSON text whose unprintable characters are escaped, line ends aside."""
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in document
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever json cannot write itself
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    return str(value)
