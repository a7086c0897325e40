"""All adapters of one run, opened and closed together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from netstacks_tasks.devices.cli_writer import CliWriter
from netstacks_tasks.devices.icmp import IcmpPinger
from netstacks_tasks.devices.login import SshLogin
from netstacks_tasks.devices.napalm_reader import NapalmReader
from netstacks_tasks.devices.napalm_state import NapalmState
from netstacks_tasks.devices.napalm_writer import NapalmWriter
from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.devices.ports import (
    CapturedConfig,
    ConfigReader,
    ConfigWriter,
    HostKeys,
    LoginProbe,
    Pinger,
    SnmpReader,
    StateReader,
)
from netstacks_tasks.devices.reading.readings import Readings
from netstacks_tasks.devices.session_readers import session_readers
from netstacks_tasks.devices.shell_state import ShellState
from netstacks_tasks.devices.snmp import SnmpNames
from netstacks_tasks.devices.snmp_engines import SnmpEngines
from netstacks_tasks.devices.snmp_interfaces import SnmpInterfaces
from netstacks_tasks.devices.vtysh_state import VtyshState
from netstacks_tasks.devices.writer_by_mode import WriterByMode
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device, DeviceTarget
from netstacks_tasks.models.operational import BgpNeighbour, Facts, InterfaceCounters


class DeviceAccess:
    """Reaches devices: readers by platform, and the probes of the health checks."""

    def __init__(self, host_keys: HostKeys, readings: Readings | None = None) -> None:
        """With `readings`, configurations are read as these do."""
        sessions = session_readers(host_keys) if readings is None else readings.readers()
        self._readings = readings
        self._exits = AsyncExitStack()
        self._readers: dict[str, ConfigReader] = {
            **sessions,
            **dict.fromkeys(("eos", "iosxr", "junos", "nxos"), NapalmReader(host_keys)),
        }
        candidates = NapalmWriter(host_keys)
        self._writers: dict[str, ConfigWriter] = {
            "frr": CliWriter(host_keys, sessions["frr"], program="vtysh"),
            "ios": WriterByMode(
                # Its driver wants a flash file system and SCP for what a terminal can do.
                merge=CliWriter(host_keys, sessions["ios"]),
                replace=candidates,
            ),
            **dict.fromkeys(("eos", "iosxr", "junos", "nxos", "nxos_ssh"), candidates),
        }
        self._snmp = SnmpEngines()
        interfaces = SnmpInterfaces(self._snmp)
        self._states: dict[str, StateReader] = {
            "napalm": NapalmState(host_keys, interfaces),
            "vtysh": VtyshState(host_keys, interfaces),
            "shell": ShellState(host_keys),
        }
        self.login: LoginProbe = SshLogin(host_keys)
        pinger, names = IcmpPinger(), SnmpNames(self._snmp)
        self.pinger: Pinger = pinger
        self.snmp: SnmpReader = names
        for close in (pinger.close, names.close, self._snmp.close):
            self._exits.callback(close)

    async def __aenter__(self) -> Self:
        if self._readings is not None:
            await self._exits.enter_async_context(self._readings)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._exits.aclose()

    def reader_for(self, platform: str) -> ConfigReader:
        """The reader of a platform; one that says so for a platform we do not know."""
        return self._readers.get(platform) or _Unsupported()

    def state_for(self, platform: str) -> StateReader:
        """What reads the state of a platform; says so for one we do not know."""
        known = PLATFORMS.get(platform)
        return self._states[known.family] if known is not None else _Unsupported()

    def writer_for(self, device: Device) -> ConfigWriter:
        """What changes a device's configuration.

        Raises:
            DeviceError: the platform's configuration cannot be changed so.
        """
        if device.platform in self._writers:
            return self._writers[device.platform]
        raise DeviceError(
            device.name,
            "compare",
            "unsupported",
            f"nothing can be deployed to the platform {device.platform!r}: take the device out "
            "of the stack instance",
        )


class _Unsupported:
    """Stands for platforms that have no reader."""

    async def read_config(
        self,
        target: DeviceTarget,
        *,
        timeout: float,  # noqa: ARG002 - the port's
        accepted: Callable[[], None] | None = None,  # noqa: ARG002 - the port's
    ) -> CapturedConfig:
        raise _unknown(target)

    async def facts(self, target: DeviceTarget, *, timeout: float) -> Facts:  # noqa: ARG002 - the port's
        raise _unknown(target)

    async def bgp_neighbours(
        self,
        target: DeviceTarget,
        *,
        timeout: float,  # noqa: ARG002 - the port's
    ) -> tuple[BgpNeighbour, ...]:
        raise _unknown(target)

    async def interfaces(
        self,
        target: DeviceTarget,
        *,
        timeout: float,  # noqa: ARG002 - the port's
    ) -> tuple[InterfaceCounters, ...]:
        raise _unknown(target)

    async def show(self, target: DeviceTarget, command: str, *, timeout: float) -> str:  # noqa: ARG002 - the port's
        raise _unknown(target)


def _unknown(target: DeviceTarget) -> DeviceError:
    device = target.device
    return DeviceError(
        device.name,
        "connect",
        "unsupported",
        f"the platform {device.platform!r} is not known: use one of {', '.join(sorted(PLATFORMS))}",
    )
