"""Commands on the users of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table, print_text
from netstacks_tasks.cli.passwords import PasswordFile, password_for
from netstacks_tasks.cli.questions import Yes, confirm
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.models.access import User
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Manage who may sign in to the page.")

# As models.access.Role, which takes too long to import for a help text.
Role = Literal["viewer", "operator", "admin"]
ROLE_HELP = (
    "viewer: sees everything but secrets; operator: also changes and runs tasks; "
    "admin: also manages credentials, users and tokens."
)
Name = Annotated[str, typer.Argument(metavar="USER", help="The name or id.")]


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List who may sign in.

    \b
    Example:
      netstacks user list
    """

    async def work(netstacks: NetStacks) -> list[User]:
        from netstacks_tasks.store import users

        return await users.find(netstacks.db)

    found = run(work)
    if as_json:
        print_json(found)
        return
    rows = [(one.name, one.role, one.created_at, one.id) for one in found]
    empty = "No users. Make one with `netstacks user add NAME --role admin`."
    print_table(("NAME", "ROLE", "CREATED", "ID"), rows, empty)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What they sign in with; unique.")],
    role: Annotated[Role, typer.Option(help=ROLE_HELP)] = "viewer",
    file: PasswordFile = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in to the page.

    The password is asked for, or read from a file or standard input; it is never
    an argument, which every user of the machine can read. It has 12 characters
    at least.

    \b
    Examples:
      netstacks user add anna --role operator        (asks)
      pwgen -s 20 1 | tee anna.txt | netstacks user add anna --from -
    """
    from netstacks_tasks.access.account_names import account_name

    account_name(name)
    password = password_for(name, file)

    async def work(netstacks: NetStacks) -> User:
        from netstacks_tasks.access import passwords
        from netstacks_tasks.store import users

        return await users.create(netstacks.db, name, role, await passwords.hashed(password))

    _tell(run(work), as_json=as_json)


@app.command("role")
def change_role(
    user: Name,
    role: Annotated[Role, typer.Argument(help=ROLE_HELP)],
    as_json: AsJson = False,
) -> None:
    """Give somebody another role; they have to sign in again.

    \b
    Example:
      netstacks user role anna admin
    """

    async def work(netstacks: NetStacks) -> User:
        from netstacks_tasks.store import users

        return await users.change(netstacks.db, user, role=role)

    _tell(run(work), as_json=as_json)


@app.command("password")
def change_password(user: Name, file: PasswordFile = None, as_json: AsJson = False) -> None:
    """Give somebody another password; they have to sign in again with it.

    \b
    Examples:
      netstacks user password anna                   (asks)
      netstacks user password anna --from anna.txt
    """
    password = password_for(user, file)

    async def work(netstacks: NetStacks) -> User:
        from netstacks_tasks.access import passwords
        from netstacks_tasks.store import users

        return await users.change(
            netstacks.db, user, password_hash=await passwords.hashed(password)
        )

    _tell(run(work), as_json=as_json)


@app.command()
def delete(user: Name, yes: Yes = False, as_json: AsJson = False) -> None:
    """Remove a user; they are signed out at once. What they did stays in the audit log.

    \b
    Example:
      netstacks user delete anna --yes
    """

    async def work(netstacks: NetStacks) -> User:
        from netstacks_tasks.store import users

        return await users.delete(netstacks.db, user)

    confirm(f"Delete the user {user!r}?", yes=yes)
    gone = run(work)
    if as_json:
        print_json({"deleted": gone.name, "kind": "user"})
    else:
        print_text(f"Deleted the user {gone.name}.")


def _tell(saved: User, *, as_json: bool) -> None:
    if as_json:
        print_json(saved)
    else:
        print_fields(saved.model_dump(mode="json"))
