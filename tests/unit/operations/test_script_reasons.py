"""What an exit code and the last words of a script say about why it failed."""

from __future__ import annotations

import pytest

from netstacks_tasks.operations.script.limits import ScriptLimits
from netstacks_tasks.operations.script.reasons import exit_reason

LIMITS = ScriptLimits(cpu_seconds=30)


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (1, "", "it ended with exit code 1"),
        (127, "bash: frobnicate: command not found", "it ended with exit code 127"),
        (137, "", "exit code 137 (SIGKILL, perhaps because the machine ran out of memory)"),
        (139, "", "it ended with exit code 139 (SIGSEGV)"),
        (152, "", "it used more than 30 s of CPU (max_cpu_seconds)"),
        (153, "", "it wrote a file of more than 256 MiB (max_disk_mib)"),
        (165, "", "it ended with exit code 165"),
        (255, "", "it ended with exit code 255"),
        (1, "Traceback\nMemoryError", "it may have run out of its 512 MiB of memory"),
        (2, "bash: fork: retry: Resource temporarily unavailable", "(max_processes)"),
        (1, "OSError: [Errno 24] Too many open files: 'x'", "256 files open (max_open_files)"),
    ],
)
def test_an_exit_code_is_explained(code: int, said: str, told: str) -> None:
    assert told in exit_reason(code, said, LIMITS)


def test_only_the_last_words_count() -> None:
    said = "MemoryError\n" + "fine\n" * 20
    assert exit_reason(1, said, LIMITS) == "it ended with exit code 1"


def test_without_a_limit_of_cpu_its_signal_is_told() -> None:
    assert exit_reason(152, "", ScriptLimits()) == "it ended with exit code 152 (SIGXCPU)"
