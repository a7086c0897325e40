"""The Prefect server: reachable, its version, settings, clock, work pool and workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib import metadata
from typing import Any, Final

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from netstacks_tasks.cli.checks.database import skew
from netstacks_tasks.cli.checks.finding import Finding, fail, ok, warn
from netstacks_tasks.embedded.prefect_server import WORKER_PREFETCH_SECONDS
from netstacks_tasks.sync.prefect_errors import translated

MEND: Final = "is the Prefect server running, and PREFECT_API_URL right?"
_SLOT_WAIT: Final = "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS"
_LEASES: Final = "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"
_SCHEDULER: Final = "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS"
_LONGEST_LOOP: Final = 60
_SERVED: Final = ("netstacks", "process")
"""Types of pools that `netstacks worker` serves."""
_SECONDS: Final = 10


async def prefect_server(client: PrefectClient, pool: str) -> AsyncIterator[Finding]:
    """Look at the server behind the client.

    Raises:
        SyncError: it cannot be looked at.
    """
    async with translated("ask for its version"):
        version = await client.api_version()
        answer = await client.request("GET", "/health")
    yield server_version(version, metadata.version("prefect"), str(client.api_url))
    if (login := await _login(str(client.api_url))) is not None:
        yield login
    if date := answer.headers.get("date"):
        yield skew("clock of Prefect", parsedate_to_datetime(date), grain=timedelta(seconds=1))
    async with translated("read its settings"):
        try:
            settings = (await client.request("GET", "/admin/settings")).json()
        except (ObjectNotFound, PrefectHTTPStatusError):
            settings = None
    yield server_settings(settings)
    yield await work_pool(client, pool)


def server_version(theirs: str, ours: str, address: str) -> Finding:
    """Whether the server is of the release line that we were tested with."""
    found = f"{theirs} at {address}"
    if theirs.split(".")[:2] != ours.split(".")[:2]:
        return warn("Prefect", f"{found}; this side is {ours}", f"run a Prefect {ours} server")
    return ok("Prefect", found)


async def _login(api_url: str) -> Finding | None:
    """Whether it turns strangers away; None when that cannot be seen from here."""
    subject = "Prefect's login"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as stranger:
            answer = await stranger.get(f"{api_url.rstrip('/')}/admin/version")
    except httpx.HTTPError:
        return None
    if answer.is_success:
        return warn(
            subject,
            "the server asks for none: all who reach it, the scripts of tasks too, can read every "
            "password kept in its blocks",
            "start the server with PREFECT_SERVER_API_AUTH_STRING=user:password, and set "
            "PREFECT_API_AUTH_STRING to the same for everything that talks to it",
        )
    return ok(subject, "the server asks for one")


def server_settings(settings: Mapping[str, Any] | None) -> Finding:
    """Whether the server is set up for queues, restarts and schedules as we need it."""
    subject = "Prefect's settings"
    server = settings.get("server") if settings is not None else None
    if not isinstance(server, Mapping):
        mend = "see the README: With a PostgreSQL and a Prefect server of your own"
        return warn(subject, "this server does not tell its settings", mend)
    wrong: list[tuple[str, str]] = []
    wait = _at(server, "deployments", "concurrency_slot_wait_seconds")
    if not isinstance(wait, int | float) or wait >= WORKER_PREFETCH_SECONDS:
        wrong.append((f"a queued run looks again every {wait} s and may starve", f"{_SLOT_WAIT}=5"))
    if str(_at(server, "concurrency", "lease_storage")).endswith("memory"):
        kept = "prefect.server.concurrency.lease_storage.filesystem"
        wrong.append(("a restart of the server ends runs that are well", f"{_LEASES}={kept}"))
    loop = _at(server, "services", "scheduler", "loop_seconds")
    if isinstance(loop, int | float) and loop >= _LONGEST_LOOP:
        wrong.append((f"schedules are looked at every {loop:g} s only", f"{_SCHEDULER}=15"))
    if wrong:
        found = "; ".join(fault for fault, _ in wrong)
        return warn(subject, found, f"start the server with {' '.join(mend for _, mend in wrong)}")
    return ok(subject, "as they should be")


def _at(settings: Mapping[str, Any], *path: str) -> Any:  # noqa: ANN401 - any JSON
    value: Any = settings
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


async def work_pool(client: PrefectClient, name: str) -> Finding:
    """Whether a pool is there and served."""
    async with translated("read the work pool"):
        try:
            pool = await client.read_work_pool(name)
            workers = await client.read_workers_for_work_pool(name)
        except ObjectNotFound:
            return fail(
                "work pool",
                f"there is no work pool {name!r}",
                f"run `netstacks worker` with --pool {name}, which makes it",
            )
    online = [worker.name for worker in workers if worker.status == "ONLINE"]
    if pool.is_paused:
        mend = f"prefect work-pool resume {name!r}"
        return fail("work pool", f"{name!r} is paused: nothing will run", mend)
    if not online:
        found = f"no worker is online in {name!r}, of type {pool.type}: nothing will run"
        mend = f"run `netstacks worker` with --pool {name}"
        if pool.type not in _SERVED:
            mend = f"run `prefect worker start --pool {name!r}` where that type is at home"
        return fail("work pool", found, mend)
    return ok("work pool", f"{name!r}, online: {', '.join(online)}")
