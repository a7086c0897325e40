"""What the worker and its warm parent tell each other: one JSON document a line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_serializer


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def line(self) -> bytes:
        """As it is sent."""
        return self.model_dump_json().encode() + b"\n"


class Hooks(_Message):
    """The hooks of a flow that a run's own process cannot run any more."""

    kind: Literal["cancellation", "crashed"]
    flow_run: dict[str, Any]
    state: dict[str, Any]


class Order(_Message):
    """Start a child: for a flow run, or for its hooks."""

    number: int
    environment: dict[str, SecretStr] = Field(repr=False)
    """All of it; it may hold the login of the Prefect server."""
    directory: str
    """Where it works."""
    shown: bool
    """Whether what it prints goes where the worker's own output goes."""
    memory_limit_mib: int | None = None
    hooks: Hooks | None = None

    @classmethod
    def of(
        cls,
        *,
        environment: Mapping[str, str],
        directory: Path,
        shown: bool,
        memory_limit_mib: int | None = None,
        hooks: Hooks | None = None,
    ) -> Self:
        """An order that has no number yet."""
        return cls(
            number=-1,
            environment={name: SecretStr(value) for name, value in environment.items()},
            directory=str(directory),
            shown=shown,
            memory_limit_mib=memory_limit_mib,
            hooks=hooks,
        )

    @field_serializer("environment", when_used="json")
    def _bare(self, environment: dict[str, SecretStr]) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in environment.items()}


class Report(_Message):
    """What became of an order; first `pid` or `error`, then `status`."""

    number: int
    pid: int | None = None
    error: str | None = None
    """There is no child, and why."""
    status: int | None = None
    """It ended with this exit code; negative: the signal that ended it."""
    cpu_seconds: float = 0.0
    memory_kib: int = 0
    """The most it had at once."""
