"""What a look at one thing found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from netstacks_tasks.errors import NetstacksError, Unreachable

_SECONDS = 60
Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    status: Status
    subject: str
    found: str
    mend: str = ""
    """How to put it right; empty when it is."""


def ok(subject: str, found: str) -> Finding:
    """As it should be."""
    return Finding(status="ok", subject=subject, found=found)


def warn(subject: str, found: str, mend: str) -> Finding:
    """Works, and something else will not."""
    return Finding(status="warn", subject=subject, found=found, mend=mend)


def fail(subject: str, found: str, mend: str) -> Finding:
    """Tasks do not run as they should."""
    return Finding(status="fail", subject=subject, found=found, mend=mend)


async def collected(looks: AsyncIterator[Finding], subject: str, mend: str) -> list[Finding]:
    """What the looks found; one that cannot be finished is a finding too.

    Args:
        looks: the findings, one after the other.
        subject: of the finding when something cannot be looked at.
        mend: what helps when it cannot be reached.
    """
    found: list[Finding] = []
    try:
        async with asyncio.timeout(_SECONDS), aclosing(looks) as findings:  # type: ignore[type-var]  # a generator
            async for finding in findings:
                found.append(finding)  # noqa: PERF401 - what comes before an error counts
    except TimeoutError:
        found.append(fail(subject, f"no answer within {_SECONDS} s", mend))
    except Unreachable as error:
        found.append(fail(subject, str(error), mend))
    except NetstacksError as error:
        found.append(fail(subject, str(error), "do as it says"))
    return found
