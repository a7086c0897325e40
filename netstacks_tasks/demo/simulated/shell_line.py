"""Splits a line for the simulated shell: lists, pipelines and where output goes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

Joiner = Literal[";", "&&", "||"]

_JOINERS: Final[dict[str, Joiner]] = {";": ";", "&&": "&&", "||": "||", "\n": ";"}


class BadLine(Exception):
    """The shell cannot read the line."""


@dataclass(slots=True)
class SimpleCommand:
    """One program of a pipeline."""

    words: list[str] = field(default_factory=list)
    drop_output: bool = False
    drop_error: bool = False
    error_to_output: bool = False


@dataclass(slots=True)
class Pipeline:
    """Programs that feed each other, and how the pipeline hangs on the one before it."""

    joiner: Joiner
    commands: list[SimpleCommand]


def pipelines(line: str) -> list[Pipeline]:
    """The pipelines of a line, in order.

    Raises:
        BadLine: an open quote, or a redirection to anything but /dev/null and the output.
    """
    parsed = [Pipeline(";", [SimpleCommand()])]
    pieces = iter(_pieces(line))
    for piece in pieces:
        command = parsed[-1].commands[-1]
        if piece in _JOINERS:
            parsed.append(Pipeline(_JOINERS[piece], [SimpleCommand()]))
        elif piece == "|":
            parsed[-1].commands.append(SimpleCommand())
        elif piece in (">", ">>", ">&"):
            _redirect(command, piece, next(pieces, ""))
        else:
            command.words.append(piece)
    return [pipeline for pipeline in parsed if any(c.words for c in pipeline.commands)]


def _pieces(line: str) -> Iterator[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        yield from lexer
    except ValueError as error:
        raise BadLine(str(error)) from error


def _redirect(command: SimpleCommand, piece: str, target: str) -> None:
    stream = "1"
    if command.words and command.words[-1] in ("1", "2"):
        stream = command.words.pop()
    if piece == ">&" and target == "1" and stream == "2":
        command.error_to_output = True
    elif piece == ">&" and target == "2" and stream == "1":
        command.drop_output = True
    elif target == "/dev/null" and stream == "2":
        command.drop_error = True
    elif target == "/dev/null":
        command.drop_output = True
    else:
        raise BadLine(f"{target}: Permission denied")
