"""The versions of configurations as a repository that git itself clones and checks."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from netstacks_tasks.embedded.sync_service import watch_tasks
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.ids import DeviceId, RunId
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.settings import Settings
from netstacks_tasks.store import inventory_changes, runs, snapshots, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.sync.config_git import round as one_round
from netstacks_tasks.sync.config_git import service
from netstacks_tasks.sync.config_git.lock import RepositoryBusy, locked
from netstacks_tasks.sync.config_git.messages import trailers_in
from netstacks_tasks.sync.config_git.paths import path_of
from netstacks_tasks.sync.config_git.writer import PATIENCE, ConfigGit
from tests.integration.store import samples
from tests.integration.store.samples import R1, R2, run_id, task

CORE = "configs/core"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n"


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def log(folder: Path, form: str, *more: str) -> list[str]:
    return git(folder, "log", "--reverse", f"--format={form}", *more).splitlines()


def written(folder: Path) -> list[UUID]:
    """The versions that the commits name, the oldest first."""
    return [
        one.version_id
        for message in git(folder, "log", "--reverse", "-z", "--format=%B").split("\0")
        for one in trailers_in(message)
        if one.version_id is not None
    ]


class Nights:
    """Backups of some devices, and the repository of their versions."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db, self.folder = db, folder
        self._runs = 0

    def writer(self, *, redacted: bool = True, patience: timedelta = PATIENCE) -> ConfigGit:
        return ConfigGit(self.db, self.folder, redacted=redacted, patience=patience)

    async def begin(self) -> RunId:
        self._runs += 1
        key = run_id(f"night {self._runs}")
        now = datetime.now(UTC)
        task_id = (await tasks.get(self.db, "Backup")).id
        await runs.upsert_run(self.db, key, task_id, trigger="manual", scheduled_for=now)
        return key

    async def keep(
        self, run: RunId, device: Device, text: str, at: str = CORE, source: str = "running"
    ) -> UUID:
        task_id = (await tasks.get(self.db, "Backup")).id
        kept, made = await snapshots.keep(
            self.db, device=device, task_id=task_id, run_id=run, destination=at, source=source,
            content=text, normalised=text,
        )  # fmt: skip
        assert made
        return kept

    async def end(self, run: RunId) -> None:
        await runs.finish_run(self.db, run, "completed")

    async def night(self, *texts: tuple[Device, str], at: str = CORE) -> list[UUID]:
        run = await self.begin()
        made = [await self.keep(run, device, text, at) for device, text in texts]
        await self.end(run)
        return made

    def at_head(self) -> dict[str, str]:
        """By path, what a clone holds."""
        clone = self.folder.parent / f"clone-{uuid4().hex}"
        git(self.folder.parent, "clone", "--quiet", str(self.folder), str(clone))
        return {
            str(file.relative_to(clone)): file.read_text()
            for file in clone.rglob("*")
            if file.is_file() and ".git" not in file.relative_to(clone).parts
        }


@pytest.fixture
async def nights(database: Database, tmp_path: Path) -> Nights:
    await samples.fill(database)
    await tasks.create(database, task())
    return Nights(database, tmp_path / "git" / "configs.git")


def device(name: str) -> Device:
    return Device(id=DeviceId(uuid4()), name=name, host="127.0.0.1", platform="linux")


async def test_each_run_is_a_commit_that_a_clone_shows(nights: Nights) -> None:
    first = await nights.night((R1, "hostname r1\n"), (R2, "hostname r2\n"))
    second = await nights.night((R1, "hostname r1\nvlan 7\n"))
    writer = nights.writer()
    done = await writer.catch_up()
    assert (done.versions, done.commits, done.waiting) == (3, 2, 0)
    assert git(nights.folder, "fsck", "--full", "--strict") == ""
    assert nights.at_head() == {
        f"{CORE}/r1.running.cfg": "hostname r1\nvlan 7\n",
        f"{CORE}/r2.running.cfg": "hostname r2\n",
    }
    assert log(nights.folder, "%s") == ["Backup: 2 configurations", "Backup: r1 running"]
    assert log(nights.folder, "%an %cn") == ["NetStacks NetStacks"] * 2
    stored = await snapshots.get(nights.db, second[0])
    assert log(nights.folder, "%ct")[1] == str(int(stored.captured_at.timestamp()))
    told = log(nights.folder, "%(trailers:key=Run,valueonly,separator=%x2C)")
    assert told == [str(run_id("night 1")), str(run_id("night 2"))]
    assert "+vlan 7" in git(nights.folder, "log", "-p", "--", f"{CORE}/r1.running.cfg")
    assert written(nights.folder) == [*first, *second]
    assert nights.folder.stat().st_mode & 0o777 == 0o700
    # Nothing changed: nothing is written, by this writer or another.
    assert (await writer.catch_up()).commits == 0
    assert (await nights.writer().catch_up()).commits == 0
    # It goes on, and sees what another has written meanwhile.
    third = await nights.night((R2, "hostname r2\nvlan 8\n"))
    assert (await nights.writer().catch_up()).versions == 1
    assert (await writer.catch_up()).versions == 0
    assert written(nights.folder) == [*first, *second, *third]


async def test_a_run_that_goes_on_is_waited_for(nights: Nights) -> None:
    slow = await nights.begin()
    begun = await nights.keep(slow, R1, "one\n")
    other = await nights.night((R2, "two\n"))
    behind = await nights.night((R1, "three\n"))
    writer = nights.writer()
    done = await writer.catch_up()
    # The last one would come before the first in its file.
    assert (done.versions, done.waiting) == (1, 2)
    assert written(nights.folder) == other
    late = await nights.keep(slow, R2, "four\n")
    assert (await writer.catch_up()).versions == 0
    await nights.end(slow)
    assert (await writer.catch_up()).versions == 3
    assert set(written(nights.folder)) == {begun, late, *other, *behind}
    assert nights.at_head()[f"{CORE}/r1.running.cfg"] == "three\n"
    assert nights.at_head()[f"{CORE}/r2.running.cfg"] == "four\n"
    assert log(nights.folder, "%s", "--", f"{CORE}/r1.running.cfg") == [
        "Backup: r1 running", "Backup: r1 running",
    ]  # fmt: skip
    # One whose run never ends is not waited for for ever.
    await nights.keep(await nights.begin(), R1, "five\n")
    assert (await nights.writer(patience=timedelta(0)).catch_up()).versions == 1


async def test_no_version_of_a_file_is_left_out(nights: Nights) -> None:
    run = await nights.begin()
    made = [await nights.keep(run, R1, f"{number}\n") for number in range(3)]
    made.append(await nights.keep(run, R1, "boot\n", source="startup"))
    await nights.end(run)
    await nights.writer().catch_up()
    assert written(nights.folder) == made
    shown = git(nights.folder, "log", "--reverse", "-p", "--", f"{CORE}/r1.running.cfg")
    assert [line for line in shown.splitlines() if line in {"+0", "+1", "+2"}] == ["+0", "+1", "+2"]


async def test_pages_cut_no_run_but_one_that_is_too_large(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [device(f"d{number}") for number in range(7)]
    await inventory_changes.save(nights.db, devices)
    made = await nights.night(*((one, "one\n") for one in devices))
    made += await nights.night(*((one, "two\n") for one in devices[:3]))
    monkeypatch.setattr(one_round, "_PAGE", 2)
    assert (await nights.writer().catch_up()).commits == 2
    assert written(nights.folder) == made
    assert (await nights.writer().catch_up()).commits == 0
    monkeypatch.setattr(one_round, "_MOST", 4)
    assert (await nights.writer().rebuild()).commits > 2
    assert written(nights.folder) == made


async def test_secrets_are_left_out_unless_wanted(nights: Nights) -> None:
    await nights.night((R1, f"enable secret 5 $1$abcd$canary\n{KEY}vlan 1\n"))
    await nights.writer().catch_up()
    everything = git(nights.folder, "log", "-p")
    assert "canary" not in everything
    assert "c2VjcmV0" not in everything
    assert "+vlan 1" in everything
    # Only what is hidden changes: that is a commit without a difference.
    await nights.night((R1, f"enable secret 5 $1$abcd$other\n{KEY}vlan 1\n"))
    assert (await nights.writer().catch_up()).commits == 1
    assert git(nights.folder, "diff", "HEAD~1", "HEAD") == ""
    # Secrets are not written into a history that has none by the change of a variable.
    open_book = nights.writer(redacted=False)
    with pytest.raises(ConfigurationError, match=r"without the secrets.*--rebuild"):
        await open_book.catch_up()
    assert (await open_book.rebuild()).versions == 2
    assert nights.at_head()[f"{CORE}/r1.running.cfg"] == (
        f"enable secret 5 $1$abcd$other\n{KEY}vlan 1\n"
    )
    assert [file.name for file in nights.folder.parent.iterdir() if "netstacks-" in file.name] == []


async def test_any_name_is_a_file_that_git_takes(nights: Nights) -> None:
    names = [".git", "../../etc/passwd", "a b/c%2Fd", "Größe 漢字", "x" * 200, "r1.running", "-f"]
    places = [
        ".git/hooks",
        ".gitmodules",
        f"{CORE}/r1.running.cfg",
        "deployments",
    ]
    devices = [device(name) for name in names]
    await inventory_changes.save(nights.db, devices)
    for place in places:
        await nights.night(*((one, f"{one.name} {place}\n") for one in devices), at=place)
    await nights.night((R1, "r1\n"))
    done = await nights.writer(redacted=False).catch_up()
    assert done.versions == len(names) * len(places) + 1
    assert git(nights.folder, "fsck", "--full", "--strict") == ""
    expected = {path_of(at, n, "running"): f"{n} {at}\n" for n in names for at in places}
    assert nights.at_head() == {**expected, f"{CORE}/r1.running.cfg": "r1\n"}
    assert (await nights.writer(redacted=False).catch_up()).commits == 0


async def test_files_follow_the_inventory(nights: Nights) -> None:
    one, two = device("edge-1"), device("edge-2")
    await inventory_changes.save(nights.db, [one, two])
    await nights.night((one, "one\n"), (two, "two\n"), (R1, "r1\n"))
    writer = nights.writer()
    await writer.catch_up()
    # They swap their names.
    await inventory_changes.save(nights.db, [one.model_copy(update={"name": "gone"})])
    await inventory_changes.save(nights.db, [two.model_copy(update={"name": "edge-1"})])
    await inventory_changes.save(nights.db, [one.model_copy(update={"name": "edge-2"})])
    assert (await writer.catch_up()).commits == 1
    held = {f"{CORE}/edge-2.running.cfg": "one\n", f"{CORE}/edge-1.running.cfg": "two\n"}
    assert nights.at_head() == {**held, f"{CORE}/r1.running.cfg": "r1\n"}
    # A device goes: it is not in the newest commit, and its history is.
    await inventory_changes.delete(nights.db, Device, one.id)
    assert (await writer.catch_up()).commits == 1
    assert f"{CORE}/edge-2.running.cfg" not in nights.at_head()
    assert git(nights.folder, "show", f"HEAD~1:{CORE}/edge-2.running.cfg") == "one\n"
    # Another one takes its name, and both writers see the same.
    heir = device("edge-2")
    await inventory_changes.save(nights.db, [heir])
    await nights.night((heir, "heir\n"))
    await nights.writer().catch_up()
    assert nights.at_head()[f"{CORE}/edge-2.running.cfg"] == "heir\n"
    assert (await writer.catch_up()).commits == 0
    # From the database alone it comes to the same files.
    at_head = nights.at_head()
    await writer.rebuild()
    assert nights.at_head() == at_head
    assert len(written(nights.folder)) == 4
    assert (await writer.catch_up()).commits == 0


async def test_a_version_that_turns_up_late_leaves_the_newest_in_its_place(
    nights: Nights, database_url: str
) -> None:
    made = await nights.night((R1, "old\n"))
    made += await nights.night((R1, "new\n"))
    writer = nights.writer()
    await writer.catch_up()
    # A clock that was put back by hours, or a repository restored from a copy.
    late = uuid4()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute(
            "INSERT INTO config_snapshots SELECT %s, device_id, device_name, platform, task_id,"
            " NULL, destination, source, 'between', 'x', 1, captured_at - interval '1 minute'"
            " FROM config_snapshots WHERE id = %s",
            (late, made[1]),
        )
    writer.look_at_all()
    done = await writer.catch_up()
    assert (done.versions, done.commits) == (1, 2)
    assert written(nights.folder) == [*made, late]
    assert nights.at_head() == {f"{CORE}/r1.running.cfg": "new\n"}
    assert (await nights.writer().catch_up()).commits == 0


async def test_a_writer_killed_anywhere_leaves_nothing_broken_missing_or_doubled(
    nights: Nights, database_url: str
) -> None:
    made = [await nights.night((R1, f"r1 {n}\n"), (R2, f"r2 {n}\n")) for n in range(6)]
    gone = device("gone")
    await inventory_changes.save(nights.db, [gone])
    made.append(await nights.night((gone, "gone\n")))
    await inventory_changes.delete(nights.db, Device, gone.id)
    module = f"{__package__}.killed_git_writer"
    words = [sys.executable, "-m", module, database_url, str(nights.folder)]
    done = await asyncio.to_thread(
        lambda: subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) > 10
    assert written(nights.folder) == [key for night in made for key in night]
    assert nights.at_head() == {
        f"{CORE}/r1.running.cfg": "r1 5\n",
        f"{CORE}/r2.running.cfg": "r2 5\n",
    }
    assert (await nights.writer().catch_up()).commits == 0


async def test_two_writers_do_no_harm(nights: Nights) -> None:
    made: list[UUID] = []
    writers = [nights.writer(), nights.writer()]

    async def write(one: ConfigGit) -> None:
        for _ in range(10):
            try:
                await one.catch_up()
            except RepositoryBusy:
                await asyncio.sleep(0)

    async def work() -> None:
        for number in range(10):
            made.extend(await nights.night((R1, f"{number}\n")))

    await asyncio.gather(work(), *map(write, writers))
    with locked(nights.folder), pytest.raises(RepositoryBusy):
        await writers[0].catch_up()
    await writers[0].catch_up()
    assert written(nights.folder) == made
    assert git(nights.folder, "fsck", "--full", "--strict") == ""


async def test_the_lock_of_a_dead_writer_is_removed_and_git_may_pack(nights: Nights) -> None:
    first = await nights.night((R1, "one\n"))
    await nights.writer().catch_up()
    git(nights.folder, "gc", "--quiet")
    second = await nights.night((R1, "two\n"))
    lock = nights.folder / "refs/heads/main.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()
    writer = nights.writer()
    with pytest.raises(ConfigurationError, match="belongs to NetStacks alone"):
        await writer.catch_up()
    dead = time.time() - 3600
    os.utime(lock, (dead, dead))
    assert (await writer.catch_up()).versions == 1
    assert written(nights.folder) == [*first, *second]


@pytest.mark.parametrize("what", ["files", "a repository", "another installation"])
async def test_a_folder_of_something_else_is_left_alone(
    nights: Nights, database_url: str, what: str
) -> None:
    if what == "files":
        nights.folder.mkdir(parents=True)
        (nights.folder / "letter.txt").write_text("mine")
    elif what == "a repository":
        git(Path("/"), "init", "--quiet", "--bare", str(nights.folder))
    else:
        await nights.writer().catch_up()
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
            await admin.execute("UPDATE installation SET id = gen_random_uuid()")
    before = sorted(nights.folder.rglob("*"))
    with pytest.raises(ConfigurationError, match="name a new folder in NETSTACKS_CONFIG_GIT"):
        await nights.writer().catch_up()
    if what != "another installation":
        with pytest.raises(ConfigurationError):
            await nights.writer().rebuild()
    assert sorted(nights.folder.rglob("*")) == before


async def test_beside_the_sync_it_follows_and_outlives_its_faults(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "_EVERY_SECONDS", 0.05)
    made = await nights.night((R1, "one\n"))
    nights.folder.parent.mkdir()
    nights.folder.write_text("in the way")
    settings = Settings(config_git=nights.folder)
    caplog.set_level(logging.INFO)

    def told(actions: Sequence[str]) -> bool:
        return all(any(getattr(one, "action", "") == a for one in caplog.records) for a in actions)

    async def until(*actions: str) -> None:
        async with asyncio.timeout(30):
            while not told(actions):  # noqa: ASYNC110 - a log does not call back
                await asyncio.sleep(0.02)

    async with service.config_git_running(nights.db, settings):
        await until("config_git_failed")
        nights.folder.unlink()
        await until("config_git_written", "config_git_recovered")
    assert written(nights.folder) == made
    async with service.config_git_running(nights.db, Settings()):
        pass  # none is wanted


async def test_the_sync_writes_it_whether_or_not_prefect_is_there(
    nights: Nights, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETSTACKS_CONFIG_GIT", str(nights.folder))
    made = await nights.night((R1, "one\n"))
    stop = asyncio.Event()
    nowhere = "http://127.0.0.1:1/api"
    watching = asyncio.create_task(
        watch_tasks(nights.db, database_url, nowhere, "netstacks", stop=stop)
    )
    async with asyncio.timeout(60):
        while not (nights.folder / "refs/heads/main").exists():  # noqa: ASYNC110 - a file does not call back
            await asyncio.sleep(0.05)
    stop.set()
    await watching
    assert written(nights.folder) == made
