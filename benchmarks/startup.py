"""What it takes to be told how a command is used, beside Prefect's command and Python itself.

python -m benchmarks.startup [--full]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.measuring import Contestant, compare, run_program

LIMIT = 0.3
"""Seconds that our help may take beyond a bare interpreter."""
_NETSTACKS = "from netstacks_tasks.cli.main import main; main()"
_PREFECT = "from prefect.cli import app; app()"


def main(rounds: int) -> int:
    """Compare; 1 when our help takes longer than it may."""
    with tempfile.TemporaryDirectory(prefix="netstacks-bench-") as folder:
        env = os.environ | {"PREFECT_HOME": folder, "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        rows = compare(
            "Help",
            [
                _program("netstacks --help", env, folder, _NETSTACKS, "--help"),
                _program(
                    "netstacks task list --help", env, folder, _NETSTACKS, "task", "list", "--help"
                ),
                _program("a bare interpreter", env, folder, "pass"),
                _program("prefect --help", env, folder, _PREFECT, "--help"),
            ],
            rounds=rounds,
            items=1,
            unit="start",
        )
    ours, _, bare, _ = rows
    beyond = ours.wall.median - bare.wall.median
    print(
        f"\n  netstacks --help takes {beyond:.3f} s more than a bare interpreter "
        f"({ours.cpu.median - bare.cpu.median:.3f} s of CPU); at most {LIMIT} s are allowed"
    )
    return int(beyond > LIMIT)


def _program(name: str, env: Mapping[str, str], folder: str, code: str, *words: str) -> Contestant:
    argv = (sys.executable, "-c", code, *words)
    return Contestant(name, partial(run_program, argv, env=env, cwd=Path(folder)))


if __name__ == "__main__":
    sys.exit(main(30 if "--full" in sys.argv else 10))
