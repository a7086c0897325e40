"""The command line of the IOS-like device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netstacks_tasks.demo.simulated import ios_show
from netstacks_tasks.demo.simulated.command_table import CommandTable, NoSuchCommand
from netstacks_tasks.demo.simulated.ios_configure import Configurator, InvalidLine
from netstacks_tasks.demo.simulated.output_filter import filtered
from netstacks_tasks.demo.simulated.session import Session
from netstacks_tasks.demo.simulated.terminal import CTRL_Z, HELP

Action = Callable[["IosCli", list[str]], str]


class Leave(Exception):
    """The session ends as the client asked."""


class IosCli:
    """One login; `interact` serves a terminal, `execute` a single command."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._device = session.device
        self._terminal = session.terminal
        login = f"username {session.username} privilege 15 "
        self._privileged = any(self._device.running.root.starting(login))
        self._configurator: Configurator | None = None
        self._asking_secret = False

    async def interact(self) -> None:
        """Serve the terminal until the client leaves."""
        banner = self._device.running.root.value("banner motd ").strip("^C")
        self._terminal.write(f"{banner}\n")
        await self._session.begin()
        typed = ""
        while True:
            line = await self._terminal.read_line(self._prompt, initial=typed, help_key=True)
            typed = ""
            if line is None:
                return
            if line.endswith(HELP):
                typed = line.removesuffix(HELP)
                self._terminal.write(self._help(typed))
            elif not await self._handle(line):
                return

    async def execute(self, command: str) -> int:
        """Run one command of an exec request; its exit status."""
        await self._session.begin()
        await self._session.begin_command(command)
        self._terminal.write(self._answer(command))
        return 0

    @property
    def _prompt(self) -> str:
        name = self._device.hostname
        if self._configurator:
            return f"{name[:20]}({self._configurator.mode})#"
        return f"{name}{'#' if self._privileged else '>'}"

    async def _handle(self, line: str) -> bool:
        command = line.rstrip(CTRL_Z).strip()
        if command and not command.startswith("!"):
            await self._session.begin_command(command)
            try:
                output = self._configure(command) if self._configurator else self._answer(command)
            except Leave:
                return False
            if self._asking_secret:
                await self._enable()
            elif not await self._terminal.page(output):
                return False
            if self._configurator and not await self._read_banner(command):
                return False
        if line.endswith(CTRL_Z):
            self._end_configuration()
        return True

    def _answer(self, line: str) -> str:
        command, _, pipe = line.partition("|")
        try:
            action, arguments = _COMMANDS.find(command)
        except NoSuchCommand as error:
            return self._refusal(error.reason, error.position)
        text = action(self, arguments)
        return filtered(text, pipe) if pipe.strip() else text

    def _refusal(self, reason: str, position: int) -> str:
        if reason == "incomplete":
            return "% Incomplete command.\n\n"
        if reason == "ambiguous":
            return "% Ambiguous command\n\n"
        caret = " " * (len(self._prompt) + position) + "^"
        return f"{caret}\n% Invalid input detected at '^' marker.\n\n"

    def _configure(self, line: str) -> str:
        assert self._configurator is not None  # noqa: S101 - the caller asked
        words = line.split()
        if words[0] == "end":
            self._end_configuration()
        elif words[0] == "exit":
            if not self._configurator.leave():
                self._end_configuration()
        elif words[0] == "do" and len(words) > 1:
            return self._answer(line.split(maxsplit=1)[1])
        elif not self._configurator.banner_mark(line):
            try:
                self._configurator.apply(line)
            except InvalidLine as error:
                return self._refusal("invalid", error.position)
            self._device.edited(self._session.username)
        return ""

    async def _read_banner(self, line: str) -> bool:
        """Take the lines of a banner up to its mark; False when the client left."""
        mark = self._configurator.banner_mark(line) if self._configurator else None
        if mark is None or self._configurator is None:
            return True
        self._terminal.write(f"Enter TEXT message.  End with the character '{mark}'.\n")
        lines = [line]
        while mark not in lines[-1] or len(lines) == 1:
            typed = await self._terminal.read_line()
            if typed is None:
                return False
            lines.append(typed)
        self._configurator.apply("\n".join(lines))
        self._device.edited(self._session.username)
        return True

    def _end_configuration(self) -> None:
        if self._configurator:
            self._configurator = None

    async def _enable(self) -> None:
        self._asking_secret = False
        secret = self._device.credential.enable_secret
        for _ in range(3):
            typed = await self._terminal.read_line("Password: ", echo=False)
            right = secret is not None and typed == secret.get_secret_value()
            if right and "enable" not in self._session.faults:
                self._privileged = True
                return
            if typed is None:
                return
        self._terminal.write("% Bad secrets\n\n")

    def _help(self, typed: str) -> str:
        if self._configurator:
            return ""
        return "".join(f"  {word}\n" for word in _COMMANDS.completions(typed)) or "% Unrecognized\n"

    # What the commands do.

    def show(self, render: ios_show.Show) -> str:
        return render(self._device)

    def show_interfaces(self, arguments: list[str]) -> str:
        shown = ios_show.interfaces(self._device, " ".join(arguments))
        return shown or self._refusal("invalid", len("show interfaces "))

    def show_config(self, render: ios_show.Show) -> str:
        if not self._privileged:
            return self._refusal("invalid", 5)
        return self._session.configuration(render(self._device))

    def ask_secret(self, _arguments: list[str]) -> str:
        self._asking_secret = not self._privileged
        return ""

    def disable(self, _arguments: list[str]) -> str:
        self._privileged = False
        return ""

    def leave(self, _arguments: list[str]) -> str:
        raise Leave

    def set_length(self, arguments: list[str]) -> str:
        if len(arguments) != 1 or not arguments[0].isdecimal() or int(arguments[0]) > 512:
            return self._refusal("invalid", 16)
        self._terminal.rows = int(arguments[0])
        return ""

    def set_width(self, arguments: list[str]) -> str:
        if len(arguments) != 1 or not arguments[0].isdecimal() or int(arguments[0]) > 512:
            return self._refusal("invalid", 15)
        return ""

    def configure(self, _arguments: list[str]) -> str:
        if not self._privileged:
            return self._refusal("invalid", 0)
        self._configurator = Configurator(self._device.running)
        return "Enter configuration commands, one per line.  End with CNTL/Z.\n"

    def save(self, _arguments: list[str]) -> str:
        if not self._privileged:
            return self._refusal("invalid", 0)
        self._device.save()
        return "Building configuration...\n[OK]\n"

    def show_privilege(self, _arguments: list[str]) -> str:
        return f"Current privilege level is {15 if self._privileged else 1}\n"


def _shows(render: ios_show.Show) -> Action:
    return lambda cli, _arguments: cli.show(render)


def _shows_config(render: ios_show.Show) -> Action:
    return lambda cli, _arguments: cli.show_config(render)


_COMMANDS: Final[CommandTable[Action]] = CommandTable(
    {phrase: _shows(render) for phrase, render in ios_show.SHOWS.items()}
    | {
        "show running-config": _shows_config(ios_show.running_config),
        "show running-config all": _shows_config(ios_show.running_config),
        "show startup-config": _shows_config(ios_show.startup_config),
        "show interfaces...": IosCli.show_interfaces,
        "show privilege": IosCli.show_privilege,
        "enable": IosCli.ask_secret,
        "disable": IosCli.disable,
        "exit": IosCli.leave,
        "logout": IosCli.leave,
        "quit": IosCli.leave,
        "terminal length...": IosCli.set_length,
        "terminal width...": IosCli.set_width,
        "configure terminal": IosCli.configure,
        "write memory": IosCli.save,
        "write": IosCli.save,
        "copy running-config startup-config": IosCli.save,
    }
)
