"""Is it a configuration? What a device answers instead must never become a version."""

from __future__ import annotations

import re
from typing import Final

from netstacks_tasks.devices.normalise import normalise
from netstacks_tasks.devices.platforms import PLATFORMS, Platform
from netstacks_tasks.errors import DeviceError

_REFUSALS: Final = re.compile(
    r"% ?(Invalid|Unknown|Ambiguous|Incomplete|Authorization|Authorisation|Access|Permission"
    r"|Bad|Error|This command)\b.*"
    r"|.*(Authorization failed|command authorization failed|Permission denied|Access denied"
    r"|command not found|: not found|Error: ).*"
    r"|error: .*"
    r"|Line has invalid autocommand.*",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"\s*(<!doctype\s+html|<html\b|<\?xml\b)", re.IGNORECASE)
# An answer that refuses is short; a configuration may hold such words anywhere.
_REFUSAL_WITHIN: Final = 5
_SHOWN: Final = 80
_HEAD: Final = 1000
_END: Final = 100
"""Characters of the two ends."""


def is_page(text: str) -> bool:
    """Whether a web page stands where output should."""
    return _PAGE.match(text) is not None


def check_config(device_name: str, platform: str, text: str, normalised: str | None = None) -> None:
    """Accept what looks like a whole configuration of the platform.

    Args:
        device_name: for the error.
        platform: as in the inventory.
        text: what the device printed.
        normalised: `normalise(platform, text)`, where the caller has it already.

    Raises:
        DeviceError: stage `capture`, cause `bad_output`, with what is wrong.
    """
    known = PLATFORMS.get(platform, Platform(name=platform, family="shell"))
    fault = _fault(known, text, normalise(platform, text) if normalised is None else normalised)
    if fault:
        raise DeviceError(device_name, "capture", "bad_output", fault)


def _fault(platform: Platform, text: str, normalised: str) -> str:
    if _is_plainly_whole(platform, normalised) and not is_page(text):
        return ""
    lines = list(filter(str.strip, normalised.splitlines()))
    if not lines:
        return "the device answered with nothing instead of a configuration"
    if is_page(text):
        return f"the device answered with a web page instead of a configuration: {_shown(lines[0])}"
    whole = not platform.ends_with or lines[-1].strip() == platform.ends_with
    if platform.ends_with and whole and len(lines) >= platform.least_lines:
        return ""
    return _refusal(lines, whole=whole) or _cut_off(platform, lines, text, whole=whole)


def _is_plainly_whole(platform: Platform, normalised: str) -> bool:
    """What nearly every configuration is, told by its two ends."""
    if not platform.ends_with:
        return False
    last = normalised[-_END:].rstrip().rpartition("\n")[2]
    head = normalised[:_HEAD].splitlines()
    return (
        last == platform.ends_with and sum(map(bool, map(str.strip, head))) > platform.least_lines
    )


def _refusal(lines: list[str], *, whole: bool) -> str:
    head = [line.strip().lstrip("^ ") for line in lines[:_REFUSAL_WITHIN]]
    refusal = next((line for line in head if _REFUSALS.fullmatch(line)), None)
    if refusal is not None and (len(lines) <= 2 * _REFUSAL_WITHIN or not whole):
        return f"the device answered with an error instead of a configuration: {_shown(refusal)}"
    return ""


def _cut_off(platform: Platform, lines: list[str], text: str, *, whole: bool) -> str:
    if len(lines) < platform.least_lines:
        return f"the device answered with only {len(lines)} lines: {_shown(lines[0])}"
    if not whole:
        return (
            f"the configuration is cut off after {len(lines)} lines: it does not end with "
            f"{platform.ends_with!r} but with {_shown(lines[-1])}"
        )
    if platform.name == "junos" and text.count("{") != text.count("}"):
        return "the configuration is cut off: its braces are not closed"
    return ""


def _shown(line: str) -> str:
    text = "".join(c if c.isprintable() else "?" for c in line.strip())
    return repr(text[:_SHOWN])
