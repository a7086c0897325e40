"""Deployments to routers nobody here wrote, run as a worker runs them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.importing.sources import Source
from tests.hosts.frr_host import FrrHost, frr_host, missing_parts

from .running import Ran, run
from .world import World, shown

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(bool(missing_parts()), reason=missing_parts() or "all there"),
]

KEY = "not-for-anybody"
STACK = """\
stacks:
  - name: peering
    variables: {asn: 65001, peers: []}
    templates:
      frr/peers: |
        router bgp {{ asn }}
        {% for peer in peers %}
         neighbor {{ peer.address }} remote-as {{ peer.asn }}
         neighbor {{ peer.address }} password {{ key }}
         neighbor {{ peer.address }} description {{ device.name }} to {{ site }}
        {% endfor %}
        {{ more | default('') }}
        ip route {{ network }} Null0
"""


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[FrrHost]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="netstacks-frr-")))
        folder.chmod(0o755)
        found = []
        for number in range(3):
            shell = "/bin/bash" if number == 1 else "/usr/bin/vtysh"
            host = stack.enter_context(frr_host(folder / str(number), login_shell=shell))
            # Whoever may write the configuration of FRR may save it.
            (host.directory / "frr").chmod(0o777)
            found.append(host)
        yield found


@dataclass(frozen=True, slots=True)
class Stage:
    """Three routers in the inventory, as they were before the test."""

    world: World
    hosts: Sequence[FrrHost]
    before: Sequence[str]

    async def task(self, *, dry_run: bool = False, instance: str = "", members: str = "") -> str:
        """Import an instance with all routers and save a task for it."""
        lines = members or "\n".join(f"      - {host.name}" for host in self.hosts)
        text = (
            f"{STACK}stack_instances:\n  - name: everywhere\n    stack: peering\n"
            f"{instance}    groups:\n      - {{group: frr-routers, variables: {{site: theirs}}}}\n"
            "    variables:\n      site: nowhere\n      network: 203.0.113.0/24\n"
            "      key: {secret_block: peering-key}\n"
            "      peers: [{address: 192.0.2.9, asn: 65009}]\n"
            f"    devices:\n{lines}\n"
        )
        await import_documents(self.world.db, [Source("stack.yaml", text.encode())])
        rows = await self.world.rows("SELECT id FROM stack_instances")
        parameters = {
            "type": "deployment",
            "stack_instance_id": str(rows[0]["id"]),
            "dry_run": dry_run,
        }
        return await self.world.task(parameters, name=f"Push {uuid4()}")

    def now(self) -> list[str]:
        return [host.vtysh("show running-config") for host in self.hosts]

    async def configs(self, ran: Ran) -> dict[tuple[int, str], tuple[int, bool, str]]:
        """(router, item) -> (attempt, ok, summary), the newest ones."""
        names = [host.name for host in self.hosts]
        return {
            (names.index(row["device_name"]), row["item"]): (
                row["attempt"],
                row["ok"],
                row["summary"],
            )
            for row in await self.world.results(ran.id)
        }


@pytest_asyncio.fixture(scope="module")
async def _secrets(configs: Path, hosts: Sequence[FrrHost]) -> None:
    """What Prefect keeps of the routers; the flows' own blocks stay beside it."""
    from prefect.blocks.system import Secret

    from blocks.documents import BlockDocuments, register

    logins = {host.name: {"username": host.username, "password": host.password} for host in hosts}
    await register(BlockDocuments.model_validate({"device_credentials": logins}))
    await Secret(value=KEY).asave("peering-key", overwrite=True)


@pytest_asyncio.fixture
async def stage(world: World, hosts: Sequence[FrrHost], _secrets: None) -> AsyncIterator[Stage]:
    devices = "".join(
        f"  - {{name: {host.name}, host: {host.address}, platform: frr, credential: {host.name},"
        " groups: [frr-routers]}\n"
        for host in hosts
    )
    credentials = "".join(f"  - {{name: {h.name}, block_name: {h.name}}}\n" for h in hosts)
    text = f"credentials:\n{credentials}devices:\n{devices}"
    await import_documents(world.db, [Source("inventory.yaml", text.encode())])
    before = [host.vtysh("show running-config") for host in hosts]
    yield Stage(world, hosts, before)
    for host in hosts:
        undo = ["configure terminal", "no ip route 203.0.113.0/24 Null0", "router bgp 65001"]
        host.vtysh(*undo, "no neighbor 192.0.2.9")
    assert [host.vtysh("show running-config") for host in hosts] == before


def member(host: FrrHost, more: str) -> str:
    return f"      - {{device: {host.name}, variables: {{more: '{more}'}}}}"


async def test_a_stack_is_pushed_and_found_in_place_the_second_time(stage: Stage) -> None:
    task_id = await stage.task(instance="    post_checks: [ssh]\n")
    ran = await run("deployment", task_id)
    assert ran.state.is_completed(), ran.state.message
    for host, config in zip(stage.hosts, stage.now(), strict=True):
        lines = config.splitlines()
        assert " neighbor 192.0.2.9 remote-as 65009" in lines
        assert f" neighbor 192.0.2.9 description {host.name} to theirs" in lines
        assert f" neighbor 192.0.2.9 password {KEY}" in lines
        assert "ip route 203.0.113.0/24 Null0" in lines
        assert "203.0.113.0/24" in (host.directory / "frr" / "frr.conf").read_text()
    found = await stage.configs(ran)
    assert {key: (attempt, ok) for key, (attempt, ok, _) in found.items()} == {
        (router, item): (1, True) for router in range(3) for item in ("baseline", "config")
    }
    assert found[0, "config"][2] == "4 lines added, 0 taken away, verified"
    seen = await shown(ran.id)
    assert "+ neighbor 192.0.2.9 remote-as 65009" in seen.artifacts["markdown"]
    assert "neighbor 192.0.2.9 password <hidden>" in seen.artifacts["markdown"]
    assert KEY not in str(seen) + ran.output + str(found)
    # The canary was over before the others were begun.
    order = await stage.world.rows(
        "SELECT device_name FROM device_results WHERE run_id = %s AND item = 'config'"
        " ORDER BY recorded_at",
        ran.id,
    )
    assert order[0]["device_name"] == stage.hosts[0].name

    again = await run("deployment", task_id)
    assert again.state.is_completed(), again.state.message
    said = {key: summary for key, (_, _, summary) in (await stage.configs(again)).items()}
    assert said == {
        (router, "config"): "no change: it holds what was rendered" for router in range(3)
    }


async def test_the_router_that_refuses_a_line_is_rolled_back_and_alone_tried_again(
    stage: Stage,
) -> None:
    broken = stage.hosts[1]
    members = "\n".join(
        member(host, " neighbor 192.0.2.9 colour blue" if host is broken else "")
        for host in stage.hosts
    )
    task_id = await stage.task(instance="    max_failures: 2\n", members=members)
    ran = await run("deployment", task_id, retries=1)
    assert ran.state.is_failed()
    now = stage.now()
    assert now[1] == stage.before[1]
    assert "203.0.113.0/24" in now[0]
    assert "203.0.113.0/24" in now[2]
    found = await stage.configs(ran)
    assert found[0, "config"][:2] == found[2, "config"][:2] == (1, True)
    attempt, ok, summary = found[1, "config"]
    assert (attempt, ok) == (2, False)
    assert "'neighbor 192.0.2.9 colour blue': % Unknown command" in summary
    assert summary.endswith("rolled back to the configuration before")
    attempts = await stage.world.rows(
        "SELECT outcome, error FROM run_attempts WHERE run_id = %s", ran.id
    )
    assert [row["outcome"] for row in attempts] == ["failed", "failed"]
    assert attempts[0]["error"].startswith("1 of 3 devices failed: ")


async def test_a_failed_canary_leaves_the_others_alone(stage: Stage) -> None:
    members = "\n".join(
        member(host, "nonsense" if host is stage.hosts[0] else "") for host in stage.hosts
    )
    task_id = await stage.task(instance="    max_failures: 3\n", members=members)
    ran = await run("deployment", task_id)
    assert ran.state.is_failed()
    assert stage.now() == list(stage.before)
    found = await stage.configs(ran)
    assert "% Unknown command: nonsense" in found[0, "config"][2]
    for router in (1, 2):
        assert found[router, "config"][2] == "not begun and not touched: a canary failed"
    assert ran.state.message is not None
    assert "2 not begun" in ran.state.message


async def test_a_dry_run_shows_the_diff_and_touches_nothing(stage: Stage) -> None:
    ran = await run("deployment", await stage.task(dry_run=True))
    assert ran.state.is_completed(), ran.state.message
    assert stage.now() == list(stage.before)
    found = await stage.configs(ran)
    assert {key[1] for key in found} == {"config"}
    assert found[2, "config"][2] == "dry run: 4 lines added, 0 taken away; nothing was sent"
    markdown = (await shown(ran.id)).artifacts["markdown"]
    assert "+ neighbor 192.0.2.9 remote-as 65009" in markdown
    assert KEY not in markdown


async def test_a_variable_missing_on_one_device_stops_before_any_is_touched(stage: Stage) -> None:
    task_id = await stage.task()
    # Since it was imported somebody took a variable away behind our back.
    async with stage.world.db.transaction() as connection:
        await connection.execute("UPDATE stack_instances SET variables = variables - 'network'")
    ran = await run("deployment", task_id)
    assert ran.state.is_failed()
    assert stage.now() == list(stage.before)
    attempts: list[dict[str, Any]] = await stage.world.rows(
        "SELECT error FROM run_attempts WHERE run_id = %s", ran.id
    )
    assert "template 'frr/peers', line 8: 'network' is undefined" in attempts[0]["error"]
    assert stage.hosts[0].name in attempts[0]["error"]
