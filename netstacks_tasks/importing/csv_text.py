"""A table of devices, as spreadsheets write it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.nodes import MOST_NODES, Contents, Node, Scalar, refused

COLUMNS: Final = (
    "id",
    "name",
    "host",
    "port",
    "platform",
    "site",
    "groups",
    "credential",
    "snmp_version",
    "snmp_port",
)
_REQUIRED: Final = ("name", "host", "platform")
_DEFAULTS: Final[dict[str, Scalar]] = {"port": 22, "snmp_version": "v2c", "snmp_port": 161}
_MOST_COLUMNS: Final = 100
_MOST_PROBLEMS: Final = 1000
_BETWEEN_GROUPS: Final = re.compile(r"[;|,]")


def read(text: str, name: str) -> Contents:
    """One document with the section `devices`; a row of the wrong length is a problem.

    Columns are separated by commas, or by semicolons where the header has
    them; several groups in a cell by semicolons, bars or commas. An empty cell
    means the default; a column that is not there leaves known devices as they
    are.

    Raises:
        InvalidInput: it is no such table.
    """
    rows = _rows(text, name)
    line, header = next(rows, (1, []))
    columns = [cell.strip().lower() for cell in header]
    problems = _header_problems(columns, f"{name}:{line}")
    if problems:
        raise InvalidInput(problems)
    devices = []
    count = 0
    for line, cells in rows:
        count += 1 + len(cells)
        if count > MOST_NODES:
            raise refused(name, line, f"it holds more than {MOST_NODES:,} values: split it")
        if len(problems) >= _MOST_PROBLEMS:
            more = refused(name, line, "there is more: mend what is told before this").problems
            raise InvalidInput([*problems, *more])
        if len(cells) != len(columns):
            message = f"{len(cells)} cells, but the header has {len(columns)} columns"
            problems.append(Problem(field="", message=message, location=f"{name}:{line}"))
            continue
        devices.append(_device(dict(zip(columns, cells, strict=True)), line))
    return Contents([Node({"devices": Node(devices, 1)}, 1)], problems)


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, with the lines they begin in."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise refused(name, line, f"this is not CSV: {error}") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_problems(columns: Sequence[str], location: str) -> list[Problem]:
    known = ", ".join(COLUMNS)
    if len(columns) > _MOST_COLUMNS:
        message = f"the header has {len(columns)} columns; known: {known}"
        return [Problem(field="", message=message, location=location)]
    problems = [
        Problem(field=column, message=f"no such column; known: {known}", location=location)
        for column in columns
        if column not in COLUMNS
    ]
    problems += [
        Problem(field=column, message="this column is there twice", location=location)
        for column in sorted({c for c in columns if columns.count(c) > 1})
    ]
    problems += [
        Problem(field=column, message=f"this column is missing; known: {known}", location=location)
        for column in _REQUIRED
        if column not in columns
    ]
    return problems


def _device(cells: dict[str, str], line: int) -> Node:
    fields: dict[str, Node] = {}
    snmp: dict[str, Node] = {}
    for column, cell in cells.items():
        text = cell.strip()
        if column == "groups":
            names = [part.strip() for part in _BETWEEN_GROUPS.split(text)]
            fields[column] = Node([Node(part, line) for part in names if part], line)
        elif column.startswith("snmp_"):
            snmp[column.removeprefix("snmp_")] = Node(text or _DEFAULTS[column], line)
        elif text or column in _REQUIRED:
            fields[column] = Node(text, line)
        elif column != "id":
            fields[column] = Node(_DEFAULTS.get(column), line)
    if snmp:
        fields["snmp"] = Node(snmp, line)
    return Node(fields, line)
