from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan

from flows._tracing import tell_failures, tell_task
from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.models.task import Task
from netstacks_tasks.worker.tracing import start_tracing
from tests.integration.store import samples

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)


class Recording(NonRecordingSpan):
    """A span that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(trace.INVALID_SPAN_CONTEXT)
        self.attributes: dict[str, Any] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []

    def is_recording(self) -> bool:
        return True

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self.attributes.update(attributes)

    def add_event(self, name: str, attributes: Any = None, _: int | None = None) -> None:  # noqa: ANN401 - as what it replaces
        self.events.append((name, dict(attributes)))


def result(ok: bool) -> DeviceResult:
    return DeviceResult(
        device_id=DeviceId(UUID(int=1)),
        device_name="core-1",
        item="running",
        ok=ok,
        summary="port 22 refuses",
        stage=None if ok else "connect",
        cause=None if ok else "refused",
    )


def test_a_span_says_which_task_it_is_and_where_devices_failed() -> None:
    span = Recording()
    task = a_task()
    with trace.use_span(span):
        tell_task(task, 3, 2)
        tell_failures("core-1", [result(ok=False)])
        tell_failures("core-2", [])
    assert span.attributes == {
        "netstacks.task.id": str(task.id),
        "netstacks.task.name": "Backup",
        "netstacks.task.type": "backup",
        "netstacks.devices": 3,
        "netstacks.attempt": 2,
    }
    assert span.events == [
        (
            "netstacks.device.failed",
            {
                "netstacks.device": "core-1",
                "netstacks.item": "running",
                "netstacks.stage": "connect",
                "netstacks.cause": "refused",
            },
        )
    ]


def test_without_a_span_nothing_is_done() -> None:
    tell_task(a_task(), 3, 1)
    tell_failures("core-1", [result(ok=False)])


def test_without_an_endpoint_no_provider_is_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    before = trace.get_tracer_provider()
    start_tracing({"OTEL_SERVICE_NAME": "netstacks"})
    assert trace.get_tracer_provider() is before
    assert capsys.readouterr().err == ""


def test_an_endpoint_without_the_packages_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)
    start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert "opentelemetry-exporter-otlp-proto-http are not installed" in capsys.readouterr().err


def a_task() -> Task:
    spec = samples.task().model_copy(update={"id": samples.task_id("Backup")})
    return Task(spec=spec, revision=1, created_at=MIDNIGHT, updated_at=MIDNIGHT)
