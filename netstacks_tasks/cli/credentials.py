"""Commands on credentials: the row names a Prefect block, which has the secrets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from netstacks_tasks.cli.files import read_bytes, read_text
from netstacks_tasks.cli.names import checked_name
from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table
from netstacks_tasks.cli.questions import Yes, secret
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.embedded.credentials import NewCredential
    from netstacks_tasks.store.inventory_items import Credential
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Manage the credentials of devices.")


@app.command("list")
def list_credentials(as_json: AsJson = False) -> None:
    """List credentials: their names and Prefect blocks, never their secrets.

    \b
    Example:
      netstacks credential list
    """

    async def work(netstacks: NetStacks) -> list[Credential]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Credential

        return await inventory.find(netstacks.db, Credential)

    found = run(work)
    if as_json:
        print_json(found)
        return
    rows = [(one.name, one.block_name, one.id) for one in found]
    empty = "No credentials. Save one with `netstacks credential add NAME`."
    print_table(("NAME", "PREFECT BLOCK", "ID"), rows, empty)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Shown to people; unique.")],
    username: Annotated[str | None, typer.Option(help="Asked for unless given.")] = None,
    secrets: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="The fields of the block as a JSON object; - reads standard input.",
        ),
    ] = None,
    private_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Log in with this private key.")
    ] = None,
    block: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Use this block of Prefect's, which has the secrets already."
        ),
    ] = None,
    credential_id: Annotated[
        UUID | None, typer.Option("--id", help="The id of a new credential.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Save a credential: its secrets in a Prefect block, its name in the inventory.

    Secrets are asked for, or read from a file or standard input; they are never
    arguments, which every user of the machine can read. The same name again
    replaces the secrets. Fields of the JSON object: username, password,
    private_key, private_key_passphrase, enable_secret, snmp_community,
    snmp_user, snmp_auth_protocol, snmp_auth_key, snmp_priv_protocol,
    snmp_priv_key.

    \b
    Examples:
      netstacks credential add core                       (asks)
      netstacks credential add core --from core.json
      vault read -format=json core | netstacks credential add core --from -
      netstacks credential add core --username backup --private-key ~/.ssh/backup
      netstacks credential add core --block made-in-prefect
    """
    from netstacks_tasks.embedded.credentials import NewCredential

    checked_name(name)
    if block is None:
        fields = _fields(username, secrets, private_key)
    else:
        fields = None
        _check_alone(username, secrets, private_key)
    new = NewCredential(name=name, id=credential_id, block=block, fields=fields)
    saved = run(lambda netstacks: _save(netstacks, new))
    if as_json:
        print_json(saved)
    else:
        print_fields(saved.model_dump(mode="json"))


async def _save(netstacks: NetStacks, new: NewCredential) -> Credential:
    from netstacks_tasks.embedded.credentials import save_credential
    from netstacks_tasks.errors import InvalidInput, Problem

    options = {"id": "--id", "block": "--block"}
    try:
        return await save_credential(netstacks.db, netstacks.endpoints, new)
    except InvalidInput as error:
        raise InvalidInput(
            [
                Problem(field=options.get(p.field, p.field), message=p.message)
                for p in error.problems
            ]
        ) from None


@app.command()
def delete(
    credential: Annotated[str, typer.Argument(metavar="CREDENTIAL", help="Its name or id.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove a credential that nothing uses; its Prefect block stays in Prefect.

    \b
    Example:
      netstacks credential delete retired --yes
    """
    from netstacks_tasks.cli.removal import remove

    remove("credential", credential, yes=yes, as_json=as_json)


def _check_alone(*others: object) -> None:
    from netstacks_tasks.errors import InvalidInput

    if any(other is not None for other in others):
        raise InvalidInput.single(
            "--block", "names a block that has its fields: leave the other options out"
        )


def _fields(username: str | None, secrets: Path | None, private_key: Path | None) -> dict[str, Any]:
    from netstacks_tasks.models.documents import read_document

    fields: dict[str, Any] = {}
    if secrets is not None:
        fields = read_document(read_bytes(secrets, "--from"))
    if private_key is not None:
        fields["private_key"] = read_text(private_key, "--private-key")
    if username is not None:
        fields["username"] = username
    return fields if secrets is not None else _asked(fields)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    from netstacks_tasks.errors import InvalidInput

    if not sys.stdin.isatty():
        if given.keys() >= {"username", "private_key"}:
            return given
        raise InvalidInput.single(
            "--from", "needed where nobody can be asked: --from - reads JSON from standard input"
        )
    by_key = "private_key" in given
    asked = {
        "username": given.get("username") or typer.prompt("Username", err=True),
        "private_key_passphrase": secret("Passphrase of the private key") if by_key else "",
        "password": "" if by_key else secret("Password"),
        "enable_secret": secret("Enable secret"),
        "snmp_community": secret("SNMP v2c community"),
    }
    return given | {field: value for field, value in asked.items() if value}
