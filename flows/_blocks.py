"""Loads what a run needs from Prefect's blocks, without telling secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from prefect.blocks.system import Secret
from prefect_sqlalchemy import SqlAlchemyConnector
from pydantic import SecretStr

from blocks import ConfigStore, DeviceCredentials
from blocks.documents import CONFIG_STORE, DATABASE, database_url
from flows._settings import SETTINGS
from netstacks_tasks.errors import ConfigurationError
from netstacks_tasks.models.inventory import DeviceCredential


def _unusable(kind: str, name: str, error: Exception) -> ConfigurationError:
    # A validation error shows the values it refused: it must not be chained.
    return ConfigurationError(
        f"the block {kind}/{name} cannot be loaded ({type(error).__name__}); "
        f"save it again on Prefect's Blocks page or with python -m blocks"
    )


async def load_database_url() -> str:
    """The `postgresql://` URL of NetStacks' database.

    Raises:
        ConfigurationError: there is no usable block and no override.
    """
    if SETTINGS.database_url is not None:
        return SETTINGS.database_url.get_secret_value()
    try:
        block = await SqlAlchemyConnector.aload(DATABASE)
    except Exception as error:
        raise _unusable("sqlalchemy-connector", DATABASE, error) from None
    return database_url(block)


async def load_config_root() -> Path:
    """Where the newest configurations lie as files.

    Raises:
        ConfigurationError: there is no usable block.
    """
    try:
        block = cast("ConfigStore", await ConfigStore.aload(CONFIG_STORE))
    except Exception as error:
        raise _unusable("netstacks-config-store", CONFIG_STORE, error) from None
    return block.path


async def load_credential(block_name: str) -> DeviceCredential:
    """The secrets of a device credentials document.

    Raises:
        ConfigurationError: there is no usable block of that name.
    """
    try:
        block = cast("DeviceCredentials", await DeviceCredentials.aload(block_name))
    except Exception as error:
        raise _unusable("netstacks-device-credentials", block_name, error) from None
    return block.get_client()


async def load_secret(block_name: str) -> SecretStr:
    """The value of one of Prefect's Secret blocks.

    Raises:
        ConfigurationError: there is no usable block of that name.
    """
    try:
        block = cast("Secret[Any]", await Secret.aload(block_name))
    except Exception as error:
        raise _unusable("secret", block_name, error) from None
    value = block.get()
    if not isinstance(value, str):
        message = f"the block secret/{block_name} holds no text: save a text in it"
        raise ConfigurationError(message)
    return SecretStr(value)
