"""The values of SNMP answers, of the types that they should have.

An agent says any: the bytes of a number would be as many as it says, gigabytes.
"""

from __future__ import annotations

from typing import Any

from pyasn1.type.univ import Integer, Null, OctetString

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device


def text_in(device: Device, what: str, value: Any) -> str:  # noqa: ANN401 - pysnmp's own types
    """The text of a value.

    Raises:
        DeviceError: it is none.
    """
    if not isinstance(value, OctetString) or isinstance(value, Null):
        raise _wrong(device, f"{what} is no text but {type(value).__name__}")
    return bytes(value).decode(errors="replace")


def count_in(device: Device, what: str, value: Any) -> int:  # noqa: ANN401 - as above
    """The number of a counter.

    Raises:
        DeviceError: it is none.
    """
    if not isinstance(value, Integer) or int(value) < 0:
        raise _wrong(device, f"{what} is no counter but {type(value).__name__}")
    return int(value)


def _wrong(device: Device, message: str) -> DeviceError:
    return DeviceError(device.name, "check", "bad_output", message)
