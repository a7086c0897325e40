"""The agent of one attempt: its tools, what it is told, and what it found on devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.parameters import AgentTaskParameters, AgentTool
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.task import Task
from netstacks_tasks.operations.agent.agent import Agent
from netstacks_tasks.operations.agent.chat import Chat
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.ending import AgentEnd
from netstacks_tasks.operations.agent.fence import Fence
from netstacks_tasks.operations.agent.instructions import system_message
from netstacks_tasks.operations.agent.limits import AgentLimits, Budget
from netstacks_tasks.operations.agent.model_turn import AgentPorts, Listener
from netstacks_tasks.operations.agent.ports import Records, States
from netstacks_tasks.operations.agent.tool import Tool, Toolbox
from netstacks_tasks.operations.agent.tools.device_state import (
    bgp_neighbours,
    device_facts,
    interface_counters,
    show,
)
from netstacks_tasks.operations.agent.tools.health import health_check
from netstacks_tasks.operations.agent.tools.history import config_diff, recent_task_runs
from netstacks_tasks.operations.agent.tools.list_devices import list_devices
from netstacks_tasks.operations.agent.tools.missed_backups import missed_backups
from netstacks_tasks.operations.agent.tools.reach import Reach
from netstacks_tasks.operations.agent.tools.selection import Inventory
from netstacks_tasks.operations.agent.transcript import Transcript
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.ports import Credentials, Probes, Progress, Recorder
from netstacks_tasks.operations.redaction import Redactor


class Access(States, Probes, Protocol):
    """The way to the devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSources:
    """Everything an agent reads from and writes to."""

    chat: Chat
    devices: Sequence[Device]
    access: Access
    credentials: Credentials
    records: Records
    recorder: Recorder
    redactor: Redactor
    listener: Listener


class NocAgent:
    """Answers a task's prompt; made anew for every attempt, so each begins afresh."""

    def __init__(self, task: Task, sources: AgentSources, attempt: Attempt) -> None:
        parameters = task.spec.parameters
        assert isinstance(parameters, AgentTaskParameters)  # noqa: S101 - the type column says so
        self._task = task
        self._prompt = parameters.prompt
        self._attempt = attempt
        self._inventory = Inventory(sources.devices)
        # What people wrote keeps its words; what devices print loses what lines keep secret.
        words, data = Cleaner(sources.redactor), Cleaner(sources.redactor.configuration)
        self._ledger = Ledger(
            sources.recorder, _Nobody(), devices=len(sources.devices), redact=data.text
        )
        self._limits = AgentLimits.of(parameters)
        self._fence = Fence()
        self._budget = Budget(
            limits=self._limits, deadline=attempt.deadline, seconds=attempt.deadline.left
        )
        allowed = _tools(self._inventory, sources, attempt, self._ledger, parameters.tools)
        self.toolbox = Toolbox(allowed, data, most_output=self._limits.tool_output)
        self._agent = Agent(
            AgentPorts(
                chat=sources.chat,
                toolbox=self.toolbox,
                cleaner=words,
                listener=sources.listener,
                devices={words.text(device.name) for device in sources.devices},
            ),
            self._budget,
            self._fence,
        )

    @property
    def transcript(self) -> Transcript:
        """What was said so far, also while it is being said."""
        return self._agent.transcript

    @property
    def results(self) -> tuple[DeviceResult, ...]:
        """The last result of each tool on each device."""
        newest = {(one.device_name, one.item): one for one in self._ledger.results}
        return tuple(newest.values())

    async def ask(self) -> AgentEnd:
        """Converse until there is an answer, or a reason why there is none.

        Raises:
            NetstacksError: what was found on devices could not be recorded.
        """
        now = datetime.now(UTC)
        system = system_message(
            mark=self._fence.mark,
            limits=self._limits,
            seconds=self._budget.seconds,
            now=now,
            local=now.astimezone(ZoneInfo(self._task.spec.timezone)),
            timezone=self._task.spec.timezone,
            devices=len(self._inventory.devices),
            groups=self._inventory.groups,
        )
        end = await self._agent.ask(system, self._prompt)
        await self._ledger.settle(self._attempt.settle_by)
        return end


class _Nobody:
    """Nobody watches device by device: the conversation is what is watched."""

    async def advanced(self, progress: Progress) -> None:
        """Nothing to do."""


def _now() -> datetime:
    return datetime.now(UTC)


def _tools(
    inventory: Inventory,
    sources: AgentSources,
    attempt: Attempt,
    ledger: Ledger,
    wanted: Sequence[AgentTool] | None,
) -> list[Tool[Any]]:
    """The tools a task allows: those it names, or all."""
    reach = Reach(sources.access, sources.credentials, attempt, ledger)
    redact = sources.redactor.configuration
    makers: Final[dict[AgentTool, Callable[[], Tool[Any]]]] = {
        "list_devices": lambda: list_devices(inventory),
        "device_facts": lambda: device_facts(inventory, reach),
        "bgp_neighbours": lambda: bgp_neighbours(inventory, reach),
        "interface_counters": lambda: interface_counters(inventory, reach),
        "recent_task_runs": lambda: recent_task_runs(sources.records, _now),
        "missed_backups": lambda: missed_backups(inventory, sources.records, _now),
        "config_diff": lambda: config_diff(inventory, sources.records, redact),
        "health_check": lambda: health_check(
            inventory, sources.access, sources.credentials, attempt, ledger, redact
        ),
        "show_command": lambda: show(inventory, reach),
    }
    return [make() for name, make in makers.items() if wanted is None or name in wanted]
