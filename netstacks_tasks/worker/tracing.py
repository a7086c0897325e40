"""Has the spans of a run's process exported, where OpenTelemetry is installed and set up.

Prefect makes a span of every flow run, which goes nowhere without a provider. To set one
up starts a thread: the process that forks must not have any, so each run does it itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

_WHERE: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def start_tracing(environment: Mapping[str, str] = os.environ) -> None:
    """Set it up as the variables `OTEL_...` say; nothing without an endpoint."""
    if not any(environment.get(name) for name in _WHERE):
        return
    try:
        from opentelemetry import trace  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        sys.stderr.write(
            "no traces: OTEL_EXPORTER_OTLP_ENDPOINT is set, and the packages opentelemetry-sdk "
            "and opentelemetry-exporter-otlp-proto-http are not installed\n"
        )
        return
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    # What is left goes out when the process ends.
    trace.set_tracer_provider(provider)
