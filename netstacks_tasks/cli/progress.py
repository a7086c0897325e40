"""Shows how far a long sync is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netstacks_tasks.cli.output import print_note

if TYPE_CHECKING:
    from netstacks_tasks.sync.report import OnProgress, Progress

_LINE_EVERY_SECONDS = 30.0
_WORTH_A_BAR = 20
"""Fewer tasks are done before anybody could read it."""


@contextmanager
def shown(*, quiet: bool) -> Iterator[OnProgress]:
    """What is to be told of the progress; it goes to standard error."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[OnProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        rows = {}

        def tell(progress: Progress) -> None:
            if progress.total < _WORTH_A_BAR:
                return
            word = _word(progress)
            if word not in rows:
                rows[word] = bar.add_task(word)
            bar.update(rows[word], completed=progress.done, total=progress.total)

        yield tell


def _lines() -> OnProgress:
    last = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_EVERY_SECONDS:
            last = time.monotonic()
            print_note(f"{_word(progress)}: {progress.done} of {progress.total} tasks")

    return tell


def _word(progress: Progress) -> str:
    return "Reading back" if progress.checking else "Writing"
