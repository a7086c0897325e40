"""Readings as the families of metrics that Prometheus scrapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, get_args

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from netstacks_tasks.metrics.reading import Reading, Readings
from netstacks_tasks.metrics.tally import BOUNDS, Tally
from netstacks_tasks.models.causes import Cause, Stage
from netstacks_tasks.models.task_spec import TaskType
from netstacks_tasks.store.measures import OpenRun

LATE: Final = timedelta(minutes=1)
"""A run that has not begun so long after its time is late."""
_WAITING: Final = ("scheduled", "pending")
_TYPES: Final[tuple[str, ...]] = get_args(TaskType)
"""Each has its zero from the beginning: what is missing is not seen to rise."""
_USUAL: Final[tuple[tuple[Stage, Cause], ...]] = (
    ("credential", "auth"),
    ("resolve", "unknown_host"),
    ("connect", "refused"),
    ("connect", "timed_out"),
    ("connect", "unreachable"),
    ("key_exchange", "kex"),
    ("host_key", "host_key"),
    ("authenticate", "auth"),
    ("command", "timed_out"),
    ("command", "disconnected"),
    ("capture", "bad_output"),
    ("store", "storage"),
)
"""Failures that have their zero too, so that the first of them is seen as a rise."""
_ENDS: Final = ("completed", "failed", "crashed", "cancelled", "missed")


class Families(Collector):
    """Of the tasks and runs in the database."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def describe(self) -> Sequence[Metric]:
        """Nothing: what there is depends on the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        newest = self._readings.newest
        yield _gauge(
            "netstacks_database_up",
            "Whether the database answered when the numbers were read last.",
            float(newest is not None),
        )
        if newest is not None:
            yield from _tasks(newest)
            yield from _open_runs(newest)
            yield from _backups(newest)
        yield from _ended(self._readings.tally)


def _tasks(reading: Reading) -> Iterator[Metric]:
    yield _of_types(
        "netstacks_tasks", "Tasks there are.", {one.task_type: one.tasks for one in reading.types}
    )
    yield _of_types(
        "netstacks_tasks_enabled",
        "Tasks that the schedule runs.",
        {one.task_type: one.enabled for one in reading.types},
    )
    yield _of_types(
        "netstacks_tasks_refused",
        "Tasks that Prefect cannot have as they are; `netstacks task show` says why.",
        {one.task_type: one.refused for one in reading.types},
    )
    yield _of_types(
        "netstacks_tasks_overdue",
        "Enabled tasks whose time passed over two minutes ago unnoticed: no sync runs.",
        {one.task_type: one.overdue for one in reading.types},
    )
    yield _gauge(
        "netstacks_sync_lag_seconds",
        "Age of the oldest change of a task that Prefect does not have yet; 0: it has all.",
        _lag(reading),
    )


def _lag(reading: Reading) -> float:
    waiting = [one.unsynced_since for one in reading.types if one.unsynced_since is not None]
    if reading.deleted_since is not None:
        waiting.append(reading.deleted_since)
    return _age(min(waiting, default=None), reading.at)


def _open_runs(reading: Reading) -> Iterator[Metric]:
    due = [
        run
        for run in reading.open_runs
        if run.state in _WAITING and run.scheduled_for <= reading.at
    ]
    late = [run for run in due if reading.at - run.scheduled_for > LATE]
    for name, told, chosen in (
        ("due", "Runs whose time has come and that have not begun.", due),
        ("late", "Of the runs that are due, those that have been for over a minute.", late),
        ("running", "Runs at work.", _in_state(reading.open_runs, "running")),
        ("retrying", "Runs between two attempts.", _in_state(reading.open_runs, "retrying")),
    ):
        yield _of_types(f"netstacks_runs_{name}", told, Counter(run.task_type for run in chosen))
    yield _gauge(
        "netstacks_queue_age_seconds",
        "For how long the run has been due that has waited longest; 0: none waits.",
        _age(min((run.scheduled_for for run in due), default=None), reading.at),
    )


def _in_state(runs: Sequence[OpenRun], state: str) -> list[OpenRun]:
    return [run for run in runs if run.state == state]


def _backups(reading: Reading) -> Iterator[Metric]:
    ages = reading.backups
    yield _gauge(
        "netstacks_backup_devices", "Devices that enabled tasks back up.", float(ages.devices)
    )
    stale = GaugeMetricFamily(
        "netstacks_backup_devices_stale",
        "Of these, devices whose running configuration was last read longer ago, or never.",
        labels=["older_than"],
    )
    stale.add_metric(["24h"], ages.devices - ages.within_day)
    stale.add_metric(["7d"], ages.devices - ages.within_week)
    yield stale


def _ended(tally: Tally) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "netstacks_runs", "Runs that ended, and times that were missed.", labels=["type", "state"]
    )
    for task_type in _TYPES:
        for state in _ENDS:
            runs.add_metric([task_type, state], tally.runs[task_type, state])
    yield runs
    seconds = HistogramMetricFamily(
        "netstacks_run_duration_seconds",
        "From a run's beginning to its end, with its retries and the pauses between.",
        labels=["type"],
    )
    for task_type in _TYPES:
        counts = tally.durations.get(task_type, Counter())
        buckets, so_far = [], 0
        for bound in (*BOUNDS, float("inf")):
            so_far += counts[bound]
            buckets.append(("+Inf" if bound == float("inf") else str(bound), float(so_far)))
        seconds.add_metric([task_type], buckets, tally.seconds.get(task_type, 0.0))
    yield seconds
    failures = CounterMetricFamily(
        "netstacks_device_failures",
        "What failed on devices in runs that ended, each attempt by itself.",
        labels=["type", "stage", "cause"],
    )
    usual = {(task_type, *pair): 0 for task_type in _TYPES for pair in _USUAL}
    for labels, count in sorted((usual | tally.failures).items()):
        failures.add_metric(labels, count)
    yield failures


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)


def _of_types(name: str, told: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=["type"])
    for task_type in _TYPES:
        family.add_metric([task_type], values.get(task_type, 0))
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
