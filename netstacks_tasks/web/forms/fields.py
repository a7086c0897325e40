"""The fields of the form; their names are the paths of the task's document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from netstacks_tasks.models.task_spec import TaskType

Kind = Literal["text", "number", "decimal", "flag", "choice", "choices", "area", "lines", "target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: how it is asked for, and how its text is read."""

    path: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    required: bool = False
    """Empty text is sent too, so that it is refused and not left out."""
    options: tuple[tuple[str, str], ...] = ()
    """Of a choice that is the same everywhere: value and words."""
    unit: str = ""
    placeholder: str = ""

    @property
    def id(self) -> str:
        """Of its element."""
        return element_id(self.path)


def element_id(path: str) -> str:
    """The id of the element for a path."""
    return path.replace(".", "-")


_TARGETS: Final = (("device_group", "A device group"), ("device", "A single device"))
_CHECKS: Final = (
    ("ping", "Ping"),
    ("ssh", "SSH login"),
    ("snmp_sysname", "SNMP sysName"),
)
_TOOLS: Final = (
    ("list_devices", "List the devices"),
    ("device_facts", "Facts: model, version, serial number"),
    ("bgp_neighbours", "BGP neighbours"),
    ("interface_counters", "Interface counters"),
    ("show_command", "Allow-listed show commands"),
    ("health_check", "Ping, SSH and SNMP now"),
    ("recent_task_runs", "Runs of scheduled tasks"),
    ("missed_backups", "Missed backups"),
    ("config_diff", "Changes between kept configurations"),
)

SCRIPT_SOURCE: Final = "script_source"
"""Says which of `script` and `script_id` counts; no part of the document."""

COMMON: Final = (
    Field(path="name", label="Name", required=True, hint="Shown to people; unique."),
    Field(
        path="cron_expression",
        label="Schedule (cron)",
        required=True,
        hint="minute, hour, day of month, month, day of week; or @daily and the like.",
    ),
    Field(
        path="timezone",
        label="Timezone",
        required=True,
        hint="Type a city or a region, for example new york.",
    ),
    Field(path="enabled", label="Enabled", kind="flag"),
    Field(
        path="max_retries",
        label="Retries",
        kind="number",
        hint="Attempts after the first one.",
    ),
    Field(
        path="retry_delay_seconds",
        label="Pause between attempts",
        kind="number",
        unit="seconds",
    ),
    Field(
        path="timeout_seconds",
        label="Time limit of an attempt",
        kind="number",
        unit="seconds",
        hint="An attempt that takes longer is ended.",
    ),
    Field(
        path="missed_runs",
        label="Runs whose time passed while nothing could run them",
        kind="choice",
        options=(
            ("run_latest", "Run the latest one, if it is not too late"),
            ("skip", "Skip them"),
            ("run_all", "Run all of them"),
        ),
    ),
    Field(
        path="missed_window_seconds",
        label="How late the latest one still runs",
        kind="number",
        unit="seconds",
        hint="Empty: one interval of the schedule, up to 24 hours.",
    ),
)

_TARGET_TYPE: Final = Field(
    path="parameters.target_type", label="Target", kind="choice", options=_TARGETS
)
_TARGET: Final = Field(
    path="parameters.target_id",
    label="Device or group",
    kind="target",
    hint="Type a part of its name and choose.",
)


def _optional_target(nothing: str) -> Field:
    return Field(
        path="parameters.target_type",
        label="Target",
        kind="choice",
        options=(("", nothing), *_TARGETS),
    )


def _number(name: str, label: str, unit: str = "", placeholder: str = "", hint: str = "") -> Field:
    return Field(
        path=f"parameters.{name}",
        label=label,
        kind="number",
        unit=unit,
        placeholder=placeholder,
        hint=hint,
    )


PARAMETERS: Final[Mapping[TaskType, tuple[Field, ...]]] = {
    "backup": (
        _TARGET_TYPE,
        _TARGET,
        Field(
            path="parameters.destination",
            label="Destination",
            required=True,
            hint="Where in the config store the versions are kept: a relative path, for example "
            "config-snapshots/core-routers.",
        ),
        Field(
            path="parameters.credential_id",
            label="Credential",
            kind="choice",
            options=(("", "Each device's own"),),
        ),
    ),
    "health_check": (
        Field(path="parameters.checks", label="Checks", kind="choices", options=_CHECKS),
        Field(
            path="parameters.credential_id",
            label="Credential",
            kind="choice",
            options=(("", "Choose a credential"),),
            hint="To log in with.",
        ),
        _optional_target("Every device that uses the credential"),
        _TARGET,
        _number(
            "max_failed_devices",
            "Devices that may fail",
            hint="The run fails when more of them do.",
        ),
    ),
    "custom_script": (
        Field(
            path="parameters.script",
            label="Script",
            kind="area",
            hint="Tab leaves the editor; Ctrl+] indents the line and Ctrl+[ takes it back.",
        ),
        Field(
            path="parameters.script_id",
            label="Stored script",
            kind="choice",
            options=(("", "Choose a script"),),
        ),
        Field(
            path="parameters.interpreter",
            label="Interpreter",
            kind="choice",
            options=(("python", "Python"), ("bash", "Bash")),
        ),
        Field(
            path="parameters.arguments",
            label="Arguments",
            kind="lines",
            hint="One a line, in order. They are seen in the list of processes: no secrets.",
        ),
        Field(
            path="parameters.credential_id",
            label="Credential",
            kind="choice",
            options=(("", "None"),),
            hint="Handed to the script in a private file.",
        ),
        _optional_target("No devices"),
        _TARGET,
        _number("max_cpu_seconds", "CPU time", "seconds", hint="Empty: as long as it may run."),
        _number("max_memory_mib", "Memory", "MiB"),
        _number("max_processes", "Processes and threads"),
        _number("max_open_files", "Open files of a process"),
        _number("max_disk_mib", "Disk", "MiB"),
        _number("max_output_kib", "Output", "KiB"),
    ),
    "deployment": (
        Field(
            path="parameters.stack_instance_id",
            label="Stack instance",
            kind="choice",
            options=(("", "Choose a stack instance"),),
        ),
        Field(
            path="parameters.dry_run",
            label="Dry run: show the diff and change nothing",
            kind="flag",
        ),
    ),
    "agent_task": (
        Field(
            path="parameters.prompt",
            label="Prompt",
            kind="area",
            required=True,
            hint="What to find out, in plain words.",
        ),
        Field(
            path="parameters.model_block",
            label="Model block",
            placeholder="netstacks-model",
            hint="The Prefect block with the model's endpoint. Empty: netstacks-model.",
        ),
        Field(path="parameters.tools", label="Tools", kind="choices", options=_TOOLS),
        _number("max_turns", "Turns of the conversation", placeholder="12"),
        _number("max_tokens", "Tokens of an attempt", placeholder="200000"),
        _number("max_tool_calls", "Calls of tools", placeholder="40"),
        _number("max_tool_output", "Output of one tool", "characters", "6000"),
        Field(
            path="parameters.temperature",
            label="Temperature",
            kind="decimal",
            hint="0 is strictest, 2 freest. Empty: the model's own.",
        ),
    ),
}


def fields_of(task_type: TaskType) -> tuple[Field, ...]:
    """Every field of a type's form, in its order."""
    return (COMMON[0], *PARAMETERS[task_type], *COMMON[1:])
