"""Commands on the tokens of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.output import AsJson, print_json, print_note, print_table, print_text
from netstacks_tasks.cli.questions import Yes, confirm
from netstacks_tasks.cli.session import run
from netstacks_tasks.cli.users import ROLE_HELP, Role

if TYPE_CHECKING:
    from netstacks_tasks.access.bearer import NewToken
    from netstacks_tasks.models.access import ApiToken
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Manage what programs show to the API.")


@app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List tokens and when they were used; never the tokens themselves.

    \b
    Example:
      netstacks token list
    """

    async def work(netstacks: NetStacks) -> list[ApiToken]:
        from netstacks_tasks.store import api_tokens

        return await api_tokens.find(netstacks.db)

    found = run(work)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.name, one.role, one.created_at, _ends(one), one.last_used_at, one.id) for one in found
    ]
    columns = ("NAME", "ROLE", "CREATED", "RUNS OUT", "LAST USED", "ID")
    print_table(columns, rows, "No tokens. Make one with `netstacks token create NAME`.")


def _ends(token: ApiToken) -> object:
    if token.expires_at is None:
        return "never"
    return token.expires_at if token.expires_at > datetime.now(UTC) else "has run out"


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Of the program that will use it; unique.")],
    role: Annotated[Role, typer.Option(help=ROLE_HELP)] = "viewer",
    expires_days: Annotated[
        int, typer.Option(min=0, max=3650, help="After so many days it is refused; 0: never.")
    ] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a token, and print it: now or never.

    Nothing else is on standard output, so that a script can keep it. It is sent
    as the header `Authorization: Bearer TOKEN`.

    \b
    Examples:
      netstacks token create ci --role operator
      netstacks token create wallboard --expires-days 365 > wallboard.token
    """
    from netstacks_tasks.access.account_names import account_name

    account_name(name)
    expires_at = datetime.now(UTC) + timedelta(days=expires_days) if expires_days else None

    async def work(netstacks: NetStacks) -> NewToken:
        from netstacks_tasks.access import bearer

        return await bearer.issue(netstacks.db, name, role, expires_at)

    made = run(work)
    if as_json:
        print_json({**made.token.model_dump(), "token": made.text})
        return
    print_text(made.text)
    ends = f"runs out on {expires_at:%Y-%m-%d}" if expires_at else "never runs out"
    print_note(f"The token {name} ({role}) {ends}. It is shown this once: keep it now.")


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="Its name or id, not its text.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove a token: it is refused from now on.

    \b
    Example:
      netstacks token revoke ci --yes
    """

    async def work(netstacks: NetStacks) -> ApiToken:
        from netstacks_tasks.store import api_tokens

        return await api_tokens.revoke(netstacks.db, token)

    confirm(f"Revoke the token {token!r}?", yes=yes)
    gone = run(work)
    if as_json:
        print_json({"deleted": gone.name, "kind": "token"})
    else:
        print_text(f"Revoked the token {gone.name}.")
