"""The tools on devices that are kept in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args

import pytest

from netstacks_tasks.devices.ports import StateReader
from netstacks_tasks.errors import DeviceError, InvalidInput
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters
from netstacks_tasks.models.parameters import AgentTool
from netstacks_tasks.models.task import Task
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.operations.agent.noc_agent import AgentSources, NocAgent
from netstacks_tasks.operations.agent.tool import Found, NotAllowed, Tool
from netstacks_tasks.operations.agent.tools.device_state import (
    bgp_neighbours,
    device_facts,
    interface_counters,
    show,
)
from netstacks_tasks.operations.agent.tools.health import health_check
from netstacks_tasks.operations.agent.tools.list_devices import list_devices
from netstacks_tasks.operations.agent.tools.reach import Reach
from netstacks_tasks.operations.agent.tools.selection import Inventory
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.ledger import Ledger
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.testing import (
    Busy,
    MemoryCredentials,
    MemoryProbes,
    MemoryRecorder,
    MemoryWatcher,
    device,
)

T = TypeVar("T")


def placed(name: str, platform: str, group: str, site: str | None = None) -> Device:
    return device(name, platform).model_copy(update={"groups": (group,), "site": site})


DEVICES = (
    placed("edge-1", "ios", "edge", "ams1"),
    placed("edge-2", "frr", "edge", "ams1"),
    placed("srv-1", "linux", "servers"),
)


@dataclass
class MemoryStates:
    """Reads the state it was given, by device name."""

    neighbours: Mapping[str, tuple[BgpNeighbour, ...]] = field(default_factory=dict)
    counters: Mapping[str, tuple[InterfaceCounters, ...]] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    hang: set[str] = field(default_factory=set)
    sent: list[tuple[str, str]] = field(default_factory=list)
    busy: dict[str, Busy] = field(default_factory=dict)

    def state_for(self, platform: str) -> StateReader:  # noqa: ARG002 - the port's
        return self

    async def _found(self, target: DeviceTarget, make: Callable[[str], T]) -> T:
        name = target.device.name
        async with self.busy.setdefault(name, Busy()):
            if name in self.hang:
                await asyncio.Event().wait()
            if name in self.errors:
                raise self.errors[name]
            return make(name)

    async def facts(self, target: DeviceTarget, *, timeout: float) -> Facts:  # noqa: ARG002 - the port's
        return await self._found(
            target,
            lambda name: Facts(
                hostname=name, vendor="v", model="m", os_version="1", uptime_seconds=90061
            ),
        )

    async def bgp_neighbours(
        self,
        target: DeviceTarget,
        *,
        timeout: float,  # noqa: ARG002 - the port's
    ) -> tuple[BgpNeighbour, ...]:
        return await self._found(target, lambda name: self.neighbours.get(name, ()))

    async def interfaces(
        self,
        target: DeviceTarget,
        *,
        timeout: float,  # noqa: ARG002 - the port's
    ) -> tuple[InterfaceCounters, ...]:
        return await self._found(target, lambda name: self.counters.get(name, ()))

    async def show(self, target: DeviceTarget, command: str, *, timeout: float) -> str:  # noqa: ARG002 - the port's
        self.sent.append((target.device.name, command))
        return await self._found(target, lambda name: f"{name}\nline\n")


@dataclass
class Desk:
    """Tools on devices in memory."""

    states: MemoryStates = field(default_factory=MemoryStates)
    recorder: MemoryRecorder = field(default_factory=MemoryRecorder)
    probes: MemoryProbes = field(default_factory=MemoryProbes)
    credentials: MemoryCredentials = field(default_factory=MemoryCredentials)
    attempt: Attempt = field(
        default_factory=lambda: Attempt(
            number=2, deadline=Deadline.after(60), settle_by=Deadline.after(60)
        )
    )

    def __post_init__(self) -> None:
        self.inventory = Inventory(DEVICES)
        self.ledger = Ledger(self.recorder, MemoryWatcher(), devices=3, redact=Redactor())
        self.reach = Reach(self.states, self.credentials, self.attempt, self.ledger)

    def recorded(self) -> dict[tuple[str, str], str]:
        return {(one.device_name, one.item): one.summary for one in self.recorder.recorded}


async def ask(tool: Tool[Any], seconds: float = 30, **wanted: object) -> Found:
    return await tool.call(tool.arguments.model_validate(wanted), Deadline.after(seconds))


def peer(address: str, **more: object) -> BgpNeighbour:
    fields = {"remote_as": 65001, "state": "established", "up": True, "enabled": True}
    fields |= {"address_families": ("ipv4 unicast",), "uptime_seconds": 3720.0}
    return BgpNeighbour.model_validate({"address": address, **fields, **more})


IDLE = {"state": "idle", "up": False, "uptime_seconds": None}


def port(name: str, errors: int | None, **more: object) -> InterfaceCounters:
    fields: dict[str, object] = {"up": True, "enabled": True, "rx_errors": errors, "rx_bytes": 9}
    return InterfaceCounters.model_validate({"name": name, **fields, **more})


async def test_devices_are_listed_by_what_is_asked() -> None:
    tool = list_devices(Inventory(DEVICES))

    async def names(**wanted: Any) -> list[str]:  # noqa: ANN401 - filters
        return [row["name"] for row in (await ask(tool, **wanted))["devices"]]

    assert await names() == ["edge-1", "edge-2", "srv-1"]
    assert await names(group="edge", platform="FRR") == ["edge-2"]
    assert await names(site="AMS1", name="EDGE-1") == ["edge-1"]
    assert await names(name="nothing") == []
    found = await ask(tool, device="srv-1")
    assert found["devices"] == [{"name": "srv-1", "platform": "linux", "groups": ["servers"]}]
    assert found["by_platform"] == {"linux": 1}


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"device": "edge-9"}, "did you mean edge-"),
        ({"group": "edges"}, "did you mean edge?"),
        ({"device": "srv-1", "group": "edge"}, "not in the group 'edge'"),
        ({"group": "zzzzzz"}, "list_devices tells the names"),
    ],
)
async def test_a_device_or_group_that_is_not_there_is_told(
    wanted: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        await ask(bgp_neighbours(Inventory(DEVICES), Desk().reach), **wanted)


async def test_sessions_that_are_down_come_first_and_all_are_counted() -> None:
    states = MemoryStates(
        neighbours={
            "edge-1": (peer("10.0.0.1"), peer("10.0.0.2", **IDLE)),
            "edge-2": (peer("10.0.0.3", enabled=False, **IDLE), peer("10.0.0.4", vrf="blue")),
        },
        errors={"srv-1": DeviceError("srv-1", "command", "unsupported", "no BGP here")},
    )
    desk = Desk(states)
    tool = bgp_neighbours(desk.inventory, desk.reach)
    found = await ask(tool)
    assert {key: value for key, value in found.items() if key != "sessions"} == {
        "devices_read": 2,
        "devices_unreachable": 0,
        "does_not_apply_to": ["srv-1"],
        "sessions_total": 4,
        "sessions_up": 2,
        "sessions_down": 1,
        "sessions_shut_administratively": 1,
        "devices_without_bgp": [],
    }
    assert [row["address"] for row in found["sessions"]] == [
        f"10.0.0.{number}" for number in (2, 3, 1, 4)
    ]
    assert found["sessions"][2] == {
        "device": "edge-1",
        "address": "10.0.0.1",
        "remote_as": 65001,
        "state": "established",
        "up": True,
        "uptime": "1 h 2 min",
    }
    assert found["sessions"][1]["enabled"] is False
    assert found["sessions"][3]["vrf"] == "blue"
    assert len((await ask(tool, only_down=True))["sessions"]) == 2
    # What does not apply is no failure of a device.
    assert desk.recorded() == {
        ("edge-1", "bgp_neighbours"): "2 BGP sessions, 1 down: 10.0.0.2",
        ("edge-2", "bgp_neighbours"): "2 BGP sessions, 0 down, 1 shut administratively",
    }


async def test_interfaces_with_errors_come_first_above_a_threshold() -> None:
    states = MemoryStates(
        counters={
            "edge-1": (port("e1", 0), port("e2", 7, tx_errors=3), port("e3", 2, enabled=False)),
            "edge-2": (port("e4", None), port("e5", 50)),
        }
    )
    desk = Desk(states)
    tool = interface_counters(desk.inventory, desk.reach)
    found = await ask(tool)
    assert [(row["name"], row["errors"]) for row in found["interfaces"]] == [
        ("e5", 50),
        ("e2", 10),
        ("e3", 2),
    ]
    assert (found["interfaces_total"], found["interfaces_without_error_counters"]) == (5, 1)
    assert "rx_bytes" not in found["interfaces"][0]
    assert found["interfaces"][2]["enabled"] is False
    some = await ask(tool, min_errors=10)
    assert [row["name"] for row in some["interfaces"]] == ["e5", "e2"]
    every = await ask(tool, min_errors=0, device="edge-1")
    assert {row["name"]: row["rx_bytes"] for row in every["interfaces"]} == {
        "e1": 9, "e2": 9, "e3": 9,
    }  # fmt: skip
    assert desk.recorded()["edge-1", "interface_counters"] == (
        "3 interfaces, 2 with errors: e2 10, e3 2"
    )


async def test_devices_that_cannot_be_read_are_told_and_recorded() -> None:
    states = MemoryStates(
        errors={
            "edge-2": DeviceError("edge-2", "authenticate", "auth", "refused"),
            "srv-1": KeyError("x"),
        }
    )
    desk = Desk(states)
    desk.credentials.errors["edge-1"] = DeviceError("edge-1", "credential", "auth", "no block")
    found = await ask(device_facts(desk.inventory, desk.reach))
    assert (found["devices_read"], found["devices_unreachable"]) == (0, 3)
    reasons = {row["device"]: row["reason"] for row in found["unreachable"]}
    assert reasons["edge-1"] == "credential: auth: no block"
    assert reasons["edge-2"] == "authenticate: auth: refused"
    assert "an unexpected KeyError" in reasons["srv-1"]
    assert [one.attempt for one in desk.recorder.recorded] == [2, 2, 2]
    assert not any(one.ok for one in desk.recorder.recorded)


async def test_a_device_that_hangs_does_not_take_the_time_of_the_others() -> None:
    desk = Desk(MemoryStates(hang={"edge-1"}))
    found = await ask(device_facts(desk.inventory, desk.reach), seconds=0.8)
    assert [row["device"] for row in found["devices"]] == ["edge-2", "srv-1"]
    assert found["devices"][0]["uptime"] == "1 d 1 h"
    (row,) = found["unreachable"]
    assert row["device"] == "edge-1"
    assert "timed_out" in row["reason"]


async def test_calls_that_go_on_together_do_not_meet_on_one_device() -> None:
    desk = Desk()
    await asyncio.gather(
        *(ask(device_facts(desk.inventory, desk.reach)) for _ in range(4)),
        ask(interface_counters(desk.inventory, desk.reach)),
    )
    assert {name: busy.most for name, busy in desk.states.busy.items()} == {
        "edge-1": 1, "edge-2": 1, "srv-1": 1,
    }  # fmt: skip


async def test_only_allowed_commands_are_sent() -> None:
    desk = Desk()
    tool = show(desk.inventory, desk.reach)
    found = await ask(tool, device="edge-1", command="show   version")
    assert (found["command"], found["output"]) == ("show version", "edge-1\nline\n")
    for command in ("reload", "show running-config", "copy run tftp", "show version | tee x", ""):
        with pytest.raises((NotAllowed, ValueError)):
            await ask(tool, device="edge-1", command=command)
    with pytest.raises(NotAllowed, match="not allowed on linux"):
        await ask(tool, device="srv-1", command="show version")
    assert desk.states.sent == [("edge-1", "show version")]
    assert "On frr: show version" in tool.description
    assert "junos" not in tool.description
    assert len(tool.description) < 2500


async def test_health_is_looked_at_and_not_noted_as_a_state() -> None:
    desk = Desk()
    desk.probes.errors["edge-2", "ping"] = DeviceError("edge-2", "check", "timed_out", "no reply")
    tool = health_check(
        desk.inventory, desk.probes, desk.credentials, desk.attempt, desk.ledger, Redactor()
    )
    found = await ask(tool, group="edge", checks=["ping", "ssh", "ping"])
    assert (found["devices_checked"], found["devices_with_a_failed_check"]) == (2, 1)
    assert found["devices"][0] == {
        "device": "edge-2",
        "ok": False,
        "ping": "failed: check: timed_out: no reply",
        "ssh": "ok, 1.5 ms",
    }
    results = {one.device_name: one for one in desk.recorder.recorded}
    assert {name: one.ok for name, one in results.items()} == {"edge-1": True, "edge-2": False}
    assert (results["edge-2"].item, results["edge-2"].cause) == ("health_check", "timed_out")
    assert results["edge-2"].summary == "ping no reply, ssh ok"
    assert Counter(name for _, name in desk.probes.calls) == {"ping": 2, "ssh": 2}


def test_there_is_a_tool_for_every_name() -> None:
    task = tasks_of({"type": "agent_task", "prompt": "?"})
    assert set(agent(task).toolbox.names) == set(get_args(AgentTool))
    chosen = ["show_command", "list_devices"]
    task = tasks_of({"type": "agent_task", "prompt": "?", "tools": chosen})
    box = agent(task).toolbox
    assert set(box.names) == set(chosen)
    told = [schema["function"] for schema in box.schemas()]
    assert all(one["description"] and one["parameters"]["type"] == "object" for one in told)
    assert all(one["parameters"]["additionalProperties"] is False for one in told)


def tasks_of(parameters: dict[str, object]) -> Task:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    document = {"name": "Ask", "task_type": "agent_task", "cron_expression": "@daily"}
    spec = parse_task({**document, "parameters": parameters})
    return Task(spec=spec, revision=1, created_at=now, updated_at=now)


def agent(task: Task) -> NocAgent:
    desk = Desk()
    unused: Any = None
    sources = AgentSources(
        chat=unused,
        devices=DEVICES,
        access=unused,
        credentials=desk.credentials,
        records=unused,
        recorder=desk.recorder,
        redactor=Redactor(),
        listener=unused,
    )
    return NocAgent(task, sources, desk.attempt)
