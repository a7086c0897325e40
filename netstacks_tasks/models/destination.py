"""Where a backup keeps its versions: a relative path that cannot leave its root."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

MAX_LENGTH = 200
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


def check_destination(path: str) -> str:
    """Return the path when it is safe below any root; raise `ValueError` when not."""
    if path.startswith("/"):
        raise ValueError("must be relative to the config store: drop the leading '/'")
    for segment in path.split("/"):
        if segment in {".", ".."}:
            raise ValueError(
                "must stay inside the config store: remove '.' and '..', for example "
                "'config-snapshots/core-routers'"
            )
        if not _SEGMENT.fullmatch(segment):
            raise ValueError(
                "must be names of letters, digits, '.', '_' and '-' with single '/' between, "
                "for example 'config-snapshots/core-routers'"
            )
    return path


Destination = Annotated[
    str, Field(min_length=1, max_length=MAX_LENGTH), AfterValidator(check_destination)
]
