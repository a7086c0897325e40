"""What other systems call the platforms that we know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from netstacks_tasks.devices.platforms import PLATFORMS
from netstacks_tasks.importing.foreign.found import Choices, FoundDevice

_BETWEEN_WORDS: Final = re.compile(r"[\s_./]+")

# NX-OS is asked by SSH unless it is called as NAPALM calls the driver for NX-API: SSH is there
# on every switch, the API only where somebody switched it on.
TABLE: Final[Mapping[str, str]] = {
    word: platform
    for platform, words in {
        "ios": (
            "ios", "cisco", "cisco-ios", "cisco-ios-ios", "ios-xe", "iosxe", "cisco-xe",
            "cisco-ios-xe", "cisco-iosxe",
        ),
        "eos": ("eos", "arista", "arista-eos", "arista-eos-eos"),
        "nxos": ("nxos", "cisco-nxos-nxapi"),
        "nxos_ssh": (
            "nxos-ssh", "nx-os", "cisco-nxos", "cisco-nx-os", "cisco-nx", "cisco-nxos-nxos",
        ),
        "iosxr": (
            "iosxr", "ios-xr", "cisco-iosxr", "cisco-ios-xr", "cisco-xr", "cisco-iosxr-iosxr",
        ),
        "junos": (
            "junos", "juniper", "juniper-junos", "juniper-srx", "junipernetworks-junos-junos",
        ),
        "frr": ("frr", "frrouting", "frr-frr-frr"),
        "linux": ("linux", "debian", "ubuntu", "linuxgeneric"),
    }.items()
    for word in words
}  # fmt: skip
"""Our platform by the simplified word: NetBox and Nautobot slugs and drivers, NAPALM drivers,
netmiko device types, Ansible network_os, Oxidized models and RANCID types."""


def simplified(word: str) -> str:
    """`Cisco IOS-XE`, `cisco_ios.xe` and `cisco-ios-xe` are the same word."""
    return _BETWEEN_WORDS.sub("-", word.strip()).casefold()


def platform_of(device: FoundDevice, choices: Choices) -> tuple[str, str]:
    """Our platform, and why there is none; one of the two is empty."""
    words = [simplified(word) for word in device.platforms if word.strip()]
    chosen = {simplified(word): platform for word, platform in choices.platforms.items()}
    for table in (chosen, TABLE):
        for word in words:
            if word in table:
                return table[word], ""
    if not words:
        if choices.default_platform is not None:
            return choices.default_platform, ""
        return "", "it has no platform there: give it one, or say --default-platform"
    said = next(word for word in device.platforms if word.strip())[:60]
    return "", (
        f"the platform {said!r} is none of {', '.join(sorted(PLATFORMS))}: say which it is by "
        f"--platform {said!r}=ios or another"
    )
