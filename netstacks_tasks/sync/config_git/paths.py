"""Where a configuration lies in the repository: `<destination>/<device>.<source>.cfg`."""

from __future__ import annotations

import re
from typing import Final

from netstacks_tasks.operations.config_files import file_name

_LIKE_A_FILE: Final = re.compile(r"\.(?=(?:running|startup)\.cfg$)")


def path_of(destination: str, device_name: str, source: str) -> str:
    """The path of a configuration; no two devices share one.

    A folder is never called what git refuses (`.git`), nor what a file is called.
    """
    folders = [_LIKE_A_FILE.sub("%2E", file_name(part)) for part in destination.split("/")]
    return "/".join([*folders, f"{file_name(device_name)}.{source}.cfg"])


def renamed(path: str, device_name: str) -> str:
    """The path of the same configuration when the device is called otherwise."""
    folder, _, file = path.rpartition("/")
    source = file.split(".")[-2]
    return f"{folder}/{file_name(device_name)}.{source}.cfg"
