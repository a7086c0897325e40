"""A stored script logs in to a router nobody here wrote and reports what it found there."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from netstacks_tasks.devices.adapters import DeviceAccess
from netstacks_tasks.importing.documents import import_documents
from netstacks_tasks.models.inventory import Device, DeviceCredential, DeviceTarget
from netstacks_tasks.store import inventory, tasks
from netstacks_tasks.store.host_keys import StoredHostKeys
from tests.hosts.frr_host import FrrHost, frr_host, missing_parts
from tests.integration.flows.running import run
from tests.integration.flows.world import shown

if TYPE_CHECKING:
    from netstacks_tasks.embedded.stack import Stack
    from netstacks_tasks.store.database import Database

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(bool(missing_parts()), reason=missing_parts() or "all there"),
    pytest.mark.usefixtures("engine"),
]

SCRIPT = r"""#!/bin/bash
# ssh asks a program for the password: it stands in no argument and no variable.
read_json() { python3 -c "import json, sys; found = json.load(open(sys.argv[1]))
$2" "$1"; }
cat > askpass << END
#!/bin/sh
exec python3 -c 'import json; print(json.load(open("$NETSTACKS_CREDENTIAL"))["password"])'
END
chmod 700 askpass
export SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force
user=$(read_json "$NETSTACKS_CREDENTIAL" 'print(found["username"])')
options=(-o UserKnownHostsFile="$NETSTACKS_KNOWN_HOSTS" -o ConnectTimeout=5)
read_json "$NETSTACKS_DEVICES" 'for one in found: print(one["name"], one["host"], one["port"])' |
while read -r name host port; do
    config=artifacts/$name.cfg
    if ssh -n -p "$port" "${options[@]}" "$user@$host" 'show running-config' > "$config" 2> why
    then ok=true; summary="$(grep -c '^router bgp' "$config") BGP process"
    else ok=false; summary=$(tail -n 1 why | tr -d '\r"'); fi
    echo "{\"device\": \"$name\", \"ok\": $ok, \"summary\": \"$summary\"}" >> "$NETSTACKS_RESULTS"
done
"""


@pytest.fixture(scope="module")
def host() -> Iterator[FrrHost]:
    with tempfile.TemporaryDirectory(prefix="netstacks-frr-") as folder:
        Path(folder).chmod(0o755)
        with frr_host(Path(folder) / "host") as running:
            yield running


def everything(host: FrrHost) -> dict[str, Any]:
    """A file to import: a router that answers and one that does not, the script, its task."""
    credential, group, script = (str(uuid4()) for _ in range(3))
    return {
        "credentials": [{"id": credential, "name": "frr", "block_name": "netstacks-frr"}],
        "device_groups": [{"id": group, "name": "routers"}],
        "devices": [
            {
                "name": name,
                "host": host.address,
                "port": port,
                "platform": "frr",
                "credential": "frr",
                "groups": ["routers"],
            }
            for name, port in (("frr-real", 22), ("frr-deaf", 23))
        ],
        "scripts": [{"id": script, "name": "count", "interpreter": "bash", "body": SCRIPT}],
        "tasks": [
            {
                "name": "Count BGP",
                "task_type": "custom_script",
                "cron_expression": "0 2 * * *",
                "max_retries": 0,
                "parameters": {
                    "type": "custom_script",
                    "script_id": script,
                    "credential_id": credential,
                    "target_type": "device_group",
                    "target_id": group,
                },
            }
        ],
    }


async def test_it_logs_in_with_what_it_is_given_and_reports_each_device(
    prefect_stack: Stack, database: Database, host: FrrHost, tmp_path: Path
) -> None:
    from blocks.documents import BlockDocuments, register

    def documents(database_url: str, root: Path) -> BlockDocuments:
        secrets = {"username": host.username, "password": host.password}
        return BlockDocuments.model_validate(
            {
                "database_url": database_url,
                "config_store_root": str(root),
                "device_credentials": {"netstacks-frr": secrets},
            }
        )

    file = tmp_path / "everything.json"
    file.write_text(json.dumps(everything(host)))
    await import_documents(database, [file])
    await register(documents(database.url, tmp_path / "configs"))
    try:
        # As any backup or health check does when it meets the device first.
        await _meet(database, "frr-real", host)
        task = await tasks.get(database, "Count BGP")
        ran = await run("custom_script", str(task.id), timeout=60)
    finally:
        await register(documents(prefect_stack.database_url, prefect_stack.config_store))
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT device_name, ok, cause, summary FROM device_results WHERE run_id = %s"
            " ORDER BY ok",
            (ran.id,),
        )
        deaf, real = await cursor.fetchall()
    assert real == ("frr-real", True, None, "1 BGP process")
    assert deaf[:3] == ("frr-deaf", False, "reported")
    assert "Connection refused" in deaf[3]
    assert ran.state.is_failed()
    kept = tmp_path / "configs" / "script-artifacts" / str(ran.id) / "1" / "frr-real.cfg"
    assert "router bgp 65001" in kept.read_text()
    assert host.password not in str(await shown(ran.id))


async def _meet(database: Database, name: str, host: FrrHost) -> None:
    device = await inventory.get(database, Device, name)
    credential = DeviceCredential(username=host.username, password=SecretStr(host.password))
    async with DeviceAccess(StoredHostKeys(database)) as access:
        await access.login.login(DeviceTarget(device=device, credential=credential), timeout=15)
