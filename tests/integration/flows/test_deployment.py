"""Deployments to simulated devices: what happens when a run does not end by itself."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from .running import beginning_with, create, execute, process_of, run
from .world import World, shown

SWITCHES = ("edge-sw-01", "edge-sw-02")
ROUTER = "core-frr-01"
ROUTES = """\
{% for number in range(6) %}
ip route 203.0.113.{{ number }}/32 Null0
{% endfor %}
"""
VLANS = """\
{% for vlan in vlans %}
vlan {{ vlan.id }}
 name {{ vlan.name }}
{% endfor %}
"""


async def push(world: World, *names: str, name: str = "VLANs", **settings: object) -> str:
    """A task that pushes two VLANs to devices, in their order."""
    stack, instance = uuid4(), uuid4()
    vlans = [{"id": 730, "name": "cameras"}, {"id": 731, "name": "doors"}]
    columns = {"canaries": 1, "batch_size": 10, "max_failures": 1, **settings}
    async with world.db.transaction() as connection:
        await connection.execute(
            "INSERT INTO stacks (id, name) VALUES (%s, %s)", (stack, f"stack of {name}")
        )
        await connection.execute(
            "INSERT INTO stack_versions (stack_id, version, templates) VALUES (%s, 1, %s)",
            (stack, Jsonb({"ios/vlans": VLANS, "frr/routes": ROUTES})),
        )
        await connection.execute(
            "INSERT INTO stack_instances (id, name, stack_id, version, variables, canaries,"
            " batch_size, max_failures) VALUES (%s, %s, %s, 1, %s, %s, %s, %s)",
            (
                *(instance, f"instance of {name}", stack, Jsonb({"vlans": vlans})),
                *(columns["canaries"], columns["batch_size"], columns["max_failures"]),
            ),
        )
        for position, device in enumerate(names):
            await connection.execute(
                "INSERT INTO stack_instance_devices (stack_instance_id, device_id, position)"
                " SELECT %s, id, %s FROM devices WHERE name = %s",
                (instance, position, device),
            )
    return await world.task({"type": "deployment", "stack_instance_id": str(instance)}, name=name)


def vlans_of(world: World, name: str) -> list[str]:
    tree = world.fleet.nodes[name].device.running.root
    return [node.text for node in tree.starting("vlan 73")]


def routes_of(world: World) -> list[str]:
    tree = world.fleet.nodes[ROUTER].device.running.root
    return [node.text for node in tree.starting("ip route 203.0.113.")]


@pytest.fixture(autouse=True)
def _as_before(world: World) -> None:
    for name in SWITCHES:
        for text in vlans_of(world, name):
            world.fleet.nodes[name].device.running.root.remove(text)
    for text in routes_of(world):
        world.fleet.nodes[ROUTER].device.running.root.remove(text)


async def test_vlans_are_pushed_and_the_second_run_sends_no_line(world: World) -> None:
    task_id = await push(world, *SWITCHES)
    ran = await run("deployment", task_id)
    assert ran.state.is_completed(), ran.state.message
    for name in SWITCHES:
        assert vlans_of(world, name) == ["vlan 730", "vlan 731"]
    sent = {name: len(world.counts(name).commands) for name in SWITCHES}
    again = await run("deployment", task_id)
    assert again.state.is_completed(), again.state.message
    for name in SWITCHES:
        later = list(world.counts(name).commands)[sent[name] :]
        assert later, "it looked"
        assert not [one for one in later if one.startswith(("configure", "vlan", "write"))]
    assert {row["summary"] for row in await world.results(again.id)} == {
        "no change: it holds what was rendered"
    }


async def in_the_middle(world: World) -> None:
    """Wait until the router has the first line and not the last."""
    for _ in range(1200):
        if routes_of(world):
            assert len(routes_of(world)) < 6
            return
        await asyncio.sleep(0.05)
    pytest.fail("the change never began")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["told", "killed"])
async def test_a_run_that_ends_in_the_middle_of_a_change(
    world: World, number: signal.Signals
) -> None:
    """Told to end it takes its change back; killed, the next run goes on."""
    task_id = await push(world, ROUTER)
    await world.break_device(ROUTER, "slow", seconds=0.7)
    run_id = await create("deployment", task_id)
    executing = asyncio.ensure_future(execute(run_id, "deployment"))
    await in_the_middle(world)
    os.kill(process_of(run_id), number)
    await world.fleet.operations.heal({})
    await executing
    results = await world.results(run_id)
    if number == signal.SIGTERM:
        assert routes_of(world) == []
        assert "rolled back" in results[-1]["summary"]
        return
    assert routes_of(world)
    assert [row["item"] for row in results] == ["baseline"]
    again = await run("deployment", task_id)
    assert again.state.is_completed(), again.state.message
    assert len(routes_of(world)) == 6


_TWO_SIGNALS_IN_CALLBACKS = """\
import asyncio, signal, threading
new_event_loop = asyncio.events.new_event_loop
def watching():
    loop = new_event_loop()
    def look():
        if not os.path.exists(%r):
            loop.call_later(0.02, look)
        elif threading.current_thread() is threading.main_thread():
            loop.call_later(0.4, signal.raise_signal, signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
    loop.call_soon(look)
    return loop
asyncio.events.new_event_loop = watching
"""


async def test_a_run_that_is_told_to_end_during_a_callback_and_once_more_takes_its_change_back(
    world: World, tmp_path: Path
) -> None:
    """There the event loop would swallow the exception that Prefect's handler raises."""
    environment = beginning_with(_TWO_SIGNALS_IN_CALLBACKS % str(tmp_path / "now"), tmp_path)
    await world.break_device(ROUTER, "slow", seconds=0.7)
    run_id = await create("deployment", await push(world, ROUTER))
    executing = asyncio.ensure_future(execute(run_id, "deployment", environment=environment))
    await in_the_middle(world)
    (tmp_path / "now").touch()
    ran = await executing
    assert routes_of(world) == [], ran.output
    assert ran.state.is_crashed(), ran.output
    assert "rolled back" in (await world.results(run_id))[-1]["summary"]


async def test_a_change_that_takes_too_long_is_taken_back_before_the_timeout(
    world: World,
) -> None:
    await world.break_device(ROUTER, "slow", seconds=1.5)
    running = asyncio.ensure_future(run("deployment", await push(world, ROUTER), timeout=26))
    await in_the_middle(world)
    # Its session stays slow, and is given up; the next one, which takes it back, is not.
    await world.fleet.operations.heal({})
    ran = await running
    assert ran.state.is_failed()
    assert routes_of(world) == []
    result = (await world.results(ran.id))[-1]
    assert (result["item"], result["cause"]) == ("config", "timed_out")
    assert result["summary"].endswith("rolled back to the configuration before")


async def test_two_tasks_do_not_configure_a_device_at_once(world: World) -> None:
    first, second = await push(world, ROUTER), await push(world, ROUTER, name="Others")
    await world.break_device(ROUTER, "slow", seconds=0.3)
    ran = await asyncio.gather(run("deployment", first), run("deployment", second))
    assert [one.state.type for one in ran] == ["COMPLETED", "COMPLETED"]
    # Whoever came second found it done.
    said = sorted([(await world.results(one.id))[-1]["summary"] for one in ran])
    assert said == [
        "6 lines added, 0 taken away, verified",
        "no change: it holds what was rendered",
    ]
    # Configuration mode was entered once.
    commands = world.counts(ROUTER).commands
    assert [one for one in commands if one.startswith("configure")] == ["configure terminal"]


async def test_a_device_out_of_reach_fails_alone(world: World) -> None:
    await world.break_device(SWITCHES[1], "down")
    ran = await run("deployment", await push(world, *SWITCHES, max_failures=2))
    assert ran.state.is_failed()
    assert vlans_of(world, SWITCHES[0]) == ["vlan 730", "vlan 731"]
    failed = [row for row in await world.results(ran.id) if not row["ok"]]
    assert [(row["device_name"], row["stage"], row["cause"]) for row in failed] == [
        (SWITCHES[1], "connect", "refused")
    ]
    assert "FAILED" in (await shown(ran.id)).artifacts["table"]
