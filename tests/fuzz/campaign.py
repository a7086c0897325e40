"""Fuzzes the targets one after the other, each in a child of its own.

The code is instrumented once, in the parent; libFuzzer never returns, so that a
fork is what it gets.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.fuzz.target import Target, load

_MEMORY_MIB: Final = 1536
_SLOW_MS: Final = 500
"""An input that takes longer is worth a look."""
_SLOWEST_SECONDS: Final = 20
_EXECUTED: Final = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_ANY_EXECUTED: Final = re.compile(r"^#(\d+)\s", re.MULTILINE)
_COVERED: Final = re.compile(r"\bcov: (\d+)")
_WRITTEN: Final = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to try."""

    seconds: int
    executions: int = -1
    """At most; -1: as many as there is time for."""
    seed: int = 0
    """0: another one each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one target."""

    target: str
    executions: int
    edges: int
    seconds: float
    slowest_ms: float
    crash: str = ""
    """The traceback, or what libFuzzer says; empty: none."""
    input: str = ""
    """Where the input lies that did it."""


def _atheris() -> Any:  # noqa: ANN401 - it ships no types
    """Only those who fuzz need it, and it is there on Linux alone."""
    import atheris  # type: ignore[import-untyped]  # as above

    return atheris


def loaded(names: Sequence[str]) -> list[Target]:
    """The targets, with all of the package that they use instrumented."""
    # It tells of every module.
    with (
        contextlib.redirect_stderr(io.StringIO()),
        _atheris().instrument_imports(
            include=["netstacks_tasks", "flows", "jinja2", "markdown_it"]
        ),
    ):
        return [load(name) for name in names]


def run(targets: Sequence[Target], effort: Effort, found: Path) -> Iterator[Outcome]:
    """Fuzz each target; inputs that fail are written to the folder `found`."""
    for target in targets:
        with tempfile.TemporaryDirectory(prefix="netstacks-fuzz-") as folder:
            yield _run(target, effort, found, Path(folder))


def _run(target: Target, effort: Effort, found: Path, folder: Path) -> Outcome:
    log, slowest = folder / "log", folder / "slowest"
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            _fuzz(target, effort, found, folder)
        os._exit(99)
    _, status = os.waitpid(child, 0)
    said = log.read_text(errors="replace")
    executed = _EXECUTED.findall(said) or _ANY_EXECUTED.findall(said) or ["0"]
    written = _WRITTEN.findall(said)
    return Outcome(
        target=target.name,
        executions=int(executed[-1]),
        edges=int((_COVERED.findall(said) or ["0"])[-1]),
        seconds=time.monotonic() - began,
        slowest_ms=float(slowest.read_text() or 0) if slowest.exists() else 0.0,
        crash=_crash(said) if status else "",
        input=written[-1] if written else "",
    )


def _fuzz(target: Target, effort: Effort, found: Path, folder: Path) -> None:
    """Never returns."""
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    sys.stdout = sys.stderr = open(log, "w", buffering=1)  # noqa: SIM115, PTH123 - until the end
    work, words = folder / "corpus", folder / "words"
    work.mkdir()
    words.write_text("".join(f'"{_quoted(word)}"\n' for word in target.words))
    slowest = _Slowest(target, folder / "slowest", found)
    arguments = [
        target.name,
        f"-max_total_time={effort.seconds}",
        f"-runs={effort.executions}",
        f"-seed={effort.seed}",
        f"-max_len={target.longest}",
        f"-timeout={_SLOWEST_SECONDS}",
        f"-rss_limit_mb={_MEMORY_MIB}",
        f"-artifact_prefix={found}/{target.name}-",
        f"-dict={words}",
        "-print_final_stats=1",
        "-reload=0",
        str(work),
        *([str(target.corpus)] if target.corpus.is_dir() else []),
    ]
    _atheris().Setup(arguments, slowest)
    _atheris().Fuzz()


class _Slowest:
    """Runs a target; keeps inputs that fail or are slow, and how long the slowest took."""

    def __init__(self, target: Target, note: Path, found: Path) -> None:
        self._target = target
        self._note = note
        self._found = found
        self._longest = 0.0

    def _keep(self, path: str, data: bytes) -> None:
        Path(path).write_bytes(data)
        # As libFuzzer tells of what takes too long, or too much.
        sys.stderr.write(f"Test unit written to {path}\n")

    def __call__(self, data: bytes) -> None:
        began = time.process_time()
        try:
            self._target(data)
        except BaseException:
            traceback.print_exc()
            digest = hashlib.sha256(data).hexdigest()[:16]
            self._keep(f"{self._found}/{self._target.name}-{digest}", data)
            raise
        taken = (time.process_time() - began) * 1000
        if taken > self._longest:
            self._longest = taken
            self._note.write_text(f"{taken:.1f}")
            if taken > _SLOW_MS:
                Path(f"{self._found}/{self._target.name}-slowest").write_bytes(data)


def _quoted(word: str) -> str:
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'\\"' else f"\\x{byte:02x}"
        for byte in word.encode()
    )


def _crash(said: str) -> str:
    """From the first sign of trouble on."""
    places = [said.find(sign) for sign in ("Traceback", "ERROR: libFuzzer", "== ERROR")]
    known = [place for place in places if place >= 0]
    return said[min(known) :][:4000] if known else said[-2000:] or "it ended without a word"
