"""Is it what the command prints? A refusal or a web page is no answer."""

from __future__ import annotations

import re
from typing import Final

from netstacks_tasks.devices.sanity import is_page
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device

MAX_SHOWN_BYTES: Final = 4 * 1024 * 1024

_REFUSAL: Final = re.compile(
    r"\s*(%+ *(Invalid|Unknown|Ambiguous|Incomplete|Authorization|Permission|Access|Bad"
    r"|Unrecognized|Error|This command)\b"
    r"|(command )?authorization failed|error: |syntax error|unknown command)",
    re.IGNORECASE,
)
# A refusal is short; among more lines such words are what was asked for.
_REFUSAL_WITHIN: Final = 4
_SAID: Final = 100


def check_shown(device: Device, command: str, text: str) -> None:
    """Accept what a show command may print, also nothing.

    Raises:
        DeviceError: cause `bad_output`: the device refused the command, answered
            with a web page, or printed more than `MAX_SHOWN_BYTES`.
    """
    fault = _fault(text)
    if fault:
        raise DeviceError(device.name, "command", "bad_output", f"{command!r}: {fault}")


def _fault(text: str) -> str:
    if len(text) > MAX_SHOWN_BYTES:
        return f"more than {MAX_SHOWN_BYTES} bytes came: ask for less"
    if is_page(text):
        return "the device answered with a web page"
    lines = [line for line in text.splitlines() if line.strip()]
    refusal = next(filter(_REFUSAL.match, lines[:_REFUSAL_WITHIN]), None)
    if refusal is not None and len(lines) <= _REFUSAL_WITHIN:
        shown = "".join(c if c.isprintable() else "?" for c in refusal.strip()[:_SAID])
        return f"the device refused it: {shown}"
    return ""
