"""A program of a simulated machine: how it is called and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netstacks_tasks.demo.simulated.device import SimulatedDevice


@dataclass(frozen=True, slots=True)
class Ended:
    """What a program printed, and its exit status."""

    output: str = ""
    error: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One program with its arguments and what it reads."""

    device: SimulatedDevice
    username: str
    arguments: Sequence[str]
    standard_input: str = ""


Program = Callable[[Call], Ended]
