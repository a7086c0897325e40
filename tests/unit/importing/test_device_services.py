"""NetBox and Nautobot are read as they really answer; what goes wrong is told in one sentence."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from netstacks_tasks.errors import InvalidInput, NetstacksError, Unreachable
from netstacks_tasks.importing.foreign import nautobot, netbox
from netstacks_tasks.importing.foreign.found import Found
from netstacks_tasks.importing.foreign.records import Question, parsed_filters
from netstacks_tasks.importing.foreign.web_session import Service, checked_url
from tests.certificates import self_signed
from tests.hosts.device_records import Kept
from tests.hosts.device_services import TOKEN, DeviceService, Kind, Mode, device_service

READERS = {"netbox": netbox.read, "nautobot": nautobot.read}
FLEET = [
    Kept(id=1, name="fra-sw1", ip4="10.0.0.1/24", tags=("core", "lab"), tenant="acme"),
    Kept(id=2, name="fra-sw2", ip4="10.0.0.2/24", platform="arista-eos", driver="arista_eos"),
    Kept(id=3, name="ber-sw1", ip6="2001:db8::1/64", site="ber", role="leaf"),
    Kept(id=4, name="ber-old", ip4="10.1.0.9/24", site="ber", status="offline"),
    Kept(id=5, name=None, platform=None),
]


@pytest.fixture(params=["netbox", "nautobot"])
def service(request: pytest.FixtureRequest) -> Iterator[DeviceService]:
    with device_service(request.param) as running:
        running.devices = list(FLEET)
        yield running


@pytest.fixture
def netbox_service() -> Iterator[DeviceService]:
    with device_service("netbox") as running:
        running.devices = list(FLEET)
        yield running


def place(service: DeviceService) -> Service:
    return Service(url=service.url, token=TOKEN, connect_seconds=2, answer_seconds=5)


def read(service: DeviceService, *filters: str, at: Service | None = None) -> Found:
    return READERS[service.kind](at or place(service), Question(filters=parsed_filters(filters)))


def refusal(service: DeviceService, *filters: str, at: Service | None = None) -> NetstacksError:
    with pytest.raises((InvalidInput, Unreachable)) as refused:
        read(service, *filters, at=at)
    assert TOKEN not in str(refused.value)
    assert refused.value.__cause__ is None
    return refused.value


def test_a_device_has_its_address_platform_site_and_groups(service: DeviceService) -> None:
    found = {device.name: device for device in read(service).devices}
    assert list(found) == ["fra-sw1", "fra-sw2", "ber-sw1", ""]
    first = found["fra-sw1"]
    assert (first.host, first.site) == ("10.0.0.1", "fra")
    assert first.groups == ("role-switch", "tag-core", "tag-lab", "tenant-acme")
    assert "cisco-ios" in first.platforms
    assert found["ber-sw1"].host == "2001:db8::1"
    assert found[""].host is None
    assert found[""].platforms == ()
    assert first.source == f"{service.url}/dcim/devices/{first.key}/"


def test_an_ipv6_address_counts_where_the_service_prefers_it(
    netbox_service: DeviceService,
) -> None:
    netbox_service.devices = [Kept(id=1, name="r1", ip4="10.0.0.1/24", ip6="2001:db8::5/64")]
    assert read(netbox_service).devices[0].host == "2001:db8::5"


def test_nautobot_drivers_come_before_the_name_of_the_platform() -> None:
    with device_service("nautobot") as running:
        running.devices = [Kept(id=1, name="a", platform="Some EOS", driver="arista_eos")]
        assert read(running).devices[0].platforms == ("arista_eos", "Some EOS")


def test_every_page_is_read_and_the_token_goes_nowhere_else(service: DeviceService) -> None:
    service.largest_page = 2
    service.link_base = "http://127.0.0.9:1"  # as a service behind a proxy may call itself
    service.devices = [Kept(id=n, name=f"sw{n}", ip4=f"10.0.0.{n}/24") for n in range(1, 10)]
    assert [device.name for device in read(service).devices] == [f"sw{n}" for n in range(1, 10)]
    assert {authorization for _, authorization in service.asked} == {f"Token {TOKEN}"}


def test_only_active_devices_unless_another_status_is_asked_for(service: DeviceService) -> None:
    names = [device.name for device in read(service, "status=offline").devices]
    assert names == ["ber-old"]


def test_filters_are_passed_on(service: DeviceService) -> None:
    site = "site" if service.kind == "netbox" else "location"
    assert [device.name for device in read(service, f"{site}=ber").devices] == ["ber-sw1"]
    both = read(service, f"{site}=ber", f"{site}=fra", "name=fra-sw1", "name=ber-sw1")
    assert {device.name for device in both.devices} == {"fra-sw1", "ber-sw1"}


def test_a_filter_that_the_service_does_not_know_is_refused(service: DeviceService) -> None:
    error = refusal(service, "colour=red")
    assert isinstance(error, InvalidInput)
    assert error.problems[0].field == "--filter"
    assert "colour" in error.problems[0].message


def test_a_filter_of_yes_and_no_is_known(netbox_service: DeviceService) -> None:
    names = [device.name for device in read(netbox_service, "has_primary_ip=true").devices]
    assert names == ["fra-sw1", "fra-sw2", "ber-sw1"]


def test_a_value_that_the_service_refuses(service: DeviceService) -> None:
    site = "site" if service.kind == "netbox" else "location"
    message = str(refusal(service, f"{site}=nowhere"))
    assert "--filter" in message
    assert "nowhere is not one of the available choices" in message


def test_a_wrong_token(service: DeviceService) -> None:
    error = refusal(service, at=replace(place(service), token="wrong"))
    assert isinstance(error, InvalidInput)
    assert error.problems[0].field == "token"
    assert "403" in error.problems[0].message
    assert "Invalid" in error.problems[0].message
    assert "wrong" not in str(error)


def test_tokens_of_both_kinds(netbox_service: DeviceService) -> None:
    refusal(netbox_service, at=replace(place(netbox_service), token="nbt_key.secret"))
    assert netbox_service.asked[0][1] == "Bearer nbt_key.secret"


@pytest.mark.parametrize(
    ("mode", "kind", "said"),
    [
        ("slow", Unreachable, "no answer within 1 s"),
        ("broken", Unreachable, "no JSON"),
        ("html", Unreachable, "no JSON"),
        ("500", Unreachable, "failed to answer (500: division by zero)"),
        ("redirect", InvalidInput, "sends on to https://elsewhere.example.net/api/"),
        ("no list", Unreachable, "does not answer as"),
        ("no devices", Unreachable, "does not answer as"),
        ("changing", Unreachable, "of 5 devices it gave 4"),
    ],
)
def test_what_goes_wrong(
    service: DeviceService, mode: Mode, kind: type[NetstacksError], said: str
) -> None:
    service.mode = mode
    at = place(service)
    error = refusal(service, at=replace(at, answer_seconds=1) if mode == "slow" else at)
    assert isinstance(error, kind)
    assert said in str(error)
    assert service.url in str(error)


def test_an_address_where_something_else_is(service: DeviceService) -> None:
    error = refusal(service, at=replace(place(service), url=f"{service.url}/elsewhere"))
    assert "/api/dcim/devices/ (404)" in str(error)


def test_nothing_listens(service: DeviceService) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        error = refusal(service, at=replace(place(service), url=url))
    assert isinstance(error, Unreachable)
    assert "refused" in str(error)


@pytest.mark.parametrize("kind", ["netbox", "nautobot"])
def test_a_certificate_is_checked_against_an_authority_of_ones_own(
    kind: Kind, tmp_path: Path
) -> None:
    certificate, key = self_signed(tmp_path)
    with device_service(kind, (certificate, key)) as running:
        running.devices = FLEET[:1]
        error = refusal(running)
        assert "certificate is not trusted" in str(error)
        assert "--ca" in str(error)
        assert running.asked == []
        trusted = read(running, at=replace(place(running), ca=certificate))
        assert [device.name for device in trusted.devices] == ["fra-sw1"]


def test_a_netrc_of_the_user_does_not_replace_the_token(
    service: DeviceService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login anna password secret\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    assert read(service).devices


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("https://netbox.example.net/", "https://netbox.example.net"),
        ("https://example.net/netbox/api/", "https://example.net/netbox"),
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000"),
    ],
)
def test_addresses(given: str, taken: str) -> None:
    assert checked_url(given) == taken


@pytest.mark.parametrize(
    "given",
    ["netbox.example.net", "ftp://x", "https://", "https://u:p@x", "https://x/?a=b", "https://x#y"],
)
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_url(given)
    assert refused.value.problems[0].field == "URL"


@pytest.mark.parametrize("given", ["site", "=fra", "site=", "limit=3", "depth=1", ""])
def test_what_is_no_filter(given: str) -> None:
    with pytest.raises(InvalidInput, match="--filter"):
        parsed_filters([given])


def test_the_scope_of_the_same_filters_is_the_same() -> None:
    one = Question(filters=parsed_filters(["site=fra", "role=a", "role=b"]))
    other = Question(filters=parsed_filters(["role=b", "role=a", "site=fra", "role=b"]))
    assert one.scope == other.scope == "role=a&role=b&site=fra"
