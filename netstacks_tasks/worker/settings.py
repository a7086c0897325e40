"""How a worker works, from its environment."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """The settings of one worker."""

    model_config = SettingsConfigDict(
        env_prefix="NETSTACKS_WORKER_", env_ignore_empty=True, frozen=True
    )

    drain_seconds: float = Field(default=300, ge=0)
    """After the first SIGTERM or Ctrl-C, how long runs may go on before they are told to end."""
    end_seconds: float = Field(default=30, ge=0)
    """How long a run that was told to end may take to record that, before it is killed."""
