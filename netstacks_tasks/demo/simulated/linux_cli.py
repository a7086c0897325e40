"""The shell of the Linux-like and FRR-like devices."""

from __future__ import annotations

from netstacks_tasks.demo.simulated.frr_cli import Vtysh
from netstacks_tasks.demo.simulated.linux_programs import PROGRAMS, SHOW_CONFIGURATION
from netstacks_tasks.demo.simulated.program import Call, Ended
from netstacks_tasks.demo.simulated.session import Session
from netstacks_tasks.demo.simulated.shell_line import BadLine, Pipeline, SimpleCommand, pipelines
from netstacks_tasks.demo.simulated.terminal import CTRL_Z


class LinuxCli:
    """One login; `interact` serves a terminal, `execute` a single command line."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._device = session.device
        self._terminal = session.terminal
        self._terminal.rows = 0
        self._shows_configuration = False

    async def interact(self) -> None:
        """Serve the terminal until the client leaves."""
        self._terminal.write(f"Linux {self._device.hostname} 6.1.0-28-amd64 x86_64\n\n")
        await self._session.begin()
        while True:
            prompt = f"{self._session.username}@{self._device.hostname}:~$ "
            line = await self._terminal.read_line(prompt)
            if line is None or line.strip() in ("exit", "logout"):
                return
            command = line.strip().rstrip(CTRL_Z)
            if command == "vtysh" and self._device.family == "frr":
                await Vtysh(self._session).interact()
            elif command:
                await self._run_line(command)

    async def execute(self, command: str) -> int:
        """Run the command line of an exec request; its exit status."""
        await self._session.begin()
        if command == "vtysh" and self._device.family == "frr":
            await Vtysh(self._session).interact()
            return 0
        return await self._run_line(command)

    async def _run_line(self, line: str) -> int:
        await self._session.begin_command(line)
        self._shows_configuration = False
        output: list[str] = []
        errors: list[str] = []
        try:
            status = self._run_list(pipelines(line), output, errors)
        except BadLine as error:
            errors.append(f"sh: {error}\n")
            status = 2
        text = "".join(output)
        if self._shows_configuration:
            text = self._session.configuration(text)
        self._terminal.write(text)
        self._terminal.write_error("".join(errors))
        return status

    def _run_list(self, steps: list[Pipeline], output: list[str], errors: list[str]) -> int:
        status = 0
        for step in steps:
            if (step.joiner == "&&" and status) or (step.joiner == "||" and not status):
                continue
            if step.commands[0].words[0] == "exit":
                codes = step.commands[0].words[1:]
                return int(codes[0]) % 256 if codes and codes[0].isdecimal() else status
            piped = ""
            for command in step.commands:
                ended = self._run(command, piped)
                if command.error_to_output:
                    ended = Ended(ended.output + ended.error, "", ended.status)
                piped = "" if command.drop_output else ended.output
                if not command.drop_error:
                    errors.append(ended.error)
                status = ended.status
            output.append(piped)
        return status

    def _run(self, command: SimpleCommand, piped: str) -> Ended:
        words = command.words
        while words and (words[0] in ("sudo", "exec") or words[0] == "-n"):
            words = words[1:]
        if not words:
            return Ended()
        name = words[0].rsplit("/", 1)[-1]
        if name == "vtysh" and self._device.family == "frr":
            ended, shows = Vtysh(self._session).run_commands(words[1:])
            self._shows_configuration |= shows
            return ended
        program = PROGRAMS.get(name)
        if program is None:
            return Ended(error=f"sh: 1: {words[0]}: not found\n", status=127)
        self._shows_configuration |= name in SHOW_CONFIGURATION
        return program(Call(self._device, self._session.username, words[1:], piped))
