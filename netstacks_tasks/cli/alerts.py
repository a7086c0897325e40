"""Commands on alerts: whom Prefect tells when something goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_table, print_text
from netstacks_tasks.cli.session import run
from netstacks_tasks.models.alert_kind import KINDS, WHEN, AlertKind

if TYPE_CHECKING:
    from netstacks_tasks.sync.alerts import Alert, Alerts
    from netstacks_tasks.wiring import NetStacks

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Tell people when something goes wrong.")

Kinds = Annotated[
    list[str], typer.Argument(metavar="KIND...", help="failed, missed, zombie, changed.")
]


@app.command("set")
def set_alerts(
    kinds: Kinds,
    block: Annotated[
        str,
        typer.Option(metavar="TYPE/NAME", help="The notification block of Prefect to tell it by."),
    ],
    as_json: AsJson = False,
) -> None:
    """Have Prefect tell of something by a notification block, as an automation of its own.

    Make the block on Prefect's Blocks page first: a Slack or Teams webhook, Sendgrid
    Email, a Custom Webhook or another that notifies. The same command again changes
    nothing, and puts right what was changed by hand. Kinds:

    \b
      failed   a run failed, was out of time or crashed, and has no attempt left
      missed   a time passed at which nothing could run a task
      zombie   the process of a run died
      changed  devices have another configuration, or went up or down

    \b
    Examples:
      netstacks alert set failed missed zombie --block slack-webhook/noc
      netstacks alert set changed --block custom-webhook/tickets
    """
    chosen = _known(kinds)
    found = _with_alerts(lambda alerts: alerts.set(chosen, block))
    _tell(found, as_json=as_json)


@app.command("list")
def list_alerts(as_json: AsJson = False) -> None:
    """List what Prefect tells of, and by which block.

    \b
    Example:
      netstacks alert list
    """
    found = _with_alerts(lambda alerts: alerts.find())
    if as_json:
        print_json(found)
        return
    rows = [(one.kind, one.block, one.enabled, WHEN[one.kind]) for one in found]
    empty = "Nobody is told of anything. `netstacks alert set failed --block TYPE/NAME` does that."
    print_table(("KIND", "BLOCK", "ON", "WHEN"), rows, empty)


@app.command()
def remove(
    kinds: Kinds,
    block: Annotated[
        str | None, typer.Option(metavar="TYPE/NAME", help="Only by this block.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Stop telling of something.

    \b
    Examples:
      netstacks alert remove changed
      netstacks alert remove failed --block slack-webhook/noc
    """
    chosen = _known(kinds)
    found = _with_alerts(lambda alerts: alerts.remove(chosen, block))
    _tell(found, as_json=as_json)


def _known(kinds: list[str]) -> list[AlertKind]:
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        from netstacks_tasks.errors import InvalidInput

        raise InvalidInput.single("KIND", f"{unknown[0]!r} is none of {', '.join(KINDS)}")
    return [kind for kind in KINDS if kind in kinds]


def _tell(alerts: list[Alert], *, as_json: bool) -> None:
    if as_json:
        print_json(alerts)
        return
    for one in alerts:
        print_text(f"{one.kind}, by {one.block}: {one.outcome}.")
    if not alerts:
        print_text(f"Nothing of that kind is told. Kinds: {', '.join(KINDS)}.")


def _with_alerts(work: Callable[[Alerts], Awaitable[T]]) -> T:
    async def on_prefect(netstacks: NetStacks) -> T:
        from netstacks_tasks.sync import task_rows
        from netstacks_tasks.sync.alerts import Alerts
        from netstacks_tasks.sync.prefect_errors import open_client

        installation = await task_rows.installation(netstacks.db)
        netstacks.endpoints.make_home()
        async with open_client(netstacks.endpoints.api_url) as client:
            return await work(Alerts(client, installation))

    return run(on_prefect)
