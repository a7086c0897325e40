"""Where the newest configuration of each device also lies as a file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, field_validator

from blocks.links import DOCUMENTATION, FOLDER_LOGO


class ConfigStore(Block):
    """A folder that holds the newest configuration of every device.

    Every version is kept in PostgreSQL; the file
    `<root>/<destination>/<device>.<source>.cfg` is the newest one, for people
    and programs that read files.

    Example:
        Load a stored folder:
        ```python
        from blocks import ConfigStore

        config_store = ConfigStore.load("BLOCK_NAME")
        print(config_store.root)
        ```
    """

    _block_type_name: ClassVar[str | None] = "NetStacks Config Store"
    _block_type_slug: ClassVar[str | None] = "netstacks-config-store"
    _logo_url: ClassVar[HttpUrl | None] = FOLDER_LOGO
    _documentation_url: ClassVar[HttpUrl | None] = DOCUMENTATION

    model_config = ConfigDict(extra="forbid")

    root: str = Field(
        description="The absolute path of the folder, on the machine of the worker.",
        examples=["/var/lib/netstacks/configs"],
    )

    @field_validator("root")
    @classmethod
    def _is_absolute(cls, value: str) -> str:
        if "\0" in value or not Path(value).is_absolute():
            raise ValueError(
                "write an absolute path (/var/lib/netstacks/configs): the worker's own folder "
                "differs from run to run"
            )
        return value

    @property
    def path(self) -> Path:
        """The root as a path."""
        return Path(self.root)
