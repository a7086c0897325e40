"""What a script may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from netstacks_tasks.models.parameters import CustomScriptParameters

MEBIBYTE: Final = 1024 * 1024

_ADDRESSES: Final = 4
"""Times its memory a process may have mapped: shared memory counts only there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLimits:
    """Of everything a script starts together, unless told otherwise."""

    cpu_seconds: int | None = None
    """None: whatever its time allows."""
    memory_mib: int = 512
    open_files: int = 256
    """Of each process."""
    processes: int = 64
    """At once, threads included."""
    disk_mib: int = 256
    """Of its folder."""
    output_kib: int = 4096
    """Of what it prints."""

    @classmethod
    def of(cls, parameters: CustomScriptParameters) -> Self:
        """The limits that a task sets."""
        return cls(
            cpu_seconds=parameters.max_cpu_seconds,
            memory_mib=parameters.max_memory_mib,
            open_files=parameters.max_open_files,
            processes=parameters.max_processes,
            disk_mib=parameters.max_disk_mib,
            output_kib=parameters.max_output_kib,
        )

    def resources(self, seconds: float, *, own_user: bool) -> dict[str, tuple[int, int]]:
        """What the kernel sees to by itself, process by process: soft and hard values.

        Args:
            seconds: the script's time.
            own_user: it is the only one of its user, whose processes the kernel counts.
        """
        memory = self.memory_mib * MEBIBYTE
        cpu = max(1, int(seconds)) if self.cpu_seconds is None else self.cpu_seconds
        found = {
            "RLIMIT_DATA": (memory, memory),
            "RLIMIT_AS": (memory * _ADDRESSES, memory * _ADDRESSES),
            # The watch comes first: it counts all processes together.
            "RLIMIT_CPU": (cpu + 1, cpu + 3),
            "RLIMIT_NOFILE": (self.open_files, self.open_files),
            "RLIMIT_FSIZE": (self.disk_mib * MEBIBYTE, self.disk_mib * MEBIBYTE),
            "RLIMIT_CORE": (0, 0),
        }
        if own_user:
            found["RLIMIT_NPROC"] = (self.processes, self.processes)
        return found
