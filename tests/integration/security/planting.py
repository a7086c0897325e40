"""Puts canaries in the place of every secret that an installation has, and watches the machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from netstacks_tasks.demo.simulated import demo_secrets
from tests.integration.security.canaries import canary

SECRET_FIELDS: Final = (
    "password", "enable_secret", "snmp_community", "snmp_auth_key", "snmp_priv_key",
)  # fmt: skip
_LOOK_SECONDS: Final = 0.25


def key_line(private_key: str) -> str:
    """A line of a private key that no other key has."""
    return private_key.strip().splitlines()[-2]


def plant(state: Path) -> dict[str, str]:
    """Make the files that a demo would make, each secret a canary; returns what is what."""
    state.mkdir()
    # PostgreSQL's own account passes through.
    state.chmod(0o711)
    fleet = state / "demo-fleet"
    fleet.mkdir(mode=0o700)
    demo_secrets.load_or_create(fleet)
    file = fleet / demo_secrets.FILE_NAME
    credentials = json.loads(file.read_text())
    planted: dict[str, str] = {}
    for name, fields in credentials.items():
        for kind in set(SECRET_FIELDS) & set(fields):
            # A community stands in a line of a configuration.
            fields[kind] = canary("-") if kind == "snmp_community" else canary()
            planted[fields[kind]] = f"{kind} of {name}"
        if "private_key" in fields:
            planted[key_line(fields["private_key"])] = f"private key of {name}"
    file.write_text(json.dumps(credentials))
    passwords = {"netstacks": canary(), "prefect": canary()}
    _write(state / "passwords.json", json.dumps(passwords))
    login = canary()
    _write(state / "prefect-auth-string", f"netstacks:{login}\n")
    planted |= {password: f"database password of {role}" for role, password in passwords.items()}
    return planted | {login: "login of Prefect's API"}


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


@dataclass
class Watch:
    """What all processes of the machine showed of themselves, while it lasted."""

    command_lines: set[bytes] = field(default_factory=set)
    environments: set[bytes] = field(default_factory=set)
    """Of scripts of tasks, and of whatever these started."""
    looks: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        self.looks += 1
        for process in Path("/proc").glob("[0-9]*"):
            try:
                self.command_lines.add((process / "cmdline").read_bytes())
                environment = (process / "environ").read_bytes()
            except OSError:
                continue
            if b"NETSTACKS_RESULTS=" in environment:
                self.environments.add(environment)

    def run(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self.look()

    def end(self) -> None:
        self._ended.set()


@contextmanager
def watching() -> Iterator[Watch]:
    """Look at the processes again and again until the block ends."""
    watch = Watch()
    thread = threading.Thread(target=watch.run, name="watch of processes")
    thread.start()
    try:
        yield watch
    finally:
        watch.end()
        thread.join()
