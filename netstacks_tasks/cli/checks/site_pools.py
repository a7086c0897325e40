"""The work pools of sites: there, and served."""

from __future__ import annotations

from collections.abc import AsyncIterator

from prefect.client.orchestration import PrefectClient

from netstacks_tasks.cli.checks.finding import Finding
from netstacks_tasks.cli.checks.prefect_server import work_pool
from netstacks_tasks.store import site_pools
from netstacks_tasks.store.database import Database


async def site_work_pools(
    client: PrefectClient, database_url: str, default: str
) -> AsyncIterator[Finding]:
    """Look at the pool of every site but the default one, which is looked at anyway.

    Raises:
        StoreUnavailable: the database does not answer.
        SyncError: Prefect cannot be asked.
    """
    async with Database.open(database_url, migrate=False) as db:
        sites = await site_pools.find(db)
    for pool in sorted({one.work_pool for one in sites if one.work_pool} - {default}):
        yield await work_pool(client, pool)
