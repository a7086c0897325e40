"""Looks at everything, in the order in which things depend on each other."""

from __future__ import annotations

from collections.abc import AsyncIterator

from netstacks_tasks.cli.checks import database
from netstacks_tasks.cli.checks.finding import Finding, collected, fail
from netstacks_tasks.cli.checks.machine import machine
from netstacks_tasks.cli.checks.prefect_database import prefect_database
from netstacks_tasks.embedded.endpoints import NO_PREFECT, Endpoints, NotConnected, endpoints
from netstacks_tasks.embedded.prefect_context import pointed_at
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.settings import Settings

_START = "run `netstacks up`, or set it to where one runs"


async def examine(settings: Settings) -> list[Finding]:
    """Everything that a task needs, as it is found now."""
    findings = machine(settings.state_dir)
    try:
        reach = endpoints(settings)
    except NotConnected as error:
        return [*findings, fail("database", str(error), _START)]
    looks = database.database(reach.database_url)
    findings += await collected(looks, "database", database.MEND)
    if (found := await prefect_database(settings)) is not None:
        findings.append(found)
    if reach.prefect_api_url is None:
        return [*findings, fail("Prefect", NO_PREFECT, _START)]
    try:
        reach.make_home()
    except ConfigurationError as error:
        return [*findings, fail("state folder", str(error), "see there")]
    with pointed_at(reach.prefect_api_url, home=reach.prefect_home):
        findings += await _prefect(reach)
    return findings


async def _prefect(reach: Endpoints) -> list[Finding]:
    # Prefect reads its environment when it is imported.
    from netstacks_tasks.cli.checks import prefect_server
    from netstacks_tasks.cli.checks.blocks import blocks
    from netstacks_tasks.sync.prefect_errors import open_client

    async def everything() -> AsyncIterator[Finding]:
        async with open_client(reach.api_url) as client:
            async for finding in prefect_server.prefect_server(client, reach.work_pool):
                yield finding
            for finding in await collected(
                blocks(client, reach.database_url), "blocks", prefect_server.MEND
            ):
                yield finding

    return await collected(everything(), "Prefect", prefect_server.MEND)
