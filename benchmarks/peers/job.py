"""What a peer is told to do: it is the same for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from benchmarks.fleet.algorithms import Age
from benchmarks.fleet.control import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Devices whose configurations become files `<name>.<source>.cfg` in a folder."""

    hosts: Sequence[Host]
    age: Age
    folder: Path
    workers: int
    """How many devices at a time, for a peer that can have as many as it likes."""

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self) | {"folder": str(self.folder)}))

    @classmethod
    def read(cls, file: Path) -> Self:
        told = json.loads(file.read_text())
        hosts = [Host(**host) for host in told.pop("hosts")]
        return cls(hosts=hosts, folder=Path(told.pop("folder")), **told)
