"""What everybody is told to check: it is the same for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from benchmarks.targets.control import Target

ECHOES: Final = 3
ECHO_INTERVAL: Final = 0.2
SNMP_TRIES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthJob:
    """Targets, their ports, and what to try on each."""

    targets: Sequence[Target]
    ssh_port: int
    snmp_port: int
    checks: Sequence[str]
    """Of `ping`, `ssh` and `snmp_sysname`."""
    timeout: float
    """Seconds for one check; an echo request has a quarter of it, an SNMP request half."""
    workers: int
    """How many targets at a time, for a peer that has to be told."""

    @property
    def echo_timeout(self) -> float:
        return self.timeout / (ECHOES + 1)

    @property
    def snmp_timeout(self) -> float:
        return self.timeout / SNMP_TRIES

    def expected(self) -> dict[tuple[str, str], bool]:
        """By target and check: whether it has to go well."""
        return {(one.name, check): one.alive for one in self.targets for check in self.checks}

    def write(self, file: Path) -> Path:
        file.write_text(json.dumps(asdict(self)))
        return file

    @classmethod
    def read(cls, file: Path) -> Self:
        told = json.loads(file.read_text())
        return cls(targets=[Target(**one) for one in told.pop("targets")], **told)


def require(found: dict[tuple[str, str], bool], job: HealthJob) -> None:
    """Whoever finds something else than what is there has done nothing.

    Raises:
        RuntimeError: with some of what is wrong.
    """
    expected = job.expected()
    if found != expected:
        wrong = [key for key in expected if found.get(key) != expected[key]]
        raise RuntimeError(f"{len(wrong)} of {len(expected)} are wrong: {wrong[:5]}")
