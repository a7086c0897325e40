"""Every target for a moment, with all that it ever failed at."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.target import CORPUS, names

_EXECUTIONS = 150
_SECONDS = 2
"""For each target at most; the executions are what counts."""


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    """What became of each target, fuzzed by a program of its own: this one is not instrumented."""
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it is built for Linux alone")
    found = tmp_path_factory.mktemp("found")
    command = [sys.executable, "-m", "tests.fuzz", "--json", "--seed", "1", "--found", str(found)]
    limits = ["--seconds", str(_SECONDS), "--executions", str(_EXECUTIONS)]
    done = subprocess.run(
        [*command, *limits],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows, done.stderr
    return {row["target"]: row for row in rows}


@pytest.mark.parametrize("name", names())
def test_a_target_takes_what_it_is_given(outcomes: Mapping[str, dict[str, Any]], name: str) -> None:
    outcome = outcomes[name]
    assert outcome["crash"] == "", outcome["input"]
    seeds = sum(1 for _ in (CORPUS / name).iterdir())
    assert seeds > 0, "a target without seeds finds little"
    assert outcome["executions"] > seeds
    assert outcome["edges"] > 10, "it is not instrumented: nothing guides the fuzzer"
