"""In which order devices are changed, and when the rest is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")

ConfigMode = Literal["merge", "replace"]
"""Add to what a device holds, or make it hold what is rendered and nothing else."""
PostCheck = Literal["ping", "ssh", "snmp_sysname"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How a stack instance goes to its devices; see `StackInstance` for the fields."""

    mode: ConfigMode = "merge"
    canaries: int = 1
    batch_size: int = 10
    max_failures: int = 1
    post_checks: tuple[PostCheck, ...] = ()
    save: bool = True
    dry_run: bool = False


def batches(items: Sequence[T], rollout: Rollout) -> Iterator[Sequence[T]]:
    """The canaries, then the rest in batches; each is begun when the one before is over."""
    if rollout.canaries and items:
        yield items[: rollout.canaries]
    for start in range(rollout.canaries, len(items), rollout.batch_size):
        yield items[start : start + rollout.batch_size]
