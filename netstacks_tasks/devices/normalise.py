"""Takes volatile lines out of a configuration, so that only a change is a change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import filterfalse
from typing import Final

_BY_PLATFORM: Final[Mapping[str, tuple[str, ...]]] = {
    "ios": (
        r"Building configuration\.\.\.",
        r"Current configuration : \d+ bytes",
        r"Using \d+ out of \d+ bytes.*",
        r"! Last configuration change at .*",
        r"! NVRAM config last updated at .*",
        r"! No configuration change since last restart",
        r"ntp clock-period \d+",
    ),
    "iosxr": (
        r"Building configuration\.\.\.",
        r"!! Last configuration change at .*",
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d+ \d\d:\d\d:\d\d.*",
    ),
    "nxos": (
        r"!Command: .*",
        r"!Time: .*",
        r"!Running configuration last done at: .*",
        r"!Startup config saved at: .*",
        r"!NVRAM config last updated at: .*",
    ),
    "eos": (
        r"! Command: .*",
        r"! Startup-config last modified at .*",
    ),
    "junos": (r"## Last (commit|changed): .*",),
    "frr": (
        r"Building configuration\.\.\.",
        r"Current configuration:",
    ),
    "linux": (),
}
_SAME: Final = {"nxos_ssh": "nxos"}
_VOLATILE: Final = {
    platform: re.compile("|".join(f"(?:{line})" for line in lines)) if lines else None
    for platform, lines in _BY_PLATFORM.items()
}
_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\-_])?"
)
"""An escape without an end goes too: what is left after one must not make another."""


def clean(text: str) -> str:
    """The text without terminal escapes, carriage returns and NULs; clean text stays as it is."""
    text = text.replace("\x00", "")
    # Most texts have no more than the carriage returns, and a look is nearly free.
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def normalise(platform: str, text: str) -> str:
    """The configuration without volatile lines, trailing spaces and outer blank lines.

    Normalising twice is normalising once. An unknown platform only loses white
    space.
    """
    volatile = _VOLATILE.get(_SAME.get(platform, platform))
    lines: Iterable[str] = map(str.rstrip, clean(text).split("\n"))
    if volatile is not None:
        lines = filterfalse(volatile.fullmatch, lines)
    found = "\n".join(lines).strip("\n")
    return f"{found}\n" if found else ""
