"""The difference of two configurations as a file."""

from __future__ import annotations

from collections.abc import Iterator

from netstacks_tasks.models.line_diff import hunks, stretches
from netstacks_tasks.web.config_lines import ConfigLines
from netstacks_tasks.web.diffs import CONTEXT


def unified(before: ConfigLines, after: ConfigLines, titles: tuple[str, str]) -> Iterator[str]:
    """The lines of a unified diff; none when nothing changed."""
    found = hunks(stretches(before.own, after.own), CONTEXT)
    if found:
        yield f"--- {titles[0]}"
        yield f"+++ {titles[1]}"
    for hunk in found:
        old = _range(hunk[0].before_start, hunk[-1].before_end)
        new = _range(hunk[0].after_start, hunk[-1].after_end)
        yield f"@@ -{old} +{new} @@"
        for one in hunk:
            if one.same:
                yield from (f" {line}" for line in after.shown[one.after_start : one.after_end])
                continue
            yield from (f"-{line}" for line in before.shown[one.before_start : one.before_end])
            yield from (f"+{line}" for line in after.shown[one.after_start : one.after_end])


def _range(start: int, end: int) -> str:
    """Of a side without lines the line before is named, as patch wants it."""
    return f"{start + 1 if end > start else start},{end - start}"
