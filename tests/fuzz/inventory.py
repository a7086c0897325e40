"""What an import makes of a file, without a database."""

from __future__ import annotations

from typing import Final

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.entries import SECTIONS, Entries
from netstacks_tasks.importing.items import ItemBuilder
from netstacks_tasks.importing.registry import Registry
from netstacks_tasks.importing.sources import Format, Source
from netstacks_tasks.importing.task_entries import TaskImport

WORDS: Final = (
    *SECTIONS,
    *("groups", "name", "id", "host", "port", "platform", "site", "credential", "snmp"),
    *("options", "description", "interpreter", "body", "templates", "variables", "stack"),
    *("version", "devices", "mode", "canaries", "batch_size", "max_failures", "post_checks"),
    *("block_name", "task_type", "cron_expression", "parameters", "target_id", "transport"),
    *("ios", "frr", "v2c", "v3", "127.0.0.1", "::1", "python", "bash", "merge", "backup"),
    *("password", "1e999", "0x1F", "0b1", "1:59:59", "~", "null", "true", ".inf", "2026-01-01"),
)


def imported(data: bytes, form: Format) -> None:
    """Every step that stands before the database.

    Raises:
        InvalidInput: it is refused.
    """
    contents = Source("body", data).read(form)
    entries = Entries()
    entries.problems += contents.problems
    for document in contents.documents:
        document.plain()
        entries.add("body", document)
    entries.check_unique()
    registry = Registry()
    things = [entry for entry in entries.found if entry.section != "tasks"]
    things.sort(key=lambda entry: SECTIONS.index(entry.section))
    ids, faults = registry.assign(things)
    builder = ItemBuilder({}, registry)
    for position, entry in enumerate(things):
        item = builder.build(entry, ids[position]) if position in ids else None
        if item is not None:
            # As it is stored.
            item.model_dump_json().encode()
    tasks = TaskImport([], registry)
    for entry in entries.found:
        if entry.section == "tasks":
            tasks.check(entry)
    problems = [*entries.problems, *faults, *builder.problems, *tasks.problems]
    if problems:
        raise InvalidInput(problems)
