"""Starts, breaks and heals the network that the simulated devices are in.

As root they are in a network namespace of their own, whose packets can be
swallowed; else on loopback, where a connection can only be refused.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from netstacks_tasks.embedded.environment import limited_environment

_PORT = 2222
_INSIDE, _OUTSIDE = 1, 254
"""The last numbers of the addresses at the two ends of the link."""


class Site:
    """So many devices, while the block runs."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self._parts = ExitStack()
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()
        self._generation = 0
        number = os.getpid() % 250
        self.namespace = f"netstacks-chaos-{os.getpid()}" if os.geteuid() == 0 else None
        self._net = f"198.18.{number}" if self.namespace else f"127.77.{number}"
        self._link = f"198.19.{number}"
        self.places: list[dict[str, Any]] = [
            {"name": f"chaos-{i:03}", "host": f"{self._net}.{i + 1}", "port": _PORT}
            for i in range(count)
        ]

    async def __aenter__(self) -> Self:
        (self._folder / "keys").mkdir(parents=True)
        (self._folder / "places.json").write_text(json.dumps(self.places))
        try:
            if self.namespace is not None:
                self._make_namespace(self.namespace)
            await self.start()
        except BaseException:
            self._parts.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.kill()
        finally:
            self._parts.close()

    def _make_namespace(self, name: str) -> None:
        """A namespace in which every address of the devices' network is a local one."""
        outside = f"nschaos{os.getpid() % 10_000_000}"
        _run("ip", "netns", "add", name)
        self._parts.callback(_run, "ip", "netns", "del", name)
        peer = ("peer", "name", "eth0", "netns", name)
        _run("ip", "link", "add", outside, "type", "veth", *peer)
        _run("ip", "address", "add", f"{self._link}.{_OUTSIDE}/24", "dev", outside)
        _run("ip", "link", "set", outside, "up")
        inside = ("ip", "-n", name)
        _run(*inside, "address", "add", f"{self._link}.{_INSIDE}/24", "dev", "eth0")
        for link in ("eth0", "lo"):
            _run(*inside, "link", "set", link, "up")
        _run(*inside, "route", "add", "local", f"{self._net}.0/24", "dev", "lo")
        _run("ip", "route", "add", f"{self._net}.0/24", "via", f"{self._link}.{_INSIDE}")

    async def start(self) -> None:
        """Power the devices up."""
        inside = ("ip", "netns", "exec", self.namespace) if self.namespace else ()
        self._process = await asyncio.create_subprocess_exec(
            *(*inside, sys.executable, "-W", "ignore", "-m", "tests.chaos.devices"),
            *("--places", str(self._folder / "places.json")),
            *("--keys", str(self._folder / "keys")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Nothing of the stack's, to which it does not belong.
            env=limited_environment(),
        )
        await self._hear()
        await self.configure(self._generation)

    async def kill(self) -> None:
        """Cut their power: connections are reset, new ones refused."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    def swallow(self) -> None:
        """From now on nothing comes back from the devices, not even a refusal."""
        _run(*self._inside(), "route", "add", "blackhole", f"{self._link}.{_OUTSIDE}/32")

    def heal(self) -> None:
        """The end of `swallow`."""
        _run(*self._inside(), "route", "del", "blackhole", f"{self._link}.{_OUTSIDE}/32")

    def _inside(self) -> tuple[str, ...]:
        assert self.namespace is not None
        return ("ip", "-n", self.namespace)

    @property
    def generation(self) -> int:
        """The number of the devices' configuration, counted from 0."""
        return self._generation

    async def configure(self, generation: int) -> None:
        """Give every device another configuration."""
        self._generation = generation
        await self._ask(f"generation {generation}")

    async def doubled(self) -> int:
        """How often a device was asked for its configuration twice at once."""
        return int((await self._ask("busy"))["doubled"])

    async def _ask(self, line: str) -> dict[str, Any]:
        async with self._asking:
            assert self._process is not None
            assert self._process.stdin is not None
            self._process.stdin.write(f"{line}\n".encode())
            return await self._hear()

    async def _hear(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return found


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
