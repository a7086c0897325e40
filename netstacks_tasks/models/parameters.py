"""What each type of task is told: a union tagged by `type`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from netstacks_tasks.errors import Problem
from netstacks_tasks.models import first_line
from netstacks_tasks.models.destination import Destination
from netstacks_tasks.models.ids import CredentialId, ScriptId, StackInstanceId
from netstacks_tasks.models.inventory import Value

TargetType = Literal["device", "device_group"]
Check = Literal["ping", "ssh", "snmp_sysname"]
Interpreter = Literal["python", "bash"]
AgentTool = Literal[
    "list_devices",
    "device_facts",
    "bgp_neighbours",
    "interface_counters",
    "recent_task_runs",
    "missed_backups",
    "config_diff",
    "health_check",
    "show_command",
]
"""Each of them only reads."""

MAX_SCRIPT_CHARACTERS = 256 * 1024
MAX_PROMPT_CHARACTERS = 32 * 1024
DEFAULT_MODEL_BLOCK: Final = "netstacks-model"
"""The Prefect block of type `netstacks-model-endpoint` that agent tasks use unless told."""

_GIVEN: dict[str, Any] = {"not": {"type": "null"}}
_TARGET_RULE: dict[str, Any] = {
    # Both or neither; null is the same as left out.
    "if": {
        "anyOf": [
            {"required": [name], "properties": {name: _GIVEN}}
            for name in ("target_type", "target_id")
        ]
    },
    "then": {
        "required": ["target_type", "target_id"],
        "properties": {"target_type": _GIVEN, "target_id": _GIVEN},
    },
}
_SCRIPT_RULE: dict[str, Any] = {
    "oneOf": [
        {"required": [name], "properties": {name: _GIVEN}} for name in ("script", "script_id")
    ]
}


def contradictions(parameters: Mapping[str, object]) -> Iterator[Problem]:
    """Fields of one type's parameters that do not go together, whatever else is wrong.

    Args:
        parameters: as in the document; `field` of a problem is one of its keys.
    """
    kind = parameters.get("type")
    # It may be anything: compared, not looked up.
    if kind in ("health_check", "custom_script"):
        target = {name: parameters.get(name) for name in ("target_type", "target_id")}
        missing = [name for name, value in target.items() if value is None]
        if len(missing) == 1:
            given = next(name for name in target if name not in missing)
            yield Problem(field=missing[0], message=f"is required with {given}: give both or none")
    if kind == "custom_script":
        given_scripts = [
            name for name in ("script", "script_id") if parameters.get(name) is not None
        ]
        if len(given_scripts) != 1:
            found = "both are" if given_scripts else "neither is"
            yield Problem(
                field="script",
                message=f"give exactly one of script (the text) and script_id: {found} given",
            )


def contradiction(problem: Problem) -> PydanticCustomError:
    """A problem in the form that pydantic carries to the caller."""
    return PydanticCustomError(
        "contradiction", "{message}", {"field": problem.field, "message": problem.message}
    )


def _no_duplicates(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"names {', '.join(map(repr, twice))} twice: name each once")
    return values


def check_block_name(name: str) -> str:
    """The name when Prefect takes it for a block; raises `ValueError` when not."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise ValueError("must be a block's name: lower-case letters, digits and single dashes")
    return name


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank: write something")
    return text


class _Consistent(Value):
    """Parameters whose fields depend on each other."""

    @model_validator(mode="after")
    def _no_contradictions(self) -> Self:
        for problem in contradictions(self.__dict__):
            raise contradiction(problem)
        return self


class Targeted(_Consistent):
    """Parameters that may name a device or a group, by both fields or neither."""

    target_type: TargetType | None = Field(
        default=None, description="Whether target_id names a device or a device group."
    )
    target_id: UUID | None = Field(default=None, description="The device or device group.")


class DeploymentParameters(Value):
    """Push a stack instance to its devices."""

    type: Literal["deployment"]
    stack_instance_id: StackInstanceId = Field(description="The stack instance to push.")
    dry_run: StrictBool = Field(default=False, description="Show the diff and change nothing.")


class BackupParameters(Value):
    """Keep the configuration of a device or of every device of a group."""

    type: Literal["backup"]
    target_type: TargetType = Field(
        description="Whether target_id names a device or a device group."
    )
    target_id: UUID = Field(description="The device or device group.")
    destination: Destination = Field(
        description="Where in the config store the versions are kept: a relative path.",
        examples=["config-snapshots/core-routers"],
    )
    credential_id: CredentialId | None = Field(
        default=None, description="Log in with this credential instead of each device's own."
    )


class HealthCheckParameters(Targeted):
    """Check devices; without a target, every device that uses the credential."""

    model_config = ConfigDict(json_schema_extra=_TARGET_RULE)

    type: Literal["health_check"]
    credential_id: CredentialId = Field(description="The credential to log in with.")
    checks: Annotated[
        tuple[Check, ...], Field(min_length=1, max_length=3), AfterValidator(_no_duplicates)
    ] = Field(
        description="Which checks to make, each once.",
        examples=[["ping", "ssh", "snmp_sysname"]],
        json_schema_extra={"uniqueItems": True},
    )
    max_failed_devices: StrictInt = Field(
        default=0, ge=0, le=1_000_000, description="Devices that may fail before the run does."
    )


class CustomScriptParameters(Targeted):
    """Run a script: given inline, or stored."""

    model_config = ConfigDict(json_schema_extra={**_TARGET_RULE, **_SCRIPT_RULE})

    type: Literal["custom_script"]
    script: (
        Annotated[
            StrictStr,
            Field(min_length=1, max_length=MAX_SCRIPT_CHARACTERS),
            AfterValidator(_not_blank),
        ]
        | None
    ) = Field(
        default=None,
        description="The script's text; give this or script_id.",
        examples=["print('hello')"],
    )
    script_id: ScriptId | None = Field(
        default=None, description="A stored script; give this or script."
    )
    interpreter: Interpreter = Field(default="python", description="What runs the script.")
    credential_id: CredentialId | None = Field(
        default=None, description="The credential handed to the script."
    )
    arguments: tuple[Annotated[StrictStr, Field(max_length=4096)], ...] = Field(
        default=(), max_length=100, description="Arguments of the script, in order."
    )
    max_cpu_seconds: StrictInt | None = Field(
        default=None,
        ge=1,
        le=86_400,
        description="CPU time the script may use; no more than its time allows unless given.",
    )
    max_memory_mib: StrictInt = Field(
        default=512, ge=32, le=65_536, description="Memory of all its processes together, in MiB."
    )
    max_processes: StrictInt = Field(
        default=64, ge=8, le=4096, description="Processes and threads it may have at once."
    )
    max_open_files: StrictInt = Field(
        default=256, ge=16, le=65_536, description="Files one of its processes may have open."
    )
    max_disk_mib: StrictInt = Field(
        default=256, ge=1, le=65_536, description="What its files may hold together, in MiB."
    )
    max_output_kib: StrictInt = Field(
        default=4096, ge=1, le=65_536, description="What it may print, in KiB."
    )

    @model_validator(mode="after")
    def _one_interpreter(self) -> Self:
        """Its first line, when it names a program, names the one that will run it."""
        contradictory = first_line.contradicts(self.script or "", self.interpreter)
        if contradictory:
            raise contradiction(Problem(field="interpreter", message=contradictory))
        return self


class AgentTaskParameters(Value):
    """Ask the NOC agent."""

    type: Literal["agent_task"]
    prompt: Annotated[
        StrictStr,
        Field(min_length=1, max_length=MAX_PROMPT_CHARACTERS),
        AfterValidator(_not_blank),
    ] = Field(
        description="The question, in plain words.",
        examples=["Summarize the current health of all BGP peers."],
    )
    model_block: (
        Annotated[StrictStr, Field(min_length=1, max_length=200), AfterValidator(check_block_name)]
        | None
    ) = Field(
        default=None,
        description=f"The Prefect block with the model endpoint; {DEFAULT_MODEL_BLOCK} unless "
        "given.",
    )
    tools: (
        Annotated[
            tuple[AgentTool, ...],
            Field(min_length=1, max_length=100),
            AfterValidator(_no_duplicates),
        ]
        | None
    ) = Field(
        default=None,
        description="The tools the agent may use; all of them unless given.",
        examples=[["list_devices", "bgp_neighbours"]],
    )
    max_turns: StrictInt | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Turns of the conversation, the answer's included; 12 unless given.",
    )
    max_tokens: StrictInt | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="Tokens an attempt may use, read and written; 200000 unless given.",
    )
    max_tool_calls: StrictInt | None = Field(
        default=None, ge=1, le=10_000, description="Calls of tools; 40 unless given."
    )
    max_tool_output: StrictInt | None = Field(
        default=None,
        ge=500,
        le=200_000,
        description="Characters that one tool may answer with; 6000 unless given.",
    )
    temperature: StrictFloat | None = Field(
        default=None, ge=0, le=2, description="How freely the model answers; 0 is strictest."
    )


Parameters = Annotated[
    DeploymentParameters
    | BackupParameters
    | HealthCheckParameters
    | CustomScriptParameters
    | AgentTaskParameters,
    Field(discriminator="type"),
]
