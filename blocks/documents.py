"""Registers the blocks and saves documents of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from prefect.blocks.core import Block
from prefect_sqlalchemy import ConnectionComponents, SqlAlchemyConnector
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from blocks.config_store import ConfigStore
from blocks.device_credentials import DeviceCredentials
from blocks.model_endpoint import ModelEndpoint
from netstacks_tasks.errors import InvalidInput, Problem
from netstacks_tasks.sync.prefect_errors import translated

DATABASE: Final = "netstacks-database"
CONFIG_STORE: Final = "netstacks-config-store"

BLOCKS: Final[tuple[type[Block], ...]] = (
    ConfigStore,
    DeviceCredentials,
    ModelEndpoint,
    SqlAlchemyConnector,
)


class BlockDocuments(BaseModel):
    """Documents to save; what is left out stays as it is on the server."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    database_url: SecretStr | None = None
    """Saved as `netstacks-database`."""
    config_store_root: str | None = None
    """Saved as `netstacks-config-store`."""
    device_credentials: Mapping[str, Mapping[str, Any]] = {}
    """Fields of `DeviceCredentials` by document name."""
    model_endpoints: Mapping[str, Mapping[str, Any]] = {}
    """Fields of `ModelEndpoint` by document name."""

    @classmethod
    def parse(cls, text: str) -> BlockDocuments:
        """Read JSON.

        Raises:
            InvalidInput: with one problem per fault; never with a secret.
        """
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError as error:
            raise _refused("", error) from None

    def blocks(self) -> dict[str, Block]:
        """The blocks to save, by document name.

        Raises:
            InvalidInput: a field that a block refuses.
        """
        made: dict[str, Block] = {}
        if self.database_url is not None:
            made[DATABASE] = database_block(self.database_url.get_secret_value())
        if self.config_store_root is not None:
            made[CONFIG_STORE] = _block(ConfigStore, CONFIG_STORE, {"root": self.config_store_root})
        for name, fields in self.device_credentials.items():
            made[name] = _block(DeviceCredentials, name, fields)
        for name, fields in self.model_endpoints.items():
            made[name] = _block(ModelEndpoint, name, fields)
        return made


def database_block(url: str) -> SqlAlchemyConnector:
    """The connector of a `postgresql://` URL, its password kept as a secret.

    Raises:
        InvalidInput: it is not such a URL.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"postgresql", "postgres"} or port == -1:
        raise InvalidInput.single(
            "database_url", "write it as postgresql://user:password@host:port/database"
        )
    return SqlAlchemyConnector(
        connection_info=ConnectionComponents(
            driver="postgresql+psycopg",
            username=unquote(parts.username) if parts.username else None,
            password=SecretStr(unquote(parts.password)) if parts.password else None,
            host=unquote(parts.hostname) if parts.hostname else None,
            port=port,
            database=unquote(parts.path.lstrip("/")) or None,
            query=dict(parse_qsl(parts.query)) or None,
        )
    )


def database_url(block: SqlAlchemyConnector) -> str:
    """The `postgresql://` URL of a connector, password included."""
    info = block.connection_info
    if isinstance(info, str):
        scheme, _, rest = info.partition("://")
        return f"{scheme.partition('+')[0]}://{rest}"
    url = info.create_url().set(drivername="postgresql")
    # SQLAlchemy leaves the spaces of a password as they are; libpq refuses them.
    return str(url.render_as_string(hide_password=False)).replace(" ", "%20")


async def register(documents: BlockDocuments) -> tuple[str, ...]:
    """Register every block type and save the documents; returns their names.

    Raises:
        InvalidInput: nothing was saved.
        SyncError: Prefect does not answer, or refuses.
    """
    blocks = documents.blocks()
    async with translated("save the blocks", quoting=False):
        for block_type in BLOCKS:
            await block_type.aregister_type_and_schema()
        for name, block in blocks.items():
            await block.asave(name, overwrite=True)
    return tuple(blocks)


def _block(kind: type[Block], name: str, fields: Mapping[str, Any]) -> Block:
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        raise _refused(f"{name}.", error) from None


def _refused(prefix: str, error: ValidationError) -> InvalidInput:
    return InvalidInput(
        [
            Problem(
                field=(prefix + ".".join(str(part) for part in fault["loc"])).rstrip("."),
                message=fault["msg"],
            )
            for fault in error.errors(include_input=False, include_url=False)
        ]
    )
