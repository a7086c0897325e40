"""Takes volatile lines out of a configuration, so that only a change is a change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import filterfalse
from typing import Final

_BY_PLATFORM: Final[Mapping[str, Mapping[str, str]]] = {
    "ios": {
        "Building configuration...": r"Building configuration\.\.\.",
        "Current configuration : ": r"Current configuration : \d+ bytes",
        "Using ": r"Using \d+ out of \d+ bytes.*",
        "! Last configuration change at ": r"! Last configuration change at .*",
        "! NVRAM config last updated at ": r"! NVRAM config last updated at .*",
        "! No configuration change": r"! No configuration change since last restart",
        "ntp clock-period ": r"ntp clock-period \d+",
    },
    "iosxr": {
        "Building configuration...": r"Building configuration\.\.\.",
        "!! Last configuration change at ": r"!! Last configuration change at .*",
        ":": r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d+ \d\d:\d\d:\d\d.*",
    },
    "nxos": {
        "!Command: ": r"!Command: .*",
        "!Time: ": r"!Time: .*",
        "!Running configuration last done at: ": r"!Running configuration last done at: .*",
        "!Startup config saved at: ": r"!Startup config saved at: .*",
        "!NVRAM config last updated at: ": r"!NVRAM config last updated at: .*",
    },
    "eos": {
        "! Command: ": r"! Command: .*",
        "! Startup-config last modified at ": r"! Startup-config last modified at .*",
    },
    "junos": {"## Last ": r"## Last (commit|changed): .*"},
    "frr": {
        "Building configuration...": r"Building configuration\.\.\.",
        "Current configuration:": r"Current configuration:",
    },
    "linux": {},
}
"""Volatile lines, by what each of them holds: a look for that is nearly free."""
_SAME: Final = {"nxos_ssh": "nxos"}
_VOLATILE: Final = {
    platform: (tuple(lines), re.compile("|".join(f"(?:{line})" for line in lines.values())))
    for platform, lines in _BY_PLATFORM.items()
    if lines
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
    text = clean(text)
    lines = list(map(str.rstrip, text.split("\n")))
    marks, pattern = _VOLATILE.get(_SAME.get(platform, platform), ((), None))
    if pattern is not None and (last := max(map(text.rfind, marks))) >= 0:
        # They stand at the head, and a text is long: what follows the last is not looked at.
        head = text.count("\n", 0, last) + 1
        lines[:head] = filterfalse(pattern.fullmatch, lines[:head])
    found = "\n".join(lines).strip("\n")
    return f"{found}\n" if found else ""
