"""Renders templates in a process that the system bounds: `python -m ...template_child`.

A template may loop for ever or ask for gigabytes, and much of that happens in
one step of the interpreter that nothing within the process can stop. It gets no
environment and no open file but its pipes.

The first line of its input is JSON, `{"templates": {"name": "text"}, "seconds":
..., "memory_bytes": ...}`; the seconds are the processor's, for one job. Each other
line is a job, `{"platform": ..., "variables": ...}`. Each job is answered by one line: `{"text":
...}`, or `{"fault": [template, line, detail]}`. A process that ends without an
answer was ended by the system in that job.
"""

from __future__ import annotations

import json
import math
import resource
import signal
import sys
from types import FrameType
from typing import Any, Final

from netstacks_tasks.errors import TemplateFault
from netstacks_tasks.models.stack_templates import StackTemplates, TookTooLong

_LAST_SECONDS: Final = 1
"""More, in which a template in one long step ends, or is ended."""


def main() -> None:
    """Answer every job of standard input."""
    given = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_AS, (given["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    seconds: float = given["seconds"]

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLong(f"it takes longer than {seconds:g} s: does it loop for ever?")

    signal.signal(signal.SIGVTALRM, over)
    templates = StackTemplates(given["templates"])
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(templates, json.loads(line), seconds)) + "\n")
        sys.stdout.flush()


def _answer(templates: StackTemplates, job: dict[str, Any], seconds: float) -> dict[str, Any]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    last = math.ceil(used.ru_utime + used.ru_stime + seconds) + _LAST_SECONDS
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (last, hard))
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        return {"text": templates.render(job["variables"], platform=job["platform"])}
    except TemplateFault as fault:
        return {"fault": [fault.template, fault.line, fault.detail]}
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


if __name__ == "__main__":
    main()
