"""Where a task runs, and why there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netstacks_tasks.models.task import Task
    from netstacks_tasks.wiring import NetStacks

_SITES = 5


async def place_of(netstacks: NetStacks, task: Task) -> dict[str, str]:
    """The work pool of a task; once sites have pools, also why this one."""
    from netstacks_tasks.store import inventory, site_pools

    pool = await site_pools.pool_of(netstacks.db, task.id)
    place = {"work_pool": pool or netstacks.endpoints.work_pool}
    if pool is not None or any(one.work_pool for one in await site_pools.find(netstacks.db)):
        devices = await inventory.targets_of(netstacks.db, task)
        place["work_pool_reason"] = reason(pool, [one.site for one in devices])
    return place


def reason(pool: str | None, sites: Iterable[str | None]) -> str:
    """Why a task runs in a site's pool, or in the default one (None).

    Args:
        pool: of the site.
        sites: of the task's devices, one each.
    """
    counted = Counter(site or "no site" for site in sites)
    if not counted:
        return "it has no devices"
    named = [f"{count} at {site}" for site, count in counted.most_common(_SITES)]
    if more := len(counted) - len(named):
        named.append(f"more at {more} others")
    where = "devices: " + ", ".join(named)
    return where if pool is not None else f"{where}; not all in one site's pool"
