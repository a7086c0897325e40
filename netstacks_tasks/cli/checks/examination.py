"""Looks at everything, in the order in which things depend on each other."""

from __future__ import annotations

from collections.abc import AsyncIterator

from netstacks_tasks.cli.checks import database, page
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
    stored = await collected(database.database(reach.database_url), "database", database.MEND)
    findings += stored
    if stored[0].status != "fail":
        looked = page.page(settings, reach.database_url)
        findings += await collected(looked, "page", database.MEND)
    if (found := await prefect_database(settings)) is not None:
        findings.append(found)
    if reach.prefect_api_url is None:
        return [*findings, fail("Prefect", NO_PREFECT, _START)]
    try:
        reach.make_home()
    except ConfigurationError as error:
        return [*findings, fail("state folder", str(error), "see there")]
    with pointed_at(
        reach.prefect_api_url, home=reach.prefect_home, auth_string=reach.prefect_auth_string
    ):
        findings += await _prefect(reach, with_database=stored[0].status != "fail")
    return findings


async def _prefect(reach: Endpoints, *, with_database: bool) -> list[Finding]:
    # Prefect reads its environment when it is imported.
    from netstacks_tasks.cli.checks import blocks, prefect_server, site_pools
    from netstacks_tasks.sync.prefect_errors import LOGIN_MEND, PrefectLoginRefused, open_client

    async def everything() -> AsyncIterator[Finding]:
        async with open_client(reach.api_url) as client:
            looks = [
                prefect_server.prefect_server(client, reach.work_pool),
                blocks.blocks(client, reach.database_url),
            ]
            if with_database:
                sites = site_pools.site_work_pools(client, reach.database_url, reach.work_pool)
                looks.append(sites)
                looks.append(blocks.credentials(client, reach.database_url))
                looks.append(blocks.models(client, reach.database_url))
            try:
                for look in looks:
                    async for finding in look:
                        yield finding
            except PrefectLoginRefused as error:
                yield fail("Prefect", error.found, LOGIN_MEND)

    return await collected(everything(), "Prefect", prefect_server.MEND)
