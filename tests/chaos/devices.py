"""Serves the simulated devices: `python -m tests.chaos.devices --addresses FILE`.

A line on standard input is a command, answered by a line of JSON: `generation N`
gives every device another configuration, `busy` tells how often one device was
asked for its configuration twice at once. It ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import asyncssh

from benchmarks.fleet.algorithms import host_keys, offered
from benchmarks.fleet.configuration import running
from benchmarks.fleet.device import Device, Login, Session, Slowness

SECONDS = 2.0
"""Before a device answers with its configuration."""


def configuration(name: str, generation: int) -> str:
    """What a device prints as its configuration."""
    line = f"snmp-server contact chaos-{generation}\n"
    return running(name).replace("line con 0\n", f"{line}line con 0\n")


class Watched(Device):
    """A device that knows how many are asking it."""

    asking = 0
    doubled = 0

    def become(self, generation: int) -> None:
        text = configuration(self.name, generation).replace("\n", "\r\n").encode()
        for line in (b"show running-config", b"show startup-config"):
            self._answers[line] = text


class _Login(Login):
    def session_requested(self) -> Session:
        assert isinstance(self._device, Watched)
        return _Session(self._device)


class _Session(Session):
    """Counts, from the question to the answer or to the end of the connection."""

    def __init__(self, device: Watched) -> None:
        super().__init__(device)
        self._watched = device
        self._asks = False

    def _work(self) -> None:
        super()._work()
        if self._waiting is not None and not self._asks:
            self._asks = True
            self._watched.asking += 1
            self._watched.doubled += self._watched.asking > 1

    def _late(self, answer: bytes) -> None:
        self._answered()
        super()._late(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self._answered()
        super().connection_lost(exc)

    def _answered(self) -> None:
        if self._asks:
            self._asks = False
            self._watched.asking -= 1


async def _serve(places: list[dict[str, Any]], keys: Path) -> None:
    """The devices; their host keys outlive this process, as those of a real one do."""
    devices = []
    slowness = Slowness(SECONDS)
    for place in places:
        device = Watched(place["name"], slowness)
        device.become(0)
        devices.append(device)
        file = keys / place["name"]
        if not file.exists():
            host_keys("modern", 1)[0].write_private_key(file)
        await asyncssh.create_server(
            lambda device=device: _Login(device),
            place["host"],
            place["port"],
            server_host_keys=[str(file)],
            encoding=None,
            line_editor=False,
            config=None,
            public_key_auth=False,
            kbdint_auth=False,
            gss_auth=False,
            gss_kex=False,
            compression_algs=["none"],
            reuse_address=True,
            server_version="Cisco-1.25",
            **offered("modern"),
        )
    _tell({"ready": len(devices)})
    while line := await asyncio.to_thread(sys.stdin.readline):
        word, _, rest = line.strip().partition(" ")
        if word == "generation":
            for device in devices:
                device.become(int(rest))
        _tell({"doubled": sum(device.doubled for device in devices)})


def _tell(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=Path, required=True)
    parser.add_argument("--keys", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(_serve(json.loads(given.places.read_text()), given.keys))
