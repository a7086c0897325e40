from __future__ import annotations

import pytest

from netstacks_tasks.importing.hosts import host_fault


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "2001:db8::1",
        "fe80::1%eth0",
        "r1",
        "r1.example.com",
        "r1.example.com.",
        "core_sw-01",
        "xn--bcher-kva.example",
        "1.example",
    ],
)
def test_hosts(host: str) -> None:
    assert host_fault(host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "10.0.0.256",
        "10.0.0",
        "10.0.0.1:22",
        "r1:22",
        "ssh://r1",
        "admin@r1",
        "r1 r2",
        " r1",
        "-oProxyCommand=x",
        "r1-.example",
        "a..b",
        "x" * 64,
        ".".join(["x" * 60] * 5),
        "r1\n",
        "rüter",
    ],
)
def test_not_hosts(host: str) -> None:
    assert host_fault(host)
