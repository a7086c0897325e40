"""A session that holds locks leaves nothing open."""

from __future__ import annotations

import asyncio

import pytest

from netstacks_tasks.store.lock_connection import LockConnection


async def test_whoever_is_cancelled_while_closing_has_closed(database_url: str) -> None:
    held = LockConnection(database_url, "netstacks test")
    await held.connect()
    inner = held._connection
    assert inner is not None
    closing = asyncio.ensure_future(held.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert inner.closed
