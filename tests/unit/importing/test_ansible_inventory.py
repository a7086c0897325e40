"""Ansible's inventories give each host what Ansible itself gives it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.importing.foreign.ansible import Form, form_of, read
from netstacks_tasks.importing.foreign.ansible_ini import read as read_ini
from netstacks_tasks.importing.foreign.ansible_inventory import AnsibleInventory
from netstacks_tasks.importing.foreign.ansible_nodes import read_json, read_yaml
from netstacks_tasks.importing.foreign.ansible_ranges import expanded
from netstacks_tasks.importing.foreign.found import Choices, FoundDevice, Login
from netstacks_tasks.importing.foreign.platforms import platform_of
from netstacks_tasks.importing.sources import Source

INI = """\
# ours
lonely ansible_host=10.9.0.1

[core]
r[1:3].example.net ansible_user=core   # the routers
r4 ansible_host=10.0.0.4 ansible_port=2222 description="two words"

[edge]
sw[01:10:3]
sw-[a:c]
r4

[access:children]
edge

[fra:children]
core
access

[fra:vars]
ansible_network_os = cisco.ios.ios
ansible_connection=ansible.netcommon.network_cli
level=outer
site='fra main'

[access:vars]
level=middle

[edge:vars]
ansible_network_os=arista.eos.eos
level=inner

[core:vars]
level=of core

[all:vars]
ansible_user=netops
level=outermost
"""
YAML = """\
all:
  vars: {ansible_user: netops, level: outermost}
  hosts:
    lonely: {ansible_host: 10.9.0.1}
  children:
    fra:
      vars: {ansible_network_os: cisco.ios.ios, level: outer}
      children:
        core:
          hosts:
            r[1:3].example.net:
            r4: {ansible_host: 10.0.0.4, ansible_port: 2222}
        access:
          vars: {level: middle}
          children:
            edge:
              vars: {level: inner, ansible_network_os: arista.eos.eos}
              hosts: {"sw[01:10:3]": {}, "sw-[a:c]": {}, r4: {}}
zoo:
  hosts: {r4: {}, sw01: {}}
  vars: {level: of the zoo, ansible_group_priority: 10, fed: by the zoo}
yard:
  hosts: {r4: {}}
  vars: {fed: in the yard}
"""
real = pytest.mark.skipif(
    shutil.which("ansible-inventory") is None, reason="ansible-inventory is not installed"
)


def source(text: str, name: str = "hosts") -> Source:
    return Source(name, text.encode())


def devices(text: str, form: Form) -> dict[str, FoundDevice]:
    return {device.name: device for device in read(source(text), form).devices}


def resolved(inventory: AnsibleInventory) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Groups and variables of each host; values as text, as INI files have them."""
    return {
        name: (groups, {key: str(node.plain()) for key, node in variables.items()})
        for name, groups, variables in inventory.resolved()
    }


def listed(file: Path) -> str:
    command = ["ansible-inventory", "-i", str(file), "--list"]
    home = str(file.parent)
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"},
    ).stdout


@real
@pytest.mark.parametrize(("text", "suffix"), [(INI, ".ini"), (YAML, ".yaml")])
def test_the_same_as_ansible_itself(tmp_path: Path, text: str, suffix: str) -> None:
    file = tmp_path / f"hosts{suffix}"
    file.write_text(text)
    printed = listed(file)
    ours = resolved((read_ini if suffix == ".ini" else read_yaml)(Source.of(file)))
    theirs = resolved(read_json(source(printed, "list.json")))
    assert ours.keys() == json.loads(printed)["_meta"]["hostvars"].keys()
    assert len(ours) == 12
    for name, (groups, variables) in theirs.items():
        assert ours[name] == (groups, variables), name


def test_an_ini_file() -> None:
    found = devices(INI, "ini")
    assert found["lonely"].host == "10.9.0.1"
    assert found["lonely"].groups == ()
    assert found["r2.example.net"].host == "r2.example.net"
    assert found["r2.example.net"].line == 5
    both = found["r4"]
    assert (both.host, both.port) == ("10.0.0.4", "2222")
    assert both.groups == ("access", "core", "edge", "fra")
    assert both.platforms == ("arista.eos.eos",)
    assert {"sw01", "sw04", "sw07", "sw10", "sw-a", "sw-c"} <= found.keys()


def test_a_yaml_file() -> None:
    found = devices(YAML, "yaml")
    assert found["r4"].groups == ("access", "core", "edge", "fra", "yard", "zoo")
    assert (found["r4"].host, found["r4"].port) == ("10.0.0.4", 2222)
    assert found["sw01"].platforms == ("arista.eos.eos",)
    assert found["r1.example.net"].line == 11


def hostvars(**variables: Any) -> FoundDevice:  # noqa: ANN401 - of JSON
    text = json.dumps({"_meta": {"hostvars": {"h": variables}}, "all": {"children": []}})
    return devices(text, "json")["h"]


@pytest.mark.parametrize(
    ("system", "connection", "platform"),
    [
        ("cisco.ios.ios", "network_cli", "ios"),
        ("ios", "ansible.netcommon.network_cli", "ios"),
        ("cisco.nxos.nxos", "ansible.netcommon.network_cli", "nxos_ssh"),
        ("nxos", "httpapi", "nxos"),
        ("arista.eos.eos", "ansible.netcommon.httpapi", "eos"),
        ("junipernetworks.junos.junos", "netconf", "junos"),
        ("cisco.iosxr.iosxr", "network_cli", "iosxr"),
        ("frr.frr.frr", "network_cli", "frr"),
        ("vyos.vyos.vyos", "network_cli", ""),
    ],
)
def test_platforms(system: str, connection: str, platform: str) -> None:
    device = hostvars(ansible_network_os=system, ansible_connection=connection)
    assert platform_of(device, Choices(source="x"))[0] == platform


def test_the_port_of_another_protocol_is_not_that_of_ssh() -> None:
    assert hostvars(ansible_connection="netconf", ansible_port=830).port is None
    assert hostvars(ansible_connection="httpapi", ansible_port=443).port is None
    assert hostvars(ansible_port=2022).port == 2022


def test_logins() -> None:
    device = hostvars(ansible_user="a", ansible_password="pw", ansible_become_password="en")
    assert device.login == Login(username="a", password="pw", enable_secret="en")
    assert hostvars(ansible_ssh_user="a", ansible_ssh_pass="pw").login is not None
    assert hostvars(ansible_user="a").login is None


def test_passwords_that_only_ansible_can_read_are_told() -> None:
    text = json.dumps(
        {
            "_meta": {
                "hostvars": {
                    "a": {"ansible_user": "u", "ansible_password": {"__ansible_vault": "$A;1"}},
                    "b": {"ansible_user": "u", "ansible_password": "{{ vaulted }}"},
                }
            }
        }
    )
    found = read(source(text), "json")
    assert [device.login for device in found.devices] == [None, None]
    assert found.notes == ["the passwords of 2 hosts are encrypted or templates: not read"]


def test_an_address_that_only_ansible_can_fill_in_is_refused() -> None:
    device = hostvars(ansible_host="{{ inventory_hostname }}.example.net")
    assert "template" in device.refusal


def test_the_form_of_a_file() -> None:
    assert form_of(Source("hosts", b' {"all": {}}')) == "json"
    assert form_of(Source("hosts", b"[core]\n")) == "ini"
    assert form_of(Source("hosts.yml", b"")) == "yaml"


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        ("[core\nr1\n", "ini", "hosts:1: write [group]"),
        ("[core:parents]\n", "ini", "hosts:1: [core:parents]"),
        ("r1 ansible_host\n", "ini", "hosts:1: write name=value"),
        ("r1 a='x\n", "ini", "hosts:1: a quote is not closed"),
        ("[a:vars]\nword\n", "ini", "hosts:2: write name=value"),
        ("[a:children]\nb\n[b:children]\na\n", "ini", "groups go round in a circle: "),
        ("r[9:1]\n", "ini", "hosts:1: the range [9:1] runs backwards"),
        ("r[1:999999999]\n", "ini", "more than 100,000 hosts"),
        ("r[1:999][1:999]\n", "ini", "more than 100,000 hosts"),
        ("r[1:9:0]\n", "ini", "has no step"),
        ("all: {host: {}}\n", "yaml", "hosts:1: 'host' is not known in a group"),
        ("all: [r1]\n", "yaml", "hosts:1: a mapping is expected"),
        ('{"a": {"hosts": "r1"}}', "json", "hosts:1: a list of names is expected"),
        ("{", "json", "this is not JSON"),
    ],
)
def test_what_is_wrong(text: str, form: Form, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(source(text), form)
    assert said in str(refused.value)


def test_old_scripts_give_lists_of_hosts() -> None:
    found = devices('{"core": ["r1", "r2"], "all": {"children": ["core"]}}', "json")
    assert {name: device.groups for name, device in found.items()} == {
        "r1": ("core",), "r2": ("core",),
    }  # fmt: skip


@settings(deadline=None)
@given(st.text(alphabet="[]:0123456789abz-", max_size=12))
def test_no_range_is_too_odd(pattern: str) -> None:
    said, names = "", [pattern]
    try:
        names = expanded(pattern)
    except ValueError as error:
        said = str(error)
    assert "the range" in said or 1 <= len(names) <= 100_000
    assert ("[" in pattern) or names == [pattern]


@settings(deadline=None)
@given(st.text(), st.sampled_from(["ini", "json", "yaml"]))
def test_no_text_is_too_odd(text: str, form: Form) -> None:
    problems: Sequence[Problem] = ()
    try:
        read(Source("hosts", text.encode("utf-8", "surrogatepass")), form)
    except InvalidInput as error:
        problems = error.problems
    assert all(problem.location.startswith("hosts:") for problem in problems)
