"""The platforms we know, and how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Family = Literal["napalm", "vtysh", "shell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """How a platform is read.

    `ssh_driver` is True where NAPALM's driver speaks through one SSH connection
    that we open and check ourselves; configurations are read there without it.
    `ends_with` is the last line of every whole configuration, empty where there
    is none.
    """

    name: str
    family: Family
    ssh_driver: bool = False
    ends_with: str = ""
    least_lines: int = 3
    deployable: bool = True
    """Whether a stack can be deployed to it."""


PLATFORMS: Final[Mapping[str, Platform]] = {
    platform.name: platform
    for platform in (
        Platform(name="ios", family="napalm", ssh_driver=True, ends_with="end"),
        Platform(name="eos", family="napalm", ends_with="end"),
        Platform(name="nxos", family="napalm"),
        Platform(name="nxos_ssh", family="napalm", ssh_driver=True),
        Platform(name="iosxr", family="napalm", ends_with="end"),
        Platform(name="junos", family="napalm"),
        Platform(name="frr", family="vtysh", ends_with="end"),
        Platform(name="linux", family="shell", least_lines=2, deployable=False),
    )
}


def in_thread(platform: str) -> bool:
    """Whether a platform is spoken to by NAPALM: a thread for each device, and much CPU."""
    known = PLATFORMS.get(platform)
    return known is not None and known.family == "napalm"


def read_in_thread(platform: str) -> bool:
    """Whether its configuration is read so, too."""
    return in_thread(platform) and not PLATFORMS[platform].ssh_driver
