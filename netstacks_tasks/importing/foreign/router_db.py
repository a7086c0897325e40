"""Devices of a router.db, of Oxidized and of RANCID."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.foreign.found import Found, FoundDevice, Login
from netstacks_tasks.importing.nodes import where
from netstacks_tasks.importing.sources import Source

OXIDIZED_FIELDS: Final = ("name", "ip", "model", "group", "username", "password", "enable", "port")
DEFAULT_MAP: Final[Mapping[str, int]] = {"name": 0, "model": 1}
"""Oxidized's own, where its configuration has none."""
_EMPTY: Final = frozenset({"", "nil"})


def parsed_map(words: list[str]) -> dict[str, int]:
    """`name=0` and the like, by field.

    Raises:
        InvalidInput: naming the one that is none.
    """
    found: dict[str, int] = {}
    for word in words:
        field, _, column = (part.strip() for part in word.partition("="))
        field = {"ssh_port": "port"}.get(field, field)
        if field not in OXIDIZED_FIELDS or not column.isdecimal() or len(column) > 3:
            message = (
                f"write FIELD=COLUMN, counted from 0, with one of {', '.join(OXIDIZED_FIELDS)}: "
                f"got {word[:80]!r}"
            )
            raise InvalidInput.single("--map", message)
        found[field] = int(column)
    if found and "name" not in found:
        raise InvalidInput.single("--map", "name=COLUMN is missing")
    return found or dict(DEFAULT_MAP)


def read_oxidized(source: Source, columns: Mapping[str, int], delimiter: str) -> Found:
    """The nodes of Oxidized's CSV source.

    Args:
        source: the file.
        columns: which column holds which field, counted from 0.
        delimiter: between columns.

    Raises:
        InvalidInput: a line has too few columns.
    """
    devices, problems = [], []
    needed = max(columns[field] for field in ("name", "model", "ip") if field in columns)
    for number, line in _lines(source):
        cells = line.split(delimiter)
        if len(cells) <= needed:
            message = f"{len(cells)} columns, but one is wanted with the number {needed} (from 0)"
            problems.append(_problem(source, number, message))
            continue
        fields = {
            name: cells[column].strip()
            for name, column in columns.items()
            if column < len(cells) and cells[column].strip() not in _EMPTY
        }
        devices.append(_node(fields, source, number))
    _raise(problems)
    return Found(devices=devices)


def _node(fields: Mapping[str, str], source: Source, line: int) -> FoundDevice:
    name, model = fields.get("name", ""), fields.get("model", "")
    # It logs in to NX-OS by SSH, which is another platform here than the one of NX-API.
    words = ("nxos_ssh", model) if model.casefold() == "nxos" else (model,)
    login = None
    if "password" in fields or "enable" in fields:
        login = Login(
            username=fields.get("username", ""),
            password=fields.get("password", ""),
            enable_secret=fields.get("enable", ""),
        )
    return FoundDevice(
        key=name,
        name=name,
        # Oxidized asks the DNS for the name where there is no address.
        host=fields.get("ip", name),
        port=fields.get("port"),
        platforms=words if model else (),
        groups=(fields["group"],) if "group" in fields else (),
        login=login,
        source=source.name,
        line=line,
    )


def read_rancid(source: Source) -> Found:
    """The devices of RANCID that are up; `name;type;state`, or with colons, as before RANCID 3.

    Raises:
        InvalidInput: a line is no such.
    """
    devices, down, problems = [], [], []
    for number, line in _lines(source):
        cells = [cell.strip() for cell in line.split(";" if ";" in line else ":")]
        if len(cells) < 3 or not cells[0] or not cells[2]:
            problems.append(_problem(source, number, "write name;type;state here, as up or down"))
            continue
        name, kind, state = cells[:3]
        if state.casefold() != "up":
            down.append((name, state))
            continue
        devices.append(
            FoundDevice(
                key=name,
                name=name,
                host=name,
                platforms=(kind,) if kind else (),
                source=source.name,
                line=number,
            )
        )
    _raise(problems)
    notes = [f"{name} is {state} there, and was passed over" for name, state in down]
    return Found(devices=devices, passed_over=[name for name, _ in down], notes=notes)


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor comments, with their numbers."""
    for number, line in enumerate(source.text().split("\n"), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield number, text


def _problem(source: Source, line: int, message: str) -> Problem:
    return Problem(field="", message=message, location=where(source.name, line))


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(problems)
