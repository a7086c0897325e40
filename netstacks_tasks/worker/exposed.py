"""What a worker tells those who watch it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from prefect.settings import PREFECT_API_URL

from netstacks_tasks.metrics.listener import Exposed
from netstacks_tasks.metrics.readiness import Readiness
from netstacks_tasks.metrics.running_children import RunningChildren
from netstacks_tasks.sync.serving_parts import prefect_serves


class Working(Protocol):
    """A worker, as far as that is told."""

    @property
    def limit(self) -> int | None: ...

    def under_way(self) -> set[UUID]: ...


def exposed(worker: Working) -> Exposed:
    """How many runs it has at work, and whether it hears from Prefect.

    It knows of no database: flow runs learn from a block where that is.
    """
    children = RunningChildren(lambda: len(worker.under_way()), worker.limit)
    checks = {"prefect": prefect_serves(PREFECT_API_URL.value() or "")}
    return Exposed([children], Readiness(checks))
