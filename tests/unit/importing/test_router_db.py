"""The router.db of Oxidized and of RANCID, as they are found on disks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.foreign.found import Choices, FoundDevice, Login
from netstacks_tasks.importing.foreign.platforms import platform_of
from netstacks_tasks.importing.foreign.router_db import (
    DEFAULT_MAP,
    parsed_map,
    read_oxidized,
    read_rancid,
)
from netstacks_tasks.importing.sources import Source

CHOICES = Choices(source="test")


def source(text: str) -> Source:
    return Source("router.db", text.encode())


def problems(text: str, *, rancid: bool) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        read_rancid(source(text)) if rancid else read_oxidized(source(text), DEFAULT_MAP, ":")
    return [str(problem) for problem in refused.value.problems]


def test_oxidized_as_its_own_example_has_it() -> None:
    text = "# routers\n\nrtr01.local:192.168.1.1:ios:oxidized:5uP3R53cR3T:T0p53cR3t\r\n"
    words = ["name=0", "ip=1", "model=2", "username=3", "password=4", "enable=5"]
    (device,) = read_oxidized(source(text), parsed_map(words), ":").devices
    assert (device.name, device.host, device.line) == ("rtr01.local", "192.168.1.1", 3)
    login = Login(username="oxidized", password="5uP3R53cR3T", enable_secret="T0p53cR3t")
    assert device.login == login
    assert "5uP3R53cR3T" not in repr(device)
    assert platform_of(device, CHOICES) == ("ios", "")


def test_oxidized_by_its_default_map_asks_the_dns_for_the_name() -> None:
    text = "sw1:NXOS\nsw2:junos\nsw3:eos:more\nsw4:iosxr\nsw5:nil\n"
    devices = read_oxidized(source(text), DEFAULT_MAP, ":").devices
    assert [device.host for device in devices] == ["sw1", "sw2", "sw3", "sw4", "sw5"]
    platforms = [platform_of(device, CHOICES)[0] for device in devices]
    assert platforms == ["nxos_ssh", "junos", "eos", "iosxr", ""]


def test_oxidized_groups_ports_and_other_delimiters() -> None:
    columns = parsed_map(["name=1", "group=0", "model=2", "ssh_port=3"])
    first, second = read_oxidized(source("core;r1;ios;2222\nedge;r2;ios\n"), columns, ";").devices
    assert (first.groups, first.port) == (("core",), "2222")
    assert (second.groups, second.port) == (("edge",), None)


def test_lines_with_too_few_columns_are_told() -> None:
    said = problems("sw1:ios\nsw2\nsw3\n", rancid=False)
    assert [one.partition(" ")[0] for one in said] == ["router.db:2:", "router.db:3:"]


@pytest.mark.parametrize("word", ["name", "name=x", "colour=1", "=1", "name=-1", "model=1"])
def test_what_is_no_map(word: str) -> None:
    with pytest.raises(InvalidInput, match="--map"):
        parsed_map([word])


def test_rancid_of_both_ages() -> None:
    text = (
        "# name;type;state;comment\n"
        "r1.example.net;cisco;up;the core\n"
        "2001:db8::7;juniper;up\n"
        "r2.example.net:cisco-xr:up\n"
        "r3.example.net;cisco-nx;down\n"
        "r4.example.net;arista;UP\n"
        "r5.example.net;cat5;ticketed\n"
    )
    found = read_rancid(source(text))
    assert [(one.name, platform_of(one, CHOICES)[0]) for one in found.devices] == [
        ("r1.example.net", "ios"),
        ("2001:db8::7", "junos"),
        ("r2.example.net", "iosxr"),
        ("r4.example.net", "eos"),
    ]
    assert found.passed_over == ["r3.example.net", "r5.example.net"]
    assert found.notes == [
        "r3.example.net is down there, and was passed over",
        "r5.example.net is ticketed there, and was passed over",
    ]


def test_rancid_lines_that_are_none() -> None:
    assert [one.split(": ")[0] for one in problems("r1;cisco\n;cisco;up\nr2\n", rancid=True)] == [
        "router.db:1",
        "router.db:2",
        "router.db:3",
    ]


def test_unknown_platforms_say_what_to_do() -> None:
    (device,) = read_rancid(source("fw1;cisco-asa;up\n")).devices
    platform, reason = platform_of(device, CHOICES)
    assert platform == ""
    assert "--platform 'cisco-asa'=" in reason
    chosen = Choices(source="test", platforms={"Cisco ASA": "ios"}, default_platform="frr")
    assert platform_of(device, chosen) == ("ios", "")


def test_no_utf8() -> None:
    with pytest.raises(InvalidInput, match=r"router\.db:2: this is not UTF-8"):
        read_rancid(Source("router.db", b"r1;cisco;up\nr\xff;cisco;up\n"))


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    """Every line becomes a device, is passed over, or is told with its number."""
    devices: Sequence[FoundDevice] = ()
    problems: Sequence[Problem] = ()
    try:
        devices = read_rancid(Source("r", text.encode("utf-8", "surrogatepass"))).devices
    except InvalidInput as error:
        problems = error.problems
    assert all(problem.location.startswith("r:") for problem in problems)
    assert len({device.line for device in devices}) == len(devices)
    assert all(device.name for device in devices)
