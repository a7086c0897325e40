"""Finds a command from abbreviated words, the way IOS and vtysh do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, Literal, TypeVar

Handler = TypeVar("Handler")
Reason = Literal["invalid", "ambiguous", "incomplete"]


class NoSuchCommand(Exception):
    """The words name no command; `position` is where in the line it went wrong."""

    def __init__(self, reason: Reason, position: int) -> None:
        self.reason: Reason = reason
        self.position = position
        super().__init__(f"{reason} at {position}")


class CommandTable(Generic[Handler]):
    """Commands by their full words; a trailing `...` takes further words as arguments."""

    def __init__(self, commands: Mapping[str, Handler]) -> None:
        self._commands = {
            tuple(phrase.removesuffix("...").split()): (handler, phrase.endswith("..."))
            for phrase, handler in commands.items()
        }

    def find(self, line: str) -> tuple[Handler, list[str]]:
        """The handler and its arguments.

        Raises:
            NoSuchCommand: no command, several, or one that lacks words.
        """
        words = line.split()
        candidates = list(self._commands)
        for position, word in enumerate(words):
            chosen = _matching(word, {c[position] for c in candidates if len(c) > position})
            if len(chosen) > 1:
                raise NoSuchCommand("ambiguous", _column(line, position))
            if not chosen:
                return self._with_arguments(candidates, line, words, position)
            candidates = [c for c in candidates if c[position : position + 1] == tuple(chosen)]
        return self._with_arguments(candidates, line, words, len(words))

    def completions(self, line: str) -> list[str]:
        """The words that may follow what was typed (the help of `?`)."""
        words = line.split()
        partial = words.pop() if words and not line.endswith(" ") else ""
        candidates = [
            command
            for command in self._commands
            if len(command) > len(words)
            and all(
                full.startswith(word.lower()) for full, word in zip(command, words, strict=False)
            )
        ]
        following = {command[len(words)] for command in candidates}
        return sorted(word for word in following if word.startswith(partial.lower()))

    def _with_arguments(
        self, candidates: list[tuple[str, ...]], line: str, words: list[str], position: int
    ) -> tuple[Handler, list[str]]:
        arguments = words[position:]
        for command in candidates:
            if len(command) != position:
                continue
            handler, takes_arguments = self._commands[command]
            if not arguments or takes_arguments:
                return handler, arguments
        raise NoSuchCommand("invalid" if arguments else "incomplete", _column(line, position))


def _matching(word: str, known: Iterable[str]) -> list[str]:
    lowered = word.lower()
    matches = [full for full in known if full.startswith(lowered)]
    return [lowered] if lowered in matches else matches


def _column(line: str, position: int) -> int:
    """Where the word at `position` begins in the line."""
    column = 0
    for word in line.split()[:position]:
        column = line.index(word, column) + len(word)
    rest = line[column:]
    return column + len(rest) - len(rest.lstrip())
