"""Reads the files a command was given; `-` is standard input."""

from __future__ import annotations

import sys
from pathlib import Path


def read_bytes(file: Path, option: str = "--file") -> bytes:
    """The content of a file.

    Raises:
        InvalidInput: naming the option.
    """
    from netstacks_tasks.errors import InvalidInput

    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInput.single(option, f"{file} cannot be read: {reason}") from None


def read_text(file: Path, option: str = "--file") -> str:
    """The content of a text file.

    Raises:
        InvalidInput: naming the option.
    """
    from netstacks_tasks.errors import InvalidInput

    try:
        return read_bytes(file, option).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput.single(option, f"{file} is not UTF-8 text: save it as UTF-8") from None
