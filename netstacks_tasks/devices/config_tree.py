"""A configuration of indented lines as a tree: what two differ in, and what leads to one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from netstacks_tasks.devices.normalise import normalise

_NO: Final = "no "
# They end a section or the whole and say nothing themselves; the place of a
# line tells where it belongs.
_ENDS: Final = re.compile(r"end|exit(-[a-z-]+)?|quit")
# Told by the device of itself: no line can set them.
_OWN: Final = re.compile(r"frr (version|defaults) .*|version [\d.]+.*|boot-(start|end)-marker")


class Section:
    """A line and the lines under it, each text once; the root's own line is empty."""

    __slots__ = ("_lines", "number", "text")

    def __init__(self, text: str, lines: Iterable[Section] = (), *, number: int = 0) -> None:
        self.text = text
        self.number = number
        """The line of the text it was read from, from 1."""
        self._lines = {line.text: line for line in lines}

    @property
    def lines(self) -> tuple[Section, ...]:
        """What is below, in order."""
        return tuple(self._lines.values())

    def put(self, line: Section) -> None:
        """Add a line below, at the end or in the place of one with the same text."""
        self._lines[line.text] = line

    def find(self, text: str) -> Section | None:
        """The line below with exactly this text."""
        return self._lines.get(text)

    def holds(self, command: str) -> bool:
        """Whether a line below is the command, or the command with more to it."""
        return command in self._lines or any(text.startswith(command + " ") for text in self._lines)

    def child(self, text: str, number: int) -> Section:
        """The line below with this text, made when it is not there."""
        return self._lines.setdefault(text, Section(text, number=number))


def parse(text: str, platform: str = "") -> Section:
    """The tree of a configuration, comments and section ends left out.

    Args:
        text: as a device prints it, or as a template renders it.
        platform: whose volatile lines to leave out.
    """
    root = Section("")
    open_sections: list[tuple[int, Section]] = [(-1, root)]
    for number, line in enumerate(normalise(platform, text).splitlines(), 1):
        command = line.strip()
        if not command or command.startswith("!") or _ENDS.fullmatch(command):
            continue
        indent = len(line) - len(line.lstrip())
        if not indent and _OWN.fullmatch(command):
            continue
        while open_sections[-1][0] >= indent:
            open_sections.pop()
        section = open_sections[-1][1].child(" ".join(command.split()), number)
        open_sections.append((indent, section))
    return root


def wanting(running: Section, wanted: Section) -> Section:
    """The part of `wanted` that has to be sent for `running` to hold it.

    A line `no X` is in force where it stands itself. It is sent when X stands
    there, and when neither does: a device shows some of them and hides others.
    """
    missing = Section(wanted.text, number=wanted.number)
    for line in wanted.lines:
        there = running.find(line.text)
        if there is None:
            missing.put(line)
            continue
        below = wanting(there, line)
        if below.lines:
            missing.put(below)
    return missing


def unmet(running: Section, wanted: Section, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of `wanted` that `running` does not hold, each with where it belongs."""
    for line in wanted.lines:
        there = running.find(line.text)
        if line.text.startswith(_NO):
            if there is None and running.holds(line.text.removeprefix(_NO)):
                yield _placed(line.text, path)
        elif there is None:
            yield _placed(line.text, path)
        else:
            yield from unmet(there, line, (*path, line.text))


def _placed(text: str, path: Sequence[str]) -> str:
    return f"{text!r} under {' / '.join(map(repr, path))}" if path else repr(text)


def same(one: Section, other: Section) -> bool:
    """Whether both hold the same lines, in whatever order."""
    return not any(changes(one, other))


def predicted(running: Section, sent: Section) -> Section:
    """What `running` becomes once `sent` is applied, as far as the text tells."""
    after = Section(running.text, running.lines)
    for line in sent.lines:
        if line.text.startswith(_NO):
            gone = f"{line.text.removeprefix(_NO)} "
            kept = [one for one in after.lines if not f"{one.text} ".startswith(gone)]
            if len(kept) == len(after.lines):
                kept.append(line)
            after = Section(running.text, kept)
        else:
            after.put(predicted(after.find(line.text) or Section(line.text), line))
    return after


def changes(before: Section, after: Section, depth: int = 0) -> Iterator[str]:
    """The lines of a diff: `-` and `+`, under the unmarked lines they belong to."""
    indent = " " * depth
    for line in before.lines:
        there = after.find(line.text)
        if there is None:
            yield from _marked("-", line, depth)
            continue
        below = list(changes(line, there, depth + 1))
        if below:
            yield f" {indent}{line.text}"
            yield from below
    for line in after.lines:
        if before.find(line.text) is None:
            yield from _marked("+", line, depth)


def _marked(mark: str, section: Section, depth: int) -> Iterator[str]:
    yield f"{mark}{' ' * depth}{section.text}"
    for line in section.lines:
        yield from _marked(mark, line, depth + 1)


def undo(text: str) -> str:
    """The line that takes a line away."""
    return text.removeprefix(_NO) if text.startswith(_NO) else _NO + text


def diff(before: Section, after: Section) -> str:
    """What changed, as text; empty when nothing did."""
    return "".join(f"{line}\n" for line in changes(before, after))
