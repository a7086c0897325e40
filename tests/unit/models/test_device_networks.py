"""Addresses that no device has, however they are written, and networks that an operator allows."""

from __future__ import annotations

import pytest

from netstacks_tasks.models.device_networks import DeviceNetworks

ANY = DeviceNetworks()


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 - nothing listens here
        "0.1.2.3",
        "::",
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "ff02::1",
        "ff02::1%eth0",
        "255.255.255.255",
        "240.0.0.1",
    ],
)
def test_no_device_is_there(host: str) -> None:
    fault = ANY.fault(host)
    assert fault is not None
    assert "NETSTACKS_DEVICE_NETWORKS" in fault


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1.2.3",
        "10.0.0.1",
        "192.0.2.1",
        "100.64.0.1",
        "::1",
        "2001:db8::1",
        "fd12:3456::1",
        "fe80::1%eth0",
        "r1.example.com",
    ],
)
def test_a_device_may_be_there(host: str) -> None:
    assert ANY.fault(host) is None


def test_an_operator_says_where_devices_are() -> None:
    networks = DeviceNetworks.parse("192.0.2.0/24, 2001:db8::/32,169.254.1.0/24")
    for allowed in ("192.0.2.7", "2001:db8:1::1", "::ffff:192.0.2.7", "169.254.1.9", "r1"):
        assert networks.fault(allowed) is None
    for other in ("192.0.3.7", "127.0.0.1", "2001:db9::1", "169.254.169.254", "::ffff:10.0.0.1"):
        assert networks.fault(other) == "is in none of the networks of NETSTACKS_DEVICE_NETWORKS"


@pytest.mark.parametrize("text", ["192.0.2.1/24", "r1", "192.0.2.0/24;10.0.0.0/8", "10/8/9"])
def test_what_is_no_network_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="write networks as"):
        DeviceNetworks.parse(text)


def test_an_empty_list_allows_everything_that_a_device_can_have() -> None:
    assert DeviceNetworks.parse(" , ") == ANY
