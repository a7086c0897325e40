"""Templates rendered where the system bounds what they take."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Final

from netstacks_tasks.errors import TemplateFault
from netstacks_tasks.models.stack_templates import StackTemplates

_MEBIBYTE: Final = 1024 * 1024
_PROGRAM: Final = "netstacks_tasks.models.template_child"
_INHERITED: Final = ("PYTHONPATH", "PYTHONHOME", "PATH", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One device's configuration."""

    platform: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What templates may take."""

    seconds: float = 5.0
    """Of the processor, for one job."""
    memory_bytes: int = 512 * _MEBIBYTE
    """Of the whole process; Python and Jinja are some 40 MiB of it."""


_BOUNDS: Final = Bounds()


def rendered(
    templates: StackTemplates, jobs: Sequence[Job], bounds: Bounds = _BOUNDS
) -> Iterator[str | TemplateFault]:
    """The text of each job in turn, or why there is none.

    Args:
        templates: of one version of a stack.
        jobs: what to render them with; JSON values only.
        bounds: what they may take.
    """
    left = list(jobs)
    while left:
        answered = 0
        for answer in _answers(templates, left, bounds):
            answered += 1
            yield answer
        if answered < len(left):
            names = ", ".join(templates.names_for(left[answered].platform))
            yield TemplateFault(names, None, "it takes more time or memory than a template may")
            answered += 1
        left = left[answered:]


def _answers(
    templates: StackTemplates, jobs: Sequence[Job], bounds: Bounds
) -> Iterator[str | TemplateFault]:
    """As many as the process gives before it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Nothing that a template could look for; its own modules must be found.
        env={name: os.environ[name] for name in _INHERITED if name in os.environ},
        text=True,
        encoding="utf-8",
    )
    with process:
        if process.stdin is None or process.stdout is None:
            return
        try:
            with suppress(BrokenPipeError):
                given = {"templates": dict(templates.texts), **dataclasses.asdict(bounds)}
                _send(process.stdin, given)
                for job in jobs:
                    _send(process.stdin, {"platform": job.platform, "variables": job.variables})
                    answer = process.stdout.readline()
                    if not answer.endswith("\n"):
                        return
                    yield _read(json.loads(answer))
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                process.stdin.close()


def _send(to: IO[str], document: Mapping[str, Any]) -> None:
    to.write(json.dumps(document) + "\n")
    to.flush()


def _read(answer: Mapping[str, Any]) -> str | TemplateFault:
    if "fault" in answer:
        template, line, detail = answer["fault"]
        return TemplateFault(template, line, detail)
    return str(answer["text"])
