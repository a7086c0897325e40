"""A SimpleInventory gives each host what Nornir itself gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.foreign.found import Found, Login
from netstacks_tasks.importing.foreign.nornir import NornirFiles, read
from netstacks_tasks.importing.sources import Source

HOSTS = """\
r1:
  hostname: 10.0.0.1
  groups: [core, cisco]
r2:
  hostname: r2.example.net
  port: 2222
  username: special
  password: other
  platform: eos
  groups:
    - edge
r3: {hostname: 10.0.0.3, data: {site: ber}}
"""
GROUPS = """\
core: {groups: [site-fra], username: core-user, data: {role: core}}
cisco: {platform: cisco_ios, port: 22}
edge: {groups: [site-fra, cisco], password: edge-secret}
site-fra: {data: {site: fra}, groups: [everywhere]}
everywhere: {port: 8022}
"""
DEFAULTS = "username: netops\npassword: s3cret\nplatform: nxos_ssh\ndata: {site: nowhere}\n"


def found(hosts: str = HOSTS, groups: str = GROUPS, defaults: str = DEFAULTS) -> Found:
    return read(
        NornirFiles(
            hosts=Source("hosts.yaml", hosts.encode()),
            groups=Source("groups.yaml", groups.encode()),
            defaults=Source("defaults.yaml", defaults.encode()),
        )
    )


def refusal(**files: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        found(**files)
    return str(refused.value)


def test_what_is_inherited() -> None:
    r1, r2, r3 = found().devices
    assert (r1.host, r1.port, r1.platforms, r1.site) == ("10.0.0.1", 8022, ("cisco_ios",), "fra")
    assert r1.groups == ("core", "site-fra", "everywhere", "cisco")
    assert r1.login == Login(username="core-user", password="s3cret")
    assert (r2.port, r2.platforms, r2.line) == (2222, ("eos",), 5)
    assert r2.login == Login(username="special", password="other")
    assert (r3.site, r3.groups, r3.platforms) == ("ber", (), ("nxos_ssh",))


def test_the_same_as_nornir_itself(tmp_path: Path) -> None:
    simple = pytest.importorskip("nornir.plugins.inventory.simple")
    hosts: dict[str, Any] = yaml.safe_load(HOSTS)
    for number in range(30):
        names = ["core", "cisco", "edge", "site-fra", "everywhere"]
        hosts[f"sw{number}"] = {
            "hostname": f"10.1.0.{number}",
            "groups": names[number % 5 :: 1 + number % 3],
            **({"port": 1000 + number} if number % 4 == 0 else {}),
        }
    texts = {"hosts": yaml.safe_dump(hosts, sort_keys=False), "groups": GROUPS}
    texts["defaults"] = DEFAULTS
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    inventory = simple.SimpleInventory(
        str(tmp_path / "hosts.yaml"), str(tmp_path / "groups.yaml"), str(tmp_path / "defaults.yaml")
    ).load()
    ours = {device.name: device for device in found(**texts).devices}
    assert list(ours) == list(inventory.hosts)
    for name, host in inventory.hosts.items():
        mine = ours[name]
        assert (mine.host, mine.port) == (host.hostname, host.port)
        assert mine.platforms == (host.platform,)
        assert mine.groups == tuple(group.name for group in host.extended_groups())
        assert mine.login is not None
        assert (mine.login.username, mine.login.password) == (host.username, host.password)
        assert mine.site == host.get("site")


def test_what_nornir_writes_is_read(tmp_path: Path) -> None:
    simple = pytest.importorskip("nornir.plugins.inventory.simple")
    core = pytest.importorskip("nornir.core.inventory")
    defaults = core.Defaults(username="u", password="p", platform="ios")
    hosts = {f"h{n}": core.Host(f"h{n}", hostname=f"10.0.0.{n}") for n in range(3)}
    written = yaml.safe_dump({name: host.dict() for name, host in hosts.items()})
    (tmp_path / "hosts.yaml").write_text(written)
    assert list(simple.SimpleInventory(str(tmp_path / "hosts.yaml")).load().hosts) == list(hosts)
    devices = found(written, "", yaml.safe_dump(defaults.dict())).devices
    assert [(one.name, one.host, one.platforms) for one in devices] == [
        (f"h{n}", f"10.0.0.{n}", ("ios",)) for n in range(3)
    ]


def test_the_enable_secret_of_netmiko_and_of_napalm() -> None:
    netmiko = "a: {connection_options: {netmiko: {extras: {secret: e1}}}}"
    napalm = "b: {connection_options: {napalm: {extras: {optional_args: {secret: e2}}}}}"
    a, b = found(f"{netmiko}\n{napalm}\n").devices
    assert a.login == Login(username="netops", password="s3cret", enable_secret="e1")
    assert b.login == Login(username="netops", password="s3cret", enable_secret="e2")


def test_without_the_other_files() -> None:
    (device,) = read(NornirFiles(hosts=Source("h.yaml", b"r1: {hostname: 10.0.0.1}"))).devices
    assert (device.host, device.login, device.platforms) == ("10.0.0.1", None, ())


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"hosts": "r1: {groups: [nothing]}"}, "hosts.yaml:1: there is no group 'nothing'"),
        ({"groups": "a: {groups: [b]}\nb:\n  groups: [a]\n", "hosts": "r1: {groups: [a]}"},
         "groups.yaml:3: groups go round in a circle: r1 > a > b > a"),
        ({"hosts": "- r1\n"}, "hosts.yaml:1: a mapping is expected"),
        ({"hosts": "r1: {groups: core}"}, "hosts.yaml:1: groups: a list is expected"),
        ({"hosts": "r1: [\n"}, "this is not YAML"),
        ({"hosts": "r1: {}\nr1: {}\n"}, "hosts.yaml:2: the field 'r1' is there twice"),
        ({"defaults": "!!python/object:os.system {}"}, "is not plain data"),
        ({"hosts": "a: {}\n---\nb: {}\n"}, "more than one document"),
    ],
)  # fmt: skip
def test_what_is_wrong(files: dict[str, str], said: str) -> None:
    assert said in refusal(**files)
