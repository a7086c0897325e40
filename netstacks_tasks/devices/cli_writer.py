"""Changes configurations line by line, on command lines that have no candidate.

A device of this kind takes each line as it comes. What guards it is this: the
running configuration is captured before the first line; the device's answer to
every line is read before the next is typed; and when a line is refused, or what
is in force afterwards is not what was wanted, the captured configuration is
brought back by the lines that lead to it, and looked at again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.devices import config_tree
from netstacks_tasks.devices.cli_refusals import is_syntax, refusal
from netstacks_tasks.devices.cli_terminal import Terminal, terminal
from netstacks_tasks.devices.config_tree import Section
from netstacks_tasks.devices.ports import ConfigChange, ConfigReader, HostKeys
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.inventory import DeviceTarget
from netstacks_tasks.models.rollout import ConfigMode

_NO: Final = "no "
# vtysh leaves out the second when it may not set the file's owner.
_SAVED: Final = re.compile(r"\[OK\]|configuration saved to ")
_PASSES: Final = 4
"""A line may need another gone, or there, first."""
_LEAVING_SECONDS: Final = 2.0
"""For leaving configuration mode when the work there failed: a silent device has no more."""
_DEEPEST: Final = 8
_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class CliWriter:
    """Line by line over a terminal."""

    host_keys: HostKeys
    reader: ConfigReader
    program: str | None = None
    """What opens the command line where it is not the login shell."""

    @asynccontextmanager
    async def change(
        self, target: DeviceTarget, candidate: str, *, mode: ConfigMode
    ) -> AsyncIterator[ConfigChange]:
        """Nothing is held open between the steps: each proves that the device is in reach."""
        yield _CliChange(self, target, candidate, mode)


class _CliChange:
    def __init__(
        self, writer: CliWriter, target: DeviceTarget, candidate: str, mode: ConfigMode
    ) -> None:
        self._writer = writer
        self._target = target
        self._device = target.device
        self._mode = mode
        self._wanted = config_tree.parse(candidate, self._device.platform)
        self._running = Section("")

    async def running(self, *, timeout: float) -> str:
        text = (await self._writer.reader.read_config(self._target, timeout=timeout)).running
        check_config(self._device.name, self._device.platform, text)
        self._running = config_tree.parse(text, self._device.platform)
        return text

    async def compare(self, *, timeout: float) -> str:  # noqa: ARG002 - the port's
        self._check_lines(self._wanted)
        if self._mode == "replace":
            return config_tree.diff(self._running, self._wanted)
        sent = config_tree.wanting(self._running, self._wanted)
        return config_tree.diff(self._running, config_tree.predicted(self._running, sent))

    async def apply(self, *, timeout: float) -> tuple[str, ...]:
        if self._mode == "replace":
            await self._reach(self._wanted, "apply", timeout)
            return ()
        sent = config_tree.wanting(self._running, self._wanted)
        async with self._configuring("apply", timeout) as typist:
            await typist.enter(sent, self._running)
            return tuple(typist.notes)

    async def verify(self, *, timeout: float) -> None:
        await self.running(timeout=timeout)
        if self._mode == "replace":
            left = list(config_tree.changes(self._running, self._wanted))
            said = "the running configuration differs from what was rendered"
        else:
            left = list(config_tree.unmet(self._running, self._wanted))
            said = (
                "the device took every line and its running configuration does not show "
                "(write them as the device shows them)"
            )
        if left:
            raise self._mismatch("verify", said, left)

    async def keep(self, *, save: bool, timeout: float) -> None:
        if not save:
            return
        async with self._terminal("save", timeout) as opened:
            answer = await opened.send("write memory")
        refused = refusal(answer)
        if not refused and _SAVED.search(answer):
            return
        said = refused or (answer.strip().splitlines() or ["nothing"])[-1][:200]
        raise DeviceError(
            self._device.name,
            "save",
            "storage",
            f"the change is in force and was not saved for the next boot: {said}",
        )

    async def roll_back(self, before: str, *, timeout: float) -> None:
        await self._reach(config_tree.parse(before, self._device.platform), "roll_back", timeout)

    async def _reach(self, wanted: Section, stage: Stage, timeout: float) -> None:
        """Bring the device to a whole configuration, by several passes if need be."""
        refused = ""
        for number in range(_PASSES):
            await self.running(timeout=timeout)
            if config_tree.same(self._running, wanted):
                return
            missing = config_tree.wanting(self._running, wanted)
            async with self._configuring(stage, timeout, lenient=True) as typist:
                # What replaces a value comes first: a moment without an address
                # may be the end of the session.
                if number or not missing.lines:
                    await typist.take_away(self._running, wanted)
                await typist.enter(missing, self._running)
                refused = typist.refused
        await self.running(timeout=timeout)
        left = list(config_tree.changes(self._running, wanted))
        if left:
            said = "the running configuration is not what it should be"
            raise self._mismatch(stage, f"{said} ({refused})" if refused else said, left)

    def _mismatch(self, stage: Stage, said: str, left: list[str]) -> DeviceError:
        more = f"; and {len(left) - _MOST_SHOWN} more" if len(left) > _MOST_SHOWN else ""
        lines = "; ".join(left[:_MOST_SHOWN])
        return DeviceError(self._device.name, stage, "mismatch", f"{said}: {lines}{more}")

    def _check_lines(self, section: Section, depth: int = 0) -> None:
        for line in section.lines:
            fault = ""
            if not line.text.isprintable():
                fault = "it holds a control character"
            elif line.text.startswith("banner "):
                fault = "a banner takes several lines, which cannot be sent one by one"
            elif depth >= _DEEPEST:
                fault = f"it is indented under more than {_DEEPEST} others"
            if fault:
                raise DeviceError(
                    self._device.name,
                    "compare",
                    "template",
                    f"line {line.number} of the rendered configuration, {line.text[:80]!r}: "
                    f"{fault}; leave it out of the stack",
                )
            self._check_lines(line, depth + 1)

    @asynccontextmanager
    async def _configuring(
        self, stage: Stage, timeout: float, *, lenient: bool = False
    ) -> AsyncIterator[_Typist]:
        async with self._terminal(stage, timeout) as opened:
            answer = await opened.send("configure terminal")
            if not opened.mode:
                said = refusal(answer) or "no configuration prompt"
                raise DeviceError(
                    self._device.name,
                    stage,
                    "rejected",
                    f"the device does not let this login configure it: {said}",
                )
            patience: float | None = _LEAVING_SECONDS
            try:
                yield _Typist(opened, self._device.name, stage, lenient=lenient)
                patience = None
            finally:
                # Nobody, the next run least, should find it in configuration mode.
                with suppress(DeviceError, TimeoutError):
                    async with asyncio.timeout(patience):
                        await opened.send("end")

    @asynccontextmanager
    async def _terminal(self, stage: Stage, timeout: float) -> AsyncIterator[Terminal]:
        try:
            async with terminal(
                self._target, self._writer.host_keys, program=self._writer.program, timeout=timeout
            ) as opened:
                yield opened
        except DeviceError as error:
            if error.stage == "command":
                raise DeviceError(error.device, stage, error.cause, error.detail) from error
            raise


class _Typist:
    """Types lines in configuration mode and reads the answer to each."""

    def __init__(self, opened: Terminal, device: str, stage: Stage, *, lenient: bool) -> None:
        self._terminal = opened
        self._device = device
        self._stage: Stage = stage
        self._lenient = lenient
        self.refused = ""
        """The last line that a lenient one went on after, and why."""
        self.notes: list[str] = []

    async def enter(self, sent: Section, running: Section | None) -> None:
        """Type the lines of a tree, each within its section."""
        for line in sent.lines:
            mode = self._terminal.mode
            said = refusal(await self._terminal.send(line.text))
            if said:
                self._weigh(line, said, running)
                continue
            await self.enter(line, running.find(line.text) if running else None)
            await self._back_to(mode)

    async def take_away(self, running: Section, wanted: Section) -> None:
        """Undo every line that is too many."""
        for line in running.lines:
            there = wanted.find(line.text)
            if there is not None:
                if _has_more(line, there):
                    await self._within(line, there)
                continue
            said = refusal(await self._terminal.send(config_tree.undo(line.text)))
            if said:
                self.refused = f"{config_tree.undo(line.text)!r}: {said}"
            if said and line.lines:
                # Some sections cannot go as a whole: empty them instead.
                await self._within(line, Section(line.text))

    async def _within(self, line: Section, wanted: Section) -> None:
        mode = self._terminal.mode
        if not refusal(await self._terminal.send(line.text)):
            await self.take_away(line, wanted)
        await self._back_to(mode)

    async def _back_to(self, mode: str) -> None:
        for _ in range(_DEEPEST):
            if self._terminal.mode == mode:
                return
            await self._terminal.send("exit")
        raise DeviceError(
            self._device,
            self._stage,
            "rejected",
            f"the device does not leave {self._terminal.mode}",
        )

    def _weigh(self, line: Section, said: str, running: Section | None) -> None:
        """Go on after a refused line only where that does no harm."""
        if self._lenient:
            self.refused = f"{line.text!r}: {said}"
            return
        nothing_to_take = line.text.startswith(_NO) and not (
            running is not None and running.holds(line.text.removeprefix(_NO))
        )
        if nothing_to_take and not is_syntax(said):
            self.notes.append(f"nothing to take away by {line.text!r} ({said})")
            return
        raise DeviceError(
            self._device,
            self._stage,
            "rejected",
            f"line {line.number} of the rendered configuration, {line.text!r}: {said}",
        )


def _has_more(running: Section, wanted: Section) -> bool:
    """Whether there is a line in it, however deep, that should not be."""
    for line in running.lines:
        there = wanted.find(line.text)
        if there is None or _has_more(line, there):
            return True
    return False
