"""The retention policy over a few runs and versions, decided without any SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import strategies as st

from netstacks_tasks.models.retention import RetentionOverride, RetentionPolicy

TASKS = ("first", "second", None)
"""The last one stands for deleted tasks."""
DEVICES = ("r1", "r2", "removed")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Run:
    """A run of so many days ago; results by device: whether good, and the version shown."""

    task: str | None
    days: int
    state: str
    results: dict[str, tuple[bool, int | None]]
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Version:
    task: str | None
    days: int
    device: str
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class History:
    """Runs and versions, each list from the newest to the oldest."""

    policy: RetentionPolicy
    own: RetentionOverride
    """Of the first task."""
    runs: list[Run]
    versions: list[Version]

    def policy_of(self, task: str | None) -> RetentionPolicy:
        return self.policy.changed_by(self.own if task == "first" else None)

    def kept_runs(self) -> list[Run]:
        return [run for run in self.runs if not self._goes(run)]

    def _goes(self, run: Run) -> bool:
        policy = self.policy_of(run.task)
        if run.state == "running" or not _older(run.days, policy.run_days):
            return False
        if run.task is None:
            return True
        same = [one for one in self.runs if one.task == run.task]
        last_good = any(
            good and run is next(r for r in same if r.results.get(device, (False,))[0])
            for device, (good, _) in run.results.items()
        )
        beyond = same.index(run) >= policy.runs_kept
        return beyond and run is not _last_begun(same) and not last_good

    def removed_logs(self) -> list[Run]:
        found = []
        for run in self.kept_runs():
            same = [one for one in self.runs if one.task == run.task]
            last = run.task is not None and run is _last_begun(same)
            old = _older(run.days, self.policy_of(run.task).log_days)
            if run.state == "completed" and old and not last:
                found.append(run)
        return found

    def kept_versions(self) -> list[Version]:
        shown = {
            self.versions[number].id
            for run in self.kept_runs()
            for _, number in run.results.values()
            if number is not None
        }
        kept: list[Version] = []
        for device in DEVICES:
            series = [one for one in self.versions if one.device == device]
            while series and self._version_goes(series, shown):
                series.pop()
            kept += series
        return kept

    def _version_goes(self, series: list[Version], shown: set[UUID]) -> bool:
        """Whether the oldest one of a series goes."""
        policy = self.policy_of(series[-1].task)
        if len(series) <= policy.versions_kept or {series[-1].id, series[-2].id} & shown:
            return False
        return _older(series[-2].days, policy.version_days)


def _older(days: int, kept_days: int | str) -> bool:
    if isinstance(kept_days, str):
        return False
    return timedelta(days=days) > max(HOUR, timedelta(days=kept_days) - HOUR)


def _last_begun(runs: list[Run]) -> Run | None:
    return next((one for one in runs if one.state != "missed"), None)


_ages = st.lists(st.integers(0, 9), max_size=9).map(sorted)
_days = st.sampled_from([0, 0, 2, 4, 8, "forever"])
_kept = st.integers(1, 3)
_policies = st.builds(
    RetentionPolicy,
    run_days=_days,
    runs_kept=_kept,
    log_days=_days,
    version_days=_days,
    versions_kept=_kept,
)
_overrides = st.one_of(
    st.just(RetentionOverride()),
    st.builds(RetentionOverride, run_days=_days, version_days=_days, versions_kept=_kept),
    st.builds(RetentionOverride, runs_kept=_kept, log_days=_days),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    versions = [
        Version(task=draw(st.sampled_from(TASKS)), days=days, device=draw(st.sampled_from(DEVICES)))
        for days in draw(_ages)
    ]
    results = st.dictionaries(
        st.sampled_from(DEVICES),
        st.tuples(
            st.booleans(),
            st.one_of(st.none(), st.sampled_from(range(len(versions)))) if versions else st.none(),
        ),
    )
    states = st.sampled_from(["completed", "completed", "completed", "running", "missed"])
    runs = [
        Run(
            task=draw(st.sampled_from(TASKS)),
            days=days,
            state=(state := draw(states)),
            results={} if state == "missed" else draw(results),
        )
        for days in draw(_ages)
    ]
    return History(draw(_policies), draw(_overrides), runs, versions)
