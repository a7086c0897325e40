"""Starts and stops the fleet, and tells what it has used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.fleet.addresses import address, name
from benchmarks.fleet.algorithms import Age


@dataclass(frozen=True, slots=True)
class Host:
    """Where one device is reached."""

    name: str
    address: str
    port: int


class Fleet:
    """So many devices, while the block runs."""

    def __init__(self, devices: int, *, latency: float, age: Age) -> None:
        self._count = devices
        self.age = age
        self._latency = latency
        self.hosts: list[Host] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        options = ["--devices", self._count, "--latency", self._latency, "--age", self.age]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.fleet", *map(str, options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        port = json.loads(self._hear())["port"]
        self.hosts = [Host(name(i), address(i), port) for i in range(self._count)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.communicate("")

    @property
    def latency(self) -> float:
        """Seconds before a device answers with its configuration."""
        return self._latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        self._hear()
        self._latency = seconds

    def _hear(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError("the fleet has ended; its message is above")
        return said

    @property
    def cpu(self) -> float:
        """Seconds of CPU the devices have used so far."""
        assert self._process is not None
        return cpu_of(self._process.pid)


def cpu_of_family(pid: int) -> float:
    """Seconds of CPU that a process and its descendants have used, those that ended included."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return cpu_of(pid) + sum(cpu_of_family(int(child)) for child in children)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended, and its parent has its time


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used, with those of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
