"""Commands that start things: up, demo, worker, sync."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_text
from netstacks_tasks.cli.session import complaints, run


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="With a fleet of simulated devices, as `demo` shows.")
    ] = False,
) -> None:
    """Start PostgreSQL, Prefect, a worker and the sync on this machine, until Ctrl-C."""
    with complaints():
        from netstacks_tasks.settings import load_settings

        settings = load_settings()
        _log(settings.log_level)
        if demo:
            from rich.console import Console

            from netstacks_tasks.demo.demo import run_demo_up

            raise typer.Exit(run_demo_up(settings, Console()))
        from netstacks_tasks.embedded.up import run_up

        raise typer.Exit(run_up(settings, say=_say, complain=_complain))


def demo() -> None:
    """Show everything on simulated devices, then stop it and leave nothing behind."""
    with complaints():
        from rich.console import Console

        from netstacks_tasks.demo.demo import run_demo
        from netstacks_tasks.settings import load_settings

        settings = load_settings()
        _log("WARNING")
        raise typer.Exit(run_demo(settings, Console()))


def worker(
    limit: Annotated[int, typer.Option(min=1, help="Runs at the same time.")] = 10,
    name: Annotated[str | None, typer.Option(help="Shown in Prefect.")] = None,
) -> None:
    """Run tasks: a Prefect process worker on the work pool, until Ctrl-C."""
    with complaints():
        from netstacks_tasks.embedded.environment import prefect_environment
        from netstacks_tasks.errors import ConfigurationError
        from netstacks_tasks.settings import load_settings
        from netstacks_tasks.wiring import NO_PREFECT, endpoints

        settings = load_settings()
        reach = endpoints(settings)
        if reach.prefect_api_url is None:
            raise ConfigurationError(NO_PREFECT)
        command = [sys.executable, "-P", "-m", "prefect", "worker", "start", "--type", "process"]
        command += ["--pool", reach.work_pool, "--limit", str(limit), "--install-policy", "never"]
        command += ["--name", name] if name else []
        environment = prefect_environment(
            reach.prefect_home,
            {"PREFECT_API_URL": reach.prefect_api_url, "PREFECT_WORKER_QUERY_SECONDS": "2"},
        )
        os.execve(command[0], command, environment)  # noqa: S606 - it takes this process's place


def sync(
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and follow every edit until Ctrl-C.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Read every deployment back and undo drift.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make Prefect's deployments equal to the tasks."""
    if watch:
        _log("INFO")
        with complaints(as_json=as_json):
            asyncio.run(_watch())
        return
    report = run(lambda netstacks: netstacks.sync(full=full), as_json=as_json)
    if as_json:
        print_json(report)
    else:
        print_text(
            f"{len(report.created)} created, {len(report.updated)} updated, "
            f"{len(report.deleted)} deleted, {report.unchanged} unchanged"
        )
        for name, fields in report.updated.items():
            print_text(f"  {name}: {', '.join(fields)}")
        for name, message in report.errors.items():
            sys.stderr.write(f"netstacks: {name}: {message}\n")
    if report.errors:
        raise typer.Exit(1)


async def _watch() -> None:
    from netstacks_tasks.embedded.sync_service import watch_tasks
    from netstacks_tasks.settings import load_settings
    from netstacks_tasks.wiring import NetStacks

    async with NetStacks.open(load_settings()) as netstacks:
        await watch_tasks(
            netstacks.db,
            netstacks.endpoints.database_url,
            netstacks.api_url,
            netstacks.endpoints.work_pool,
        )


def _log(level: str) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel("WARNING")


def _say(text: str) -> None:
    print_text(text)


def _complain(text: str) -> None:
    sys.stderr.write(f"netstacks: {text}\n")
