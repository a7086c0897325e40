"""What the report of a script's run says."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from flows._script_report import ScriptStory, script_report
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.script.artifacts import Artifact, Artifacts
from netstacks_tasks.operations.script.runner import ScriptEnd


def story(**more: Any) -> ScriptStory:  # noqa: ANN401 - any field
    given: dict[str, Any] = {
        "end": ScriptEnd(exit_code=0),
        "isolation": "behind walls",
        "artifacts": Artifacts(),
        "destination": Path("/configs/script-artifacts/run/1"),
        "results": (),
        "silent": (),
        "faults": (),
    }
    return ScriptStory(**given | more)


def result(name: str, *, ok: bool = True, summary: str = "fine") -> DeviceResult:
    return DeviceResult(
        device_id=DeviceId(uuid4()), device_name=name, item="script", ok=ok, summary=summary
    )


def test_one_that_says_nothing_has_a_short_report() -> None:
    assert script_report("Task, attempt 1", story()) == (
        "# Task, attempt 1\n\n**exit code 0**\n\nIsolation: behind walls.\n"
    )


def test_devices_that_failed_come_first_and_nothing_is_markup() -> None:
    told = story(
        results=[result("r1"), result("r2", ok=False, summary="a | <b>")], silent=["r3", "r4"]
    )
    lines = script_report("T", told).splitlines()
    assert "1 in order, 1 failed." in lines
    rows = [line for line in lines if line.startswith("| r")]
    assert rows == ["| r2 | FAILED | 1 | a \\| &lt;b&gt; |", "| r1 | ok | 1 | fine |"]
    assert "Nothing was reported of r3, r4." in lines
    assert told.warnings == ["nothing was reported of r3, r4"]


def test_of_many_devices_a_hundred_are_shown() -> None:
    text = script_report("T", story(results=[result(f"r{n:03}") for n in range(120)]))
    assert text.count("| ok |") == 100
    assert "and 20 more in the table of this run" in text


def test_what_is_kept_and_what_is_not_are_told() -> None:
    artifacts = Artifacts(
        kept=[Artifact(path="a.txt", size=3)], left_out=["b: not a plain file"], fault="no space"
    )
    told = story(artifacts=artifacts, faults=["line 1 of the results: Invalid JSON"])
    text = script_report("T", told)
    assert "In `/configs/script-artifacts/run/1` on the worker:" in text
    assert "| a.txt | 3 |" in text
    assert "## Not kept\n\n- no space\n- b: not a plain file" in text
    assert "## Reported and not understood\n\n- line 1 of the results: Invalid JSON" in text


def test_its_last_words_end_no_fence() -> None:
    end = ScriptEnd(exit_code=None, fault="it was ended", stdout="```\n# big", stderr="why")
    text = script_report("T", story(end=end))
    assert "**it was ended**" in text
    assert "````text\n```\n# big\n````" in text
    assert "## stderr, the last lines\n\n```text\nwhy\n```" in text
