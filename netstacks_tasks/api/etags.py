"""ETags: which state of a thing an answer shows, and a request relies on."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Final

from fastapi import Header
from pydantic import BaseModel

from netstacks_tasks.errors import InvalidInput

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of what you read: the change is refused with 412 when somebody "
        "else changed it since. Left out or `*`: change it whatever it is.",
        examples=['"7.1f3a9c2e5b7d4a60"'],
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="The ETag of what you have: 304 without a body when it is still the same.",
        examples=['"7.1f3a9c2e5b7d4a60"'],
    ),
]

_ANY: Final = "*"
_TAGS: Final = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
_REVISION: Final = re.compile(r"([0-9]{1,19})(?:\.[0-9a-f]+)?")


def etag_of(shown: BaseModel, revision: int | None = None) -> str:
    """The ETag of what is shown; with the revision in front for what has one."""
    digest = hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:16]
    return f'"{digest}"' if revision is None else f'"{revision}.{digest}"'


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether who asks has this state already."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == _ANY or etag.strip('"') in _tags("If-None-Match", if_none_match)


def relies_on(if_match: str | None, etag: str) -> bool:
    """Whether a change may be made to a thing in this state."""
    if if_match is None or if_match.strip() == _ANY:
        return True
    return etag.strip('"') in _tags("If-Match", if_match, strong=True)


def revision_in(if_match: str | None) -> int | None:
    """The revision that a change relies on; None: on none.

    What a run does to a task changes its ETag, but is no edit: only the
    revision in front counts.

    Raises:
        InvalidInput: it is no ETag of a task.
    """
    if if_match is None or if_match.strip() == _ANY:
        return None
    tags = _tags("If-Match", if_match, strong=True)
    found = _REVISION.fullmatch(tags[0]) if len(tags) == 1 else None
    if found is None:
        raise _malformed("If-Match")
    return int(found[1])


def _tags(header: str, value: str, *, strong: bool = False) -> list[str]:
    found = []
    place = 0
    while place < len(value):
        one = _TAGS.match(value, place)
        if one is None:
            raise _malformed(header)
        if not (strong and one[1]):
            found.append(one[2])
        place = one.end()
    return found


def _malformed(header: str) -> InvalidInput:
    return InvalidInput.single(
        header, "is no ETag of this: send the one of the answer that you read, with its quotes"
    )
