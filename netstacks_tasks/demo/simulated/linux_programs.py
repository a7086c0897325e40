"""The few programs a simulated Linux server has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from netstacks_tasks.demo.simulated.linux_network import KERNEL_FILES, ip, ss
from netstacks_tasks.demo.simulated.program import Call, Ended, Program


def _cat(call: Call) -> Ended:
    names = [name for name in call.arguments if not name.startswith("-")]
    if not names:
        return Ended(call.standard_input)
    output, error = [], []
    for name in names:
        if name in KERNEL_FILES:
            output.append(KERNEL_FILES[name](call.device))
        elif name in call.device.files:
            output.append(call.device.files[name])
        else:
            error.append(f"cat: {name}: No such file or directory\n")
    return Ended("".join(output), "".join(error), 1 if error else 0)


def _grep(call: Call) -> Ended:
    """Fixed text only; `-v` and `-i` are understood."""
    options = "".join(word[1:] for word in call.arguments if word.startswith("-"))
    words = [word for word in call.arguments if not word.startswith("-")]
    if not words:
        return Ended(error="Usage: grep [OPTION]... PATTERNS [FILE]...\n", status=2)
    source = _cat(Call(call.device, call.username, words[1:], call.standard_input))
    fold = str.lower if "i" in options else str
    kept = [
        line
        for line in source.output.splitlines(keepends=True)
        if (fold(words[0]) in fold(line)) != ("v" in options)
    ]
    return Ended("".join(kept), source.error, 0 if kept else 1)


def _head(call: Call) -> Ended:
    words = [word.lstrip("-n") for word in call.arguments]
    numbers = [word for word in words if word.isdecimal()]
    count = int(numbers[0]) if numbers else 10
    return Ended("".join(call.standard_input.splitlines(keepends=True)[:count]))


def _echo(call: Call) -> Ended:
    return Ended(" ".join(call.arguments) + "\n")


def _hostname(call: Call) -> Ended:
    return Ended(call.device.hostname + "\n")


def _whoami(call: Call) -> Ended:
    return Ended(call.username + "\n")


def _identity(call: Call) -> Ended:
    name = call.username
    if call.arguments == ["-u"]:
        return Ended("1000\n")
    return Ended(f"uid=1000({name}) gid=1000({name}) groups=1000({name})\n")


def _uname(call: Call) -> Ended:
    release = "6.1.0-28-amd64"
    known = {"-n": call.device.hostname, "-r": release, "-s": "Linux", "-m": "x86_64"}
    if call.arguments and call.arguments[0] in known:
        return Ended(known[call.arguments[0]] + "\n")
    if call.arguments:
        full = f"Linux {call.device.hostname} {release} #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux"
        return Ended(full + "\n")
    return Ended("Linux\n")


def _uptime(call: Call) -> Ended:
    days = int(call.device.uptime // 86_400)
    now = datetime.now(UTC)
    return Ended(f" {now:%H:%M:%S} up {days} days,  1 user,  load average: 0.08, 0.03, 0.01\n")


def _date(_call: Call) -> Ended:
    return Ended(f"{datetime.now(UTC):%a %b %d %H:%M:%S UTC %Y}\n")


def _memory(_call: Call) -> Ended:
    return Ended(
        "               total        used        free      shared  buff/cache   available\n"
        "Mem:            3919         712        2210          12         996        3001\n"
        "Swap:              0           0           0\n"
    )


def _disks(_call: Call) -> Ended:
    return Ended(
        "Filesystem      Size  Used Avail Use% Mounted on\n"
        "/dev/vda1        20G  6.1G   13G  33% /\n"
    )


def _ls(call: Call) -> Ended:
    names = [word for word in call.arguments if not word.startswith("-")]
    files = sorted(call.device.files)
    if not names:
        return Ended()
    found = [
        name for name in files if name == names[0] or name.startswith(names[0].rstrip("/") + "/")
    ]
    if not found:
        missing = f"ls: cannot access '{names[0]}': No such file or directory\n"
        return Ended(error=missing, status=2)
    return Ended("\n".join(found) + "\n")


def _test(call: Call) -> Ended:
    """`test -r FILE`, `-f`, `-e`; whether a text is empty is of no use here."""
    words = [word for word in call.arguments if word != "]"]
    there = len(words) == 2 and words[0] in ("-e", "-f", "-r") and words[1] in call.device.files
    return Ended(status=0 if there else 1)


def _command(call: Call) -> Ended:
    """`command -v NAME`."""
    name = call.arguments[-1] if call.arguments else ""
    known = name in PROGRAMS or (name == "vtysh" and call.device.family == "frr")
    return Ended(f"/usr/bin/{name}\n") if known else Ended(status=127)


def _succeed(_call: Call) -> Ended:
    return Ended()


def _fail(_call: Call) -> Ended:
    return Ended(status=1)


PROGRAMS: Final[dict[str, Program]] = {
    "cat": _cat,
    "command": _command,
    "date": _date,
    "df": _disks,
    "echo": _echo,
    "false": _fail,
    "free": _memory,
    "grep": _grep,
    "head": _head,
    "hostname": _hostname,
    "id": _identity,
    "ip": ip,
    "ls": _ls,
    "ss": ss,
    "test": _test,
    "[": _test,
    "true": _succeed,
    ":": _succeed,
    "export": _succeed,
    "uname": _uname,
    "uptime": _uptime,
    "whoami": _whoami,
}

SHOW_CONFIGURATION: Final = frozenset({"cat", "ip"})
"""Programs whose output stands for a configuration, so that faults spoil it."""
