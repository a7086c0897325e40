"""What the tasks of a round are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from tests.chaos.ledger import SCRIPT
from tests.chaos.zones import AUTUMN, SPRING

_CREDENTIAL: Final = {
    "id": str(uuid5(NAMESPACE_OID, "chaos")),
    "name": "chaos",
    "block_name": "chaos",
}
RETRIES: Final = 3
DELAY: Final = 8
"""Seconds."""


def backups(count: int) -> int:
    """How many of so many tasks are backups, each of a device of its own."""
    return max(1, count * 3 // 10)


def write_scene(
    folder: Path,
    count: int,
    spread: int,
    port: int,
    places: Sequence[Mapping[str, Any]],
    change: datetime,
) -> Path:
    """The file to import.

    Args:
        folder: where to.
        count: of tasks, beside the two whose zones change.
        spread: minutes over which their times are spread; each comes once in them.
        port: where scripts sign in.
        places: of the devices.
        change: when the clocks of two zones change.
    """
    devices = [
        {
            "id": str(uuid5(NAMESPACE_OID, place["name"])),
            **place,
            "platform": "ios",
            "credential": _CREDENTIAL["name"],
        }
        for place in places
    ]
    file = folder / "scene.json"
    tasks = [*_tasks(count, spread, port, devices), *_at_the_change(change, port)]
    document = {"credentials": [_CREDENTIAL], "devices": devices, "tasks": tasks}
    file.write_text(json.dumps(document))
    return file


def _tasks(
    count: int, spread: int, port: int, devices: Sequence[Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    for i in range(count):
        name, cron = f"chaos {i:03}", f"{i % spread}-59/{spread} * * * *" if spread > 1 else _ALL
        if i < len(devices):
            target = {"target_type": "device", "target_id": devices[i]["id"]}
            yield task(name, cron, {"type": "backup", "destination": "chaos", **target})
        else:
            yield task(name, cron, script(name, port, seconds=2 + i % 4 * 2))


def _at_the_change(change: datetime, port: int) -> Iterable[dict[str, Any]]:
    """Tasks for the minutes around a change of their zones' clocks, in every hour."""
    minutes = sorted((change.minute + more) % 60 for more in range(-1, 4))
    cron = f"{','.join(map(str, minutes))} * * * *"
    for name in (SPRING, AUTUMN):
        named = name.replace("/", " ")
        yield task(named, cron, script(named, port, seconds=1)) | {"timezone": name}


_ALL: Final = "* * * * *"


def task(name: str, cron: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A task as a document."""
    return {
        "name": name,
        "task_type": parameters["type"],
        "cron_expression": cron,
        "timezone": "UTC",
        "max_retries": RETRIES,
        "retry_delay_seconds": DELAY,
        "timeout_seconds": 60,
        "parameters": parameters,
    }


def script(name: str, port: int, *, seconds: int) -> dict[str, Any]:
    """Parameters of a task that signs in to the ledger, takes its time and signs out."""
    return {
        "type": "custom_script",
        "interpreter": "bash",
        "script": SCRIPT,
        "arguments": [name, str(port), str(seconds)],
    }
