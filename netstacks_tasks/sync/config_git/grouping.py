"""Which versions make one commit, and which have to wait."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from netstacks_tasks.store.version_log import LoggedVersion
from netstacks_tasks.sync.config_git.paths import path_of

Group = tuple[LoggedVersion, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """What is to be written, in order, and what is not yet."""

    commits: Sequence[Group]
    waiting: Sequence[LoggedVersion] = field(default=())


def grouped(
    versions: Sequence[LoggedVersion], *, more: bool = False, full: bool = False
) -> Grouped:
    """One commit for each run, in an order in which every file's versions follow each other.

    A run that goes on waits, and so does whatever would come before it in a file.
    Only where two runs, or two attempts, wrote the same file does a run make more
    than one commit: none of the versions may be lost.

    Args:
        versions: in the order of their capture.
        more: there are more of them, perhaps of the last one's run.
        full: no more can be waited for: a run that is all there is is written as far
            as it is known.
    """
    waits = _waiting(versions, {_run(one) for one in versions if one.open})
    if more and versions:
        with_last = _waiting(versions, waits | {_run(versions[-1])})
        if not full or any(_run(one) not in with_last for one in versions):
            waits = with_last
    commits: list[Group] = []
    groups: dict[Hashable, list[LoggedVersion]] = {}
    written: set[str] = set()
    for version in versions:
        if _run(version) in waits:
            continue
        if _path(version) in written:
            commits += _in_order(groups)
            groups, written = {}, set()
        groups.setdefault(_run(version), []).append(version)
        written.add(_path(version))
    commits += _in_order(groups)
    return Grouped(commits, [one for one in versions if _run(one) in waits])


def _waiting(versions: Sequence[LoggedVersion], runs: set[Hashable]) -> set[Hashable]:
    """The runs that wait for these: those that wrote a file later than one of them."""
    found = set(runs)
    while True:
        before = len(found)
        files: set[str] = set()
        for version in versions:
            if _run(version) in found:
                files.add(_path(version))
            elif _path(version) in files:
                found.add(_run(version))
        if len(found) == before:
            return found


def _in_order(groups: dict[Hashable, list[LoggedVersion]]) -> list[Group]:
    return sorted(map(tuple, groups.values()), key=lambda group: group[-1].place)


def _run(version: LoggedVersion) -> Hashable:
    # The run is gone by a retention policy: such a version stands for itself.
    return version.run_id or version.id


def _path(version: LoggedVersion) -> str:
    return path_of(version.destination, version.device_name, version.source)
