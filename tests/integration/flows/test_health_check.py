from __future__ import annotations

from typing import Any

from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS

from .running import run
from .world import World, shown

EDGE = next(str(found.id) for found in CREDENTIALS if found.name == "edge-switches")


async def task(world: World, checks: list[str], **more: Any) -> str:  # noqa: ANN401
    return await world.task(
        {"type": "health_check", "credential_id": EDGE, "checks": checks, **more}
    )


def edge(world: World) -> list[str]:
    return [name for name in world.fleet.nodes if name.startswith("edge-")]


async def test_every_device_of_the_credential_is_checked(world: World) -> None:
    ran = await run("health_check", await task(world, ["ssh", "snmp_sysname"]))
    assert ran.state.is_completed(), ran.state.message
    results = await world.results(ran.id)
    assert len(results) == 2 * len(edge(world))
    assert all(row["ok"] and row["latency_ms"] > 0 for row in results)
    names = {row["device_name"]: row["summary"] for row in results if row["item"] != "ssh"}
    assert all(summary.startswith(name) for name, summary in names.items())
    seen = await shown(ran.id)
    assert "█" in seen.artifacts["markdown"]


async def test_going_down_and_up_is_reported_first(world: World) -> None:
    task_id = await task(world, ["ssh", "snmp_sysname"])
    await run("health_check", task_id)
    await world.break_device("edge-sw-02", "down")
    ran = await run("health_check", task_id)
    assert ran.state.is_failed()
    report = (await shown(ran.id)).artifacts["markdown"]
    assert report.index("edge\\_sw" if "edge\\_sw" in report else "edge-sw-02") < report.index(
        "## Failed"
    )
    assert "went down" in report
    await world.fleet.operations.heal({})
    ran = await run("health_check", task_id)
    assert ran.state.is_completed()
    assert "came up" in (await shown(ran.id)).artifacts["markdown"]


async def test_a_retry_checks_only_what_failed(world: World) -> None:
    await world.break_device("edge-sw-01", "password", times=1)
    ran = await run("health_check", await task(world, ["ssh", "snmp_sysname"]), retries=1)
    assert ran.state.is_completed(), ran.state.message
    again = [row for row in await world.results(ran.id) if row["attempt"] == 2]
    assert [(row["device_name"], row["item"]) for row in again] == [("edge-sw-01", "ssh")]


async def test_some_devices_may_fail_when_the_task_allows_it(world: World) -> None:
    task_id = await task(world, ["ssh"], max_failed_devices=1)
    await world.break_device("edge-sw-01", "down")
    ran = await run("health_check", task_id)
    assert ran.state.is_completed(), ran.state.message
    await world.break_device("edge-sw-02", "down")
    ran = await run("health_check", task_id)
    assert ran.state.is_failed()
