"""What is made of what devices print of their state, odd answers above all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netstacks_tasks.devices import (
    frr_state,
    kernel_state,
    napalm_answers,
    napalm_state,
    vtysh_state,
)
from netstacks_tasks.devices.netmiko_watch import SessionWatch, WatchedSocket
from netstacks_tasks.devices.shell_state import release_in
from netstacks_tasks.devices.show_output import MAX_SHOWN_BYTES, check_shown
from netstacks_tasks.devices.vtysh import vtysh_failed
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.testing import device

DEVICE = device("r1", "frr")
PAGE = "<!DOCTYPE html>\n<html><body>503 Service Unavailable</body></html>\n"
SESSION = {
    "remoteAs": 65002,
    "localAs": 65001,
    "bgpState": "Established",
    "bgpTimerUpMsec": 61000,
    "addressFamilyInfo": {
        "ipv4Unicast": {"acceptedPrefixCounter": 3, "sentPrefixCounter": 5},
        "l2VpnEvpn": {"acceptedPrefixCounter": 4},
    },
}
LINK = {
    "ifname": "eth0",
    "flags": ["BROADCAST", "UP", "LOWER_UP"],
    "operstate": "UP",
    "stats64": {"rx": {"bytes": 9, "packets": 8, "errors": 7, "dropped": 6}, "tx": {"errors": 5}},
}


def fault(error: pytest.ExceptionInfo[DeviceError]) -> str:
    assert (error.value.stage, error.value.cause) == ("command", "bad_output")
    assert error.value.detail.isprintable()
    return error.value.detail


@pytest.mark.parametrize(
    "odd", ["", " \n", PAGE, '{"default": {"vrf', "[]", "null", "\x1b[2J" * 500]
)
def test_what_is_no_json_object_is_refused(odd: str) -> None:
    with pytest.raises(DeviceError) as caught:
        frr_state.parsed(DEVICE, "show x json", odd)
    assert "printed no whole JSON object" in fault(caught)
    assert len(caught.value.detail) < 200
    with pytest.raises(DeviceError) as caught:
        kernel_state.interfaces_in(DEVICE, odd)
    assert "interface" in fault(caught)


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(DeviceError):
        frr_state.parsed(DEVICE, "show x json", "[" * 100_000)
    with pytest.raises(DeviceError):
        kernel_state.interfaces_in(DEVICE, "[" * 100_000)


def test_a_session_of_frr() -> None:
    vrfs = {"red": {"vrfId": 4, "vrfName": "red", "192.0.2.1": SESSION}}
    (found,) = frr_state.neighbours_in(DEVICE, vrfs)
    assert (found.address, found.vrf, found.state) == ("192.0.2.1", "red", "established")
    assert found.address_families == ("ipv4 unicast", "l2vpn evpn")
    assert (found.prefixes_received, found.prefixes_sent) == (7, 5)
    assert found.uptime_seconds == 61


@pytest.mark.parametrize(
    "change",
    [
        {"bgpState": None, "remoteAs": "x"},
        {"remoteAs": -1},
        {"remoteAs": 2**32},
        {"bgpTimerUpMsec": "long"},
        {"addressFamilyInfo": []},
        {"addressFamilyInfo": {"ipv4Unicast": {"acceptedPrefixCounter": -1}}},
    ],
)
def test_a_session_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DeviceError) as caught:
        frr_state.neighbours_in(DEVICE, {"default": {"192.0.2.1": SESSION | change}})
    assert "another form" in fault(caught)


def test_vrfs_of_another_form_are_refused() -> None:
    with pytest.raises(DeviceError):
        frr_state.neighbours_in(DEVICE, {"warning": "no such thing"})


@pytest.mark.parametrize(
    ("written", "number"), [(65001, 65001), ("65001", 65001), ("1.10", 65546), ("0.7", 7)]
)
def test_as_numbers_are_read_with_a_dot_too(written: int | str, number: int) -> None:
    assert frr_state.as_number(written) == number


@pytest.mark.parametrize(
    "said",
    [
        "bgpd is not running\n",
        "% BGP instance not found\n",
        "No BGP process is configured\n",
        "a remark\nbgpd is not running",
    ],
)
def test_a_router_without_bgp_is_told(said: str) -> None:
    assert frr_state._NO_BGP.search(said)
    assert not frr_state._NO_BGP.search(f'{{"a": "x {said.strip()} x"}}')


def test_a_login_that_may_not_ask_frr_is_told_what_it_lacks() -> None:
    complaint = "Exiting: failed to connect to any daemons.\nHint: if this seems wrong\n"
    error = vtysh_failed(DEVICE, "show version", "", complaint, 1)
    assert error.detail == (
        "'show version' ended with 1 and said 'Exiting: failed to connect to any daemons. Hint: "
        "if this seems wrong': is FRR running, and the login in the group frrvty?"
    )
    assert "daemons" not in vtysh_failed(DEVICE, "show x", "% Unknown command\n", "", 1).detail


def test_an_interface_that_is_shut_has_no_operational_status() -> None:
    (found,) = vtysh_state.interfaces_in(DEVICE, {"eth0": {"administrativeStatus": "down"}})
    assert (found.up, found.enabled, found.speed_mbps, found.rx_bytes) == (False, False, None, None)


@pytest.mark.parametrize("odd", [{"eth0": {}}, {"eth0": None}, {"warning": "x"}])
def test_interfaces_of_another_form_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(DeviceError) as caught:
        vtysh_state.interfaces_in(DEVICE, odd)
    assert "another form" in fault(caught)


def test_a_link_of_the_kernel() -> None:
    (found,) = kernel_state.interfaces_in(DEVICE, json.dumps([{}, LINK]))
    assert (found.up, found.enabled, found.rx_bytes, found.rx_packets) == (True, True, 9, 8)
    assert (found.rx_errors, found.tx_errors, found.errors) == (7, 5, 12)
    assert (found.rx_discards, found.tx_discards, found.tx_bytes) == (6, None, None)


@pytest.mark.parametrize(
    ("flags", "state", "up", "enabled"),
    [
        (["UP", "LOWER_UP"], "UNKNOWN", True, True),
        (["UP", "LOWER_UP"], "DORMANT", False, True),
        (["UP"], "DOWN", False, True),
        (["UP", "NO-CARRIER"], "LOWERLAYERDOWN", False, True),
        ([], "DOWN", False, False),
    ],
)
def test_whether_a_link_is_up(flags: list[str], state: str, up: bool, enabled: bool) -> None:
    link = LINK | {"flags": flags, "operstate": state}
    (found,) = kernel_state.interfaces_in(DEVICE, json.dumps([link]))
    assert (found.up, found.enabled) == (up, enabled)


@pytest.mark.parametrize("odd", ["[]", "[{}]", '[{"ifname": "eth0"}]', "[1]", '{"a": 1}'])
def test_links_of_another_form_are_refused(odd: str) -> None:
    with pytest.raises(DeviceError):
        kernel_state.interfaces_in(DEVICE, odd)


def test_speeds_the_kernel_does_not_know_are_left_out() -> None:
    shown = "/sys/class/net/eth0/speed:1000\n/sys/class/net/eth1/speed:-1\nnonsense\n"
    assert kernel_state.speeds_in(shown) == {"eth0": 1000.0}


def test_an_uptime_is_a_number_or_unknown() -> None:
    assert vtysh_state.uptime_in("350735.47 234388.90\n") == 350735.47
    for odd in ("", PAGE, "350735", "% Unknown command: cat /proc/uptime", "x 1.0"):
        assert vtysh_state.uptime_in(odd) is None


def test_the_fields_of_a_release_file() -> None:
    text = 'NAME="Debian GNU/Linux"\nID=debian\n# a remark\n\nODD="open\nTWO=a b\n'
    assert release_in(text) == {"NAME": "Debian GNU/Linux", "ID": "debian"}


def test_what_a_driver_cannot_tell_is_unknown() -> None:
    state = {"is_up": False, "is_enabled": True, "description": "N/A", "speed": -1.0}
    counters = {"rx_errors": -1, "tx_errors": 4, "rx_octets": "", "rx_unicast_packets": -1}
    (found,) = napalm_answers.interfaces_in({"xe-0/0/0": state}, {"xe-0/0/0": counters})
    assert (found.description, found.speed_mbps) == ("", None)
    assert (found.rx_errors, found.tx_errors, found.rx_bytes, found.rx_packets) == (
        None,
        4,
        None,
        None,
    )
    (alone,) = napalm_answers.interfaces_in({"xe-0/0/0": state}, {})
    assert (alone.rx_errors, alone.errors) == (None, 0)


def test_facts_that_are_unknown_are_empty() -> None:
    found = napalm_answers.facts_in(
        {
            "hostname": "Unknown",
            "vendor": "Cisco",
            "model": "Unknown",
            "os_version": "Unknown",
            "serial_number": None,
            "uptime": -1.0,
        }
    )
    assert (found.hostname, found.os_version, found.model, found.serial_number) == ("", "", "", "")
    assert found.uptime_seconds is None


class Driver:
    """Stands for a NAPALM driver: what each getter returns, or raises."""

    def __init__(self, **answers: object) -> None:
        self._answers = answers

    def __getattr__(self, getter: str) -> Any:  # noqa: ANN401 - as NAPALM's
        def get(*_: object) -> object:
            answer = self._answers[getter]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return get


def peer(description: str) -> dict[str, Any]:
    return {
        "is_up": True,
        "is_enabled": True,
        "remote_as": 65002,
        "local_as": 65001,
        "uptime": 60,
        "description": description,
        "address_family": {"ipv4 unicast": {"accepted_prefixes": -1, "received_prefixes": 12}},
    }


def test_a_description_the_ios_driver_hands_down_is_left_out() -> None:
    peers = {
        "192.0.2.1": peer("transit"),
        "192.0.2.2": peer("transit"),
        "192.0.2.3": peer("customer"),
    }
    driver = Driver(get_bgp_neighbors={"global": {"peers": peers}})
    ios = napalm_state._neighbours(device("r1", "ios"), driver)
    assert [one.description for one in ios] == ["", "", "customer"]
    assert [one.prefixes_received for one in ios] == [12, 12, 12]
    eos = napalm_state._neighbours(device("r1", "eos"), driver)
    assert [one.description for one in eos] == ["transit", "transit", "customer"]


def test_an_ios_that_refuses_the_drivers_command_is_no_device_without_bgp() -> None:
    command = "show ip bgp summary"
    table = "BGP router identifier 192.0.2.1, local AS number 65001\n"
    for shown, cause in ((table, "unsupported"), ("% BGP not active\n", None)):
        driver = Driver(get_bgp_neighbors={}, cli={command: shown})
        if cause is None:
            assert napalm_state._neighbours(device("r1", "ios"), driver) == ()
        else:
            with pytest.raises(DeviceError, match="refuses 'show bgp all summary'") as caught:
                napalm_state._neighbours(device("r1", "ios"), driver)
            assert caught.value.cause == cause


def test_interfaces_that_are_a_refusal_are_no_interfaces() -> None:
    nonsense = {"%": {"is_up": False, "is_enabled": False, "description": "", "speed": 0.0}}
    for states in ({}, nonsense):
        driver = Driver(get_interfaces=states, get_interfaces_counters={})
        with pytest.raises(DeviceError) as caught:
            napalm_state._interfaces(device("r1", "ios"), driver)
        assert "is its platform ios?" in fault(caught)


@pytest.mark.parametrize(
    ("raised", "cause"),
    [
        (NotImplementedError(), "unsupported"),
        (ValueError("not enough values to unpack"), "bad_output"),
        (KeyError("TABLE_vrf"), "bad_output"),
        (ConnectionResetError(), "disconnected"),
        (TimeoutError(), "timed_out"),
    ],
)
def test_what_a_getter_raises_has_a_cause(raised: Exception, cause: str) -> None:
    driver = Driver(get_bgp_neighbors=raised)
    with pytest.raises(DeviceError) as caught:
        napalm_state._neighbours(device("r1", "iosxr"), driver)
    assert (caught.value.stage, caught.value.cause) == ("command", cause)
    assert "unpack" not in caught.value.detail


@pytest.mark.parametrize(
    "refused",
    [
        "            ^\n% Invalid input detected at '^' marker.\n",
        "% Unknown command: show bogus\n",
        "% Incomplete command.\n\n",
        '%  Ambiguous command:  "show i"\n',
        "Command authorization failed.\n",
        "error: syntax error, expecting <command>\n",
        "                ^\nsyntax error, expecting <command>.\n",
        PAGE,
        "x" * (MAX_SHOWN_BYTES + 1),
    ],
)
def test_a_refusal_is_no_answer(refused: str) -> None:
    with pytest.raises(DeviceError) as caught:
        check_shown(DEVICE, "show bogus", refused)
    assert "'show bogus': " in fault(caught)
    assert len(caught.value.detail) < 200


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "% BGP not active\n",
        "% Can't find interface nosuch0\n",
        "Neighbor 192.0.2.1\n" * 50 + "% Invalid input in an old log line\n",
    ],
)
def test_an_answer_may_look_like_a_refusal(answer: str) -> None:
    check_shown(DEVICE, "show x", answer)


def test_a_session_that_talks_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netstacks_tasks.devices.netmiko_watch.MAX_OUTPUT_BYTES", 1000)
    with WatchedSocket() as unused:
        watch = SessionWatch(device("r1", "ios"), unused)
        watch.logged_in = True
        watch.write("x" * 1000)
        with pytest.raises(DeviceError, match="more than 1000 bytes came") as caught:
            watch.write("x")
    assert caught.value.cause == "bad_output"


def test_a_number_that_is_none_is_no_answer() -> None:
    huge = {"default": {"192.0.2.2": {**SESSION, "bgpTimerUpMsec": 10**400}}}
    with pytest.raises(DeviceError, match="another form"):
        frr_state.neighbours_in(DEVICE, huge)
    with pytest.raises(DeviceError, match="another form"):
        frr_state.neighbours_in(DEVICE, {"d": {"a": {**SESSION, "bgpTimerUpMsec": float("inf")}}})
    with pytest.raises(DeviceError, match="another form"):
        vtysh_state.interfaces_in(
            DEVICE, {"eth0": {"administrativeStatus": "up", "speed": 10**400}}
        )
    assert kernel_state.speeds_in(f"/sys/class/net/eth0/speed:{'9' * 400}\n") == {}
    assert kernel_state.speeds_in("/sys/class/net/eth0/speed:10\x1f\n") == {"eth0": 10.0}
    assert vtysh_state.uptime_in(f"{'9' * 400}.0 1.0") is None
