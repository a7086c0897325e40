"""`netstacks import SYSTEM`, as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import self_signed
from tests.hosts.device_records import Kept
from tests.hosts.device_services import TOKEN, DeviceService, device_service

from .conftest import Done, Netstacks

SECRET = "canary-5up3rS3cret"
ROUTER_DB = f"o1:127.0.1.1:ios:core:netops:{SECRET}\no2:127.0.1.2:junos:edge:netops:{SECRET}\n"
MAP = ["--map", "name=0", "--map", "ip=1", "--map", "model=2", "--map", "group=3"]
WITH_LOGINS = [*MAP, "--map", "username=4", "--map", "password=5"]


@pytest.fixture(params=["netbox", "nautobot"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeviceService]:
    with device_service(request.param, self_signed(tmp_path)) as running:
        running.devices = [
            Kept(id=1, name="fra-sw1", ip4="10.0.0.1/24", tags=("core",)),
            Kept(id=2, name="fra-sw2", ip4="10.0.0.2/24", platform="arista-eos"),
        ]
        yield running


@pytest.fixture
def ca(tmp_path: Path, service: DeviceService) -> str:
    return str(tmp_path / "page.crt")


def answer(done: Done) -> Any:  # noqa: ANN401 - JSON
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def said(done: Done, code: int = 2) -> str:
    assert done.returncode == code, done
    assert done.stdout == ""
    return done.stderr


def names(netstacks: Netstacks) -> list[str]:
    return [one["name"] for one in answer(netstacks("device", "list", "--json"))]


def test_a_service_with_an_authority_of_its_own(
    netstacks: Netstacks, service: DeviceService, ca: str
) -> None:
    command = ["import", service.kind, service.url, "--ca", ca, "--token-from", "-"]
    tried = netstacks(*command, "--credential", "core", "--dry-run", text=TOKEN)
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.splitlines() == [
        "Nothing was written. It would be: devices: 2 created",
        "  created fra-sw1",
        "  created fra-sw2",
        "  new group role-switch",
        "  new group tag-core",
    ]
    assert names(netstacks) == ["r1", "r2"]
    done = answer(netstacks(*command, "--credential", "core", "--json", text=TOKEN + "\n"))
    assert (done["created"], done["dry_run"]) == (["fra-sw1", "fra-sw2"], False)
    origin = answer(netstacks("device", "show", "fra-sw1", "--json"))["origin"]
    assert (origin["source"], origin["scope"]) == (service.url, "")
    service.devices[0].name = "fra-core1"
    del service.devices[1]
    done = netstacks(*command, text=TOKEN)
    assert "  updated fra-core1: name\n" in done.stdout
    assert "  fra-sw2 is gone there and was kept: --prune removes it\n" in done.stdout
    done = answer(netstacks(*command, "--prune", "--json", text=TOKEN))
    assert done["deleted"] == ["fra-sw2"]
    assert names(netstacks) == ["fra-core1", "r1", "r2"]
    assert TOKEN not in netstacks("audit", "--json").stdout


def test_what_cannot_be_taken(netstacks: Netstacks, service: DeviceService, ca: str) -> None:
    service.devices += [Kept(id=3, name="pdu1", platform=None), Kept(id=4, name=None)]
    service.devices.append(Kept(id=5, name="fw1", ip4="10.0.0.5/24", platform="panos"))
    command = ["import", service.kind, service.url, "--ca", ca, "--token-from", "-"]
    lines = said(netstacks(*command, text=TOKEN)).splitlines()
    assert any("device 'pdu1': it has no address there" in line for line in lines)
    assert any("device 'pdu1': it has no platform there" in line for line in lines)
    assert any("it has no name there" in line for line in lines)
    assert any("--platform 'panos'=" in line for line in lines)
    assert lines[-1].endswith("leave them out with --skip")
    assert names(netstacks) == ["r1", "r2"]
    done = netstacks(*command, "--skip", "--platform", "panos=linux", text=TOKEN)
    assert done.stdout.startswith("devices: 3 created, 2 left out\n")
    assert f"  left out pdu1 ({service.url}/dcim/devices/" in done.stdout


def test_what_is_wrong_with_a_service(
    netstacks: Netstacks, service: DeviceService, ca: str
) -> None:
    command = ["import", service.kind, service.url, "--token-from", "-"]
    assert "certificate is not trusted" in said(netstacks(*command, text=TOKEN), 3)
    command += ["--ca", ca]
    wrong = said(netstacks(*command, text="canary-token"))
    assert "token: " in wrong
    assert "canary-token" not in wrong
    assert "--filter: " in said(netstacks(*command, "--filter", "colour=red", text=TOKEN))
    service.mode = "500"
    assert "failed to answer (500" in said(netstacks(*command, text=TOKEN), 3)
    service.mode = "slow"
    told = said(netstacks(*command, "--timeout", "1", text=TOKEN), 3)
    assert "--timeout" in told
    assert names(netstacks) == ["r1", "r2"]


WRONG: list[tuple[list[str], str, str]] = [
    (["netbox", "netbox.example.net"], TOKEN, "URL: write https://"),
    (["netbox", "http://127.0.0.1:1"], "", "--token-from: needed where nobody can be asked"),
    (["netbox", "http://127.0.0.1:1", "--token-from", "-"], "", "the token alone"),
    (["netbox", "http://127.0.0.1:1", "--token-from", "-"], "a b", "the token alone"),
    (["netbox", "http://127.0.0.1:1", "--token-from", "/none"], "", "--token-from: "),
    (["netbox", "http://127.0.0.1:1", "--ca", "/none"], TOKEN, "--ca: /none holds no"),
    (["netbox", "http://127.0.0.1:1", "--token-from", "-", "--filter", "x"], "t", "--filter: "),
    (
        ["netbox", "http://127.0.0.1:1", "--token-from", "-", "--groups-from", "x"],
        "t",
        "--groups-from: write some of role, tag",
    ),
    (["rancid", "/none/router.db"], "", "/none/router.db: cannot be read"),
    (["rancid", "-", "--platform", "cisco"], "r;cisco;up", "--platform: write THEIRS=OURS"),
    (["rancid", "-", "--platform", "a=b"], "r;cisco;up", "--platform: unknown platform 'b'"),
    (["rancid", "-", "--default-platform", "b"], "r;;up", "--default-platform: unknown"),
    (["rancid", "-", "--credential", "x"], "r;cisco;up", "--credential: there is no"),
    (["rancid", "-", "--credential-for", "x"], "r;cisco;up", "--credential-for: write"),
    (["rancid", "-", "--credential-for", "site=a"], "r;cisco;up", "--credential-for: write"),
    (["rancid", "-"], "r;cisco\n", "standard input:1: write name;type;state"),
    (["rancid", "-"], "", "rancid: standard input: there is no device at all"),
    (["oxidized", "-", "--delimiter", ""], "r:ios", "--delimiter: needs a character"),
    (["oxidized", "-", "--map", "x=1"], "r:ios", "--map: write FIELD=COLUMN"),
    (["nornir", "/none"], "", "/none: cannot be read"),
    (["ansible", "-"], "[a", "standard input:1: write [group]"),
    (["inventory.yml"], "", "inventory.yml: cannot be read"),
    ([], "", "Missing argument 'FILE...'"),
]


def test_what_is_wrong(netstacks: Netstacks) -> None:
    for words, text, told in WRONG:
        assert told in said(netstacks("import", *words, text=text)), words


def test_oxidized_with_passwords_that_are_not_kept(netstacks: Netstacks, tmp_path: Path) -> None:
    file = tmp_path / "router.db"
    file.write_text(ROUTER_DB)
    done = netstacks("import", "oxidized", str(file), *WITH_LOGINS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "devices: 2 created",
        "  created o1",
        "  created o2",
        "  new group core",
        "  new group edge",
        "  without a credential: 2 (o1, o2): give one by --credential",
        "  2 devices have a password there, not kept: --credentials saves them in Prefect blocks",
    ]
    for where in (netstacks("audit", "--json"), netstacks("device", "list", "--json"), done):
        assert SECRET not in where.stdout + where.stderr


def test_rancid_tells_what_is_down(netstacks: Netstacks, tmp_path: Path) -> None:
    file = tmp_path / "router.db"
    file.write_text("a1;cisco;up\na2;juniper;up\n")
    words = ("import", "rancid", str(file), "--group", "wan", "--credential", "core")
    assert answer(netstacks(*words, "--json"))["created"] == ["a1", "a2"]
    file.write_text("a1;cisco;up\na2;juniper;down\n")
    done = netstacks(*words, "--prune")
    assert done.stdout.splitlines() == [
        "devices: 1 unchanged",
        "  a2 is down there, and was passed over",
    ]
    assert names(netstacks) == ["a1", "a2", "r1", "r2"]
    file.write_text("a1;cisco;up\n")
    assert answer(netstacks(*words, "--prune", "--json"))["deleted"] == ["a2"]


def test_nornir_by_its_folder(netstacks: Netstacks, tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("n1: {hostname: 127.0.2.1, groups: [core]}\n")
    (tmp_path / "groups.yaml").write_text("core: {port: 2200}\n")
    (tmp_path / "defaults.yaml").write_text(f"platform: ios\nusername: u\npassword: {SECRET}\n")
    done = netstacks("import", "nornir", str(tmp_path), "--json")
    assert answer(done)["created"] == ["n1"]
    assert SECRET not in done.stdout
    shown = answer(netstacks("device", "show", "n1", "--json"))
    assert (shown["port"], shown["platform"], shown["groups"]) == (2200, "ios", ["core"])


def test_ansible_says_what_it_did_not_read(netstacks: Netstacks, tmp_path: Path) -> None:
    file = tmp_path / "hosts.ini"
    file.write_text("[core]\nh1 ansible_host=127.0.3.1 ansible_network_os=ios\nh2\n")
    (tmp_path / "group_vars").mkdir()
    done = netstacks("import", "ansible", str(file), "--default-platform", "linux")
    assert "  group_vars beside the file were not read" in done.stdout
    shown = answer(netstacks("device", "list", "--group", "core", "--json"))
    assert [(one["name"], one["host"], one["platform"]) for one in shown] == [
        ("h1", "127.0.3.1", "ios"),
        ("h2", "h2", "linux"),
    ]


def test_the_origin_outlives_a_moved_file(netstacks: Netstacks, tmp_path: Path) -> None:
    text = "a1;cisco;up\na2;cisco;up\n"
    words = ("import", "rancid", "-", "--origin", "the rancid of core")
    netstacks(*words, text=text)
    (tmp_path / "router.db").write_text("a1;cisco;up\n")
    moved = ("import", "rancid", str(tmp_path / "router.db"), *words[3:])
    assert answer(netstacks(*moved, "--prune", "--json"))["deleted"] == ["a2"]


def test_a_file_that_is_called_like_a_system(
    netstacks: Netstacks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "netbox").write_text("device_groups: [{name: g}]")
    done = netstacks("import", "files", "netbox", "--format", "yaml")
    assert done.stdout == "1 device_groups created\n"
    done = netstacks("import", "--format", "yaml", "./netbox")
    assert done.stdout == "1 device_groups unchanged\n"
