"""Commands on sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_note, print_table, print_text
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.store.site_pools import Site
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Have tasks run near their devices.")

Name = Annotated[str, typer.Argument(metavar="SITE", help="As in the devices' `site`.")]


@app.command("list")
def list_sites(as_json: AsJson = False) -> None:
    """List the sites of devices, with the work pools that serve them.

    \b
    Example:
      netstacks site list
    """

    async def work(netstacks: NetStacks) -> tuple[list[Site], str]:
        return await _sites(netstacks), netstacks.endpoints.work_pool

    found, default = run(work)
    if as_json:
        print_json(found)
        return
    rows = [(one.name, one.devices, one.work_pool or f"({default})") for one in found]
    empty = "No sites. Give devices a `site` with `netstacks import FILE`."
    print_table(("SITE", "DEVICES", "WORK POOL"), rows, empty)


@app.command()
def assign(
    site: Name,
    pool: Annotated[str, typer.Option(help="The work pool; made when it is missing.")],
    as_json: AsJson = False,
) -> None:
    """Have the tasks of a site run in a work pool of its own.

    A task is of a site when all its devices are there; one with devices at
    several sites, or without any, runs in the default pool. Several sites may have the
    same pool. Tasks follow within seconds, those that wait for a worker too. Start
    a worker there: netstacks worker --pool POOL.

    \b
    Example:
      netstacks site assign fra --pool pool-fra
    """

    async def work(netstacks: NetStacks) -> list[Site]:
        from netstacks_tasks.store import site_pools

        await site_pools.assign(netstacks.db, site, pool)
        return await _sites(netstacks)

    found = next(one for one in run(work) if one.name == site)
    if as_json:
        print_json(found)
        return
    print_text(f"Tasks of {site} ({found.devices} devices) run in {pool}.")
    if not found.devices:
        print_note(f"No device is at {site!r} yet: `netstacks site list` shows those there are.")


@app.command()
def release(site: Name, as_json: AsJson = False) -> None:
    """Have the tasks of a site run in the default pool again.

    \b
    Example:
      netstacks site release fra
    """

    async def work(netstacks: NetStacks) -> str:
        from netstacks_tasks.store import site_pools

        await site_pools.release(netstacks.db, site)
        return netstacks.endpoints.work_pool

    default = run(work)
    if as_json:
        print_json({"name": site, "work_pool": None})
    else:
        print_text(f"Tasks of {site} run in {default}.")


async def _sites(netstacks: NetStacks) -> list[Site]:
    from netstacks_tasks.store import site_pools

    return await site_pools.find(netstacks.db)
