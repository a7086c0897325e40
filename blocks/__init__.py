"""The Prefect blocks of NetStacks Scheduled Tasks.

`prefect block register -m blocks` registers every one of them, Prefect's own
database connector included; `python -m blocks` also saves documents.
"""

from __future__ import annotations

from prefect_sqlalchemy import SqlAlchemyConnector

from blocks.config_store import ConfigStore
from blocks.device_credentials import DeviceCredentials
from blocks.model_endpoint import ModelEndpoint

__all__ = ["ConfigStore", "DeviceCredentials", "ModelEndpoint", "SqlAlchemyConnector"]
