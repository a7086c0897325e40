"""Prefect's own command line, `python -m prefect`, several times faster.

Prefect checks a schedule's timezone against all names whenever it reads or
writes one, and the standard library collects them anew each time, by opening
600 files: 6 ms, for most of what a server does with a deployment. Here they are
collected once. Its memory, which holds the login and every secret of the blocks, is
kept private.
"""

from __future__ import annotations

import functools
import runpy
import zoneinfo

from netstacks_tasks import private_memory

if __name__ == "__main__":
    private_memory.keep()
    # Before Prefect is imported, which keeps the function it finds.
    zoneinfo.available_timezones = functools.cache(zoneinfo.available_timezones)
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)
