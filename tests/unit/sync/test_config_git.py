"""Which versions make a commit, in which order, and what its message keeps of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from netstacks_tasks.models.ids import DeviceId, RunId, SnapshotId, TaskId
from netstacks_tasks.operations.config_files import file_name
from netstacks_tasks.store.version_log import LoggedVersion
from netstacks_tasks.sync.config_git.grouping import grouped
from netstacks_tasks.sync.config_git.inventory import followed
from netstacks_tasks.sync.config_git.messages import (
    Trailer,
    housekeeping,
    message_of,
    trailer_of,
    trailers_in,
)
from netstacks_tasks.sync.config_git.paths import path_of, renamed

_UNHURRIED = settings(deadline=None)
_SEGMENT = st.text("abAB.-_git", min_size=1, max_size=8).filter(lambda s: s not in {".", ".."})
_DESTINATION = st.lists(
    _SEGMENT | st.sampled_from([".git", "r.running.cfg", "x.startup.cfg", ".gitmodules"]),
    min_size=1,
    max_size=3,
).map("/".join)
_NAME = st.text(min_size=1, max_size=200).filter(lambda name: name.isprintable())


def version(number: int, run: int, device: int, *, still: bool = False) -> LoggedVersion:
    return LoggedVersion(
        id=SnapshotId(UUID(int=number + 1)),
        device_id=DeviceId(UUID(int=device)),
        device_name=f"r{device}",
        destination="configs",
        source="running",
        task_id=TaskId(UUID(int=9)),
        task_name="Nightly\N{SNOWMAN}",
        run_id=RunId(UUID(int=run)),
        captured_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        open=still,
    )


@_UNHURRIED
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9)), max_size=12),
    st.sets(st.integers(1, 4)),
    st.booleans(),
    st.booleans(),
)
def test_every_version_is_written_once_in_its_file_s_order(
    made: list[tuple[int, int]], still: set[int], more: bool, full: bool
) -> None:
    versions = [
        version(number, run, device, still=run in still)
        for number, (run, device) in enumerate(made)
    ]
    found = grouped(versions, more=more, full=full)
    if more and not full and versions:
        assert versions[-1] in found.waiting
    flat = [one for commit in found.commits for one in commit]
    assert sorted([*flat, *found.waiting], key=lambda one: one.place) == versions
    assert not any(one.open for one in flat)
    by_file = defaultdict(list)
    for one in [*flat, *found.waiting]:
        by_file[one.device_id].append(one)
    for file in by_file.values():
        assert file == sorted(file, key=lambda one: one.place)
    for commit in found.commits:
        assert len({one.run_id for one in commit}) == 1
        assert len({one.device_id for one in commit}) == len(commit)
    if len({device for _, device in made}) == len(made):
        # Where no file is written twice a run is one commit.
        runs = [commit[0].run_id for commit in found.commits]
        assert len(set(runs)) == len(runs)


def test_runs_side_by_side_are_a_commit_each() -> None:
    versions = [version(n, run=1 + n % 2, device=n) for n in range(6)]
    commits = grouped(versions).commits
    assert [[one.device_id for one in commit] for commit in commits] == [
        [UUID(int=0), UUID(int=2), UUID(int=4)],
        [UUID(int=1), UUID(int=3), UUID(int=5)],
    ]


def test_a_run_that_the_page_cuts_waits_for_its_rest() -> None:
    versions = [version(0, run=1, device=1), version(1, run=2, device=2)]
    found = grouped(versions, more=True)
    assert [one.run_id for one in found.waiting] == [UUID(int=2)]
    assert grouped(versions[:1], more=True).commits == []
    # Unless there is nothing else, and no room.
    assert len(grouped(versions[:1], more=True, full=True).commits) == 1
    assert len(grouped(versions, more=True, full=True).commits) == 1


@_UNHURRIED
@given(st.lists(st.integers(1, 50), unique=True, min_size=1), st.booleans())
def test_a_message_keeps_what_it_is_told(devices: list[int], several: bool) -> None:
    versions = [version(number, 1, device) for number, device in enumerate(devices)]
    kept = trailers_in(message_of(versions if several else versions[:1]))
    assert kept == [trailer_of(one) for one in (versions if several else versions[:1])]
    back = [
        Trailer(path="a/b.running.cfg"),
        Trailer(path="a/c.running.cfg", device_id=UUID(int=1), captured_at=versions[0].captured_at),
        Trailer(path="a/d.running.cfg", captured_at=versions[0].captured_at),
    ]
    assert trailers_in(housekeeping("Inventory", back)) == back


@_UNHURRIED
@given(st.text())
def test_what_somebody_else_wrote_is_no_trailer(text: str) -> None:
    assert trailers_in(text) == []
    assert trailers_in(f"Version: {text}\nKept: {text}") == []


@_UNHURRIED
@given(_DESTINATION, _NAME, _DESTINATION, _NAME)
def test_no_two_configurations_share_a_path_nor_does_git_refuse_one(
    place: str, name: str, other_place: str, other: str
) -> None:
    path = path_of(place, name, "running")
    for part in path.split("/"):
        assert part not in {"", ".", ".."}
        assert not part.lower().startswith(".git")
    if (place, name) != (other_place, other):
        another = path_of(other_place, other, "running")
        assert another != path
        # A file is no folder.
        assert not another.startswith(f"{path}/")
    assert renamed(path, other) == path_of(place, other, "running")
    assert path.endswith(f"/{file_name(name)}.running.cfg")


def test_a_file_under_the_new_name_is_not_replaced_by_the_old_one() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    files = {
        "c/old.running.cfg": Trailer(
            path="c/old.running.cfg", device_id=UUID(int=1), captured_at=at
        ),
        "c/new.running.cfg": Trailer(
            path="c/new.running.cfg", device_id=UUID(int=1), captured_at=at + timedelta(days=1)
        ),
    }
    found = followed(files, {UUID(int=1): "new"})
    assert (found.removed, found.moved) == (["c/old.running.cfg"], {})
