"""A fleet of simulated devices that speak real SSH and SNMP on loopback.

    python -m netstacks_tasks.demo.fleet --count 24 --directory DIR

Prints one JSON line once every device answers, writes `fleet.json`,
`inventory.yaml` and `secrets.json` (mode 0600) into the directory, and runs
until SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

from netstacks_tasks.demo.simulated import addressing, catalogue, demo_secrets, inventory_file
from netstacks_tasks.demo.simulated.addressing import Endpoint
from netstacks_tasks.demo.simulated.control_server import ControlServer
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.node import DeviceNode
from netstacks_tasks.demo.simulated.operations import FleetOperations
from netstacks_tasks.errors import ConfigurationError, InvalidInput, NetstacksError

DEFAULT_COUNT: Final = 24
DEFAULT_BASE: Final = "127.23.0.1"
STATE_FILE: Final = "fleet.json"
_LOCK_FILE: Final = ".lock"
_MOST_DEVICES: Final = 2000


class Fleet:
    """A running fleet; made by `Fleet.open`."""

    def __init__(self, directory: Path, nodes: dict[str, DeviceNode], notes: list[str]) -> None:
        self.directory = directory
        self.nodes = nodes
        self.operations = FleetOperations(nodes)
        self.notes = notes
        """What the fleet did differently than asked, in sentences."""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        directory: Path,
        *,
        count: int = DEFAULT_COUNT,
        base: str = DEFAULT_BASE,
        one_address: bool | None = None,
    ) -> AsyncIterator[Fleet]:
        """Start `count` devices and the control channel; stop them at the end.

        Raises:
            InvalidInput: the count or the base address makes no sense.
            ConfigurationError: another fleet runs in the directory.
        """
        if not 1 <= count <= _MOST_DEVICES:
            raise InvalidInput.single("count", f"must be between 1 and {_MOST_DEVICES}")
        with _locked(directory):
            _allow_many_sockets()
            before = _earlier_state(directory)
            boots = int(before.get("engine_boots", 0)) + 1
            specs = catalogue.devices(count)
            wanted = addressing.endpoints(specs, base, _known(before), one_address=one_address)
            secrets = demo_secrets.load_or_create(directory)
            nodes = {
                spec.name: DeviceNode(_device(directory, spec, secrets), wanted[spec.name], boots)
                for spec in specs
            }
            async with contextlib.AsyncExitStack() as stack:
                notes: list[str] = []
                for node in nodes.values():
                    stack.push_async_callback(node.close)
                    notes += await node.open()
                fleet = cls(directory, nodes, notes)
                control = ControlServer(directory, fleet.operations.table())
                stack.push_async_callback(control.close)
                await control.open()
                fleet._write_files(control.path, boots)
                yield fleet

    def _write_files(self, control: Path, engine_boots: int) -> None:
        specs = [node.device.spec for node in self.nodes.values()]
        endpoints = {name: node.endpoint for name, node in self.nodes.items()}
        inventory_file.write_inventory(self.directory, inventory_file.inventory(specs, endpoints))
        state = {
            "pid": os.getpid(),
            "control": str(control),
            "engine_boots": engine_boots,
            "notes": self.notes,
            "devices": [node.as_document() for node in self.nodes.values()],
        }
        demo_secrets.write_private(self.directory / STATE_FILE, json.dumps(state, indent=2) + "\n")


def _device(
    directory: Path,
    spec: catalogue.DeviceSpec,
    secrets: dict[str, Any],
) -> SimulatedDevice:
    own = directory / "devices" / spec.name
    own.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SimulatedDevice(spec, secrets[spec.kind.credential.block_name], own)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / _LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationError(
                f"another fleet runs in {directory}; stop it or choose another --directory"
            ) from None
        yield


def _allow_many_sockets() -> None:
    """Two listeners per device and a socket per session may pass the soft limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _earlier_state(directory: Path) -> dict[str, Any]:
    try:
        state = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _known(state: dict[str, Any]) -> dict[str, Endpoint]:
    return {
        device["name"]: Endpoint(
            host=device["host"], ssh_port=device["ssh_port"], snmp_port=device["snmp_port"]
        )
        for device in state.get("devices", [])
    }


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    started = time.monotonic()
    async with Fleet.open(
        arguments.directory,
        count=arguments.count,
        base=arguments.base,
        one_address=arguments.one_address or None,
    ) as fleet:
        for note in fleet.notes:
            sys.stderr.write(note + "\n")
        ready = {
            "ready": True,
            "pid": os.getpid(),
            "devices": len(fleet.nodes),
            "directory": str(arguments.directory),
            "seconds": round(time.monotonic() - started, 2),
            "notes": fleet.notes,
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> int:
    """The command; 0 after a signal, 2 when it could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m netstacks_tasks.demo.fleet", description="Serve simulated devices."
    )
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help="how many devices")
    parser.add_argument("--directory", type=Path, required=True, help="where its files live")
    parser.add_argument("--base", default=DEFAULT_BASE, help="address of the first device")
    parser.add_argument(
        "--one-address", action="store_true", help="all on 127.0.0.1, on different ports"
    )
    arguments = parser.parse_args()
    arguments.directory = arguments.directory.absolute()
    try:
        asyncio.run(_serve(arguments))
    except (NetstacksError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
