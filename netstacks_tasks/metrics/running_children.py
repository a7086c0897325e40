"""What the worker of this process has at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class RunningChildren(Collector):
    """Asks the worker when it is scraped.

    Args:
        count: gives how many runs are under way.
        limit: how many may be; None: any number.
    """

    def __init__(self, count: Callable[[], int], limit: int | None) -> None:
        self._count = count
        self._limit = limit

    def describe(self) -> Sequence[Metric]:
        """Nothing that is known before a scrape."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "netstacks_worker_runs", "Runs under way in this worker.", value=self._count()
        )
        if self._limit is not None:
            yield GaugeMetricFamily(
                "netstacks_worker_limit", "Runs this worker does at once.", value=self._limit
            )
