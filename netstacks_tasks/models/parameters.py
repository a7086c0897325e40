"""What each type of task is told: a union tagged by `type`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator
from pydantic.functional_validators import AfterValidator

from netstacks_tasks.models.destination import Destination
from netstacks_tasks.models.ids import (
    CredentialId,
    ScriptId,
    StackInstanceId,
)
from netstacks_tasks.models.inventory import Value

TargetType = Literal["device", "device_group"]
Check = Literal["ping", "ssh", "snmp_sysname"]

MAX_SCRIPT_CHARACTERS = 256 * 1024
MAX_PROMPT_CHARACTERS = 32 * 1024


def _no_duplicates(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"names {', '.join(map(repr, twice))} twice: name each once")
    return values


class Targeted(Value):
    """Parameters that may name a device or a group, both fields or neither."""

    target_type: TargetType | None = Field(
        default=None, description="Whether target_id names a device or a device group."
    )
    target_id: UUID | None = Field(default=None, description="The device or device group.")

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.target_type is None) != (self.target_id is None):
            there, missing = (
                ("target_id", "target_type")
                if self.target_type is None
                else ("target_type", "target_id")
            )
            raise ValueError(f"{there} needs {missing}: give both or neither")
        return self


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

    type: Literal["health_check"]
    credential_id: CredentialId = Field(description="The credential to log in with.")
    checks: Annotated[
        tuple[Check, ...], Field(min_length=1, max_length=3), AfterValidator(_no_duplicates)
    ] = Field(description="Which checks to make, each once.")
    max_failed_devices: StrictInt = Field(
        default=0, ge=0, le=1_000_000, description="Devices that may fail before the run does."
    )


class CustomScriptParameters(Targeted):
    """Run a script: given inline, or stored."""

    type: Literal["custom_script"]
    script: StrictStr | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_SCRIPT_CHARACTERS,
        description="The script's text; give this or script_id.",
    )
    script_id: ScriptId | None = Field(
        default=None, description="A stored script; give this or script."
    )
    interpreter: Literal["python", "bash"] = Field(
        default="python", description="What runs the script."
    )
    credential_id: CredentialId | None = Field(
        default=None, description="The credential handed to the script."
    )
    arguments: tuple[Annotated[StrictStr, Field(max_length=4096)], ...] = Field(
        default=(), max_length=100, description="Arguments of the script, in order."
    )

    @model_validator(mode="after")
    def _one_script(self) -> Self:
        if (self.script is None) == (self.script_id is None):
            raise ValueError("give exactly one of script (inline text) and script_id")
        return self


class AgentTaskParameters(Value):
    """Ask the NOC agent."""

    type: Literal["agent_task"]
    prompt: StrictStr = Field(
        min_length=1, max_length=MAX_PROMPT_CHARACTERS, description="The question, in plain words."
    )
    model_block: StrictStr | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="The Prefect block with the model endpoint; the default one unless given.",
    )
    tools: tuple[Annotated[StrictStr, Field(max_length=100)], ...] | None = Field(
        default=None, description="The tools the agent may use; all read-only tools unless given."
    )
    max_turns: StrictInt | None = Field(default=None, ge=1, le=1000)
    max_tokens: StrictInt | None = Field(default=None, ge=1, le=100_000_000)
    max_tool_calls: StrictInt | None = Field(default=None, ge=1, le=10_000)
    temperature: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=2)


Parameters = Annotated[
    DeploymentParameters
    | BackupParameters
    | HealthCheckParameters
    | CustomScriptParameters
    | AgentTaskParameters,
    Field(discriminator="type"),
]
