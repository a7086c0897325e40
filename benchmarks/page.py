"""The page and the API over 10,000 tasks with a million runs, beside Prefect's API.

    python -m benchmarks.page [--full]

Each server is a process of its own, asked over loopback by one client; the wall time
of a request is what the server takes, and the way there. The CPU is the server's,
without its PostgreSQL's. Prefect's history is made of copies of a run that its own
API made; in the short form it is a twentieth of ours.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from benchmarks.fleet.control import cpu_of
from benchmarks.measuring import Contestant, Cost, Spread, compare
from benchmarks.page_history import Size
from benchmarks.page_servers import Server, Servers, servers

LIMIT = 0.2
"""Seconds that a list of ours may take."""
_PAGE: Final = 50
_OURS: Final[Mapping[str, str]] = {
    "/tasks": "the page: list, counts, failures of the day",
    "/tasks?sort=-last_run_at": "by last run",
    "/tasks?status=failing": "those whose newest run failed",
    "/tasks?text=no+99&type=backup": "by text and type",
    "/tasks?page=200": "the last page",
    "/tasks/overview": "what an open page asks for twice a minute",
    "/timeline": "the plan of the next 24 hours",
    "/api/v1/tasks?limit=500&sort=-next_run_at": "500 tasks",
    "/api/v1/runs?limit=500": "500 runs",
    "/api/v1/runs?state=crashed&task_type=agent_task": "runs of a rare kind",
    "/api/v1/runs?task=no+7777": "runs of a task by its name",
    "/api/v1/audit": "the audit log",
    "/snapshots": "devices with versions",
}
_OFFSET: Final = "SELECT * FROM task_runs ORDER BY scheduled_for DESC, id DESC OFFSET %s LIMIT %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much of everything."""

    history: Size
    peer_runs: int
    rounds: int
    requests: int


SHORT = Sizes(history=Size(), peer_runs=50_000, rounds=5, requests=5)
FULL = Sizes(history=Size(details=1_000_000), peer_runs=1_000_000, rounds=10, requests=10)


async def main(sizes: Sizes) -> int:
    """Start the servers and compare; how many lists of ours took longer than they may."""
    with tempfile.TemporaryDirectory(prefix="netstacks-bench-") as folder:
        async with servers(Path(folder), sizes.history, sizes.peer_runs) as both:
            return await asyncio.to_thread(_measure, both, sizes)


def _measure(both: Servers, sizes: Sizes) -> int:
    with psycopg.connect(both.database_url, autocommit=True) as direct:
        middle = direct.execute(_OFFSET, (sizes.history.runs // 2, 1)).fetchone()
        assert middle is not None
        _compare(both, sizes, direct, str(middle[0]))
    return _ours(both.ours, sizes)


def _compare(
    both: Servers, sizes: Sizes, direct: psycopg.Connection[tuple[Any, ...]], middle: str
) -> None:
    ours, prefect, history = both.ours, both.prefect, sizes.history

    def get(name: str, path: str) -> Contestant:
        return _asked(name, ours, sizes, lambda client: client.get(path))

    def post(name: str, path: str, **body: object) -> Contestant:
        wanted = {"limit": _PAGE} | body
        return _asked(name, prefect, sizes, lambda client: client.post(path, json=wanted))

    def by_offset() -> Cost:
        pid = direct.info.backend_pid
        cpu, began = cpu_of(pid), time.perf_counter()
        for _ in range(sizes.requests):
            direct.execute(_OFFSET, (history.runs // 2, _PAGE)).fetchall()
        return Cost(time.perf_counter() - began, cpu_of(pid) - cpu)

    small = f"of {sizes.peer_runs:,}"
    newest = "EXPECTED_START_TIME_DESC"
    tables = {
        f"The first {_PAGE} of {history.tasks:,} tasks": [
            get("GET /api/v1/tasks, with last runs", f"/api/v1/tasks?limit={_PAGE}"),
            get("the page: with counts and failures", "/tasks"),
            post("Prefect: deployments/paginate", "deployments/paginate", sort="NAME_ASC"),
        ],
        f"The newest {_PAGE} of {history.runs:,} runs": [
            get("GET /api/v1/runs", f"/api/v1/runs?limit={_PAGE}"),
            post(f"Prefect: flow_runs/filter, {small}", "flow_runs/filter", sort=newest),
            post(f"Prefect: flow_runs/paginate, {small}", "flow_runs/paginate", sort=newest),
        ],
        f"{_PAGE} runs from the middle of {history.runs:,}": [
            get("GET /api/v1/runs?before=", f"/api/v1/runs?limit={_PAGE}&before={middle}"),
            Contestant("our table by OFFSET, without API", by_offset),
            post(
                f"Prefect: flow_runs/filter, {small}",
                "flow_runs/filter",
                sort=newest,
                offset=sizes.peer_runs // 2,
            ),
            post(
                f"Prefect: flow_runs/paginate, {small}",
                "flow_runs/paginate",
                sort=newest,
                page=sizes.peer_runs // 2 // _PAGE,
            ),
        ],
    }
    for title, contestants in tables.items():
        compare(title, contestants, rounds=sizes.rounds, items=sizes.requests, unit="request")


def _asked(
    name: str, server: Server, sizes: Sizes, ask: Callable[[httpx.Client], httpx.Response]
) -> Contestant:
    def measure() -> Cost:
        cpu, began = server.cpu(), time.perf_counter()
        for _ in range(sizes.requests):
            ask(server.client).raise_for_status()
        return Cost(time.perf_counter() - began, server.cpu() - cpu)

    # Neither is asked for the first time: statements are prepared, templates compiled.
    measure()
    return Contestant(name, measure)


def _ours(server: Server, sizes: Sizes) -> int:
    print(f"\nOur lists, {LIMIT * 1e3:.0f} ms each at most: milliseconds, median (least..most)")
    late = 0
    for path, name in _OURS.items():
        taken = []
        for _ in range(sizes.rounds * 2 + 1):
            began = time.perf_counter()
            server.client.get(path).raise_for_status()
            taken.append((time.perf_counter() - began) * 1e3)
        # The first one has its statements prepared and its templates compiled.
        spread = Spread.of(taken[1:])
        late += spread.median > LIMIT * 1e3
        print(f"  {name:45} {spread!s:24} {path}")
    print(f"  An open page costs the server {_open_page(server) * 1e3:.0f} ms of CPU a minute.")
    return late


def _open_page(server: Server) -> float:
    """Seconds of CPU: it asks for its list three times a minute, and twice for the news."""
    part, minutes = {"HX-Request": "true"}, 10
    before = server.cpu()
    for path, times in (("/tasks?seen=before", 3), ("/tasks/overview?seen=before", 2)):
        for _ in range(times * minutes):
            server.client.get(path, headers=part).raise_for_status()
    return (server.cpu() - before) / minutes


if __name__ == "__main__":
    sys.exit(asyncio.run(main(FULL if "--full" in sys.argv else SHORT)))
