"""What a work pool and a deployment can set for the runs of a `netstacks` worker."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from prefect.client.schemas.objects import Flow, FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.settings import get_current_settings
from prefect.workers.process import ProcessJobConfiguration, ProcessVariables
from pydantic import Field, PrivateAttr

_MEMORY = (
    "MiB of memory that a run's process may use for data; an allocation beyond fails within the "
    "run. No limit when it is not set."
)


class NetstacksJobConfiguration(ProcessJobConfiguration):
    """Everything of the process worker's, so that pools of that type serve too, and a limit."""

    memory_limit_mib: int | None = Field(default=None, ge=64, description=_MEMORY)

    _entrypoint: str | None = PrivateAttr(default=None)

    @property
    def own_command(self) -> str | None:
        """The command that a person configured instead of Prefect's engine."""
        return self.command if self._command_configured else None

    @property
    def entrypoint(self) -> str | None:
        """The flow, where it is installed: nothing has to be fetched or asked for before."""
        return self._entrypoint

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: Flow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        super().prepare_for_flow_run(
            flow_run, deployment, flow, work_pool, worker_name, worker_id=worker_id
        )
        if deployment is not None and not deployment.pull_steps:
            entrypoint = deployment.entrypoint or ""
            # With a colon it is a file, which may have to come from somewhere.
            self._entrypoint = entrypoint if entrypoint and ":" not in entrypoint else None

    @classmethod
    def _base_environment(cls) -> dict[str, str]:
        return dict(_settings())


@cache
def _settings() -> dict[str, str]:
    """The settings of this process, which stay as they are, as variables.

    To write them out takes as long as everything else the worker does for a run.
    """
    return get_current_settings().to_environment_variables(exclude_unset=True)


class NetstacksVariables(ProcessVariables):
    """The variables of a pool of this type."""

    memory_limit_mib: int | None = Field(
        default=None, ge=64, title="Memory limit (MiB)", description=_MEMORY
    )
