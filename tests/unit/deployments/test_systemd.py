"""The units: as systemd reads them, and as open as it finds them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netstacks_tasks.settings import Settings
from tests.unit.deployments.shipped import UNITS

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze to ask"
)
EXPOSED = {"netstacks-worker@.service": 40}
"""In tenths, at most; a worker runs scripts behind walls of their own, which it has to build."""
OTHERS = 20


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Ours, with what this machine has in place of what only an installation has."""
    folder = tmp_path_factory.mktemp("units")
    made = {}
    for unit in UNITS:
        text = unit.read_text().replace("/opt/netstacks/bin", str(Path(sys.prefix) / "bin"))
        text = re.sub(r"^(User|Group)=.*$", r"\1=root", text, flags=re.MULTILINE)
        text = text.replace("EnvironmentFile=", "EnvironmentFile=-")
        instance = unit.name.replace("@.", "@4200.")
        (folder / unit.name).write_text(text)
        (folder / instance).write_text(text)
        made[unit.name] = folder / instance
    return made


def test_systemd_finds_no_fault(units: dict[str, Path]) -> None:
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units.values())],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("name", [unit.name for unit in UNITS])
def test_it_is_open_no_further_than_it_has_to_be(name: str, units: dict[str, Path]) -> None:
    limit = EXPOSED.get(name, OTHERS)
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={limit}", "--no-pager",
         str(units[name])],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout.splitlines()[-1]


def test_runs_get_the_time_that_the_worker_gives_them() -> None:
    text = next(unit for unit in UNITS if "worker" in unit.name).read_text()
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    settings = Settings.model_fields
    needed = settings["worker_drain_seconds"].default + settings["worker_end_seconds"].default
    assert int(seconds) > needed
    assert "KillMode=mixed" in text
