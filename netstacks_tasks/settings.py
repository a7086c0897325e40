"""What the environment says: every setting is a variable `NETSTACKS_...`."""

from __future__ import annotations

import ipaddress
import os
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.models.device_networks import DeviceNetworks
from netstacks_tasks.models.retention import Days, Kept, RetentionPolicy

PREFIX = "NETSTACKS_"
_FROM_PYDANTIC = "Value error, "
ROOT_STATE_DIR = Path("/var/lib/netstacks")


def default_state_dir() -> Path:
    """Where the embedded servers keep their data.

    Root's home is closed to the unprivileged account PostgreSQL has to run
    under, so root's state is a system folder.
    """
    if os.geteuid() == 0:
        return ROOT_STATE_DIR
    base = os.environ.get("XDG_STATE_HOME", "")
    if base.startswith("/"):
        return Path(base) / "netstacks"
    try:
        return Path("~/.local/state/netstacks").expanduser()
    except RuntimeError:
        # A user id without an account or a HOME, as in some containers.
        return Path(tempfile.gettempdir()) / f"netstacks-{os.geteuid()}"


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _absolute_file(path: Path | None) -> Path | None:
    return None if path is None else _absolute(path)


def _postgresql_url(url: SecretStr | None) -> SecretStr | None:
    if url is not None and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("write it as postgresql://user:password@host:port/database")
    return url


def _http_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise ValueError("write it as http://host:port/api")
    return url.rstrip("/") if url else None


def _addresses(proxy: str | None) -> str | None:
    for one in (proxy or "").split(","):
        try:
            if one.strip():
                ipaddress.ip_network(one.strip())
        except ValueError:
            raise ValueError(
                "write the proxy's address, 192.0.2.10, or its network, 192.0.2.0/24; more of them "
                "with commas between"
            ) from None
    return proxy


def _networks(text: str) -> str:
    DeviceNetworks.parse(text)
    return text


Port = Annotated[int, Field(ge=0, le=65535)]
"""0 means any free port."""
NetworkList = Annotated[str, AfterValidator(_networks)]
DatabaseUrl = Annotated[SecretStr | None, AfterValidator(_postgresql_url)]
ProxyAddresses = Annotated[str | None, AfterValidator(_addresses)]
FilePath = Annotated[Path | None, AfterValidator(_absolute_file)]
HttpUrl = Annotated[str | None, AfterValidator(_http_url)]


class Settings(BaseSettings):
    """The settings of one process, read once at its start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True
    )

    database_url: DatabaseUrl = None
    """NetStacks' own database; none: the embedded PostgreSQL."""
    prefect_database_url: DatabaseUrl = None
    """The Prefect server's database, when the server is ours and the PostgreSQL is not."""
    prefect_api_url: HttpUrl = Field(
        default=None,
        validation_alias=AliasChoices("NETSTACKS_PREFECT_API_URL", "PREFECT_API_URL"),
    )
    """A Prefect server that runs already; none: one of our own."""
    state_dir: Annotated[Path, AfterValidator(_absolute)] = Field(default_factory=default_state_dir)
    """Data, logs and the connection file of the embedded servers."""
    work_pool: str = Field(default="netstacks", min_length=1, pattern=r"^[^/%&<>]+$")
    postgres_port: Port = 55432
    prefect_port: Port = 4200
    worker_limit: int = Field(default=10, ge=1)
    """Flow runs the worker executes at the same time."""
    worker_drain_seconds: float = Field(default=300, ge=0)
    """After the first SIGTERM or Ctrl-C, how long runs may go on before they are told to end."""
    worker_end_seconds: float = Field(default=30, ge=0)
    """How long a run that was told to end may take to record that, before it is killed."""
    web_host: str = Field(default="127.0.0.1", min_length=1)
    """The address that the page and the API listen on; beyond loopback only over TLS."""
    web_port: Port = 4280
    web_certificate: FilePath = None
    """PEM, with the chain: the page and the API are served over TLS."""
    web_key: FilePath = None
    web_proxy: ProxyAddresses = None
    """Of a proxy in front that speaks TLS: its `X-Forwarded-` headers are believed."""
    metrics_host: str = Field(default="127.0.0.1", min_length=1)
    """The address that `/metrics`, `/healthz` and `/readyz` are also served on, without a login."""
    metrics_port: Port | None = None
    """Theirs; none: they are served by the page alone."""
    config_git: FilePath = None
    """A bare git repository that the sync writes every version of a configuration to."""
    config_git_redacted: bool = True
    """Without the values that configurations keep secret."""
    device_networks: NetworkList = ""
    """The only networks that devices may be in; none: everywhere but where no device is, such as
    a cloud's metadata service."""
    retention_run_days: Days = 90
    """Runs stay so long after their end; these apply to tasks that have none of their own."""
    retention_runs_kept: Kept = 20
    """So many of the newest runs of a task stay, however old."""
    retention_log_days: Days = 90
    """The log and the reports of a run stay so long after its end."""
    retention_version_days: Days = 365
    """A version of a configuration stays so long after another one took its place."""
    retention_versions_kept: Kept = 20
    """So many of the newest versions of each device, destination and source stay."""
    retention_audit_days: Days = "forever"
    """Entries of the audit log stay so long."""
    config_key_file: FilePath = None
    """Keys that stored configurations are encrypted with, also on every worker; none: they are
    not."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    """`json`: an object a line, for programs that collect logs."""

    @property
    def retention(self) -> RetentionPolicy:
        """What is kept of a task that has no policy of its own."""
        return RetentionPolicy(
            run_days=self.retention_run_days,
            runs_kept=self.retention_runs_kept,
            log_days=self.retention_log_days,
            version_days=self.retention_version_days,
            versions_kept=self.retention_versions_kept,
        )


def load_settings() -> Settings:
    """The settings of the environment.

    Raises:
        InvalidInput: with one problem per bad variable, named.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidInput(
            [
                Problem(
                    field=_variable(str(fault["loc"][0])),
                    message=fault["msg"].removeprefix(_FROM_PYDANTIC),
                )
                for fault in error.errors(include_input=False, include_url=False)
            ]
        ) from None


def _variable(location: str) -> str:
    """The environment variable behind a validation error's location."""
    name = location.upper()
    return PREFIX + name if location in Settings.model_fields else name
