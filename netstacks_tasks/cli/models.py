"""Commands on the language models that agent tasks ask."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import typer

from netstacks_tasks.cli.files import read_text
from netstacks_tasks.cli.output import (
    AsJson,
    print_fields,
    print_json,
    print_note,
    print_table,
    print_text,
)
from netstacks_tasks.cli.questions import Yes, confirm, secret
from netstacks_tasks.cli.session import run

app = typer.Typer(no_args_is_help=True, help="Manage the language models that agent tasks ask.")

Prices = Annotated[
    str | None,
    typer.Option(
        metavar="READ,WRITTEN[,CURRENCY]",
        help="What a million tokens cost, read and written: 0.25,2,EUR. USD unless given.",
    ),
]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List model endpoints, never their keys.

    \b
    Example:
      netstacks model list
    """
    from netstacks_tasks.cli import model_blocks

    found = run(model_blocks.list_models)
    if as_json:
        print_json(found)
        return
    columns = ("NAME", "BASE URL", "MODEL", "TOOL CHOICE", "TIMEOUT")
    fields = ("name", "base_url", "model", "tool_choice", "timeout_seconds")
    rows = [tuple(one.get(field) for field in fields) for one in found]
    empty = "No models. Save one with `netstacks model set --base-url URL --model MODEL`."
    print_table(columns, rows, empty)


@app.command("set")
def set_model(
    name: Annotated[
        str | None, typer.Argument(help="Of the Prefect block: netstacks-model unless given.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="Of the API, version included: http://127.0.0.1:11434/v1")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model's name, as the API calls it.")
    ] = None,
    key_from: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read the API's key there; - is standard input."),
    ] = None,
    tool_choice: Annotated[
        Literal["auto", "required"] | None,
        typer.Option(help="Small local models need 'required'."),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds for one reply: 60 unless given.")
    ] = None,
    prices: Prices = None,
    as_json: AsJson = False,
) -> None:
    """Say where a language model is: any endpoint that speaks OpenAI's chat completions.

    It is kept in a Prefect block. Agent tasks use the one named netstacks-model
    unless they name another. What is not given stays as it was. The key is
    asked for, or read from a file or standard input; it is never an argument,
    which every user of the machine can read.

    \b
    Examples:
      netstacks model set --base-url http://127.0.0.1:11434/v1 --model qwen3:8b
      netstacks model set --tool-choice required --timeout 120
      vault read -field=key llm | netstacks model set cloud --key-from - \\
        --base-url https://llm.example.net/v1 --model large --prices 0.25,2
    """
    from netstacks_tasks.cli import model_blocks
    from netstacks_tasks.models.parameters import DEFAULT_MODEL_BLOCK

    given: dict[str, Any] = {
        "base_url": base_url,
        "model": model,
        "api_key": _key(key_from),
        "tool_choice": tool_choice,
        "timeout_seconds": timeout,
        **_prices(prices),
    }
    fields = {field: value for field, value in given.items() if value is not None}
    chosen = name or DEFAULT_MODEL_BLOCK
    saved = run(lambda netstacks: model_blocks.save_model(netstacks, chosen, fields))
    if readable_on_the_way(saved["base_url"]):
        print_note(
            "This address is plain HTTP to another machine: the key, and what the agent reads of "
            "the network, can be read on the way."
        )
    if as_json:
        print_json(saved)
    else:
        print_fields(saved)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="Of the Prefect block.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove a model endpoint that no task uses, with its key.

    \b
    Example:
      netstacks model remove cloud --yes
    """
    from netstacks_tasks.cli import model_blocks

    confirm(f"Delete the model endpoint {name!r} with its key?", yes=yes)
    run(lambda netstacks: model_blocks.remove_model(netstacks, name))
    if as_json:
        print_json({"deleted": name, "kind": "model"})
    else:
        print_text(f"Deleted the model endpoint {name}.")


def readable_on_the_way(base_url: str) -> bool:
    """Whether an address is plain HTTP to another machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    local = host in {"localhost", "::1"} or host.startswith("127.")
    return parts.scheme == "http" and not local


def _key(file: Path | None) -> str | None:
    """The key; None when there is none, or none to be changed."""
    from netstacks_tasks.errors import InvalidInput

    if file is None:
        return (secret("API key; the one that is kept stays") or None) if _asked() else None
    key = read_text(file, "--key-from").strip()
    if not key or not key.isprintable() or " " in key:
        raise InvalidInput.single("--key-from", f"{file} must hold the key alone, in one line")
    return key


def _prices(text: str | None) -> dict[str, Any]:
    from netstacks_tasks.errors import InvalidInput

    if text is None:
        return {}
    parts = [part.strip() for part in text.split(",")]
    try:
        read, written = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        raise InvalidInput.single(
            "--prices", f"write two numbers, and a currency if not USD (0.25,2,EUR): got {text!r}"
        ) from None
    return {"input_price": read, "output_price": written, "currency": ",".join(parts[2:]) or "USD"}


def _asked() -> bool:
    return sys.stdin.isatty()
