"""The report of a script's run: a pure function of how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flows._report import escape, fenced
from netstacks_tasks.operations.script.runner import ScriptEnd
from netstacks_tasks.operations.script.workspace import Artifact


def script_report(
    title: str,
    end: ScriptEnd,
    *,
    isolation: str,
    kept: Sequence[Artifact],
    left_out: Sequence[str],
    destination: Path,
) -> str:
    """Markdown: how it ended, what it kept, and its last lines on both streams."""
    how = end.fault or f"exit code {end.exit_code}"
    parts = [f"# {escape(title)}", f"**{escape(how)}**", f"Isolation: {escape(isolation)}."]
    if kept:
        rows = [f"| {escape(one.path)} | {one.size} |" for one in kept]
        table = "\n".join(["| file | bytes |", "|---|---|", *rows])
        parts.append(f"## Artifacts\n\nIn `{destination}` on the worker:\n\n{table}")
    if left_out:
        lines = "\n".join(f"- {escape(one)}" for one in left_out[:100])
        parts.append(f"## Not kept\n\n{lines}")
    for name, text in (("stdout", end.stdout), ("stderr", end.stderr)):
        if text:
            parts.append(f"## {name}, the last lines\n\n{fenced(text, 'text')}")
    return "\n\n".join(parts) + "\n"
