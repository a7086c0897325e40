"""Fuzzes for as long as one likes: `python -m tests.fuzz --minutes 30 [TARGET ...]`.

With `--input FILE TARGET` one input is read again, with its traceback.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path

from tests.fuzz.campaign import Effort, Outcome, loaded, run
from tests.fuzz.target import load, names


def main() -> int:
    """Fuzz, and print a table; the exit code is 1 when something was found."""
    asked = _arguments()
    chosen = asked.targets or names()
    if asked.input is not None:
        load(chosen[0])(asked.input.read_bytes())
        return 0
    seconds = asked.seconds or max(1, round(asked.minutes * 60 / len(chosen)))
    effort = Effort(seconds=seconds, executions=asked.executions, seed=asked.seed)
    found = asked.found or Path(tempfile.mkdtemp(prefix="netstacks-fuzz-found-"))
    outcomes = []
    for outcome in run(loaded(chosen), effort, found):
        outcomes.append(outcome)
        line = json.dumps(dataclasses.asdict(outcome)) if asked.json else _row(outcome)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    if not asked.json:
        sys.stdout.write(_told(outcomes, found))
    return any(one.crash for one in outcomes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(names())}")
    parser.add_argument("--minutes", type=float, default=15, help="for all targets together")
    parser.add_argument("--seconds", type=int, help="for each target, instead")
    parser.add_argument("--executions", type=int, default=-1, help="of each target, at most")
    parser.add_argument("--seed", type=int, default=0, help="the same again, as far as it goes")
    parser.add_argument("--found", type=Path, help="where inputs that fail are kept")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each target")
    parser.add_argument("--input", type=Path, metavar="FILE", help="read this input once")
    return parser.parse_args()


def _row(one: Outcome) -> str:
    return (
        f"{one.target:<18} {one.executions:>10,} executions {one.edges:>6,} edges "
        f"{one.seconds:>6.0f} s  slowest {one.slowest_ms:>8,.1f} ms  "
        f"{'CRASH ' + one.input if one.crash else 'no crash'}"
    )


def _told(outcomes: list[Outcome], found: Path) -> str:
    crashes = [one for one in outcomes if one.crash]
    total = sum(one.executions for one in outcomes)
    text = f"\n{total:,} executions of {len(outcomes)} targets, {len(crashes)} crashes\n"
    for one in crashes:
        text += f"\n== {one.target}, input {one.input or found}\n{one.crash}\n"
    return text


if __name__ == "__main__":
    sys.exit(main())
