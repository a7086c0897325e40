"""The worker type `netstacks`: every flow run in a child of a process that has imported everything.

Prefect finds it by the entry point of this package; start one with
`prefect worker start --pool POOL --type netstacks`.
"""

from netstacks_tasks.worker.worker import NetstacksWorker

__all__ = ["NetstacksWorker"]
