"""Commands on how long runs, logs and versions are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table, print_text
from netstacks_tasks.cli.session import run
from netstacks_tasks.cli.tasks import Key

if TYPE_CHECKING:
    from netstacks_tasks.models.retention import RetentionOverride, RetentionPolicy
    from netstacks_tasks.models.task import Task
    from netstacks_tasks.sync.retention_report import RetentionReport
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(
    no_args_is_help=True, help="Decide how long runs, logs and configurations are kept."
)

_COLUMNS = ("TASK", "RUN DAYS", "RUNS KEPT", "LOG DAYS", "VERSION DAYS", "VERSIONS KEPT")

RunDays = Annotated[
    str | None, typer.Option(help="Days that runs stay after their end, or forever.")
]
RunsKept = Annotated[int | None, typer.Option(help="So many of the newest runs stay, however old.")]
LogDays = Annotated[str | None, typer.Option(help="Days that logs and reports stay, or forever.")]
VersionDays = Annotated[
    str | None, typer.Option(help="Days that a version stays once another followed, or forever.")
]
VersionsKept = Annotated[
    int | None, typer.Option(help="So many of a device's newest versions stay, however old.")
]


@app.command()
def show(
    task: Annotated[str | None, typer.Argument(metavar="[TASK]", help="Its id or name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is kept: of all tasks, and of those that have something of their own.

    \b
    Examples:
      netstacks retention show
      netstacks retention show 'Nightly Core Router Backup'
    """

    async def work(netstacks: NetStacks) -> list[tuple[str, RetentionPolicy]]:
        from netstacks_tasks.settings import load_settings
        from netstacks_tasks.store import retention_overrides, snapshot_search

        policy = load_settings().retention
        if task is not None:
            found = await netstacks.task(task)
            own = await retention_overrides.find(netstacks.db, found.id)
            return [(found.spec.name, policy.changed_by(own.get(found.id)))]
        all_own = await retention_overrides.find(netstacks.db)
        names = await snapshot_search.task_names(netstacks.db, list(all_own))
        rows = [(names[key], policy.changed_by(all_own[key])) for key in names]
        return [("(all others)", policy), *sorted(rows, key=lambda row: row[0].lower())]

    found = run(work)
    if as_json:
        print_json([{"task": name, **policy.model_dump()} for name, policy in found])
        return
    rows = [(name, *policy.model_dump().values()) for name, policy in found]
    print_table(_COLUMNS, rows, "")


@app.command("set")
def set_policy(
    task: Key,
    run_days: RunDays = None,
    runs_kept: RunsKept = None,
    log_days: LogDays = None,
    version_days: VersionDays = None,
    versions_kept: VersionsKept = None,
    as_json: AsJson = False,
) -> None:
    """Keep more or less of one task than the settings say.

    Something goes only when it is beyond the days and beyond the count. What is
    not named stays as it is.

    \b
    Examples:
      netstacks retention set 'Ping every minute' --run-days 7
      netstacks retention set 'Yearly audit' --run-days forever --log-days forever
    """
    given = {
        "run_days": run_days,
        "runs_kept": runs_kept,
        "log_days": log_days,
        "version_days": version_days,
        "versions_kept": versions_kept,
    }
    wanted = _override({name: value for name, value in given.items() if value is not None})

    async def work(netstacks: NetStacks) -> tuple[Task, RetentionPolicy]:
        return await _put(netstacks, task, wanted)

    _print_policy(*run(work), as_json=as_json)


@app.command()
def unset(task: Key, as_json: AsJson = False) -> None:
    """Keep of a task what the settings say.

    \b
    Example:
      netstacks retention unset 'Ping every minute'
    """

    async def work(netstacks: NetStacks) -> tuple[Task, RetentionPolicy]:
        return await _put(netstacks, task, None)

    _print_policy(*run(work), as_json=as_json)


@app.command()
def apply(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would go, and remove nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove now what is beyond the policy, here and in Prefect; the sync does so once a day.

    Stopped half-way, the next time goes on. It always leaves a device's newest
    version, a task's last run, the last good backup of each device, runs that
    are not over, and versions that a run which stays shows.

    \b
    Examples:
      netstacks retention apply --dry-run
      netstacks retention apply
    """

    async def work(netstacks: NetStacks) -> RetentionReport:
        from netstacks_tasks.settings import load_settings
        from netstacks_tasks.sync import retention, task_rows
        from netstacks_tasks.sync.flow_run_removal import FlowRunRemoval
        from netstacks_tasks.sync.prefect_errors import open_client
        from netstacks_tasks.sync.retention_service import check_settings, wanted_by

        wanted = wanted_by(load_settings())
        if not dry_run:
            await check_settings(netstacks.db, wanted)
        netstacks.endpoints.make_home()
        async with open_client(netstacks.endpoints.api_url) as client:
            removal = FlowRunRemoval(client, await task_rows.installation(netstacks.db))
            return await retention.apply(netstacks.db, removal, wanted, dry_run=dry_run)

    report = run(work)
    if as_json:
        print_json({"dry_run": dry_run, "removed": report.totals(), "tasks": report.tasks})
        return
    _print_report(report, dry_run=dry_run)


def _override(given: dict[str, Any]) -> RetentionOverride:
    from pydantic import ValidationError

    from netstacks_tasks.errors import InvalidInput, Problem
    from netstacks_tasks.models.retention import RetentionOverride

    if not given:
        raise InvalidInput.single("", "nothing to set: give --run-days, --runs-kept or another one")
    try:
        return RetentionOverride(**given)
    except ValidationError as error:
        raise InvalidInput(
            [
                Problem(
                    field=f"--{str(fault['loc'][0]).replace('_', '-')}",
                    message=fault["msg"].removeprefix("Value error, "),
                )
                for fault in error.errors(include_input=False, include_url=False)
            ]
        ) from None


async def _put(
    netstacks: NetStacks, key: str, wanted: RetentionOverride | None
) -> tuple[Task, RetentionPolicy]:
    from netstacks_tasks.models.retention import RetentionOverride
    from netstacks_tasks.settings import load_settings
    from netstacks_tasks.store import retention_overrides

    task = await netstacks.task(key)
    own = RetentionOverride()
    if wanted is not None:
        before = (await retention_overrides.find(netstacks.db, task.id)).get(task.id, own)
        own = before.model_copy(update=wanted.model_dump(exclude_none=True))
    await retention_overrides.put(netstacks.db, task.id, task.spec.name, own)
    return task, load_settings().retention.changed_by(own)


def _print_policy(task: Task, policy: RetentionPolicy, *, as_json: bool) -> None:
    if as_json:
        print_json({"task": task.spec.name, **policy.model_dump()})
    else:
        print_table(_COLUMNS, [(task.spec.name, *policy.model_dump().values())], "")


def _print_report(report: RetentionReport, *, dry_run: bool) -> None:
    rows = [
        (name, removed.runs, removed.logs, removed.versions)
        for name, removed in sorted(report.tasks.items(), key=lambda item: item[0].lower())
    ]
    if rows:
        print_table(("TASK", "RUNS", "LOGS", "VERSIONS"), rows, "")
    totals = report.totals()
    went = "would go" if dry_run else "gone"
    words = {
        "runs": "runs",
        "logs": "logs of runs that stay",
        "versions": "versions",
        "strays": "flow runs of Prefect that no run here stands for",
        "audit": "entries of the audit log",
    }
    told = ", ".join(f"{count} {words[kind]}" for kind, count in totals.items())
    print_text(f"{went[0].upper()}{went[1:]}: {told}." if told else "Nothing is beyond the policy.")
