"""Writes what people have made to a folder of files: the inventory and the tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from anyio import to_thread

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.declared.written import (
    SECTION_OF,
    exported_item,
    newest_versions,
    task_document,
)
from netstacks_tasks.importing.declared.yaml_files import as_yaml
from netstacks_tasks.importing.entries import SECTIONS, Section
from netstacks_tasks.importing.known import known_items
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.models.file_name import file_name
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import Item

MARK: Final = "# Written by `netstacks export`."
"""The first line: an export removes only such files, of what is there no more."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did, by path below its folder."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0


async def export_files(db: Database, root: Path) -> Exported:
    """Write a file for each item and task; the same data gives the same bytes.

    Secrets are not in them: a credential names its block.

    Raises:
        InvalidInput: a file cannot be written.
    """
    async with db.transaction() as connection:
        # What refers to each other is of one moment.
        await inventory_changes.lock(connection)
        known = await known_items(connection, Registry())
        every = await tasks.every(connection)
    files = await to_thread.run_sync(lambda: dict(_files(known, every)))
    try:
        return await to_thread.run_sync(_write, root, files)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        place = error.filename or root
        raise InvalidInput.single("--to", f"{place} cannot be written: {reason}") from None


def _files(known: Mapping[UUID, Item], every: list[Task]) -> Iterator[tuple[str, str]]:
    names = {key: item.name for key, item in known.items()}
    newest = newest_versions(known)
    for item in known.values():
        section = SECTION_OF[type(item)]
        document = {section: [exported_item(item, names, newest)]}
        yield _path(section, item.name), f"{MARK}\n{as_yaml(document)}"
    for task in every:
        whole = task_document(task.spec)
        comment = "".join(f"# {line}\n" for line in _meant(whole["parameters"], names))
        yield _path("tasks", task.name), f"{MARK}\n{comment}{as_yaml(whole)}"


def _meant(parameters: Mapping[str, object], names: Mapping[UUID, str]) -> Iterator[str]:
    """What the ids stand for, for people."""
    for key in ("target_id", "credential_id", "script_id", "stack_instance_id"):
        value = parameters.get(key)
        if isinstance(value, str) and (name := names.get(UUID(value))) is not None:
            yield f"{key}: {name}"


def _path(section: Section, name: str) -> str:
    return f"{section}/{file_name(name)}.yaml"


def _write(root: Path, files: Mapping[str, str]) -> Exported:
    done = Exported()
    unchanged = 0
    for path, text in files.items():
        place = root / path
        data = text.encode()
        if place.is_file() and place.read_bytes() == data:
            unchanged += 1
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.part")
        part.write_bytes(data)
        part.replace(place)
        done.written.append(path)
    for section in SECTIONS:
        for place in sorted((root / section).glob("*.yaml")):
            path = f"{section}/{place.name}"
            if path not in files and _ours(place):
                place.unlink()
                done.removed.append(path)
    return Exported(done.written, done.removed, unchanged)


def _ours(place: Path) -> bool:
    with place.open("rb") as file:
        return file.readline().rstrip() == MARK.encode()
