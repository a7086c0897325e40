"""The file of keys that stored configurations are encrypted with."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Final

from netstacks_tasks.errors import ConfigurationError, InvalidInput, Problem
from netstacks_tasks.store.sealing import UNSEALED, Sealing

_BYTES: Final = 32
_VARIABLE: Final = "NETSTACKS_CONFIG_KEY_FILE"
_HEAD: Final = "# Keys of stored configurations. The first encrypts, every one decrypts.\n"


def read_keys(file: Path) -> tuple[bytes, ...]:
    """The keys of a file, the one to encrypt with first.

    A line is a key, 32 bytes in base64; empty lines and those after `#` do not
    count.

    Raises:
        ConfigurationError: the file cannot be read, or holds no keys.
    """
    try:
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(f"{_VARIABLE}: cannot read {file}: {reason}") from None
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    keys = [_key(line, file, number) for number, line in lines if line and line[0] != "#"]
    if not keys:
        raise ConfigurationError(
            f"{_VARIABLE}: {file} holds no key; `netstacks snapshot new-key FILE` makes one"
        )
    return tuple(dict.fromkeys(keys))


def _key(line: str, file: Path, number: int) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _BYTES:
        # What stands there may be a key with a slip: it is not shown.
        raise ConfigurationError(
            f"{_VARIABLE}: line {number} of {file} is not {_BYTES} bytes in base64"
        )
    return key


def sealing_of(file: Path | None) -> Sealing:
    """The sealing with the keys of a file; without one, texts stay as they are.

    Raises:
        ConfigurationError: as `read_keys`.
    """
    return UNSEALED if file is None else Sealing(read_keys(file))


def add_key(file: Path) -> int:
    """Put a new key in front of a file's keys, or make the file; for its owner alone.

    Returns:
        how many keys it holds now.

    Raises:
        ConfigurationError: the file is there and not one of keys.
        InvalidInput: it cannot be written.
    """
    keys = (secrets.token_bytes(_BYTES), *(read_keys(file) if file.exists() else ()))
    text = _HEAD + "".join(f"{base64.b64encode(key).decode()}\n" for key in keys)
    part = file.with_name(f".{file.name}.part")
    try:
        # Whole or not at all: a key that is lost takes its configurations with it.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except OSError as error:
        message = f"cannot write {file}: {error.strerror}"
        raise InvalidInput([Problem(field="FILE", message=message)]) from error
    return len(keys)
