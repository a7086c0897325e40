"""The long form: `python -m tests.chaos [--tasks N] [--rounds N] [--fault NAME]`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.chaos.faults import FAULTS, Pace
from tests.chaos.rounds import play
from tests.chaos.table import heading, line, remarks
from tests.chaos.world import world


async def _play(given: argparse.Namespace, folder: Path) -> bool:
    well = True
    chosen = [one for one in FAULTS if not given.fault or one.name in given.fault]
    change_after = timedelta(seconds=30 + given.tasks / 2)
    async with world(
        folder, count=given.tasks, spread=given.spread, change_after=change_after
    ) as made:
        _say(heading())
        for _ in range(given.rounds):
            for fault in chosen:
                why = fault.missing(made)
                if why:
                    _say(f"| {fault.name} | skipped: {why} |")
                    continue
                outcome = await play(made, fault, Pace())
                well &= not (outcome.lost or outcome.doubled or outcome.wrong)
                _say(line(outcome))
                _say(remarks(outcome))
    return well


def _say(text: str) -> None:
    if text:
        print(text, flush=True)  # noqa: T201 - what it is for


def main() -> int:
    """Play the rounds, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--spread", type=int, default=10, help="minutes; each task comes once")
    parser.add_argument("--fault", action="append", choices=[one.name for one in FAULTS])
    given = parser.parse_args()
    # Whatever ends it, what it has made goes; a shell's background has the first one ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    logging.basicConfig(level="WARNING", stream=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="netstacks-chaos-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o711)
        return 0 if asyncio.run(_play(given, folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
