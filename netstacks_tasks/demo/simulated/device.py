"""The state of one simulated device; its faces (SSH, SNMP) read and change it."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from netstacks_tasks.demo.simulated.catalogue import DeviceSpec
from netstacks_tasks.demo.simulated.config_text import initial_files
from netstacks_tasks.demo.simulated.config_tree import ConfigTree
from netstacks_tasks.demo.simulated.faults import UNCOUNTED_FAULTS, Fault, FaultKind
from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.inventory import DeviceCredential

STARTUP_FILE: Final = {"ios": "startup-config", "frr": "/etc/frr/frr.conf"}
"""The file a family's running configuration is saved to."""

_REMEMBERED_COMMANDS: Final = 500


@dataclass(slots=True)
class Counts:
    """What clients did to a device since the counts were last cleared."""

    connections: int = 0
    refused_logins: int = 0
    logins: int = 0
    snmp_requests: int = 0
    commands: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_COMMANDS))
    command_total: int = 0

    def as_document(self) -> dict[str, Any]:
        """Plain values; `commands` holds the newest 500, oldest first."""
        return {
            "connections": self.connections,
            "refused_logins": self.refused_logins,
            "logins": self.logins,
            "snmp_requests": self.snmp_requests,
            "command_total": self.command_total,
            "commands": list(self.commands),
            "by_command": dict(Counter(self.commands)),
        }


class SimulatedDevice:
    """A device: files, running configuration, faults in force and counts.

    What was saved (`write memory`) is kept in `directory` and survives a
    restart of the fleet; the running configuration does not, like on a real
    device.
    """

    def __init__(self, spec: DeviceSpec, credential: DeviceCredential, directory: Path) -> None:
        self.spec = spec
        self.credential = credential
        self.directory = directory
        self.started_at = time.monotonic()
        self.changed_at = datetime.now(UTC)
        self.changed_by = credential.username
        self.shows = 0
        """Configurations shown so far; drives what differs at every show."""
        self.counts = Counts()
        self._faults: dict[FaultKind, Fault] = {}
        self.files = initial_files(spec, credential)
        self._restore_saved()
        startup = STARTUP_FILE.get(self.family)
        self.running = ConfigTree.parse(self.files[startup] if startup else "")

    @property
    def family(self) -> str:
        return self.spec.kind.family

    @property
    def hostname(self) -> str:
        """The name it has now; an edit may have changed it."""
        if self.family == "linux":
            return self.files["/etc/hostname"].strip() or "localhost"
        return self.running.hostname or self.spec.name

    @property
    def uptime(self) -> float:
        """Seconds since power-on, which lies some days before the fleet's start."""
        return time.monotonic() - self.started_at + 86_400 * (3 + self.spec.pick("uptime", 400))

    def save(self) -> None:
        """Make the running configuration the one it starts with."""
        if self.family == "linux":
            return
        name = STARTUP_FILE[self.family]
        self.files[name] = self.running.render("ios" if self.family == "ios" else "frr")
        self._saved_path(name).write_text(self.files[name], encoding="utf-8")

    def edited(self, username: str) -> None:
        """Note that the configuration was changed."""
        self.running.edited()
        self.changed_at = datetime.now(UTC)
        self.changed_by = username

    def break_with(self, fault: Fault) -> None:
        """Put a fault in force.

        Raises:
            InvalidInput: the fault cannot be counted, or its numbers make no sense.
        """
        if fault.remaining is not None and fault.kind in UNCOUNTED_FAULTS:
            raise InvalidInput.single("times", f"{fault.kind} lasts until healed; leave times out")
        if fault.remaining is not None and fault.remaining < 1:
            raise InvalidInput.single("times", "must be at least 1")
        if fault.kind == "slow" and fault.seconds <= 0:
            raise InvalidInput.single("seconds", "slow needs a number of seconds above 0")
        if fault.kind != "slow" and fault.seconds:
            raise InvalidInput.single("seconds", "belongs to slow alone; leave it out")
        self._faults[fault.kind] = fault

    def heal(self) -> None:
        """End every fault; sessions already struck stay so until they end."""
        self._faults.clear()

    @property
    def faults(self) -> frozenset[FaultKind]:
        """The faults in force now."""
        return frozenset(self._faults)

    def strike(self) -> tuple[frozenset[FaultKind], float]:
        """The faults that strike a login that begins now, and its latency in seconds.

        Counts down the faults that are limited to a number of logins.
        """
        struck = self.faults
        latency = self._faults["slow"].seconds if "slow" in self._faults else 0.0
        for fault in list(self._faults.values()):
            if fault.remaining is not None:
                fault.remaining -= 1
                if not fault.remaining:
                    del self._faults[fault.kind]
        return struck, latency

    def record_command(self, command: str) -> None:
        """Count a command a client sent."""
        self.counts.commands.append(command)
        self.counts.command_total += 1

    def _saved_path(self, name: str) -> Path:
        return self.directory / name.strip("/").replace("/", "_")

    def _restore_saved(self) -> None:
        for name in self.files:
            saved = self._saved_path(name)
            if saved.exists():
                self.files[name] = saved.read_text(encoding="utf-8")
