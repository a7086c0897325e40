"""The tasks of the demo: backups, health checks, a script, deployments and an agent."""

from __future__ import annotations

from typing import Any, Final

from netstacks_tasks.demo.simulated.catalogue import CREDENTIALS, GROUPS
from netstacks_tasks.demo.stacks import ROUTE_INSTANCE, ROUTE_PUSH, VLAN_INSTANCE, VLAN_PUSH

EVERY_MINUTE: Final = "Linux Server Health, every minute"
"""The task whose scheduled firing the demo waits for."""
EDGE_BACKUP: Final = "Edge Switch Backup"
SSH_AUDIT: Final = "SSH Version Audit"
MORNING_SUMMARY: Final = "Morning Network Health Summary"

_BACKUPS: Final = {
    # The name, then its group, cron expression and timezone.
    "Nightly Core Router Backup": ("core-routers", "0 2 * * *", "America/New_York"),
    EDGE_BACKUP: ("edge-switches", "30 2 * * *", "America/Chicago"),
    "FRR Router Backup": ("frr-routers", "15 3 * * *", "Europe/Berlin"),
    "Linux Server Backup": ("linux-servers", "45 3 * * 1-5", "UTC"),
}
_HEALTH_CHECKS: Final = {
    # The name, then its credential and cron expression.
    "Core Router Health": ("core-routers", "*/10 * * * *"),
    # Rarely: its logins would use up the fault that the demo has for a backup's.
    "Edge Switch Health Monitor": ("edge-switches", "40 4 * * *"),
    "FRR Router Health": ("frr-routers", "@hourly"),
    EVERY_MINUTE: ("linux-servers", "* * * * *"),
}
_SSH_AUDIT_SCRIPT: Final = """\
import csv, json, os, socket

devices = json.load(open(os.environ["NETSTACKS_DEVICES"]))
results = open(os.environ["NETSTACKS_RESULTS"], "a")
with open("artifacts/ssh-versions.csv", "w", newline="") as file:
    table = csv.writer(file)
    for device in devices:
        try:
            with socket.create_connection((device["host"], device["port"]), timeout=10) as link:
                said = link.makefile("rb").readline(255).decode(errors="replace").strip()
        except OSError as error:
            said = str(error)
        print(device["name"], said)
        table.writerow([device["name"], said])
        found = {"device": device["name"], "ok": said.startswith("SSH-2.0-"), "summary": said}
        print(json.dumps(found), file=results)
"""
"""Standard library alone: whatever Python runs it."""

_QUESTION: Final = (
    "Summarize the current health of all BGP peers, report any interfaces with errors above "
    "threshold, and flag any devices that missed their last backup window."
)


def demo_tasks(*, with_ping: bool, model_block: str | None) -> list[dict[str, Any]]:
    """The tasks as documents.

    Args:
        with_ping: False where ICMP is not permitted.
        model_block: whom the agent asks; None: the usual model.
    """
    groups = {group.name: str(group.id) for group in GROUPS}
    credentials = {credential.name: str(credential.id) for credential in CREDENTIALS}
    checks = ["ping", "ssh", "snmp_sysname"] if with_ping else ["ssh", "snmp_sysname"]
    backups = [
        _task(
            name,
            "backup",
            cron,
            timezone,
            {
                "target_type": "device_group",
                "target_id": groups[group],
                "destination": f"config-snapshots/{group}",
            },
        )
        for name, (group, cron, timezone) in _BACKUPS.items()
    ]
    health_checks = [
        _task(
            name,
            "health_check",
            cron,
            "UTC",
            {"credential_id": credentials[credential], "checks": checks},
        )
        for name, (credential, cron) in _HEALTH_CHECKS.items()
    ]
    script = _task(
        SSH_AUDIT,
        "custom_script",
        "0 6 * * 1",
        "Europe/Berlin",
        {
            "script": _SSH_AUDIT_SCRIPT,
            "target_type": "device_group",
            "target_id": groups["core-routers"],
        },
    )
    pushes = [
        _task(
            VLAN_PUSH,
            "deployment",
            "0 0 * * 0",
            "America/Los_Angeles",
            {"stack_instance_id": VLAN_INSTANCE},
        ),
        {
            **_task(
                ROUTE_PUSH, "deployment", "0 1 * * 0", "UTC", {"stack_instance_id": ROUTE_INSTANCE}
            ),
            "max_retries": 0,
        },
    ]
    agent = _task(
        MORNING_SUMMARY,
        "agent_task",
        "0 7 * * 1-5",
        "America/Chicago",
        {"prompt": _QUESTION, **({} if model_block is None else {"model_block": model_block})},
    )
    return [*backups, *health_checks, script, *pushes, agent]


def _task(
    name: str, task_type: str, cron: str, timezone: str, parameters: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "task_type": task_type,
        "cron_expression": cron,
        "timezone": timezone,
        "max_retries": 2,
        "retry_delay_seconds": 2,
        "timeout_seconds": 120,
        "parameters": {"type": task_type, **parameters},
    }
