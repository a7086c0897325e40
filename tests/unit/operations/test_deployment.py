"""The order of things in a deployment, on devices that are kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

import pytest

from netstacks_tasks.devices.config_diff import difference
from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.ports import ConfigChange
from netstacks_tasks.errors import DeviceError, StoreUnavailable
from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.ids import DeviceId, SnapshotId
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.rollout import ConfigMode, Rollout, batches
from netstacks_tasks.models.stack_rendering import Rendered
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.deployment.deploy import Deployed, deploy
from netstacks_tasks.operations.deployment.ports import DeploymentPorts
from netstacks_tasks.operations.ports import Kept
from netstacks_tasks.testing import (
    MemoryCredentials,
    MemoryProbes,
    MemoryRecorder,
    MemoryWatcher,
    device,
)

T = TypeVar("T")

OLD = "hostname old\n"
NEW = "vlan 30\n"


@dataclass
class Router:
    """A device that holds lines, and fails where it is told to."""

    text: str = OLD
    fails: dict[str, Exception] = field(default_factory=dict)
    """By step."""
    steps: list[str] = field(default_factory=list)
    hangs: str = ""
    """The step that never ends."""
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    """By step, what it waits for when the change was made."""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    async def step(self, name: str, timeout: float) -> None:
        assert timeout > 0
        self.steps.append(name)
        if self.hangs == name:
            self.hanging.set()
            await asyncio.Event().wait()
        if name in self.slow and "verify" in self.steps:
            self.hanging.set()
            await self.slow[name].wait()
        if name in self.fails:
            raise self.fails[name]


@dataclass
class Change:
    router: Router
    wanted: str

    async def running(self, *, timeout: float) -> str:
        await self.router.step("running", timeout)
        return self.router.text

    async def compare(self, *, timeout: float) -> str:
        await self.router.step("compare", timeout)
        return "" if self.wanted in self.router.text else f"+{self.wanted}"

    async def apply(self, *, timeout: float) -> tuple[str, ...]:
        self.router.text += self.wanted
        await self.router.step("apply", timeout)
        return ("a note",)

    async def verify(self, *, timeout: float) -> None:
        await self.router.step("verify", timeout)

    async def keep(self, *, save: bool, timeout: float) -> None:
        await self.router.step(f"keep {save}", timeout)

    async def roll_back(self, before: str, *, timeout: float) -> None:
        await self.router.step("roll_back", timeout)
        self.router.text = before


class Memory:
    """Everything behind the ports of a deployment."""

    def __init__(self, *names: str) -> None:
        self.devices = [device(name, "frr") for name in names]
        self.routers = {name: Router() for name in names}
        self.recorder = MemoryRecorder()
        self.probes = MemoryProbes()
        self.versions: dict[SnapshotId, str] = {}
        self.store_is_away = False
        self.states: dict[DeviceId, tuple[str, str]] = {}
        self.locked: set[str] = set()
        self.begun: list[str] = []

    # What the ports do.

    def writer_for(self, wanted: Device) -> Memory:
        assert wanted in self.devices
        return self

    @asynccontextmanager
    async def change(
        self, target: DeviceTarget, candidate: str, *, mode: ConfigMode
    ) -> AsyncIterator[ConfigChange]:
        assert mode == "merge"
        self.begun.append(target.device.name)
        yield Change(self.routers[target.device.name], candidate)

    async def while_locked(
        self, wanted: Device, work: Callable[[], Awaitable[T]], *, patience: float
    ) -> T:
        if wanted.name in self.locked:
            assert patience > 0
            raise DeviceError(wanted.name, "lock", "busy", "another run configures the device")
        return await work()

    async def keep(self, capture: Capture) -> Kept:
        if self.store_is_away:
            raise StoreUnavailable("PostgreSQL does not serve")
        snapshot_id = SnapshotId(uuid4())
        self.versions[snapshot_id] = capture.content
        return Kept(snapshot_id=snapshot_id, changed=True)

    async def text(self, snapshot_id: SnapshotId) -> str:
        return self.versions[snapshot_id]

    async def left_as(self, device_id: DeviceId) -> tuple[str, str] | None:
        return self.states.get(device_id)

    async def leave(self, device_id: DeviceId, rendered: str, running: str) -> None:
        self.states[device_id] = (rendered, running)

    # What a test does.

    async def deploy(
        self,
        *,
        earlier: Sequence[DeviceResult] = (),
        number: int = 1,
        faults: Sequence[str] = (),
        seconds: float = 30.0,
        **rollout: object,
    ) -> Deployed:
        ports = DeploymentPorts(
            writers=self,
            probes=self.probes,
            credentials=MemoryCredentials(),
            locks=self,
            baselines=self,
            states=self,
            recorder=self.recorder,
            watcher=MemoryWatcher(),
            redact=lambda text: text.replace("s3cret", "<hidden>"),
            normalise=normalise,
            difference=difference,
        )
        rendered = [
            Rendered(
                device=one,
                text=NEW,
                fault=DeviceError(one.name, "render", "template", "a variable is missing")
                if one.name in faults
                else None,
            )
            for one in self.devices
        ]
        attempt = Attempt(
            number=number, deadline=Deadline.after(seconds), settle_by=Deadline.after(seconds + 2)
        )
        return await deploy(rendered, Rollout(**rollout), earlier, ports, attempt)  # type: ignore[arg-type] # fields of it


def configs(deployed: Deployed) -> dict[str, DeviceResult]:
    return {one.device_name: one for one in deployed.results if one.item == "config"}


def refused(name: str = "r1", stage: Stage = "apply") -> DeviceError:
    return DeviceError(name, stage, "rejected", "line 1, 's3cret': % Invalid input")


def test_canaries_come_first_and_batches_after() -> None:
    rollout = Rollout(canaries=2, batch_size=3)
    assert list(batches("abcdefghi", rollout)) == ["ab", "cde", "fgh", "i"]
    assert list(batches("abc", Rollout(canaries=0, batch_size=2))) == ["ab", "c"]
    assert list(batches("ab", Rollout(canaries=5))) == ["ab"]
    assert list(batches("", rollout)) == []


async def test_a_change_goes_through_all_steps_and_leaves_both_versions() -> None:
    memory = Memory("r1")
    deployed = await memory.deploy()
    assert memory.routers["r1"].steps == [
        *("running", "compare", "apply", "verify", "keep True", "running"),
    ]
    assert list(memory.versions.values()) == [OLD, OLD + NEW]
    result = configs(deployed)["r1"]
    assert (result.ok, result.changed) == (True, True)
    assert result.summary == "1 line added, 0 taken away, verified; a note"
    assert deployed.diffs == {"r1": "+vlan 30\n"}
    assert [one.item for one in memory.recorder.recorded] == ["baseline", "config"]


async def test_what_was_left_so_is_not_even_compared() -> None:
    memory = Memory("r1")
    await memory.deploy()
    again = await memory.deploy()
    assert memory.routers["r1"].steps[6:] == ["running"]
    assert configs(again)["r1"].summary == "no change: it holds what was rendered"
    # Somebody changed it behind our back: now it is looked at.
    memory.routers["r1"].text = OLD
    third = await memory.deploy()
    assert configs(third)["r1"].changed


@pytest.mark.parametrize("step", ["apply", "verify"])
async def test_a_failed_step_takes_the_device_back(step: Stage) -> None:
    memory = Memory("r1", "r2")
    memory.routers["r1"].fails[step] = refused(stage=step)
    deployed = await memory.deploy(canaries=0, max_failures=5)
    assert memory.routers["r1"].text == OLD
    assert memory.routers["r2"].text == OLD + NEW
    result = configs(deployed)["r1"]
    assert (result.ok, result.stage, result.cause) == (False, step, "rejected")
    assert result.summary == (
        "line 1, '<hidden>': % Invalid input; rolled back to the configuration before"
    )
    assert memory.states.keys() == {memory.devices[1].id}


async def test_a_device_that_fails_its_check_afterwards_is_taken_back() -> None:
    memory = Memory("r1")
    memory.probes.errors["r1", "ping"] = DeviceError("r1", "check", "unreachable", "no answer")
    deployed = await memory.deploy(post_checks=("ping",))
    result = configs(deployed)["r1"]
    assert (result.stage, result.cause) == ("verify", "unhealthy")
    assert result.summary.startswith("ping fails after the change: no answer; rolled back")
    assert memory.routers["r1"].text == OLD


async def test_a_rollback_that_fails_is_said_loudly_with_the_way_back() -> None:
    memory = Memory("r1")
    memory.routers["r1"].fails |= {
        "apply": refused(),
        "roll_back": DeviceError("r1", "connect", "refused", "it refuses connections"),
    }
    deployed = await memory.deploy(seconds=9)
    result = configs(deployed)["r1"]
    assert (result.stage, result.cause) == ("roll_back", "refused")
    assert "AND ROLLING BACK FAILED: it refuses connections" in result.summary
    version = next(key for key, text in memory.versions.items() if text == OLD)
    assert result.summary.endswith(f"netstacks snapshot show {version}")


async def test_nothing_is_touched_while_the_version_before_cannot_be_kept() -> None:
    memory = Memory("r1")
    memory.store_is_away = True
    deployed = await memory.deploy()
    assert memory.routers["r1"].steps == ["running", "compare"]
    assert (configs(deployed)["r1"].stage, configs(deployed)["r1"].cause) == ("store", "storage")


async def test_so_many_failures_stop_the_rest() -> None:
    memory = Memory(*"abcdef")
    for name in "bc":
        memory.routers[name].fails["apply"] = refused(name)
    deployed = await memory.deploy(canaries=1, batch_size=1, max_failures=2)
    assert memory.begun == ["a", "b", "c"]
    causes = {name: one.cause for name, one in configs(deployed).items()}
    assert causes == {
        "a": None,
        "b": "rejected",
        "c": "rejected",
        "d": "not_begun",
        "e": "not_begun",
        "f": "not_begun",
    }
    assert configs(deployed)["f"].summary == (
        "not begun and not touched: 2 failed, and 2 is the limit of the stack instance"
    )


async def test_a_device_without_a_configuration_counts_before_any_is_touched() -> None:
    memory = Memory("a", "b", "c")
    deployed = await memory.deploy(faults=["c"])
    assert memory.begun == []
    assert configs(deployed)["c"].stage == "render"
    assert configs(deployed)["a"].cause == "not_begun"


async def test_a_dry_run_looks_at_every_device_and_sends_nothing() -> None:
    memory = Memory("a", "b", "c")
    memory.routers["a"].fails["compare"] = DeviceError("a", "compare", "rejected", "no")
    deployed = await memory.deploy(dry_run=True)
    assert configs(deployed)["b"].summary == (
        "dry run: 1 line added, 0 taken away; nothing was sent"
    )
    assert configs(deployed)["c"].ok
    assert {step for router in memory.routers.values() for step in router.steps} == {
        "running",
        "compare",
    }
    assert memory.versions == {}
    assert deployed.diffs == {"b": f"+{NEW}", "c": f"+{NEW}"}


async def test_a_retry_goes_on_with_what_is_not_done() -> None:
    memory = Memory("a", "b", "c")
    memory.routers["b"].fails["apply"] = refused("b")
    first = await memory.deploy(canaries=1, batch_size=1)
    memory.routers["b"].fails.clear()
    memory.begun.clear()
    second = await memory.deploy(canaries=1, batch_size=1, earlier=first.results, number=2)
    assert memory.begun == ["b", "c"]
    found = {name: (one.ok, one.attempt) for name, one in configs(second).items()}
    assert found == {"a": (True, 1), "b": (True, 2), "c": (True, 2)}


async def test_after_a_cut_off_attempt_the_way_back_is_to_before_it() -> None:
    """Killed between two lines: the retry must not take the half for the whole."""
    memory = Memory("r1")
    memory.routers["r1"].hangs = "apply"
    cut_off = asyncio.ensure_future(memory.deploy())
    await memory.routers["r1"].hanging.wait()
    earlier = list(memory.recorder.recorded)
    assert [one.item for one in earlier] == ["baseline"]
    half = memory.routers["r1"].text
    router = memory.routers["r1"] = Router(text=half)
    router.fails["verify"] = refused(stage="verify")
    await memory.deploy(earlier=earlier, number=2)
    assert router.steps[:3] == ["running", "compare", "verify"]
    assert router.text == OLD
    router.fails.clear()
    router.text = half
    third = await memory.deploy(earlier=earlier, number=2)
    assert router.text == half
    assert configs(third)["r1"].changed
    cut_off.cancel()
    await asyncio.gather(cut_off, return_exceptions=True)


async def test_what_was_only_not_saved_is_saved_by_the_retry() -> None:
    memory = Memory("r1")
    router = memory.routers["r1"]
    router.fails["keep True"] = DeviceError("r1", "save", "storage", "the flash is full")
    first = await memory.deploy()
    assert configs(first)["r1"].stage == "save"
    assert router.text == OLD + NEW
    router.fails.clear()
    router.steps.clear()
    second = await memory.deploy(earlier=first.results, number=2)
    assert "apply" not in router.steps
    assert router.steps.count("keep True") == 1
    assert configs(second)["r1"].ok


async def test_a_run_that_is_told_to_end_takes_its_change_back_first() -> None:
    memory = Memory("r1")
    router = memory.routers["r1"]
    router.hangs = "apply"
    running = asyncio.ensure_future(memory.deploy())
    await router.hanging.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert router.steps[-1] == "roll_back"
    assert router.text == OLD
    last = memory.recorder.recorded[-1]
    assert (last.item, last.ok, last.cause) == ("config", False, "timed_out")
    assert last.summary.endswith("; rolled back")


async def test_a_run_that_is_told_to_end_while_it_takes_a_change_back_goes_on_with_that() -> None:
    memory = Memory("r1")
    router = memory.routers["r1"]
    router.fails["verify"] = refused(stage="verify")
    router.hangs = "roll_back"
    running = asyncio.ensure_future(memory.deploy())
    await router.hanging.wait()
    router.hangs = ""
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert router.text == OLD
    last = memory.recorder.recorded[-1]
    assert (last.item, last.ok, last.cause) == ("config", False, "timed_out")
    assert last.summary.endswith("; rolled back")


@pytest.mark.parametrize("step", ["keep True", "running"])
async def test_a_run_that_is_told_to_end_sees_a_verified_change_through(step: str) -> None:
    memory = Memory("r1")
    router = memory.routers["r1"]
    router.slow = {step: asyncio.Event()}
    running = asyncio.ensure_future(memory.deploy())
    await router.hanging.wait()
    for _ in range(2):
        running.cancel()
        await asyncio.sleep(0)
    router.slow[step].set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert router.text == OLD + NEW
    last = memory.recorder.recorded[-1]
    assert (last.item, last.ok, last.changed) == ("config", True, True)


async def test_a_verified_change_that_was_not_saved_when_the_run_is_told_to_end_says_so() -> None:
    memory = Memory("r1")
    router = memory.routers["r1"]
    router.slow = {"keep True": asyncio.Event()}
    router.fails["keep True"] = DeviceError("r1", "save", "storage", "the flash is full")
    running = asyncio.ensure_future(memory.deploy())
    await router.hanging.wait()
    running.cancel()
    await asyncio.sleep(0)
    router.slow["keep True"].set()
    with pytest.raises(asyncio.CancelledError):
        await running
    last = memory.recorder.recorded[-1]
    assert (last.item, last.ok, last.stage) == ("config", False, "save")
    assert last.summary.endswith("when the change was in force: the flash is full")
    router.fails.clear()
    again = await memory.deploy(earlier=memory.recorder.recorded, number=2)
    assert router.steps.count("apply") == 1
    assert configs(again)["r1"].ok


async def test_a_change_is_in_the_history_when_the_run_is_told_to_end_as_it_is_recorded() -> None:
    memory = Memory("r1")
    recording, go_on = asyncio.Event(), asyncio.Event()
    record = memory.recorder.record

    async def slowly(results: Sequence[DeviceResult]) -> None:
        if results[0].item == "config":
            recording.set()
            await go_on.wait()
        await record(results)

    memory.recorder.record = slowly  # type: ignore[method-assign]
    running = asyncio.ensure_future(memory.deploy())
    await recording.wait()
    running.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    last = memory.recorder.recorded[-1]
    assert (last.item, last.ok, last.changed) == ("config", True, True)


async def test_a_device_that_takes_too_long_is_taken_back_in_time() -> None:
    memory = Memory("r1")
    router = memory.routers["r1"]
    router.hangs = "verify"
    deployed = await memory.deploy(seconds=8)
    assert router.text == OLD
    assert configs(deployed)["r1"].cause == "timed_out"
    assert configs(deployed)["r1"].summary.endswith("rolled back to the configuration before")


async def test_a_device_that_another_run_configures_is_left_alone() -> None:
    memory = Memory("r1")
    memory.locked.add("r1")
    deployed = await memory.deploy()
    assert memory.begun == []
    assert (configs(deployed)["r1"].stage, configs(deployed)["r1"].cause) == ("lock", "busy")
