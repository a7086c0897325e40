"""Prefect's own way to make many deployments: one file, `prefect deploy --all`."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from benchmarks.measuring import Cost
from benchmarks.sync_world import World

_FLOW = """\
from prefect import flow


@flow
def peer(task_id: str) -> None: ...
"""


def prepare(world: World, name: str, count: int) -> Path:
    """A project of so many deployments, each with what one of ours has."""
    folder = world.folder / name
    folder.mkdir()
    (folder / "flow.py").write_text(_FLOW)
    deployments = [
        {
            "name": f"{name}-{number:05}",
            "entrypoint": "flow.py:peer",
            "work_pool": {
                "name": world.stack.settings.work_pool,
                "job_variables": {"env": {"PREFECT_FLOWS_DEFAULT_RETRIES": "3"}},
            },
            "parameters": {"task_id": str(number)},
            "tags": ["peer"],
            "concurrency_limit": {"limit": 1, "collision_strategy": "ENQUEUE"},
            "schedules": [{"cron": f"{number % 60} 12 * * 0", "timezone": "UTC"}],
            "pull": [],
        }
        for number in range(count)
    ]
    document = {"name": name, "deployments": deployments}
    (folder / "prefect.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    return folder


def deploy(world: World, folder: Path) -> Cost:
    """Deploy a prepared project, from the start of the program to its end."""
    return world.run(sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", cwd=folder)
