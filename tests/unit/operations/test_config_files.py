from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.operations.config_files import ConfigFiles, file_name


async def test_the_file_is_replaced_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    files = ConfigFiles(tmp_path, "core/routers")
    await files.write("r1", {"running": "one\n"})
    await files.write("r1", {"running": "two\n"})
    path = tmp_path / "core/routers/r1.running.cfg"
    assert path.read_text() == "two\n"
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["r1.running.cfg"]


async def test_a_file_that_holds_it_already_is_left_alone(tmp_path: Path) -> None:
    files = ConfigFiles(tmp_path, "d")
    path = tmp_path / "d/r1.running.cfg"
    await files.write("r1", {"running": "one\n"})
    before = path.stat()
    await files.write("r1", {"running": "one\n"})
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    await files.write("r1", {"running": "two\n"})
    assert path.stat().st_ino != before.st_ino
    assert path.read_text() == "two\n"


async def test_a_half_that_a_killed_writer_left_goes_and_one_being_written_stays(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    left, fresh = folder / ".part-left", folder / ".part-fresh"
    for part in (left, fresh):
        part.write_text("hostname r1\nenable sec")
    os.utime(left, (0, 0))
    await ConfigFiles(tmp_path, "d").write("r1", {"running": "one\n"})
    assert {entry.name for entry in folder.iterdir()} == {".part-fresh", "r1.running.cfg"}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", ".", "..", ".hidden", "a/b", "é\n", "x" * 999]
)
async def test_a_name_never_leads_elsewhere(tmp_path: Path, name: str) -> None:
    files = ConfigFiles(tmp_path / "root", "here")
    await files.write(name, {"running": "text"})
    (written,) = (tmp_path / "root/here").iterdir()
    assert not written.name.startswith(".")
    assert len(os.fsencode(written.name)) < 255
    assert os.listdir(tmp_path) == ["root"]  # noqa: PTH208


def test_no_two_names_share_a_file() -> None:
    names = ["a/b", "a%2Fb", "a b", "A/B", ".a", "%2Ea", "x" * 300, "x" * 301, "x~y", "x%7Ey"]
    assert len({file_name(name) for name in names}) == len(names)


async def test_a_full_disk_is_told_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ConfigFiles(tmp_path, "d")
    await files.write("r1", {"running": "old"})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DeviceError, match="No space left") as caught:
        await files.write("r1", {"running": "new"})
    assert (caught.value.stage, caught.value.cause) == ("store", "storage")
    assert (tmp_path / "d/r1.running.cfg").read_text() == "old"
    assert len(list((tmp_path / "d").iterdir())) == 1


async def test_both_files_of_a_device_are_written(tmp_path: Path) -> None:
    await ConfigFiles(tmp_path, "d").write("r1", {"startup": "one", "running": "two"})
    texts = {path.name: path.read_text() for path in (tmp_path / "d").iterdir()}
    assert texts == {"r1.startup.cfg": "one", "r1.running.cfg": "two"}


async def test_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root/d").symlink_to(tmp_path / "outside")
    with pytest.raises(DeviceError, match="symbolic link"):
        await ConfigFiles(tmp_path / "root", "d/deeper").write("r1", {"running": "text"})
    assert not list((tmp_path / "outside").iterdir())


async def test_who_shares_the_disk_with_one_that_fails_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ConfigFiles(tmp_path, "nightly")
    await files.write("r1", {"running": "old\n"})
    write = os.write

    def refused(descriptor: int, data: memoryview) -> int:
        if bytes(data) == b"too much\n":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", refused)
    written = await asyncio.gather(
        *(
            files.write(name, {"running": text, "startup": "new\n"})
            for name, text in (("r0", "new\n"), ("r1", "too much\n"), ("r2", "new\n"))
        ),
        return_exceptions=True,
    )
    assert [type(one) for one in written] == [type(None), DeviceError, type(None)]
    assert {path.name: path.read_text() for path in (tmp_path / "nightly").iterdir()} == {
        "r0.running.cfg": "new\n",
        "r0.startup.cfg": "new\n",
        "r1.running.cfg": "old\n",
        "r2.running.cfg": "new\n",
        "r2.startup.cfg": "new\n",
    }
