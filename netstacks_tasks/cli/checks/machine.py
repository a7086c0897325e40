"""This machine: Python, its packages, timezones, disk and ping."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from netstacks_tasks.cli.checks.finding import Finding, fail, ok, warn
from netstacks_tasks.devices.icmp import ping_permitted
from netstacks_tasks.models.schedule import timezones

_DISTRIBUTION: Final = "netstacks-tasks"
_OLDEST_PYTHON: Final = (3, 11)
_LEAST_FREE_BYTES: Final = 1024**3
_CONTINUED: Final = "\\"
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*)$")


def machine(state_dir: Path) -> list[Finding]:
    """Look at everything that needs no server."""
    return [python(), packages(), zones(), disk("disk", state_dir), ping()]


def python() -> Finding:
    """Whether the interpreter is one we run on."""
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < _OLDEST_PYTHON:
        return fail("Python", found, "use Python 3.11 or newer")
    return ok("Python", found)


def packages() -> Finding:
    """Whether the installed packages are those that were tested together."""
    wanted = [Requirement(text) for text in metadata.requires(_DISTRIBUTION) or ()]
    wrong = [
        f"{one.name} {installed or 'missing'}, needed {one.specifier}"
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": ""})
        if (installed := _installed(one.name)) is None
        or not one.specifier.contains(installed, prereleases=True)
    ]
    mend = "install from the lock: `make env`, or pip install -r requirements.lock"
    if wrong:
        return fail("packages", "; ".join(wrong), mend)
    lock = Path(__file__).parents[3] / "requirements.lock"
    if not lock.is_file():
        return ok("packages", "every requirement is met; there is no lock to compare with")
    other = _differences(lock.read_text(encoding="utf-8"))
    if other:
        return warn("packages", f"differ from the lock: {', '.join(other)}", mend)
    return ok("packages", "as locked")


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _differences(lock: str) -> list[str]:
    found = []
    for line in lock.splitlines():
        match = _PIN.match(line)
        if match is None:
            continue
        name, version, rest = match.groups()
        marker = Requirement(f"{name}{rest.rstrip().rstrip(_CONTINUED)}").marker
        if marker is not None and not marker.evaluate():
            continue
        installed = _installed(name)
        if installed != version:
            found.append(f"{name} {installed or 'missing'} (locked {version})")
    return found


def zones() -> Finding:
    """Whether the timezone database is there."""
    count = len(timezones())
    if count == 0:
        return fail("timezones", "none known", "install tzdata (apt install tzdata)")
    return ok("timezones", f"{count} known")


def disk(subject: str, folder: Path) -> Finding:
    """Whether there is room where things are kept."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1024**3:.1f} GiB free at {there}"
    if free < _LEAST_FREE_BYTES:
        return warn(subject, found, "make room: a full disk stops PostgreSQL and every backup")
    return ok(subject, found)


def ping() -> Finding:
    """Whether this account may send ICMP."""
    if ping_permitted():
        return ok("ping", "this account may send ICMP echo requests")
    return warn(
        "ping",
        "this account may not send ICMP echo requests: ping checks will fail",
        "sysctl -w net.ipv4.ping_group_range='0 2147483647', or give the worker CAP_NET_RAW",
    )
