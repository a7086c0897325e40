"""An NX-OS device that keeps a configuration: no candidate, but checkpoints on its flash."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.hosts.eos_device import Tree, put
from tests.hosts.https_api import HttpsApi

_SECTIONS = r"interface \S+|vlan \d+"
_INNER = r"description .+|name \S+|(no )?shutdown"


@dataclass
class NxosDevice(HttpsApi):
    """What it runs, what it would boot with, and the files it has."""

    running: Tree = field(default_factory=dict)
    startup: Tree = field(default_factory=dict)
    files: dict[str, Tree] = field(default_factory=dict)
    ignored: str = ""
    """A line that it takes and does not have afterwards."""

    def nxos(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One request: its commands run in order, the first refused one ends it."""
        answers: list[dict[str, Any]] = []
        section: Tree | None = None
        for request in requests:
            command = request["params"]["cmd"]
            answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
            if re.fullmatch(_SECTIONS, command):
                put(self.running, command, gone=False)
                section = self.running[command]
                shown: str | None = ""
            elif section is not None and re.fullmatch(_INNER, command.strip()):
                line = command.strip()
                put(section, line.removeprefix("no "), gone=line.startswith("no "))
                shown = ""
            else:
                shown = self._exec(command)
            self.asked.append(command)
            self.running.pop(self.ignored, None)
            if shown is None and command == "show hostname":
                answers += super().nxos([request])
                continue
            if shown is None:
                data = {"msg": "% Invalid command\n"}
                answer["error"] = {"code": -32602, "message": "Invalid params", "data": data}
                return [*answers, answer]
            answer["result"] = {"msg": shown, "body": {}}
            answers.append(answer)
        return answers

    def _exec(self, command: str) -> str | None:
        if command.startswith("show running-config"):
            return self.shown()
        if command in {"terminal dont-ask", "no terminal dont-ask"}:
            return ""
        if command == "copy run startup-config":
            self.startup = deepcopy(self.running)
            return "Copy complete.\n"
        words = command.split()
        match words:
            case ["checkpoint", "file", name]:
                self.files[name] = deepcopy(self.running)
            case ["rollback", "running-config", "file", name] if name in self.files:
                self.running = deepcopy(self.files[name])
            case ["delete", name] if name in self.files:
                del self.files[name]
            case ["dir", name]:
                return "71803  rollback" if name in self.files else "No such file or directory"
            case _:
                return None
        return ""

    def shown(self) -> str:
        """The running configuration as it prints it."""
        lines = ["", "version 10.3(4a)", "hostname nx-1", ""]
        for line in sorted(self.running):
            lines += [line, *(f"  {inner}" for inner in sorted(self.running[line])), ""]
        return "\n".join(lines)
