"""What is fuzzed: a function of bytes, and what it may raise."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from netstacks_tasks.errors import NetstacksError

CORPUS: Final = Path(__file__).with_name("corpus")
_TARGETS: Final = Path(__file__).with_name("targets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader of input from elsewhere.

    `read` gets whatever the fuzzer thinks of. It may refuse it by one of our own
    errors; whatever else it raises is a defect, and so is a broken promise that
    it asserts itself.
    """

    name: str
    read: Callable[[bytes], object]
    words: Sequence[str] = ()
    """What the input is made of; the fuzzer puts them in."""
    longest: int = 2048
    """Bytes."""

    def __call__(self, data: bytes) -> None:
        try:
            self.read(data)
        except NetstacksError as error:
            # What cannot be told, nobody is told.
            str(error).encode(errors="surrogatepass")

    @property
    def corpus(self) -> Path:
        """A folder of inputs to begin with; those that once failed among them."""
        return CORPUS / self.name


def names() -> list[str]:
    """Of all targets; imports none of them."""
    return sorted(module.name for module in pkgutil.iter_modules([str(_TARGETS)]))


def load(name: str) -> Target:
    """A target by its module's name."""
    target = importlib.import_module(f"tests.fuzz.targets.{name}").TARGET
    assert isinstance(target, Target)
    return target
