"""One run of a task at a time, whatever happens to processes and to the server."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from netstacks_tasks.errors import StoreUnavailable, TaskBusy
from netstacks_tasks.models.ids import RunId, TaskId
from netstacks_tasks.store import connecting, exclusion, lock_connection, lock_session
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.exclusion import TaskLock
from tests.integration.store import lock_holder, samples
from tests.integration.store.samples import Cluster, run_id, task_id

TASK, OTHER = task_id("one"), task_id("other")
FIRST, SECOND, THIRD = run_id("first"), run_id("second"), run_id("third")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusion, "_POLL_SECONDS", 0.05)
    monkeypatch.setattr(exclusion, "_KEEP_ALIVE_SECONDS", 0.1)
    monkeypatch.setattr(exclusion, "_RECONNECT_SECONDS", 0.05)
    monkeypatch.setattr(exclusion, "_GRACE_SECONDS", 0.0)


async def test_one_at_a_time(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    at_once, most = 0, 0
    order: list[RunId] = []

    async def run(key: RunId) -> None:
        nonlocal at_once, most
        async with TaskLock(database_url, TASK, key):
            at_once += 1
            most = max(most, at_once)
            if not order:
                await samples.eventually(others_wait)
            order.append(key)
            at_once -= 1

    async def others_wait() -> bool:
        return caplog.text.count("holds its lock") >= 2

    keys = [FIRST, SECOND, THIRD]
    await asyncio.gather(*(run(key) for key in keys))
    assert most == 1
    assert sorted(order) == sorted(keys)
    assert f"netstacks run {order[0]} (PostgreSQL process " in caplog.text


async def test_other_tasks_do_not_wait(database_url: str) -> None:
    async with TaskLock(database_url, TASK, FIRST), TaskLock(database_url, OTHER, SECOND):
        assert not await _is_free(database_url)


async def _is_free(url: str) -> bool:
    """Whether a third run could have the task's lock."""
    lock = TaskLock(url, TASK, THIRD)
    free = await lock.try_acquire()
    await lock.release()
    return free


async def test_who_lives_is_known(database: Database, database_url: str) -> None:
    assert await exclusion.holders(database) == set()
    async with TaskLock(database_url, TASK, FIRST) as lock:
        assert lock.held
        waiter = TaskLock(database_url, TASK, SECOND)
        assert not await waiter.try_acquire()
        assert not waiter.held
        # A run that waits for its turn lives as well.
        assert await exclusion.holders(database) == {FIRST, SECOND}
        assert await exclusion.alive_runs(database, [SECOND, THIRD]) == {SECOND}
        waiting = asyncio.create_task(waiter.acquire())
        await asyncio.sleep(0)
    await waiting
    assert await exclusion.holders(database) == {SECOND}
    await waiter.release()
    await waiter.release()
    assert await exclusion.holders(database) == set()


async def test_locks_of_another_database_do_not_count(
    database: Database, postgres_url: str
) -> None:
    async with TaskLock(postgres_url, TASK, FIRST):
        assert await exclusion.holders(database) == set()


async def test_a_name_alone_is_no_life(database: Database, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, application_name=f"netstacks run {FIRST}"
    ) as impostor:
        await impostor.execute("SELECT pg_advisory_lock(1)")
        assert await exclusion.holders(database) == set()


async def test_a_waiter_that_is_cancelled_leaves_nothing(
    database: Database, database_url: str
) -> None:
    async with TaskLock(database_url, TASK, FIRST):
        waiting = asyncio.create_task(_hold(database_url, SECOND))

        async def waits() -> bool:
            return SECOND in await exclusion.holders(database)

        await samples.eventually(waits)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await exclusion.holders(database) == {FIRST}


async def _hold(url: str, key: RunId) -> None:
    async with TaskLock(url, TASK, key):
        await asyncio.sleep(600)


async def test_a_cancelled_body_is_cancelled(database: Database, database_url: str) -> None:
    for moment in range(12):
        # At every point: while connecting, in the body, while it gives the lock back.
        running = asyncio.create_task(_hold_shortly(database_url))
        await asyncio.sleep(moment * 0.01)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    async def nobody() -> bool:
        return await exclusion.holders(database) == set()

    await samples.eventually(nobody)


async def _hold_shortly(url: str) -> None:
    async with TaskLock(url, TASK, FIRST):
        await asyncio.sleep(0.03)
    await asyncio.sleep(600)


async def test_a_failing_body_gives_the_lock_back(database: Database, database_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with TaskLock(database_url, TASK, FIRST):
            raise ZeroDivisionError
    assert await exclusion.holders(database) == set()


async def test_the_same_run_does_not_work_twice(database_url: str) -> None:
    """A run started again while its first process still lives waits for that process."""
    async with TaskLock(database_url, TASK, FIRST) as original:
        again = TaskLock(database_url, TASK, FIRST)
        assert not await again.try_acquire()
        await original.release()
        await again.acquire()
        await again.release()


async def test_a_killed_process_holds_nothing(database: Database, database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        lock_holder.__name__,
        str(TASK),
        str(FIRST),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{database_url}\n".encode())
    await process.stdin.drain()
    assert await process.stdout.readline() == b"held\n"
    assert await exclusion.holders(database) == {FIRST}
    lock = TaskLock(database_url, TASK, SECOND)
    assert not await lock.try_acquire()
    process.kill()
    async with asyncio.timeout(30):
        await process.wait()
        await lock.acquire()
    assert await exclusion.holders(database) == {SECOND}
    await lock.release()


async def test_a_broken_session_is_replaced(database: Database, database_url: str) -> None:
    async with TaskLock(database_url, TASK, FIRST) as lock:
        for _ in range(3):
            await _end_sessions(database, FIRST)

            async def back() -> bool:
                return FIRST in await exclusion.holders(database)

            await samples.eventually(back)
            assert not await _is_free(database_url)
        assert lock.held
    assert await exclusion.holders(database) == set()


async def _end_sessions(db: Database, key: RunId, *, but: int = 0) -> None:
    """End a run's sessions, save that of one process."""
    async with db.connection() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = %s AND pid <> %s",
            [f"netstacks run {key}", but],
        )


Session = psycopg.AsyncConnection[tuple[object, ...]]


async def _steal(db: Database, url: str, thief: RunId) -> Session:
    """End the holder's session and have its lock before it can take it again."""
    connection = await psycopg.AsyncConnection.connect(
        url, autocommit=True, application_name=f"netstacks run {thief}"
    )
    waiting = asyncio.create_task(
        connection.execute("SELECT pg_advisory_lock(%s)", [lock_session.task_key(TASK)])
    )

    async def queued() -> bool:
        async with db.connection() as other:
            cursor = await other.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            return await cursor.fetchone() is not None

    await samples.eventually(queued)
    # It may bear the holder's own name.
    await _end_sessions(db, FIRST, but=connection.info.backend_pid)
    await waiting
    return connection


async def test_a_run_whose_lock_was_taken_is_stopped(database: Database, database_url: str) -> None:
    working, stopped = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with TaskLock(database_url, TASK, FIRST):
            working.set()
            try:
                await asyncio.sleep(600)
            finally:
                stopped.set()

    running = asyncio.create_task(work())
    await working.wait()
    thief = await _steal(database, database_url, SECOND)
    with pytest.raises(TaskBusy, match=f"another run of task {TASK} took its lock"):
        await running
    assert stopped.is_set()
    assert running.cancelling() == 0
    await thief.close()


async def test_a_run_that_watches_the_lock_itself_is_told(
    database: Database, database_url: str
) -> None:
    lock = TaskLock(database_url, TASK, FIRST)
    await lock.acquire()
    thief = await _steal(database, database_url, SECOND)
    async with asyncio.timeout(30):
        await lock.lost.wait()
    held_before = lock.held
    await thief.close()
    await lock.acquire()
    assert (held_before, lock.held) == (False, True)
    await lock.release()


async def test_its_own_dead_session_does_not_take_the_lock_away(
    database: Database, database_url: str
) -> None:
    """The server may not have noticed yet that the former session is dead."""
    async with TaskLock(database_url, TASK, FIRST) as lock:
        former = await _steal(database, database_url, FIRST)
        await asyncio.sleep(0.5)
        assert not lock.lost.is_set()
        await former.close()

        async def back() -> bool:
            return FIRST in await exclusion.holders(database)

        await samples.eventually(back)
        assert lock.held


class Cable:
    """Between a client and PostgreSQL; cut, it lets nothing through and closes nothing."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self.cut = False

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        account = self._to.netloc.rpartition("@")[0]
        place = self._to._replace(netloc=f"{account}@127.0.0.1:{port}", query="connect_timeout=2")
        return urlunsplit(place)

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._to.hostname, self._to.port)
        ways = ((reader, there[1]), (there[0], writer))
        await asyncio.gather(*(self._carry(*way) for way in ways), return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self.cut:
                writer.write(data)
        writer.close()


async def test_a_run_that_is_cut_off_stops_before_another_may_begin(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server frees the locks of whoever is silent; the run must not work on by then.

    However long its driver waits for the answer.
    """
    monkeypatch.setattr(exclusion, "_SILENCE_SECONDS", 1.0)
    monkeypatch.setattr(lock_connection, "_ANSWER_SECONDS", 240)
    stopped = asyncio.Event()
    cable = Cable(database_url)

    async def work(url: str) -> None:
        async with TaskLock(url, TASK, FIRST):
            cable.cut = True
            try:
                await asyncio.sleep(600)
            finally:
                stopped.set()

    async with cable as url:
        working = asyncio.ensure_future(work(url))
        async with asyncio.timeout(60):
            await stopped.wait()
        with pytest.raises(TaskBusy, match=f"not been heard of .* another run of task {TASK} may"):
            await working


def test_a_run_stops_well_before_the_server_forgets_it() -> None:
    forgotten = float(connecting._LIVENESS["tcp_user_timeout"]) / 1000
    assert forgotten > exclusion._SILENCE_SECONDS + connecting.CONNECT_SECONDS


async def test_a_restart_of_the_server_is_survived(
    public_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that is known to be down has no lock for others, however long that lasts.
    monkeypatch.setattr(exclusion, "_SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(exclusion, "_GRACE_SECONDS", 2.0)
    async with (
        samples.cluster(public_tmp / "locked") as cluster,
        Database.open(cluster.url) as db,
    ):
        async with TaskLock(cluster.url, TASK, FIRST) as lock:
            waiting = asyncio.create_task(_acquired(cluster, SECOND))

            async def queued() -> bool:
                return SECOND in await exclusion.holders(db)

            await samples.eventually(queued)
            for _ in range(2):
                await cluster.restart()
                assert not await _is_free(cluster.url)
                fresh = asyncio.create_task(_acquired(cluster, THIRD))

                async def back() -> bool:
                    return FIRST in await exclusion.holders(db)

                await samples.eventually(back)
                # Whoever waits, from before or from now on, is second.
                await asyncio.sleep(2.5)
                assert lock.held
                assert not waiting.done()
                assert not fresh.done()
                fresh.cancel()
                await asyncio.wait([fresh])
        async with asyncio.timeout(30):
            second = await waiting
        assert await exclusion.holders(db) == {SECOND}
        await second.release()


async def _acquired(cluster: Cluster, key: RunId) -> TaskLock:
    lock = TaskLock(cluster.url, TASK, key)
    try:
        await lock.acquire()
    except BaseException:
        await lock.release()
        raise
    return lock


async def test_without_a_server_it_says_so() -> None:
    lock = TaskLock("postgresql://u:canary@127.0.0.1:1/x", TASK, FIRST)
    for take in (lock.try_acquire, lock.acquire):
        with pytest.raises(StoreUnavailable, match="refused"):
            await take()
    await lock.release()


def test_keys_differ_by_kind_and_fit() -> None:
    keys = {lock_session.task_key(TASK), lock_session.run_key(RunId(TASK))}
    keys |= {lock_session.task_key(TaskId(OTHER)), lock_session.run_key(FIRST)}
    assert len(keys) == 4
    assert all(-(2**63) <= key < 2**63 for key in keys)
