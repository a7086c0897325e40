"""`netstacks import`: what it can be followed by."""

from __future__ import annotations

import typer

from netstacks_tasks.cli import documents, import_inventories, import_services
from netstacks_tasks.cli.import_group import FILES

app = typer.Typer(
    help="""Import inventory and tasks from files, or devices from another system.

    What is not the name of a system is a file:

    \b
    Examples:
      netstacks import inventory.yaml tasks.json
      netstacks import netbox https://netbox.example.net --credential core --dry-run
      netstacks import oxidized /var/lib/oxidized/router.db --credential core

    A repeated import changes what changed there, and nothing else. Everything is
    taken, or nothing; each fault is told with its place.
    """
)

app.command(FILES)(documents.import_files)
for command in (
    import_services.netbox,
    import_services.nautobot,
    import_inventories.nornir,
    import_inventories.ansible,
    import_inventories.oxidized,
    import_inventories.rancid,
):
    app.command()(command)
