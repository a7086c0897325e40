from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from netstacks_tasks.devices.ports import CapturedConfig
from netstacks_tasks.errors import DeviceError, StoreUnavailable
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.attempt import Attempt
from netstacks_tasks.operations.backup import BackupPorts, back_up
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.keeping import KeepingPorts
from netstacks_tasks.operations.parallel import Limits
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.testing import (
    MemoryCredentials,
    MemoryFiles,
    MemoryReaders,
    MemoryRecorder,
    MemoryVersions,
    MemoryWatcher,
    by_name,
    device,
)


def check(name: str, platform: str, text: str, normalised: str) -> None:
    if "% Invalid" in text:
        raise DeviceError(name, "capture", "bad_output", "the device answered with an error")


def normalise(platform: str, text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.startswith("! time"))


@pytest.fixture
def ports() -> BackupPorts:
    return BackupPorts(
        readers=MemoryReaders(),
        credentials=MemoryCredentials(),
        keeping=KeepingPorts(
            versions=MemoryVersions(), files=MemoryFiles(), check=check, normalise=normalise
        ),
        recorder=MemoryRecorder(),
        watcher=MemoryWatcher(),
        redact=str,
    )


def attempt(number: int = 1, seconds: float = 30, **changes: Any) -> Attempt:  # noqa: ANN401
    return Attempt(
        number=number,
        deadline=Deadline.after(seconds),
        settle_by=Deadline.after(seconds + 1),
        **changes,
    )


def recorded(ports: BackupPorts) -> list[DeviceResult]:
    assert isinstance(ports.recorder, MemoryRecorder)
    return ports.recorder.recorded


async def test_one_failure_stops_nobody_and_is_told_without_secrets(ports: BackupPorts) -> None:
    readers = MemoryReaders(
        configs={"page": "% Invalid input\n"},
        errors={
            "refused": DeviceError("refused", "connect", "refused", "port 22 is closed"),
            "bug": RuntimeError("password is canary-password"),
        },
    )
    devices = [device(name) for name in ("a", "refused", "bug", "page", "b")]
    results = by_name(await back_up(devices, (), replace(ports, readers=readers), attempt()))

    assert {name for (name, _), result in results.items() if result.ok} == {"a", "b"}
    assert (results["refused", "running"].stage, results["refused", "running"].cause) == (
        "connect",
        "refused",
    )
    assert results["page", "running"].cause == "bad_output"
    assert results["bug", "running"].cause == "internal"
    assert "RuntimeError" in results["bug", "running"].summary
    assert "canary" not in repr(results)
    assert isinstance(ports.keeping.versions, MemoryVersions)
    assert ("page", "running") not in ports.keeping.versions.newest
    assert isinstance(ports.keeping.files, MemoryFiles)
    assert ("page", "running") not in ports.keeping.files.files


async def test_a_secret_in_an_adapters_text_is_hidden(ports: BackupPorts) -> None:
    error = DeviceError("a", "authenticate", "auth", "tried canary-password")
    readers = MemoryReaders(errors={"a": error})
    redactor = Redactor()
    redactor.learn(await ports.credentials.of(device("a")))
    ports = replace(ports, readers=readers, redact=redactor)
    (result,) = await back_up([device("a")], (), ports, attempt())
    assert result.summary == "tried <hidden>"


async def test_startup_is_kept_too_and_running_is_recorded_last(ports: BackupPorts) -> None:
    readers = MemoryReaders(configs={"a": CapturedConfig(running="r\n", startup="s\n")})
    await back_up([device("a")], (), replace(ports, readers=readers), attempt())
    assert [result.item for result in recorded(ports)] == ["startup", "running"]


async def test_volatile_lines_make_no_version(ports: BackupPorts) -> None:
    for time, expected in (("1", True), ("2", False)):
        readers = MemoryReaders(configs={"a": f"! time {time}\nhostname a\n"})
        (result,) = await back_up([device("a")], (), replace(ports, readers=readers), attempt())
        assert result.changed is expected


async def test_a_text_that_was_seen_is_not_taken_apart_again_but_its_file_is_there(
    ports: BackupPorts,
) -> None:
    taken: list[str] = []

    def counted(platform: str, text: str) -> str:
        taken.append(text)
        return normalise(platform, text)

    files = MemoryFiles()
    keeping = replace(ports.keeping, normalise=counted, files=files)
    readers = MemoryReaders(configs={"a": CapturedConfig(running="r\nq\n", startup="s\n")})
    ports = replace(ports, keeping=keeping, readers=readers)
    first = by_name(await back_up([device("a")], (), ports, attempt()))
    files.files.clear()
    second = by_name(await back_up([device("a")], (), ports, attempt()))

    assert taken == ["s\n", "r\nq\n"]
    assert files.files == {("a", "startup"): "s\n", ("a", "running"): "r\nq\n"}
    assert first["a", "running"].summary == "new version, 2 lines"
    assert second["a", "running"].summary == "unchanged, 2 lines"
    assert second["a", "running"].snapshot_id == first["a", "running"].snapshot_id


async def test_one_of_two_configurations_that_is_none_leaves_the_other(
    ports: BackupPorts,
) -> None:
    readers = MemoryReaders(configs={"a": CapturedConfig(running="r\n", startup="% Invalid\n")})
    found = by_name(await back_up([device("a")], (), replace(ports, readers=readers), attempt()))
    assert (found["a", "startup"].ok, found["a", "running"].ok) == (False, True)
    assert isinstance(ports.keeping.files, MemoryFiles)
    assert list(ports.keeping.files.files) == [("a", "running")]


async def test_a_retry_touches_only_what_failed(ports: BackupPorts) -> None:
    readers = MemoryReaders(errors={"b": DeviceError("b", "connect", "refused", "closed")})
    ports = replace(ports, readers=readers)
    devices = [device("a"), device("b")]
    first = await back_up(devices, (), ports, attempt(1))
    readers.errors.clear()
    second = await back_up(devices, first, ports, attempt(2))

    assert readers.calls == {"a": 1, "b": 2}
    assert {(r.device_name, r.attempt, r.ok) for r in second} == {("a", 1, True), ("b", 2, True)}


async def test_a_device_cut_off_between_startup_and_running_is_read_again(
    ports: BackupPorts,
) -> None:
    readers = MemoryReaders(configs={"a": CapturedConfig(running="r\n", startup="s\n")})
    ports = replace(ports, readers=readers)
    first = await back_up([device("a")], (), ports, attempt(1))
    only_startup = [result for result in first if result.item == "startup"]
    await back_up([device("a")], only_startup, ports, attempt(2))
    assert readers.calls["a"] == 2


async def test_a_hanging_device_fails_by_its_own_deadline(ports: BackupPorts) -> None:
    readers = MemoryReaders(hang={"a"})
    results = by_name(
        await back_up(
            [device("a"), device("b")],
            (),
            replace(ports, readers=readers),
            attempt(device_timeout=0.2),
        )
    )
    assert results["a", "running"].cause == "timed_out"
    assert results["b", "running"].ok


async def test_devices_without_time_left_fail_by_name(ports: BackupPorts) -> None:
    (result,) = await back_up([device("a")], (), ports, attempt(seconds=0))
    assert result.cause == "timed_out"
    assert "timeout_seconds" in result.summary
    assert isinstance(ports.readers, MemoryReaders)
    assert not ports.readers.calls


async def test_no_more_sessions_at_once_than_allowed(ports: BackupPorts) -> None:
    readers = MemoryReaders()
    devices = [device(f"i{n}", "eos") for n in range(20)] + [device(f"l{n}") for n in range(20)]
    limits = Limits(sessions=5, threaded=2)
    await back_up(devices, (), replace(ports, readers=readers), attempt(limits=limits))
    assert (readers.busy["eos"].most, readers.busy["linux"].most) == (2, 3)


async def test_results_survive_a_short_absence_of_the_database(ports: BackupPorts) -> None:
    recorder = MemoryRecorder(failures=[StoreUnavailable("gone")] * 2)
    await back_up([device("a")], (), replace(ports, recorder=recorder), attempt())
    assert [result.device_name for result in recorder.recorded] == ["a"]


async def test_a_long_absence_of_the_database_is_an_error(ports: BackupPorts) -> None:
    recorder = MemoryRecorder(failures=[StoreUnavailable("gone")] * 99)
    with pytest.raises(StoreUnavailable):
        await back_up([device("a")], (), replace(ports, recorder=recorder), attempt(seconds=0.5))


async def test_storing_failures_name_their_stage(ports: BackupPorts) -> None:
    files = MemoryFiles(errors={"a": DeviceError("a", "store", "storage", "disk full")})
    versions = MemoryVersions(errors={"b": StoreUnavailable("the database is away")})
    keeping = replace(ports.keeping, files=files, versions=versions)
    results = await back_up(
        [device("a"), device("b")], (), replace(ports, keeping=keeping), attempt()
    )
    assert {(r.stage, r.cause) for r in results} == {("store", "storage")}
    assert ("a", "running") not in versions.newest


async def test_progress_counts_what_was_carried_over(ports: BackupPorts) -> None:
    devices = [device("a"), device("b")]
    first = await back_up(devices[:1], (), ports, attempt(1))
    watcher = MemoryWatcher()
    await back_up(devices, first, replace(ports, watcher=watcher), attempt(2))
    assert [str(step) for step in watcher.steps] == ["2/2 done, 0 failed"]
