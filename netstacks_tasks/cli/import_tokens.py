"""The token of a service: typed unseen, from a file, or from a Prefect Secret block."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netstacks_tasks.cli.files import read_text
from netstacks_tasks.cli.session import run

if TYPE_CHECKING:
    from netstacks_tasks.wiring import NetStacks

TokenFile = Annotated[
    Path | None,
    typer.Option("--token-from", metavar="FILE", help="Holds the token; - is standard input."),
]
TokenBlock = Annotated[
    str | None,
    typer.Option("--token-block", metavar="NAME", help="The Secret block of Prefect's with it."),
]


def token_for(url: str, file: Path | None, block: str | None) -> str:
    """The token of the service at an address.

    Raises:
        InvalidInput: it cannot be one, or nobody can be asked for it.
    """
    from netstacks_tasks.errors import InvalidInput

    if file is not None and block is not None:
        raise InvalidInput.single("--token-block", "give this or --token-from")
    if block is not None:
        token = run(lambda netstacks: _of_block(netstacks, block))
    elif file is not None:
        token = read_text(file, "--token-from")
    elif sys.stdin.isatty():
        token = typer.prompt(f"Token for {url}", hide_input=True, err=True)
    else:
        message = "needed where nobody can be asked: --token-from - reads standard input"
        raise InvalidInput.single("--token-from", message)
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        option = "--token-block" if block is not None else "--token-from"
        raise InvalidInput.single(option, "the token alone is expected, in one line")
    return token


async def _of_block(netstacks: NetStacks, name: str) -> str:
    from prefect.exceptions import ObjectNotFound

    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.sync.prefect_errors import open_client, translated

    async with (
        open_client(netstacks.endpoints.api_url) as client,
        translated("read the block", quoting=False),
    ):
        try:
            document = await client.read_block_document_by_name(name, "secret")
        except ObjectNotFound:
            message = f"Prefect has no block secret/{name[:80]}: save the token there first"
            raise InvalidInput.single("--token-block", message) from None
    value = document.data.get("value")
    if not isinstance(value, str):
        raise InvalidInput.single("--token-block", f"secret/{name[:80]} holds no text")
    return value
