"""vtysh of the FRR-like device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from netstacks_tasks.demo.simulated import frr_show
from netstacks_tasks.demo.simulated.command_table import CommandTable, NoSuchCommand
from netstacks_tasks.demo.simulated.device import SimulatedDevice
from netstacks_tasks.demo.simulated.ios_configure import Configurator, InvalidLine
from netstacks_tasks.demo.simulated.output_filter import filtered
from netstacks_tasks.demo.simulated.program import Ended
from netstacks_tasks.demo.simulated.session import Session
from netstacks_tasks.demo.simulated.terminal import CTRL_Z

Action = Callable[["Vtysh"], str]
Show = Callable[[SimulatedDevice], str]


class Vtysh:
    """One run of vtysh, interactive or with `-c`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._device = session.device
        self._configurator: Configurator | None = None
        self._left = False
        self._shows_configuration = False

    def run_commands(self, arguments: Sequence[str]) -> tuple[Ended, bool]:
        """`vtysh -c COMMAND...`; also whether a configuration was shown."""
        commands = list(arguments)
        if not commands or set(commands[::2]) != {"-c"} or len(commands) % 2:
            return Ended(error="vtysh: expected -c COMMAND\n", status=1), False
        output = []
        for command in commands[1::2]:
            text, known = self._answer(command)
            output.append(text)
            if not known:
                return Ended("".join(output), status=1), self._shows_configuration
        return Ended("".join(output)), self._shows_configuration

    async def interact(self) -> None:
        """Serve the terminal until `exit`."""
        terminal = self._session.terminal
        terminal.write("\nHello, this is FRRouting (version 10.2.1).\n\n")
        while not self._left:
            mode = f"({self._configurator.mode})" if self._configurator else ""
            line = await terminal.read_line(f"{self._device.hostname}{mode}# ")
            if line is None:
                return
            command = line.rstrip(CTRL_Z).strip()
            if command:
                await self._session.begin_command(command)
                self._shows_configuration = False
                text, _ = self._answer(command)
                if self._shows_configuration:
                    text = self._session.configuration(text)
                terminal.write(text)
            if line.endswith(CTRL_Z):
                self._configurator = None

    def _answer(self, line: str) -> tuple[str, bool]:
        if self._configurator:
            return self._configure(line)
        command, _, pipe = line.partition("|")
        try:
            action, _ = _COMMANDS.find(command)
        except NoSuchCommand as error:
            if error.reason == "invalid":
                return f"% Unknown command: {line}\n", False
            return f"% {error.reason.capitalize()} command.\n", False
        text = action(self)
        return (filtered(text, pipe) if pipe.strip() else text), True

    def _configure(self, line: str) -> tuple[str, bool]:
        assert self._configurator is not None  # noqa: S101 - the caller asked
        if line == "end":
            self._configurator = None
        elif line in ("exit", "exit-address-family"):
            if not self._configurator.leave():
                self._configurator = None
        else:
            try:
                self._configurator.apply(line)
            except InvalidLine:
                return f"% Unknown command: {line}\n", False
            self._device.edited(self._session.username)
        return "", True

    # What the commands do.

    def show_running_config(self) -> str:
        self._shows_configuration = True
        return running_config(self._device)

    def show(self, render: Show) -> str:
        return render(self._device)

    def show_json(self, render: Show) -> str:
        # The faults that spoil a configuration spoil what is as long.
        self._shows_configuration = True
        return render(self._device)

    def configure(self) -> str:
        self._configurator = Configurator(self._device.running)
        return ""

    def save(self) -> str:
        self._device.save()
        return (
            "Note: this version of vtysh never writes vtysh.conf\n"
            "Building Configuration...\n"
            "Integrated configuration saved to /etc/frr/frr.conf\n[OK]\n"
        )

    def leave(self) -> str:
        self._left = True
        return ""

    def nothing(self) -> str:
        return ""


def running_config(device: SimulatedDevice) -> str:
    """The running configuration as vtysh prints it."""
    body = device.running.render("frr")
    return f"Building configuration...\n\nCurrent configuration:\n{body}"


def _shows(render: Show) -> Action:
    return lambda vtysh: vtysh.show(render)


def _shows_json(render: Show) -> Action:
    return lambda vtysh: vtysh.show_json(render)


_COMMANDS: Final[CommandTable[Action]] = CommandTable(
    {
        "show running-config": Vtysh.show_running_config,
        "show version": _shows(frr_show.version),
        "show interface brief": _shows(frr_show.interface_brief),
        "show interface json": _shows_json(frr_show.interfaces_json),
        "show interface vrf all json": _shows_json(frr_show.interfaces_json),
        "show bgp summary": _shows(frr_show.bgp_summary),
        "show ip bgp summary": _shows(frr_show.bgp_summary),
        "show bgp vrf all summary": _shows(frr_show.bgp_summary),
        "show bgp neighbors json": _shows_json(frr_show.bgp_neighbours_json),
        "show bgp vrf all neighbors json": _shows_json(frr_show.bgp_neighbours_json),
        "configure terminal": Vtysh.configure,
        "configure": Vtysh.configure,
        "write memory": Vtysh.save,
        "write": Vtysh.save,
        "enable": Vtysh.nothing,
        "terminal length...": Vtysh.nothing,
        "exit": Vtysh.leave,
        "quit": Vtysh.leave,
    }
)
