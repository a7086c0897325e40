"""Serves the fleet: `python -m benchmarks.fleet`.

It ends with its standard input; a line of it is a new latency in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from typing import get_args

import asyncssh

from benchmarks.fleet.addresses import address, name
from benchmarks.fleet.algorithms import Age, host_keys, offered
from benchmarks.fleet.device import Device, Login, Slowness


async def _serve(arguments: argparse.Namespace) -> None:
    port = 0
    slowness = Slowness(arguments.latency)
    for number, key in enumerate(host_keys(arguments.age, arguments.devices)):
        device = Device(name(number), slowness)
        acceptor = await asyncssh.create_server(
            lambda device=device: Login(device),
            address(number),
            port,
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
            **offered(arguments.age),
        )
        # The first one's free port is free on the other addresses too, or the start fails.
        port = acceptor.get_port()
    gc.collect()
    gc.freeze()
    print(json.dumps({"port": port}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        slowness.seconds = float(line)
        print("done", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds: see device.py")
    parser.add_argument("--age", choices=get_args(Age), default="modern")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
