"""What is told of an error."""

from __future__ import annotations

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.exchange.problems import problem_of


def test_what_is_told_of_a_file_that_is_all_wrong_is_no_larger_than_the_file() -> None:
    faults = [
        Problem(field="host", message="is required: add it", location=f"body:{line}")
        for line in range(300_000)
    ]
    told = problem_of(InvalidInput(faults))
    assert len(told.errors) == 500
    assert told.detail.startswith("body:0: host: is required: add it; body:1:")
    assert told.detail.endswith("; and 299500 more: mend these first")


def test_of_an_error_that_is_none_of_ours_only_its_kind_is_told() -> None:
    assert "canary" not in problem_of(RuntimeError("canary")).model_dump_json()
