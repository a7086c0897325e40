"""A network of the benchmark's own: loopback, and addresses where nobody answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

_INSIDE: Final = "NETSTACKS_BENCHMARK_NETWORK"
_DEAD: Final = "198.18"
"""Of the addresses set apart for benchmarks (RFC 2544)."""


def enter(module: str, arguments: Sequence[str]) -> None:
    """Start the program anew in a network namespace of its own, unless it is in one.

    Needs root, or a kernel that lets everybody have a user namespace.
    """
    if os.environ.get(_INSIDE):
        _make()
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    program = [sys.executable, "-m", module, *arguments]
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", ["unshare", *user, "--net", "--", *program])  # noqa: S606 - no shell wanted


def dead_address(number: int) -> str:
    """An address whose packets nobody takes and nobody complains about."""
    return f"{_DEAD}.{number // 250}.{1 + number % 250}"


def _make() -> None:
    # The far end of the pair is in this namespace as well, and throws away what is for others.
    for words in (
        "link set lo up",
        "link add dead type veth peer name swallows",
        "link set dead arp off up",
        "link set swallows arp off up",
        f"address add {_DEAD}.255.254/32 dev dead",
        f"route add {_DEAD}.0.0/16 dev dead",
    ):
        subprocess.run(["ip", *words.split()], check=True)
