"""Starts and stops the targets."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from benchmarks.fleet.addresses import address, name
from benchmarks.fleet.control import cpu_of
from benchmarks.targets.network import dead_address


@dataclass(frozen=True, slots=True)
class Target:
    """Where one target is reached."""

    name: str
    address: str
    host_key: str
    """Its type and the key itself; empty for a dead one."""

    @property
    def alive(self) -> bool:
        return bool(self.host_key)


class Targets:
    """So many live targets while the block runs, and as many dead ones as one wants."""

    def __init__(self, live: int) -> None:
        self._count = live
        self.ssh_port = 0
        self.snmp_port = 0
        self._live: list[Target] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.targets", "--live", str(self._count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError("the targets did not start; their message is above")
        told = json.loads(said)
        self.ssh_port, self.snmp_port = told["ssh"], told["snmp"]
        self._live = [Target(name(i), address(i), key) for i, key in enumerate(told["keys"])]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.communicate("")

    def mixed(self, count: int, dead: int) -> list[Target]:
        """`count` targets, `dead` of them dead and spread evenly among the others."""
        live = iter(self._live)
        return [
            Target(f"dead{number:04}", dead_address(number), "")
            if (number + 1) * dead // count > number * dead // count
            else next(live)
            for number in range(count)
        ]

    @property
    def cpu(self) -> float:
        """Seconds of CPU the targets have used so far."""
        assert self._process is not None
        return cpu_of(self._process.pid)
