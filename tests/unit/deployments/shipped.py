"""What `deployments/` has: commands, environments and documents, wherever they are written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deployments"
OUR_IMAGE = "netstacks-tasks"
UNITS = sorted((FOLDER / "systemd").glob("*.service"))


@dataclass(frozen=True)
class Process:
    """One of our processes, as it is started somewhere."""

    where: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Values that are not known yet are empty."""


def variables(path: Path) -> dict[str, str]:
    """Those of a file of NAME=VALUE lines."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def compose() -> dict[str, Any]:
    document = yaml.safe_load((FOLDER / "compose" / "compose.yaml").read_text())
    assert isinstance(document, dict)
    return document


@cache
def kubernetes() -> list[dict[str, Any]]:
    """The documents that the kustomization lists; not to be changed."""
    folder = FOLDER / "kubernetes"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [one for name in listed for one in yaml.safe_load_all((folder / name).read_text())]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of every Deployment and Job, with the spec of its pods."""
    for document in kubernetes():
        if document["kind"] in {"Deployment", "Job"}:
            yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def processes() -> Iterator[Process]:
    yield from _of_compose()
    yield from _of_kubernetes()
    for unit in UNITS:
        yield _of_unit(unit)


def _of_compose() -> Iterator[Process]:
    for name, service in compose()["services"].items():
        if service["image"].startswith(f"{OUR_IMAGE}:"):
            files = [FOLDER / "compose" / one for one in service.get("env_file", ())]
            environment = {key: value for one in files for key, value in variables(one).items()}
            environment |= {key: _plain(value) for key, value in service["environment"].items()}
            yield Process(f"compose: {name}", service["command"], environment)


def _plain(value: str) -> str:
    return "" if "${" in value else value


def _of_kubernetes() -> Iterator[Process]:
    maps = {one["metadata"]["name"]: one["data"] for one in kubernetes() if "data" in one}
    for name, pod in pods():
        for container in pod["containers"]:
            environment: dict[str, str] = {}
            for source in container["envFrom"]:
                environment |= maps[source["configMapRef"]["name"]]
            environment |= {one["name"]: one.get("value", "") for one in container["env"]}
            argv = [*container["command"], *container.get("args", ())]
            yield Process(f"kubernetes: {name}", argv, environment)


def _of_unit(unit: Path) -> Process:
    text = unit.read_text()
    environment: dict[str, str] = {}
    for name in re.findall(r"^EnvironmentFile=/etc/netstacks/(.+)$", text, re.MULTILINE):
        given = FOLDER / name
        environment |= variables(given if given.exists() else unit.with_name(f"{name}.example"))
    for line in re.findall(r"^Environment=(.+)$", text, re.MULTILINE):
        environment |= dict(one.split("=", 1) for one in shlex.split(line))
    (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    return Process(f"systemd: {unit.name}", shlex.split(command.replace("%i", "4200")), environment)
