"""The `| include`, `exclude`, `begin`, `section` and `count` of a show command."""

from __future__ import annotations

import re
from typing import Final

_VERBS: Final = ("include", "exclude", "begin", "section", "count")


def filtered(text: str, pipe: str) -> str:
    """Apply what stands after the `|`; the device's own complaint when it makes no sense."""
    verb, _, pattern = pipe.strip().partition(" ")
    verbs = [known for known in _VERBS if known.startswith(verb.lower())]
    try:
        wanted = re.compile(pattern.strip())
    except re.error:
        return "% Failed to compile regular expression.\n"
    if len(verbs) != 1 or not pattern.strip():
        return "% Invalid filter after '|'\n"
    lines = text.splitlines()
    match verbs[0]:
        case "include":
            kept = [line for line in lines if wanted.search(line)]
        case "exclude":
            kept = [line for line in lines if not wanted.search(line)]
        case "begin":
            first = next((n for n, line in enumerate(lines) if wanted.search(line)), len(lines))
            kept = lines[first:]
        case "count":
            number = sum(bool(wanted.search(line)) for line in lines)
            kept = [f"Number of lines which match regexp = {number}"]
        case _:
            kept = _sections(lines, wanted)
    return "\n".join(kept) + "\n" if kept else ""


def _sections(lines: list[str], wanted: re.Pattern[str]) -> list[str]:
    """Each matching line and what is indented under it."""
    kept: list[str] = []
    depth: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if depth is not None and indent <= depth:
            depth = None
        if depth is None and wanted.search(line):
            depth = indent
        if depth is not None:
            kept.append(line)
    return kept
