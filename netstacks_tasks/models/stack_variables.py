"""The variables of a stack: layers, of which the last word counts, and secrets by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import JsonValue

REFERENCE: Final = "secret_block"
"""`{"secret_block": "name"}` stands for the value of a Prefect Secret block."""
DEVICE: Final = "device"
"""What the templates know of the device itself; no variable may take its name."""


def layered(layers: Iterable[Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    """One mapping: a variable has the value of the last layer that holds it, as a whole."""
    variables: dict[str, JsonValue] = {}
    for layer in layers:
        variables |= layer
    return variables


def secret_names(value: JsonValue | Mapping[str, JsonValue]) -> Iterator[str]:
    """The blocks that the variables name, however deep."""
    name = _secret_name(value)
    if name is not None:
        yield name
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from secret_names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from secret_names(inner)


def with_secrets(value: Any, secret: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """The same variables with every secret in its place."""
    name = _secret_name(value)
    if name is not None:
        return secret(name)
    if isinstance(value, Mapping):
        return {key: with_secrets(inner, secret) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_secrets(inner, secret) for inner in value]
    return value


def _secret_name(value: object) -> str | None:
    if isinstance(value, Mapping) and set(value) == {REFERENCE}:
        name = value[REFERENCE]
        return name if isinstance(name, str) else None
    return None
