"""What a flow run's environment says; the sync puts it there."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from netstacks_tasks.operations.parallel import Limits


class FlowSettings(BaseSettings):
    """The settings of one flow run."""

    model_config = SettingsConfigDict(
        env_prefix="NETSTACKS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    task_timeout_seconds: float = Field(default=3600, gt=0)
    """One attempt is killed after this; the task's own value in every deployment."""
    database_url: SecretStr | None = None
    """Instead of the block `netstacks-database`, for development and tests."""
    max_sessions: int = Field(default=200, ge=1)
    """Devices worked on at once."""
    max_threaded_sessions: int = Field(default=16, ge=1)
    """Of those, how many through NAPALM."""
    max_sessions_per_site: int = Field(default=25, ge=1)
    """Of those, how many of one site, by the `site` of the devices."""
    max_sessions_per_credential: int = Field(default=100, ge=1)
    """Of those, how many with one credential."""
    max_changes: int = Field(default=50, ge=1)
    """Devices that a parallel deployment changes at once."""
    reading_processes: int | None = Field(default=None, ge=0, le=64)
    """That read configurations beside the run's own; unless set, one a core when one is full."""
    device_timeout_seconds: float = Field(default=120, gt=0)
    """Seconds for one device."""
    config_key_file: Path | None = None
    """Keys that stored configurations are encrypted with."""
    config_secrets: Literal["keep", "hide"] = "keep"
    """Whether what a backup keeps holds the devices' passwords, communities and keys."""

    @property
    def limits(self) -> Limits:
        return Limits(
            sessions=self.max_sessions,
            threaded=self.max_threaded_sessions,
            per_site=self.max_sessions_per_site,
            per_credential=self.max_sessions_per_credential,
            changes=self.max_changes,
        )


SETTINGS = FlowSettings()
