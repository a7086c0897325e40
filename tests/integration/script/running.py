"""Runs a script as its flow does, and remembers what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr

from netstacks_tasks.models.ids import DeviceId
from netstacks_tasks.models.inventory import Device, DeviceCredential
from netstacks_tasks.operations.redaction import Redactor
from netstacks_tasks.operations.script.artifacts import Artifacts, keep_artifacts
from netstacks_tasks.operations.script.documents import (
    credential_document,
    devices_document,
    script_text,
)
from netstacks_tasks.operations.script.isolation import Isolation, interpreter_for
from netstacks_tasks.operations.script.limits import ScriptLimits
from netstacks_tasks.operations.script.runner import ScriptEnd, run_script
from netstacks_tasks.operations.script.workspace import workspace

KEY = "-----BEGIN KEY-----\ncanary-line-one\ncanary-line-two\n-----END KEY-----\n"
CREDENTIAL = DeviceCredential(
    username="backup", password=SecretStr("canary-password"), private_key=SecretStr(KEY)
)
DEVICE = Device(id=DeviceId(uuid4()), name="r1", host="127.0.0.1", port=22, platform="frr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A script's end, its lines, and what was kept."""

    end: ScriptEnd
    lines: list[tuple[str, str]]
    folder: Path
    """Where it worked; gone."""
    artifacts: Artifacts = field(default_factory=Artifacts)


async def ran(
    isolation: Isolation,
    text: str,
    *arguments: str,
    interpreter: str = "python",
    seconds: float = 20,
    limits: ScriptLimits | None = None,
    keep: Path | None = None,
) -> Ran:
    """Run a script to its end; nothing of its folder is left then."""
    redactor = Redactor()
    redactor.learn(CREDENTIAL)
    lines: list[tuple[str, str]] = []
    artifacts = Artifacts()
    with workspace(isolation.uid) as place:
        script = place.script(interpreter)
        place.write(script, script_text(text))
        place.write(place.devices, devices_document([DEVICE]))
        place.write(place.credential, credential_document(CREDENTIAL))
        end = await run_script(
            [interpreter_for(interpreter, isolation), str(script), *arguments],
            place,
            isolation,
            seconds=seconds,
            said=lambda stream, line: lines.append((stream, line)),
            redact=redactor,
            credential=True,
            limits=limits,
        )
        if keep is not None:
            artifacts = keep_artifacts(place, keep, redactor)
    assert not place.outer.exists()
    return Ran(end=end, lines=lines, folder=place.folder, artifacts=artifacts)


def alive(marker: str) -> list[int]:
    """Processes that were started under a name."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue  # it ended meanwhile
        if words[0] == marker.encode():
            found.append(int(entry.parent.name))
    return found
