"""What an agent may answer where a text or a counter belongs."""

from __future__ import annotations

from typing import Any

import pytest
from pysnmp.proto.api import v2c

from netstacks_tasks.devices.snmp import _text
from netstacks_tasks.devices.snmp_values import count_in, text_in
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.testing import device

DEVICE = device("r1")


@pytest.mark.parametrize(
    "value",
    [v2c.Integer(2**31 - 1), v2c.Integer(-1), v2c.Counter64(2**63), v2c.Null(""), v2c.TimeTicks(9)],
)
def test_a_number_is_no_name(value: Any) -> None:  # noqa: ANN401 - of pysnmp
    # Its bytes would have been two gigabytes of zeros, or an error that nobody expects.
    with pytest.raises(DeviceError, match="sysName is no text but ") as caught:
        _text(DEVICE, 0, value)
    assert caught.value.cause == "bad_output"


@pytest.mark.parametrize("value", [v2c.OctetString("5"), v2c.Null(""), v2c.Integer(-5)])
def test_what_does_not_count_is_no_counter(value: Any) -> None:  # noqa: ANN401 - of pysnmp
    with pytest.raises(DeviceError, match="x is no counter but "):
        count_in(DEVICE, "x", value)


def test_texts_and_counters() -> None:
    assert text_in(DEVICE, "x", v2c.OctetString(b"core-\xff")) == "core-\N{REPLACEMENT CHARACTER}"
    assert count_in(DEVICE, "x", v2c.Counter64(2**63)) == 2**63
    assert count_in(DEVICE, "x", v2c.Gauge32(7)) == 7
