"""Several Prefect servers and their background services, forked from one that has imported it all.

    python -P -m tests.integration.topology.servers FOLDER PORT...

The database is migrated first. Each of them is what `prefect server start --no-services`,
or `prefect server services start`, makes of the environment; it leaves its process id and
its log in the folder. To import everything four times would be most of what a test costs.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import zoneinfo
from collections.abc import Callable
from pathlib import Path


def _everything() -> Callable[[], object]:
    """Imports what the children need; returns Prefect's command line."""
    zoneinfo.available_timezones = functools.cache(zoneinfo.available_timezones)
    import prefect_redis.cleanup_queue
    import prefect_redis.lease_storage
    import prefect_redis.messaging
    import prefect_redis.ordering  # noqa: F401 - as all of these
    from prefect.cli import app
    from prefect.cli._server_utils import _run_all_services  # noqa: F401
    from prefect.server.api import server  # noqa: F401

    return app


def _fork(app: Callable[[], object], folder: Path, name: str, *words: str) -> int:
    """A child that runs Prefect's command line; returns its process id."""
    pid = os.fork()
    if pid:
        (folder / f"{name}.pid").write_text(str(pid))
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with (folder / f"{name}.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.argv = ["prefect", *words]
    app()
    os._exit(0)


def main() -> None:
    """Start them, and wait for the end."""
    folder, ports = Path(sys.argv[1]), sys.argv[2:]
    app = _everything()
    _, status = os.waitpid(
        _fork(app, folder, "migration", "server", "database", "upgrade", "-y"), 0
    )
    if status:
        sys.exit((folder / "migration.log").read_text())
    for number, port in enumerate(ports, 1):
        words = ("server", "start", "--no-services", "--host", "127.0.0.1", "--port", port)
        _fork(app, folder, f"server-{number}", *words)
    _fork(app, folder, "services", "server", "services", "start")
    for _ in range(len(ports) + 1):
        os.wait()


if __name__ == "__main__":
    main()
