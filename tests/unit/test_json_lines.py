from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

from netstacks_tasks.json_lines import JsonHandler, JsonLines


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("netstacks_tasks.sync", logging.WARNING, "", 1, message, values, None)
    made.__dict__.update(extra)
    return made


def line(made: logging.LogRecord) -> dict[str, Any]:
    text = JsonLines().format(made)
    assert text.isascii()
    assert "\n" not in text
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_a_line_has_what_every_line_has() -> None:
    made = record("task %s missed %d times", "Nightly", 2)
    made.created = 1767582000.5
    assert line(made) == {
        "time": "2026-01-05T03:00:00.500+00:00",
        "level": "WARNING",
        "logger": "netstacks_tasks.sync",
        "message": "task Nightly missed 2 times",
    }


def test_run_task_and_device_are_told_where_they_are_known() -> None:
    told = line(record("x", run_id="r1", task_id="t1", device="core-1", action="janitor_retry"))
    assert [told[name] for name in ("run_id", "task_id", "device", "action")] == [
        "r1", "t1", "core-1", "janitor_retry",
    ]  # fmt: skip
    assert line(record("x", flow_run_id="r2"))["run_id"] == "r2"


def test_nothing_else_that_a_record_carries_is_told() -> None:
    told = line(record("x", password="hunter2", deployment="backup/Nightly"))
    assert set(told) == {"time", "level", "logger", "message"}


def test_what_devices_say_cannot_end_the_line_or_steer_a_terminal() -> None:
    told = line(record("it said %s", 'a\n{"level": "forged"}\x1b[2J\u2028'))
    assert told["level"] == "WARNING"
    assert told["message"].endswith("\x1b[2J\u2028")


def test_an_exception_is_told_in_its_line() -> None:
    try:
        raise ValueError("no such thing")
    except ValueError:
        made = record("failed", exc_info=None)
        made.exc_info = sys.exc_info()
    assert line(made)["exception"].endswith("ValueError: no such thing")


def test_the_handler_of_a_worker_takes_prefect_s_place_and_formatter() -> None:
    out = io.StringIO()
    handler = JsonHandler(stream=out, styles={"log.info_level": "cyan"})
    handler.setFormatter(logging.Formatter("plain %(message)s"))
    handler.handle(record("x"))
    assert json.loads(out.getvalue())["message"] == "x"
