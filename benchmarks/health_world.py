"""The database that our health check works on: the targets as its inventory, and a task."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from pydantic import SecretStr

from benchmarks.fleet.device import PASSWORD, USERNAME
from benchmarks.targets.agent import COMMUNITY
from benchmarks.targets.control import Target
from netstacks_tasks.models.ids import CredentialId, DeviceId, GroupId
from netstacks_tasks.models.inventory import Device, DeviceCredential, SnmpSettings
from netstacks_tasks.models.task_spec import parse_task
from netstacks_tasks.store import inventory_changes, tasks
from netstacks_tasks.store.database import Database
from netstacks_tasks.store.inventory_items import Credential, DeviceGroup, Item

LOGIN = DeviceCredential(
    username=USERNAME, password=SecretStr(PASSWORD), snmp_community=SecretStr(COMMUNITY)
)
_NAME = "targets"


async def fill(url: str, targets: Sequence[Target], ssh_port: int, snmp_port: int) -> UUID:
    """Put targets of one credential and no site into the inventory; the task that checks them."""
    login = Credential(id=CredentialId(uuid4()), name=_NAME, block_name=_NAME)
    group = DeviceGroup(id=GroupId(uuid4()), name=_NAME)
    devices = [
        Device(
            id=DeviceId(uuid5(NAMESPACE_DNS, target.name)),
            name=target.name,
            host=target.address,
            port=ssh_port,
            platform="ios",
            groups=(_NAME,),
            credential_id=login.id,
            snmp=SnmpSettings(port=snmp_port),
        )
        for target in targets
    ]
    document = {
        "name": "Health",
        "task_type": "health_check",
        "cron_expression": "*/5 * * * *",
        "parameters": {
            "type": "health_check",
            "target_type": "device_group",
            "target_id": str(group.id),
            "credential_id": str(login.id),
            "checks": ["ping", "ssh", "snmp_sysname"],
        },
    }
    items: list[Item] = [login, group, *devices]
    async with Database.open(url, migrate=False) as db:
        await inventory_changes.save(db, items)
        return (await tasks.create(db, parse_task(document))).id
