"""Talks to a running fleet: change, break and heal devices, and count what clients did.

python -m netstacks_tasks.demo.fleet_control DIR change core-rtr-01 ["hostname new" ...]
python -m netstacks_tasks.demo.fleet_control DIR break edge-sw-02 slow --seconds 2
python -m netstacks_tasks.demo.fleet_control DIR break edge-sw-02 close --times 1
python -m netstacks_tasks.demo.fleet_control DIR heal [NAME]
python -m netstacks_tasks.demo.fleet_control DIR list | counts [NAME] | clear | save NAME
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netstacks_tasks.demo.simulated.faults import DESCRIPTIONS, FAULT_KINDS, FaultKind
from netstacks_tasks.errors import ConfigurationError, InvalidInput, NetstacksError


class FleetControl:
    """A client of the control channel; every call is one short connection."""

    def __init__(self, directory: Path, *, timeout: float = 30.0) -> None:
        self._directory = directory
        self._timeout = timeout

    def change(self, name: str, lines: Sequence[str] = ()) -> list[str]:
        """Change a device's running configuration; returns the lines applied."""
        return list(self._call("change", name=name, lines=list(lines))["lines"])

    def save(self, name: str) -> None:
        """Make the running configuration the startup configuration."""
        self._call("save", name=name)

    def break_device(
        self, name: str, fault: FaultKind, *, seconds: float = 0.0, times: int | None = None
    ) -> None:
        """Put a fault in force, for good or for the next `times` logins."""
        self._call("break", name=name, fault=fault, seconds=seconds, times=times)

    def heal(self, name: str | None = None) -> list[str]:
        """End the faults of one device, or of all; returns who had any."""
        return list(self._call("heal", name=name)["healed"])

    def devices(self) -> list[dict[str, Any]]:
        """Every device: name, id, platform, host, ports, faults in force."""
        return list(self._call("list"))

    def counts(self, name: str) -> dict[str, Any]:
        """What clients did to a device: connections, logins, commands, snmp_requests..."""
        return dict(self._call("counts", name=name))

    def all_counts(self) -> dict[str, dict[str, Any]]:
        """The counts of every device, by name."""
        return dict(self._call("counts"))

    def clear(self) -> None:
        """Set every device's counts to zero."""
        self._call("clear")

    def _call(self, operation: str, **fields: object) -> Any:  # noqa: ANN401 - the answer's shape is the operation's
        request = json.dumps({"op": operation, **fields}).encode() + b"\n"
        try:
            state = json.loads((self._directory / "fleet.json").read_text(encoding="utf-8"))
            with socket.socket(socket.AF_UNIX) as channel:
                channel.settimeout(self._timeout)
                channel.connect(state["control"])
                channel.sendall(request)
                with channel.makefile("rb") as stream:
                    answer = json.loads(stream.readline())
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(
                f"no fleet answers in {self._directory} ({error}); start one with "
                "python -m netstacks_tasks.demo.fleet --directory"
            ) from error
        if not answer["ok"]:
            raise InvalidInput.single("", answer["error"])
        return answer["result"]


def main() -> int:
    """The command; prints the answer as JSON."""
    parser = argparse.ArgumentParser(prog="python -m netstacks_tasks.demo.fleet_control")
    parser.add_argument("directory", type=Path)
    commands = parser.add_subparsers(dest="command", required=True)
    change = commands.add_parser("change", help="change the running configuration")
    change.add_argument("name")
    change.add_argument(
        "lines", nargs="*", help="configuration lines; default: a change of its own"
    )
    save = commands.add_parser("save", help="make the running configuration the startup one")
    save.add_argument("name")
    breaking = commands.add_parser("break", help="put a fault in force", epilog=_fault_help())
    breaking.add_argument("name")
    breaking.add_argument("fault", choices=FAULT_KINDS)
    breaking.add_argument("--seconds", type=float, default=0.0, help="slow: extra time a command")
    breaking.add_argument("--times", type=int, help="logins it strikes before it heals by itself")
    heal = commands.add_parser("heal", help="end the faults of one device, or of all")
    heal.add_argument("name", nargs="?")
    commands.add_parser("list", help="devices, addresses, faults")
    counts = commands.add_parser("counts", help="what clients did")
    counts.add_argument("name", nargs="?")
    commands.add_parser("clear", help="set the counts to zero")
    arguments = parser.parse_args()
    try:
        answer = _run(FleetControl(arguments.directory), arguments)
    except NetstacksError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    return 0


def _run(control: FleetControl, arguments: argparse.Namespace) -> object:
    name: str = getattr(arguments, "name", None) or ""
    answers: dict[str, Callable[[], object]] = {
        "change": lambda: control.change(name, arguments.lines),
        "save": lambda: control.save(name),
        "break": lambda: control.break_device(
            name, arguments.fault, seconds=arguments.seconds, times=arguments.times
        ),
        "heal": lambda: control.heal(name or None),
        "list": control.devices,
        "counts": lambda: control.counts(name) if name else control.all_counts(),
        "clear": control.clear,
    }
    return answers[arguments.command]()


def _fault_help() -> str:
    return "; ".join(f"{name}: {text}" for name, text in DESCRIPTIONS.items())


if __name__ == "__main__":
    sys.exit(main())
