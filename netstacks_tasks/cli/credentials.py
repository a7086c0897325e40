"""Commands on credentials: the row names a Prefect block, which has the secrets."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from netstacks_tasks.cli.output import AsJson, print_fields, print_json, print_table
from netstacks_tasks.cli.session import complaints, run

if TYPE_CHECKING:
    from netstacks_tasks.store.inventory_items import Credential
    from netstacks_tasks.wiring import NetStacks

app = typer.Typer(no_args_is_help=True, help="Manage the credentials of devices.")


@app.command("list")
def list_credentials(as_json: AsJson = False) -> None:
    """List credentials; never their secrets."""

    async def work(netstacks: NetStacks) -> list[Credential]:
        from netstacks_tasks.store import inventory
        from netstacks_tasks.store.inventory_items import Credential

        return await inventory.find(netstacks.db, Credential)

    found = run(work, as_json=as_json)
    if as_json:
        print_json(found)
    else:
        rows = [(one.name, one.block_name, one.id) for one in found]
        print_table(("NAME", "PREFECT BLOCK", "ID"), rows, "No credentials.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Shown to people; unique.")],
    username: Annotated[str | None, typer.Option(help="Asked for unless given.")] = None,
    stdin: Annotated[
        bool,
        typer.Option(
            "--stdin",
            help="Read the block's fields as JSON from standard input: username, password, "
            "private_key, enable_secret, snmp_community, snmp_user ...",
        ),
    ] = False,
    credential_id: Annotated[UUID | None, typer.Option("--id", help="Instead of a new id.")] = None,
    as_json: AsJson = False,
) -> None:
    """Save a credential: its secrets in a Prefect block, its name in the inventory.

    Secrets are asked for or read from standard input; they are never arguments,
    which every user of the machine can read.
    """
    with complaints(as_json=as_json):
        fields = _from_stdin() if stdin else _asked(username)

    async def work(netstacks: NetStacks) -> Credential:
        from netstacks_tasks.embedded.block_documents import save_block_documents
        from netstacks_tasks.models.ids import CredentialId
        from netstacks_tasks.store import inventory, inventory_changes
        from netstacks_tasks.store.inventory_items import Credential

        known = {one.name: one for one in await inventory.find(netstacks.db, Credential)}
        before = known.get(name)
        credential = Credential(
            id=before.id if before else CredentialId(credential_id or uuid4()),
            name=name,
            block_name=before.block_name if before else _block_name(name),
        )
        await save_block_documents(
            api_url=netstacks.api_url,
            home=netstacks.endpoints.prefect_home,
            device_credentials={credential.block_name: fields},
        )
        await inventory_changes.save(netstacks.db, [credential])
        return credential

    saved = run(work, as_json=as_json)
    if as_json:
        print_json(saved)
    else:
        print_fields(saved.model_dump(mode="json"))


def _from_stdin() -> dict[str, Any]:
    from netstacks_tasks.models.documents import read_document

    return read_document(sys.stdin.read())


def _asked(username: str | None) -> dict[str, Any]:
    asked = {
        "username": username or typer.prompt("Username", err=True),
        "password": _secret("Password"),
        "enable_secret": _secret("Enable secret (empty for none)"),
        "snmp_community": _secret("SNMP v2c community (empty for none)"),
    }
    return {field: value for field, value in asked.items() if value}


def _secret(label: str) -> str:
    answer: str = typer.prompt(label, default="", hide_input=True, show_default=False, err=True)
    return answer


def _block_name(name: str) -> str:
    """Prefect allows lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "credential"
