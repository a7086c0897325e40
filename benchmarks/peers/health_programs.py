"""fping and net-snmp's snmpget, given all targets at once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measuring import Cost, run_program
from benchmarks.targets.agent import COMMUNITY
from benchmarks.targets.job import ECHO_INTERVAL, ECHOES, SNMP_TRIES, HealthJob, require

_PACE_MS = 0.2
"""Between two packets, as ours: fping's own 10 ms would take a minute for 2,000 targets."""
_SYS_NAME = ".1.3.6.1.2.1.1.5.0"


def fping(job: HealthJob, scratch: Path) -> Cost:
    """The same echo requests, at the same pace and with the same time for each."""
    output = scratch / "fping"
    times = ["-p", f"{ECHO_INTERVAL * 1000:g}", "-t", f"{job.echo_timeout * 1000:g}"]
    cost = run_program(
        ["fping", "-q", "-C", str(ECHOES), *times, "-i", str(_PACE_MS)],
        stdin=_lines(job),
        output=output,
        expect=1 if any(not one.alive for one in job.targets) else 0,
    )
    alive = {
        address.strip(): any(answer != "-" for answer in answers.split())
        for address, _, answers in (line.partition(" : ") for line in output.open())
    }
    require({(one.name, "ping"): alive.get(one.address, False) for one in job.targets}, job)
    return cost


def snmpget(job: HealthJob, scratch: Path) -> Cost:
    """A process for each target, so many at a time."""
    output = scratch / "snmpget"
    asking = ["snmpget", "-v2c", "-c", COMMUNITY, "-t", str(job.snmp_timeout)]
    asking += ["-r", str(SNMP_TRIES - 1), "-On", f"{{}}:{job.snmp_port}", _SYS_NAME]
    cost = run_program(
        ["xargs", "-P", str(job.workers), "-I", "{}", *asking],
        stdin=_lines(job),
        output=output,
        expect=123 if any(not one.alive for one in job.targets) else 0,
    )
    told = set(output.read_text().split('"')[1::2])
    require({(one.name, "snmp_sysname"): one.name in told for one in job.targets}, job)
    return cost


def _lines(job: HealthJob) -> str:
    return "".join(f"{one.address}\n" for one in job.targets)
