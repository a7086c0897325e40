"""The report of a script's run: a pure function of how it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows._report import escape, fenced, in_order
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.script.artifacts import Artifacts
from netstacks_tasks.operations.script.runner import ScriptEnd

_MOST_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStory:
    """Everything there is to tell of an attempt."""

    end: ScriptEnd
    isolation: str
    artifacts: Artifacts
    destination: Path
    """Of the artifacts."""
    results: Sequence[DeviceResult]
    """What the script reported, earlier attempts included."""
    silent: Sequence[str]
    """Devices it should have reported and did not."""
    faults: Sequence[str]
    """Of what it reported."""

    @property
    def warnings(self) -> list[str]:
        """For the run's log."""
        silent = [f"nothing was reported of {', '.join(self.silent)}"] if self.silent else []
        return [
            *self.faults,
            *silent,
            *(f"artifact not kept: {one}" for one in self.artifacts.left_out),
        ]


def script_report(title: str, story: ScriptStory) -> str:
    """Markdown: how it ended, its devices, what it kept, its last lines on both streams."""
    end, artifacts = story.end, story.artifacts
    how = end.fault or f"exit code {end.exit_code}"
    parts = [f"# {escape(title)}", f"**{escape(how)}**", f"Isolation: {escape(story.isolation)}."]
    if story.results:
        parts.append(_devices(story))
    if story.faults:
        parts.append(f"## Reported and not understood\n\n{_list(story.faults)}")
    if artifacts.kept:
        rows = [f"| {escape(one.path)} | {one.size} |" for one in artifacts.kept]
        table = "\n".join(["| file | bytes |", "|---|---|", *rows])
        parts.append(f"## Artifacts\n\nIn `{story.destination}` on the worker:\n\n{table}")
    if artifacts.left_out or artifacts.fault:
        lines = [*([artifacts.fault] if artifacts.fault else []), *artifacts.left_out]
        parts.append(f"## Not kept\n\n{_list(lines)}")
    for name, text in (("stdout", end.stdout), ("stderr", end.stderr)):
        if text:
            parts.append(f"## {name}, the last lines\n\n{fenced(text, 'text')}")
    return "\n\n".join(parts) + "\n"


def _devices(story: ScriptStory) -> str:
    failed = sum(not one.ok for one in story.results)
    rows = [
        f"| {escape(one.device_name)} | {'ok' if one.ok else 'FAILED'} | {one.attempt} "
        f"| {escape(one.summary)} |"
        for one in in_order(story.results)[:_MOST_ROWS]
    ]
    parts = [
        f"## Devices\n\n{len(story.results) - failed} in order, {failed} failed.",
        "\n".join(["| device | result | attempt | summary |", "|---|---|---|---|", *rows]),
    ]
    if len(story.results) > _MOST_ROWS:
        parts.append(f"and {len(story.results) - _MOST_ROWS} more in the table of this run")
    if story.silent:
        parts.append(f"Nothing was reported of {escape(', '.join(story.silent))}.")
    return "\n\n".join(parts)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)
