"""Time zones whose clocks change when the test wants them to.

As if a government had told late: the zones have the names of real ones, for Prefect
knows zones by two libraries, one of which has a list of names of its own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from netstacks_tasks.models.schedule import timezones

SPRING = "Antarctica/Troll"
"""Its clock is put on by an hour."""
AUTUMN = "Antarctica/Vostok"
"""Its clock is put back by an hour."""
_RULES = """\
Zone {spring} 0:00 - CST {at}
 1:00 - CDT
Zone {autumn} 1:00 - CDT {at}
 0:00 - CST
"""


def change(folder: Path, moment: datetime) -> None:
    """Say when both clocks change; of use before a program first asks for one of the zones.

    Args:
        folder: of `own_zones`.
        moment: in UTC.
    """
    rules = folder / "rules"
    at = f"{moment:%Y %b %d %H:%M:%S}u"
    rules.write_text(_RULES.format(spring=SPRING, autumn=AUTUMN, at=at))
    # Not in everybody's search path.
    zic = shutil.which("zic") or "/usr/sbin/zic"
    subprocess.run([zic, "-d", str(folder / "zones"), str(rules)], check=True)


@contextmanager
def own_zones(folder: Path) -> Iterator[None]:
    """In the block this process and the programs it starts read zones from files of their own."""
    zones = folder / "zones"
    shutil.copytree(_of_pytz(), zones)
    changes = {"PYTHONTZPATH": str(zones), "PYTZ_TZDATADIR": str(zones)}
    before, known = {name: os.environ.get(name) for name in changes}, zoneinfo.TZPATH
    os.environ |= changes
    _use((str(zones),))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _use(known)


def _of_pytz() -> Path:
    spec = importlib.util.find_spec("pytz")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("zoneinfo")


def _use(path: tuple[str, ...]) -> None:
    zoneinfo.reset_tzpath(path)
    zoneinfo.ZoneInfo.clear_cache()
    timezones.cache_clear()
