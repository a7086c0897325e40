"""A task as the API and the command line take it."""

from __future__ import annotations

from netstacks_tasks.models.task_spec import parse_task
from tests.fuzz.target import Target


def _read(data: bytes) -> None:
    spec = parse_task(data)
    again = parse_task(spec.model_dump_json())
    assert again == spec, "what was accepted means the same when it is read again"
    spec.guidance(60)


TARGET = Target(
    name="task_document",
    read=_read,
    words=(
        *("name", "task_type", "cron_expression", "timezone", "enabled", "max_retries"),
        *("retry_delay_seconds", "timeout_seconds", "missed_runs", "missed_window_seconds"),
        *("parameters", "type", "target_type", "target_id", "destination", "credential_id"),
        *("checks", "ping", "snmp_sysname", "script", "script_id", "interpreter", "arguments"),
        *("prompt", "stack_instance_id", "dry_run", "backup", "health_check", "custom_script"),
        *("agent_task", "deployment", "device_group", "a1b2c3d4-5678-9abc-def0-123456789abc"),
    ),
)
