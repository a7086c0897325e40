"""What the model may see of what devices, people and other programs wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


def visible(text: str) -> str:
    """The text without what nobody sees: control and formatting characters, terminal escapes.

    They could carry an instruction that only a model reads, and split a secret
    so that it is not recognised.
    """
    if text.isascii() and text.isprintable():
        return text
    plain = _ESCAPES.sub("", text)
    return "".join(
        character
        for character in plain
        if character in "\n\t" or unicodedata.category(character) not in _INVISIBLE
    )


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Takes secrets and invisible characters out of data; `secrets` knows what is secret."""

    secrets: Callable[[str], str]

    def text(self, text: str) -> str:
        """One text, cleaned; always before it is cut, for half a secret is not recognised."""
        return self.secrets(visible(text))

    def plain(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """Every text of a JSON value, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.plain(one) for key, one in value.items()}
        if isinstance(value, Sequence):
            return [self.plain(one) for one in value]
        return value
