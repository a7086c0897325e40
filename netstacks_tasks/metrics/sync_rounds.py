"""How the sync of this process gets on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class SyncRounds(Collector):
    """Counts rounds of its loops; tells nothing in a process that has none."""

    def __init__(self) -> None:
        self._rounds: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._last: dict[str, float] = {}

    def begin(self, loop: str) -> None:
        """A loop is there: a first failure is seen to be one more than none."""
        self._rounds[loop] += 0
        self._failures[loop] += 0

    def succeeded(self, loop: str) -> None:
        """A round came to its end."""
        self._rounds[loop] += 1
        self._last[loop] = time.time()

    def failed(self, loop: str) -> None:
        """A round did not: Prefect or the database was not there, or refused."""
        self._failures[loop] += 1

    def describe(self) -> Sequence[Metric]:
        """Nothing: there may be no sync."""
        return ()

    def collect(self) -> Iterator[Metric]:
        if not self._rounds:
            return
        for name, told, counts in (
            ("rounds", "Rounds that each loop of the sync has done.", self._rounds),
            ("round_failures", "Rounds that failed; the log says of what.", self._failures),
        ):
            counter = CounterMetricFamily(f"netstacks_sync_{name}", told, labels=["loop"])
            for loop, count in counts.items():
                counter.add_metric([loop], count)
            yield counter
        last = GaugeMetricFamily(
            "netstacks_sync_last_round_timestamp_seconds",
            "When each loop of the sync last did a round; feedback is there every few seconds.",
            labels=["loop"],
        )
        for loop, at in self._last.items():
            last.add_metric([loop], at)
        yield last


ROUNDS = SyncRounds()
"""Of this process, which has one sync at most."""
