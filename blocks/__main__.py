"""Registers the blocks; saves the documents given as JSON on standard input.

    python -m blocks < documents.json

Secrets come by standard input because arguments can be read by every user of
the machine. Prints the names of what was saved, one a line.
"""

from __future__ import annotations

import asyncio
import sys

from blocks.documents import BlockDocuments, register
from netstacks_tasks import private_memory
from netstacks_tasks.errors import InvalidInput, NetstacksError, Unreachable


def main() -> int:
    """The command; 2 when a document was refused, 3 when Prefect cannot be reached."""
    private_memory.keep()
    try:
        documents = BlockDocuments.parse(sys.stdin.read().strip())
        saved = asyncio.run(register(documents))
    except NetstacksError as error:
        sys.stderr.write(f"{error}\n")
        if isinstance(error, InvalidInput):
            return 2
        return 3 if isinstance(error, Unreachable) else 1
    sys.stdout.write("".join(f"{name}\n" for name in saved))
    return 0


if __name__ == "__main__":
    sys.exit(main())
