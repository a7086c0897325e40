"""Shows how far a run is while it works."""

from __future__ import annotations

import asyncio
import logging
import time
from uuid import UUID

from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from flows._tracing import tell_failures
from netstacks_tasks.operations.ports import Progress

_PAUSE_SECONDS = 2.0
"""Between two updates of the artifact: each is a call to the server."""


class RunProgress:
    """A log line per device and a progress artifact per run."""

    def __init__(self, logger: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        self._logger = logger
        self._artifact: UUID | None = None
        self._told = -_PAUSE_SECONDS
        self._telling = asyncio.Lock()
        self._latest: Progress | None = None

    async def advanced(self, progress: Progress) -> None:
        """Tell about one more device; a server that does not answer is no reason to stop."""
        failed = [result for result in progress.results if not result.ok]
        bad = [f"{r.item}: {r.summary}" for r in failed]
        verdict = "; ".join(bad) or ", ".join(f"{r.item} {r.summary}" for r in progress.results)
        level = logging.WARNING if bad else logging.INFO
        device = {"device": progress.device}
        self._logger.log(level, "%s: %s: %s", progress, progress.device, verdict, extra=device)
        tell_failures(progress.device, failed)
        if self._latest is None or progress.done >= self._latest.done:
            self._latest = progress
        now = time.monotonic()
        if progress.done < progress.total and now - self._told < _PAUSE_SECONDS:
            return
        self._told = now
        # Devices end side by side: without turns two artifacts would be made, and the
        # slower of two answers would stay.
        async with self._telling:
            await self._tell(self._latest)

    async def _tell(self, progress: Progress) -> None:
        percent = 100.0 * progress.done / max(1, progress.total)
        try:
            if self._artifact is None:
                self._artifact = await acreate_progress_artifact(
                    progress=percent, description=str(progress)
                )
            else:
                await aupdate_progress_artifact(
                    self._artifact, progress=percent, description=str(progress)
                )
        except Exception as error:
            self._logger.warning("the progress artifact was not updated: %s", type(error).__name__)
