"""The compose file: its form, and that its parts know each other."""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import jsonschema
import pytest

from netstacks_tasks.settings import Settings
from tests.certificates import self_signed
from tests.unit.deployments.shipped import FOLDER, OUR_IMAGE, compose, variables

HERE = FOLDER / "compose"
TEXT = (HERE / "compose.yaml").read_text()
SERVICES = compose()["services"]


def test_it_is_a_compose_file() -> None:
    if _docker_knows_compose():
        made = dict.fromkeys(_variables(), "x")
        subprocess.run(
            ["docker", "compose", "-f", str(HERE / "compose.yaml"), "config", "--quiet"],
            check=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin", **made},
        )  # fmt: skip
    schema = json.loads(Path(__file__).with_name("compose_schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(compose())


def _docker_knows_compose() -> bool:
    program = shutil.which("docker")
    return (
        program is not None
        and not subprocess.run(
            [program, "compose", "version"], capture_output=True, check=False
        ).returncode
    )


def test_what_a_service_names_is_there() -> None:
    document = compose()
    for name, service in SERVICES.items():
        assert set(service["networks"]) <= document["networks"].keys()
        for needed, how in service.get("depends_on", {}).items():
            other = SERVICES[needed]
            checked = "test" in other.get("healthcheck", {})
            assert checked or how["condition"] != "service_healthy", f"{name} waits for {needed}"
            if how["condition"] == "service_completed_successfully":
                assert other["restart"] != "unless-stopped"
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            known = (HERE / source).exists() or source == "./tls.pem"
            assert known if source.startswith(".") else source in document["volumes"]
        for file in service.get("env_file", ()):
            assert (HERE / file).is_file()
    assert (HERE / SERVICES["sync"]["build"]["context"] / "requirements.lock").resolve().is_file()


def test_what_runs_for_long_is_checked_and_bounded() -> None:
    for name, service in SERVICES.items():
        if service["restart"] == "unless-stopped" and name != "prefect-services":
            assert service["healthcheck"].get("test"), name
        if service["image"].startswith(OUR_IMAGE) and service["restart"] == "unless-stopped":
            assert service["deploy"]["resources"]["limits"]["memory"], name
        if service["image"].startswith(OUR_IMAGE):
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name


def test_runs_get_the_time_that_the_worker_gives_them() -> None:
    settings = Settings.model_fields
    needed = settings["worker_drain_seconds"].default + settings["worker_end_seconds"].default
    workers = [
        one for one in SERVICES.values() if one.get("command", [])[:2] == ["netstacks", "worker"]
    ]
    assert len(workers) == 3
    for worker in workers:
        assert 60 * int(worker["stop_grace_period"].removesuffix("m")) > needed


def test_the_page_believes_the_balancer_and_nobody_else() -> None:
    address = SERVICES["balancer"]["networks"]["inside"]["ipv4_address"]
    assert SERVICES["page"]["environment"]["NETSTACKS_WEB_PROXY"] == address
    subnet = compose()["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert ipaddress.ip_address(address) in ipaddress.ip_network(subnet)
    # Only it is reached from outside.
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["balancer"]


def _variables() -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", TEXT))


def test_there_is_no_default_password() -> None:
    used = re.findall(r"(?<!\$)\$\{([^}]+)\}", TEXT)
    assert used
    assert all(re.fullmatch(r"[A-Z_]+:\?[^}]+", one) for one in used)


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    program = shutil.copy(HERE / "make-secrets", tmp_path)
    subprocess.run(["sh", program, "netstacks.example.net"], check=True)
    made = tmp_path / ".env"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    found = variables(made)
    assert found.keys() == _variables()
    assert found.pop("NETSTACKS_HOST") == "netstacks.example.net"
    secrets = [value.removeprefix("netstacks:") for value in found.values()]
    assert len(set(secrets)) == len(secrets)
    assert all(re.fullmatch(r"[A-Za-z0-9]{40}", one) for one in secrets)
    again = subprocess.run(["sh", program], check=False, capture_output=True, text=True)
    assert again.returncode == 1
    assert "there already" in again.stderr
    assert variables(made).items() >= found.items()


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="there is no haproxy to ask")
def test_haproxy_takes_its_configuration(tmp_path: Path) -> None:
    given = self_signed(tmp_path)
    pem = tmp_path / "tls.pem"
    pem.write_text("".join(one.read_text() for one in given))
    text = (HERE / "haproxy.cfg").read_text()
    file = tmp_path / "haproxy.cfg"
    file.write_text(text.replace("/usr/local/etc/haproxy/tls.pem", str(pem)))
    told = subprocess.run(
        ["haproxy", "-c", "-f", str(file)], check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert "[ALERT]" not in told.stderr


def test_the_balancer_leads_to_services_that_are_there() -> None:
    text = (HERE / "haproxy.cfg").read_text()
    led = dict(re.findall(r"^    server \w+ ([\w-]+):(\d+)$", text, re.MULTILINE))
    assert led == {"prefect-server-1": "4200", "prefect-server-2": "4200", "page": "4280"}
    assert led.keys() <= SERVICES.keys()
    published = {one.partition(":")[2] for one in SERVICES["balancer"]["ports"]}
    assert published <= set(re.findall(r"bind :(\d+) ssl", text))
