"""What a task is told, as people read it: names instead of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from netstacks_tasks.errors import NotFound
from netstacks_tasks.models.inventory import Device, Value
from netstacks_tasks.models.parameters import (
    DEFAULT_MODEL_BLOCK,
    AgentTaskParameters,
    BackupParameters,
    CustomScriptParameters,
    DeploymentParameters,
    HealthCheckParameters,
)
from netstacks_tasks.models.task import Task
from netstacks_tasks.store import inventory
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import (
    Credential,
    DeviceGroup,
    Script,
    Stack,
    StackInstance,
)
from netstacks_tasks.web.wording import counted

T = TypeVar("T", bound=Value)

_CHECKS: Final = {"ping": "ping", "ssh": "SSH login", "snmp_sysname": "SNMP sysName"}
_OWN_LOGIN: Final = "each device's own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line: what, and its value with a word more about it."""

    label: str
    value: str
    more: str = ""
    rare: bool = False
    """Only told when somebody asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongText:
    """A script or a prompt."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """Everything about what a task does."""

    facts: Sequence[Fact]
    texts: Sequence[LongText] = ()
    devices: int | None = None
    """How many it works on; None: it depends on more than the task."""


async def facts_of(db: Database, task: Task, *, scripts: bool) -> TaskFacts:
    """Describe a task; what it names and is gone is told by its id.

    Args:
        db: the database.
        task: which task.
        scripts: show their texts, which are for those who may change them.
    """
    parameters = task.spec.parameters
    if isinstance(parameters, AgentTaskParameters):
        return _agent(parameters)
    devices = await inventory.targets_of(db, task)
    if isinstance(parameters, DeploymentParameters):
        facts = await _deployment(db, parameters, devices)
    elif isinstance(parameters, BackupParameters):
        facts = [
            await _target(db, parameters.target_type, parameters.target_id, devices),
            Fact(label="Kept in", value=parameters.destination),
            await _login(db, parameters.credential_id, _OWN_LOGIN),
        ]
    elif isinstance(parameters, HealthCheckParameters):
        facts = await _health(db, parameters, devices)
    else:
        return await _script(db, parameters, devices, scripts=scripts)
    return TaskFacts(facts=facts, devices=len(devices))


async def _deployment(
    db: Database, parameters: DeploymentParameters, devices: Sequence[Device]
) -> list[Fact]:
    dry = "yes: shows the difference and changes nothing" if parameters.dry_run else "no"
    found = await _found(db, StackInstance, parameters.stack_instance_id)
    if found is None:
        name, more = _gone(parameters.stack_instance_id), ""
    else:
        stack = await _found(db, Stack, found.stack_id)
        of = "" if stack is None else f"stack {stack.name} version {found.version}, "
        name, more = found.name, f"{of}{counted(len(devices), 'device')}, {found.mode}"
    return [
        Fact(label="Stack instance", value=name, more=more),
        Fact(label="Dry run", value=dry),
    ]


async def _health(
    db: Database, parameters: HealthCheckParameters, devices: Sequence[Device]
) -> list[Fact]:
    return [
        Fact(label="Checks", value=", ".join(_CHECKS[check] for check in parameters.checks)),
        await _target(
            db,
            parameters.target_type,
            parameters.target_id,
            devices,
            otherwise="every device that uses the credential",
        ),
        await _login(db, parameters.credential_id, ""),
        Fact(
            label="Devices that may fail",
            value=str(parameters.max_failed_devices),
            rare=not parameters.max_failed_devices,
        ),
    ]


async def _script(
    db: Database,
    parameters: CustomScriptParameters,
    devices: Sequence[Device],
    *,
    scripts: bool,
) -> TaskFacts:
    kept = await _found(db, Script, parameters.script_id)
    text = parameters.script
    name = "written in the task"
    if parameters.script_id is not None:
        name = _gone(parameters.script_id) if kept is None else kept.name
        text = None if kept is None else kept.body
    facts = [
        Fact(label="Script", value=name, more="stored" if parameters.script_id is not None else ""),
        Fact(label="Run by", value={"python": "Python", "bash": "Bash"}[parameters.interpreter]),
        Fact(label="Arguments", value=" ".join(map(repr, parameters.arguments)) or "none"),
        await _target(
            db, parameters.target_type, parameters.target_id, devices, otherwise="no device"
        ),
        await _login(db, parameters.credential_id, "none"),
        *_limits(parameters, "max_"),
    ]
    texts = [] if text is None or not scripts else [LongText(label="Script", text=text)]
    return TaskFacts(facts=facts, texts=texts, devices=len(devices))


def _agent(parameters: AgentTaskParameters) -> TaskFacts:
    tools = "all" if parameters.tools is None else ", ".join(parameters.tools)
    facts = [
        Fact(label="Model block", value=parameters.model_block or DEFAULT_MODEL_BLOCK),
        Fact(label="Tools", value=tools, more="they only read"),
        *_limits(parameters, "max_"),
        *_limits(parameters, "temperature"),
    ]
    return TaskFacts(facts=facts, texts=[LongText(label="Prompt", text=parameters.prompt)])


def _limits(parameters: Value, prefix: str) -> Iterator[Fact]:
    """Limits by the names that the documents have."""
    for name, value in parameters.model_dump().items():
        if name.startswith(prefix) and value is not None:
            yield Fact(label=name, value=str(value), rare=True)


async def _target(
    db: Database,
    kind: str | None,
    key: UUID | None,
    devices: Sequence[Device],
    otherwise: str = "",
) -> Fact:
    number = counted(len(devices), "device")
    if kind is None or key is None:
        return Fact(label="Devices", value=otherwise, more=number if devices else "")
    if kind == "device":
        value = devices[0].name if devices else _gone(key)
        more = f"{devices[0].platform}, {devices[0].host}" if devices else ""
        return Fact(label="Device", value=value, more=more)
    group = await _found(db, DeviceGroup, key)
    return Fact(
        label="Device group", value=_gone(key) if group is None else group.name, more=number
    )


async def _login(db: Database, key: UUID | None, otherwise: str) -> Fact:
    if key is None:
        return Fact(label="Credential", value=otherwise)
    found = await _found(db, Credential, key)
    return Fact(label="Credential", value=_gone(key) if found is None else found.name)


async def _found(db: Database, kind: type[T], key: UUID | None) -> T | None:
    if key is None:
        return None
    try:
        return await inventory.get(db, kind, key)
    except NotFound:
        return None


def _gone(key: UUID) -> str:
    return f"{key} (no longer in the inventory)"
