"""A simulated device on the network: its SSH server and its SNMP agent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from netstacks_tasks.demo.simulated.addressing import Endpoint
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.snmp_agent import SnmpAgent
from netstacks_tasks.demo.simulated.ssh_server import DeviceSshServer


class DeviceNode:
    """Opens and closes both servers of one device."""

    def __init__(self, device: SimulatedDevice, endpoint: Endpoint, engine_boots: int) -> None:
        self.device = device
        self._ssh = DeviceSshServer(device, endpoint.host, endpoint.ssh_port)
        self._snmp = SnmpAgent(device, endpoint.host, endpoint.snmp_port, engine_boots)

    async def open(self) -> list[str]:
        """Listen; returns a sentence for each port that was taken and replaced."""
        notes = []
        for name, server in (("SSH", self._ssh), ("SNMP", self._snmp)):
            note = await _open_somewhere(name, server)
            if note:
                notes.append(f"{self.device.spec.name}: {note}")
        return notes

    async def close(self) -> None:
        """Stop both servers and drop every connection."""
        self._snmp.close()
        await self._ssh.close()

    async def reopen_ssh(self) -> None:
        """Listen again, as the faults now in force want it."""
        await self._ssh.close()
        await self._ssh.open()

    @property
    def endpoint(self) -> Endpoint:
        """Where the device really answers."""
        return Endpoint(host=self._ssh.host, ssh_port=self._ssh.port, snmp_port=self._snmp.port)

    def as_document(self) -> dict[str, Any]:
        """Plain values for fleet.json and the control channel."""
        spec = self.device.spec
        return {
            "name": spec.name,
            "id": str(spec.id),
            "role": spec.role,
            "platform": spec.kind.family,
            "host": self.endpoint.host,
            "ssh_port": self.endpoint.ssh_port,
            "snmp_port": self.endpoint.snmp_port,
            "credential_block": spec.kind.credential.block_name,
            "faults": sorted(self.device.faults),
        }


async def _open_somewhere(name: str, server: DeviceSshServer | SnmpAgent) -> str:
    wanted = server.port
    opening: Callable[[], Awaitable[None]] = server.open
    try:
        await opening()
    except OSError:
        server.port = 0
        await opening()
        return f"{name} port {server.host}:{wanted} is taken, using {server.port}"
    return ""
