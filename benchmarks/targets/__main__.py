"""Serves the live targets until its standard input ends: `python -m benchmarks.targets`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from typing import Final

import asyncssh

from benchmarks.fleet.addresses import address, name
from benchmarks.fleet.algorithms import host_keys, offered
from benchmarks.fleet.device import Device, Login, Slowness
from benchmarks.targets.agent import Agent

_BACKLOG: Final = 16


async def _serve(count: int) -> None:
    ssh = snmp = 0
    agents = []
    # Its terminal is the same everywhere: nobody looks at what it says.
    device = Device("target", Slowness(0.0))
    keys = host_keys("modern", count)
    for number, key in enumerate(keys):
        acceptor = await asyncssh.create_server(
            lambda: Login(device),
            address(number),
            ssh,
            backlog=_BACKLOG,
            server_host_keys=[key],
            encoding=None,
            line_editor=False,
            config=None,
            public_key_auth=False,
            kbdint_auth=False,
            gss_auth=False,
            gss_kex=False,
            compression_algs=["none"],
            login_timeout=0,
            server_version="Cisco-1.25",
            **offered("modern"),
        )
        agents.append(Agent(name(number), address(number), snmp))
        # The first one's free ports are free on the other addresses too, or the start fails.
        ssh, snmp = acceptor.get_port(), agents[0].port
    gc.collect()
    gc.freeze()
    shown = [key.export_public_key("openssh").decode().strip() for key in keys]
    print(json.dumps({"ssh": ssh, "snmp": snmp, "keys": shown}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments().live))
