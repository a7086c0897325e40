"""A backup with RANCID: its collector on every device, as many at a time as it is told to.

`rancid-run` does the same and puts the files into CVS or Git afterwards, which
is left out. The device type is the packaged one: some seventy commands on one
login. Host keys are accepted as they come, as clogin's own users do.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.fleet.device import PASSWORD, USERNAME
from benchmarks.own_cost import OwnCost, run_and_hear
from benchmarks.peers.job import Job

_BIN = Path("/usr/lib/rancid/bin")
PROGRAM = _BIN / "rancid_par"
_PAR_COUNT = 50
_SSH = """\
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
PubkeyAuthentication no
"""
_OLD_SSH = """\
Ciphers +aes128-cbc
KexAlgorithms +diffie-hellman-group14-sha1
HostKeyAlgorithms +ssh-rsa
"""


def back_up(job: Job, scratch: Path) -> OwnCost:
    """Back up the job's devices; its cost.

    Raises:
        RuntimeError: it failed on a device.
    """
    config, ssh, logins = scratch / "ssh_config", scratch / "ssh", scratch / ".cloginrc"
    config.write_text(_SSH + (_OLD_SSH if job.age != "modern" else ""))
    ssh.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {config} "$@"\n')
    ssh.chmod(0o755)
    logins.write_text(_logins(job, ssh))
    logins.chmod(0o600)
    devices = scratch / "devices"
    devices.write_text("".join(f"{host.address}\n" for host in job.hosts))
    env = {
        "HOME": str(scratch),
        "CLOGINRC": str(logins),
        "BASEDIR": str(scratch),
        "TMPDIR": str(scratch),
        "PATH": f"{_BIN}:{os.defpath}",
        "PERL5LIB": "/usr/share/perl5/rancid",
        "PYTHONPATH": os.environ.get("PYTHONPATH", str(Path.cwd())),
        "TERM": "network",
        "LC_COLLATE": "POSIX",
    }
    # It writes to the folder it is in, and names files by address.
    each = f"cd {job.folder} && rancid -t ios {{}}"
    command = [str(PROGRAM), "-q", "-n", str(_PAR_COUNT), "-c", each, str(devices)]
    cost = run_and_hear([sys.executable, "-m", "benchmarks.peers.adopting", *command], env=env)
    for host in job.hosts:
        (job.folder / f"{host.address}.new").rename(job.folder / f"{host.name}.running.cfg")
    return cost


def _logins(job: Job, ssh: Path) -> str:
    port = job.hosts[0].port
    return (
        f"add user * {USERNAME}\n"
        f"add password * {PASSWORD} {PASSWORD}\n"
        f"add method * {{ssh:{port}}}\n"
        "add autoenable * 1\n"
        f"add sshcmd * {{{ssh}}}\n"
    )
