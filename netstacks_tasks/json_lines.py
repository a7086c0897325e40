"""Logs for programs that collect them: one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final, TextIO

_KNOWN: Final = {
    "run_id": ("run_id", "flow_run_id"),
    "task_id": ("task_id",),
    "device": ("device",),
    "action": ("action",),
}
"""What a line tells -> where a record may have it. Of what else a record carries nothing is
told: nobody has looked whether it may be."""


class JsonLines(logging.Formatter):
    """Time (UTC), level, logger and message; run, task and device where they are known."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, places in _KNOWN.items():
            values = (getattr(record, place, None) for place in places)
            if (value := next((one for one in values if one is not None), None)) is not None:
                line[name] = str(value)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # In ASCII: nothing in it can end the line or steer a terminal.
        return json.dumps(line)


class JsonHandler(logging.StreamHandler[TextIO]):
    """Writes them, whatever formatter it is given.

    Args:
        stream: where to; standard error unless given.
        styles: colours of Prefect's own handler, whose place it takes in a worker.
    """

    def __init__(self, stream: TextIO | None = None, styles: object = None) -> None:  # noqa: ARG002 - Prefect's
        super().__init__(stream)
        self._lines = JsonLines()

    def format(self, record: logging.LogRecord) -> str:
        return self._lines.format(record)
