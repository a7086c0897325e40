"""The difference between what is wanted and what is there; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from netstacks_tasks.models.ids import TaskId
from netstacks_tasks.sync.desired import Content, Desired, Place, installation_tag, task_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """A deployment as Prefect has it."""

    id: UUID
    place: Place
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Make a deployment that is not there."""

    desired: Desired


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Make a deployment that is ours equal to what is wanted."""

    desired: Desired
    deployment_id: UUID
    fields: tuple[str, ...]
    """Which of its fields differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """It is there already: only the row does not say so."""

    desired: Desired
    deployment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Somebody else's deployment has the name this task needs."""

    desired: Desired
    deployment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove a deployment of ours that no task wants where it is."""

    deployment_id: UUID
    place: Place
    task_id: TaskId | None
    successor: Place | None
    """Where its task's deployment is from now on; None: the task is gone."""


Action = Create | Update | Confirm | Conflict | Delete


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, in this order."""

    clear: tuple[Delete, ...]
    """Deployments of ours that stand where another task's must be."""
    put: tuple[Create | Update | Confirm | Conflict, ...]
    remove: tuple[Delete, ...]
    """Deployments that no task wants any more."""

    @property
    def is_empty(self) -> bool:
        return not (self.clear or self.remove) and all(
            isinstance(action, Confirm) and action.desired.row.synced_hash == action.desired.hash
            for action in self.put
        )


def owner(
    actual: Actual, installation: UUID, known: Mapping[UUID, TaskId]
) -> tuple[bool, TaskId | None]:
    """Whether a deployment is this installation's, and which task's.

    `known` maps the deployment ids in our rows to their tasks: it still
    recognises a deployment whose tags were edited by hand.
    """
    if actual.id in known:
        return True, known[actual.id]
    tags = actual.content.tags
    return installation_tag(installation) in tags, task_of(tags)


def plan(
    wanted: Sequence[Desired],
    actual: Sequence[Actual],
    *,
    installation: UUID,
    known: Mapping[UUID, TaskId],
) -> Plan:
    """What makes `actual` equal to `wanted`.

    `actual` must hold every deployment at a wanted place, whoever owns it, and
    every deployment of ours that may have to go: what it does not hold is left
    alone. Deployments of others are never changed.
    """
    by_place = {item.place: item for item in actual}
    by_task = {item.row.id: item for item in wanted}
    clear: list[Delete] = []
    put: list[Create | Update | Confirm | Conflict] = []
    for item in wanted:
        occupant = by_place.get(item.place)
        if occupant is None:
            put.append(Create(desired=item))
            continue
        ours, task_id = owner(occupant, installation, known)
        if not ours:
            put.append(Conflict(desired=item, deployment_id=occupant.id))
        elif task_id is not None and task_id != item.row.id:
            clear.append(_delete(occupant, task_id, by_task))
            put.append(Create(desired=item))
        elif fields := different(item.content, occupant.content):
            put.append(Update(desired=item, deployment_id=occupant.id, fields=fields))
        else:
            put.append(Confirm(desired=item, deployment_id=occupant.id))
    places = {item.place for item in wanted}
    # A task that cannot have its new place keeps the deployment it has.
    blocked = {action.desired.row.id for action in put if isinstance(action, Conflict)}
    remove = []
    for occupant in actual:
        ours, task_id = owner(occupant, installation, known)
        if ours and occupant.place not in places and task_id not in blocked:
            remove.append(_delete(occupant, task_id, by_task))
    return Plan(clear=tuple(clear), put=tuple(put), remove=tuple(remove))


def different(wanted: Content, actual: Content) -> tuple[str, ...]:
    """The names of the fields in which two deployments differ."""
    return tuple(
        name for name in Content.model_fields if getattr(wanted, name) != getattr(actual, name)
    )


def _delete(actual: Actual, task_id: TaskId | None, by_task: Mapping[TaskId, Desired]) -> Delete:
    successor = by_task.get(task_id) if task_id is not None else None
    return Delete(
        deployment_id=actual.id,
        place=actual.place,
        task_id=task_id,
        successor=successor.place if successor is not None else None,
    )
