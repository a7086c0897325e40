"""What a device says about itself at one moment: facts, BGP sessions, interfaces.

None stands for what the device does not tell. It is never a zero: a counter
that nobody reads must not look like a clean interface.
"""

from __future__ import annotations

from pydantic import Field

from netstacks_tasks.models.inventory import Value


class Facts(Value):
    """What the device is."""

    hostname: str
    vendor: str
    model: str
    os_version: str
    serial_number: str = ""
    uptime_seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class BgpNeighbour(Value):
    """One configured BGP session, in one VRF."""

    address: str
    """Of the other side: IPv4, IPv6, or an interface's name where it is unnumbered."""
    remote_as: int = Field(ge=0, le=4294967295)
    """0 where it is not known, as of an unnumbered session that was never up."""
    local_as: int | None = Field(default=None, ge=0, le=4294967295)
    vrf: str = "default"
    address_families: tuple[str, ...] = ()
    """For example `ipv4 unicast`; those configured for it."""
    state: str
    """In lower case: `established`, `idle`, `active`, `connect`, `opensent`, `openconfirm`;
    `down` where the device tells no more than that it is not established."""
    up: bool
    enabled: bool
    """False where the session is shut administratively."""
    uptime_seconds: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Since it was established; None while it is down."""
    prefixes_received: int | None = Field(default=None, ge=0)
    """Of all address families together, those refused by policy not among them where
    the device tells them apart; None while it is down."""
    prefixes_sent: int | None = Field(default=None, ge=0)
    description: str = ""


class InterfaceCounters(Value):
    """One interface; the counters count since the device, or a person, cleared them."""

    name: str
    up: bool
    enabled: bool
    """False where the interface is shut administratively."""
    description: str = ""
    speed_mbps: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    rx_bytes: int | None = Field(default=None, ge=0)
    tx_bytes: int | None = Field(default=None, ge=0)
    rx_packets: int | None = Field(default=None, ge=0)
    tx_packets: int | None = Field(default=None, ge=0)
    rx_errors: int | None = Field(default=None, ge=0)
    tx_errors: int | None = Field(default=None, ge=0)
    rx_discards: int | None = Field(default=None, ge=0)
    tx_discards: int | None = Field(default=None, ge=0)

    @property
    def errors(self) -> int:
        """The errors that are known of, both ways; discards are no errors."""
        return (self.rx_errors or 0) + (self.tx_errors or 0)
