"""A model of Prefect's deployments: a dictionary by place."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync.catalogue import Entry
from netstacks_tasks.sync.desired import Desired, Place, Surroundings, TaskRow, desired
from netstacks_tasks.sync.plan import Actual, Confirm, Conflict, Plan, plan

INSTALLATION = UUID(int=1)
OTHER_INSTALLATION = UUID(int=2)
CATALOGUE = {
    "backup": Entry(flow_name="backup", entrypoint="flows.backup.backup"),
    "health_check": Entry(flow_name="health_check", entrypoint="flows.health_check.health_check"),
}


def row(number: int = 1, **changes: object) -> TaskRow:
    values: dict[str, object] = {
        "id": TaskId(UUID(int=number + 1000)),
        "name": f"task {number}",
        "task_type": "backup",
        "cron_expression": "0 3 * * *",
        "timezone": "Europe/Berlin",
        "enabled": True,
        "max_retries": 3,
        "retry_delay_seconds": 60,
        "timeout_seconds": 600,
        "revision": 1,
    }
    return TaskRow(**(values | changes))  # type: ignore[arg-type] # built from the defaults above


def surroundings(**changes: object) -> Surroundings:
    values: dict[str, object] = {
        "catalogue": CATALOGUE,
        "installation": INSTALLATION,
        "work_pool": "netstacks",
    }
    return Surroundings(**(values | changes))  # type: ignore[arg-type] # built from the defaults above


def want(task: TaskRow, installation: UUID = INSTALLATION) -> Desired:
    item = desired(task, surroundings(installation=installation))
    assert item is not None
    return item


def deployed(item: Desired) -> Actual:
    return Actual(id=uuid4(), place=item.place, content=item.content)


@dataclass
class PrefectModel:
    """What plans are applied to, in the order the sync applies them."""

    deployments: dict[Place, Actual] = field(default_factory=dict)
    known: dict[UUID, TaskId] = field(default_factory=dict)
    conflicts: list[TaskId] = field(default_factory=list)

    def add(self, *items: Actual) -> None:
        for item in items:
            self.deployments[item.place] = item

    def plan(self, wanted: list[Desired]) -> Plan:
        return plan(
            wanted, list(self.deployments.values()), installation=INSTALLATION, known=self.known
        )

    def apply(self, todo: Plan) -> None:
        for gone in todo.clear:
            del self.deployments[gone.place]
        for action in todo.put:
            if isinstance(action, Conflict):
                self.conflicts.append(action.desired.row.id)
            elif not isinstance(action, Confirm):
                self.add(deployed(action.desired))
        for gone in todo.remove:
            self.deployments.pop(gone.place, None)
