"""What is kept of a task, as it is shown and changed on the command line."""

from __future__ import annotations

import json

import pytest

from .conftest import Netstacks, task

NAME = task()["name"]


@pytest.fixture(autouse=True)
def _task(netstacks: Netstacks) -> None:
    made = netstacks("task", "create", "-f", "-", text=json.dumps(task()))
    assert made.returncode == 0, made.stderr


def test_a_task_keeps_more_or_less_than_the_others(netstacks: Netstacks) -> None:
    (others,) = json.loads(netstacks("retention", "show", "--json").stdout)
    assert others == {
        "task": "(all others)",
        "run_days": 90,
        "runs_kept": 20,
        "log_days": 90,
        "version_days": 365,
        "versions_kept": 20,
    }
    done = netstacks("retention", "set", NAME, "--run-days", "7", "--log-days", "forever")
    assert done.returncode == 0, done.stderr
    done = netstacks("retention", "set", NAME, "--versions-kept", "3", "--json")
    own = {**others, "task": NAME, "run_days": 7, "log_days": "forever", "versions_kept": 3}
    assert json.loads(done.stdout) == own
    # What is not its own follows the settings.
    shown = netstacks("retention", "show", "--json", NETSTACKS_RETENTION_RUNS_KEPT="4")
    assert json.loads(shown.stdout) == [{**others, "runs_kept": 4}, {**own, "runs_kept": 4}]
    assert NAME in netstacks("retention", "show").stdout
    entries = json.loads(netstacks("audit", "--kind", "retention", "--json").stdout)
    assert [entry["object_name"] for entry in entries] == [NAME, NAME]
    assert entries[0]["changes"] == {"versions_kept": [None, 3]}

    assert netstacks("retention", "unset", NAME).returncode == 0
    assert json.loads(netstacks("retention", "show", NAME, "--json").stdout) == [
        {**others, "task": NAME}
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", NAME), "nothing to set"),
        (("set", NAME, "--run-days", "soon"), "--run-days: write a number of days from 0 to 36500"),
        (("set", NAME, "--versions-kept", "0"), "--versions-kept: "),
        (("set", "nobody", "--run-days", "1"), "no task 'nobody'"),
        (("unset", "nobody"), "no task 'nobody'"),
        (("show", "nobody"), "no task 'nobody'"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(
    netstacks: Netstacks, words: tuple[str, ...], told: str
) -> None:
    done = netstacks("retention", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(json.loads(netstacks("retention", "show", "--json").stdout)) == 1
