"""Changes configurations through NAPALM, on devices that have a candidate.

Each step is a session of its own, so that each proves that the device can still
be managed. Where the driver can, the device itself guards the change: it is
committed with a timer, and unless it is kept in time the device takes it back,
whatever became of the way to it or of us.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from netstacks_tasks.devices.cisco_commits import IosCommits, IosXrCommits, NxosCommits
from netstacks_tasks.devices.config_diff import difference
from netstacks_tasks.devices.eos_commits import EosCommits
from netstacks_tasks.devices.junos_commits import JunosCommits
from netstacks_tasks.devices.napalm_commits import Commits
from netstacks_tasks.devices.napalm_refusals import at_stage, refused_change
from netstacks_tasks.devices.napalm_session import in_session
from netstacks_tasks.devices.normalise import clean, normalise
from netstacks_tasks.devices.ports import ConfigChange, HostKeys
from netstacks_tasks.devices.sanity import check_config
from netstacks_tasks.ending import to_its_end
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.inventory import DeviceTarget
from netstacks_tasks.models.rollout import ConfigMode

T = TypeVar("T")

_COMMITS: Final[Mapping[str, type[Commits]]] = {
    "eos": EosCommits,
    "junos": JunosCommits,
    "ios": IosCommits,
    "nxos": NxosCommits,
    "nxos_ssh": NxosCommits,
    "iosxr": IosXrCommits,
}
_MOST_SHOWN: Final = 5
_LONGEST_SHOWN: Final = 120
_ENDS: Final = frozenset({"", "!", "}"})
"""What only ends a section says nothing of it."""
_TIDYING_SECONDS: Final = 5.0
_TRY_SECONDS: Final = 30.0
"""For each look at a device that is about to take the change back by itself."""
_PAUSE_SECONDS: Final = 2.0
_LOGIN: Final = frozenset(
    {"resolve", "connect", "key_exchange", "host_key", "authenticate", "prompt"}
)


@dataclass(frozen=True, slots=True)
class NapalmWriter:
    """Every platform that NAPALM has a driver for."""

    host_keys: HostKeys

    @asynccontextmanager
    async def change(
        self, target: DeviceTarget, candidate: str, *, mode: ConfigMode
    ) -> AsyncIterator[ConfigChange]:
        """No candidate and no lock outlives a step; what a cut one left goes at the end."""
        change = _NapalmChange(self.host_keys, target, candidate, mode)
        try:
            yield change
        finally:
            await change.tidy()


class _NapalmChange:
    def __init__(
        self, host_keys: HostKeys, target: DeviceTarget, candidate: str, mode: ConfigMode
    ) -> None:
        self._host_keys = host_keys
        self._target = target
        self._device = target.device
        self._candidate = candidate
        self._mode = mode
        self._commits = _COMMITS[self._device.platform](self._device)
        self._committed = False
        """The device was told to commit; it may have done so."""
        self._reverts_at: float | None = None
        """When, by the loop's clock, the device has taken back what was not confirmed."""

    async def running(self, *, timeout: float) -> str:
        return await self._do("compare", self._read, timeout, "show its configuration")

    async def compare(self, *, timeout: float) -> str:
        return await self._do("compare", self._difference, timeout, "compare the candidate")

    async def apply(self, *, timeout: float) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        seconds = self._commits.timer(timeout) if self._commits.timer_step else None

        def commit(driver: Any) -> None:  # noqa: ANN401 - NAPALM's is untyped
            with self._loaded(driver, self._candidate, self._mode):
                self._commits.check_free(driver)
                self._committed = True
                self._commits.commit(driver, seconds)

        try:
            await self._do("apply", commit, timeout, "commit the candidate")
        except DeviceError as error:
            if error.cause == "rejected" and self._commits.whole:
                self._committed = False
            raise
        finally:
            # One that was cut off may have been committed all the same.
            if self._committed and seconds is not None:
                self._reverts_at = loop.time() + seconds
        if seconds is None:
            return (f"without a commit timer, which NAPALM has not for {self._device.platform}",)
        return ()

    async def verify(self, *, timeout: float) -> None:
        try:
            left = await self._do("verify", self._difference, timeout, "show what is in force")
        except DeviceError as error:
            if error.stage not in _LOGIN:
                raise
            said = f"no login after the change: {error.detail}"
            raise DeviceError(error.device, "verify", error.cause, said) from error
        if left:
            raise self._mismatch(
                "verify",
                "the device committed it, and loading it again would still change "
                "(write lines as the device shows them)",
                left,
            )

    async def keep(self, *, save: bool, timeout: float) -> None:
        confirmed = not self._commits.timer_step

        def act(driver: Any) -> None:  # noqa: ANN401 - as above
            nonlocal confirmed
            if not confirmed:
                self._confirm(driver)
                confirmed = True
            self._committed = False
            if save:
                self._commits.save(driver)

        try:
            await self._do("save", act, timeout, "confirm the change")
        except DeviceError as error:
            if error.stage == "verify":
                raise
            said = f"the change is in force and was not saved for the next boot: {error.detail}"
            if not confirmed:
                said = f"the change could not be confirmed: {error.detail}{self._by_itself()}"
            raise DeviceError(error.device, "save", error.cause, said) from error
        finally:
            if confirmed:
                self._reverts_at = None

    async def roll_back(self, before: str, *, timeout: float) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + timeout
        while True:
            waiting = self._reverts_in() > 0
            left = ends - loop.time()
            try:
                await self._go_back(before, min(left, _TRY_SECONDS) if waiting else left)
                break
            except DeviceError as error:
                # Out of reach now need not be out of reach when the device has acted.
                if not waiting or ends - loop.time() <= 2 * _PAUSE_SECONDS:
                    said = f"{error.detail}{self._by_itself()}"
                    raise DeviceError(error.device, "roll_back", error.cause, said) from error
            await asyncio.sleep(_PAUSE_SECONDS)
        self._committed = False
        self._reverts_at = None

    async def tidy(self) -> None:
        """Remove what steps that were cut off left, as well as it can be done."""
        if not self._commits.untidy(settled=not self._committed):
            return
        with suppress(DeviceError):
            await to_its_end(
                self._do("save", self._commits.tidy, _TIDYING_SECONDS, "discard the candidate")
            )

    async def _go_back(self, before: str, timeout: float) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + timeout
        after = ""
        # What cannot be taken back, the whole configuration brings back.
        for step in (self._take_back, self._bring_back):
            await self._do("roll_back", partial(step, before), ends - loop.time(), "go back")
            left = ends - loop.time()
            after = await self._do("roll_back", self._read, left, "show its configuration")
            if self._same(before, after):
                return
        raise self._mismatch(
            "roll_back",
            "the running configuration is not what it was",
            difference(self._device.platform, before, after),
        )

    def _take_back(self, before: str, driver: Any) -> None:  # noqa: ANN401 - as above
        if self._commits.pending(driver):
            ours = self._committed or self._commits.named
        else:
            # The last commit is not ours when ours did not come to pass.
            ours = self._committed and self._commits.checkpoint
            ours = ours and not self._same(before, self._read(driver))
        if ours:
            with suppress(Exception):
                self._commits.take_back(driver)

    def _bring_back(self, before: str, driver: Any) -> None:  # noqa: ANN401 - as above
        with self._loaded(driver, before, "replace"):
            self._commits.commit(driver, None)

    def _confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        if self._commits.pending(driver):
            self._commits.confirm(driver)
        elif self._committed:
            raise DeviceError(
                self._device.name,
                "verify",
                "mismatch",
                "the device took the change back by itself before it was confirmed: its checks "
                "took longer than they had",
            )

    def _read(self, driver: Any) -> str:  # noqa: ANN401 - as above
        text = clean(str(driver.get_config(retrieve="running")["running"] or ""))
        check_config(self._device.name, self._device.platform, text)
        return text

    def _difference(self, driver: Any) -> str:  # noqa: ANN401 - as above
        with self._loaded(driver, self._candidate, self._mode):
            found = clean(self._commits.difference(driver)).strip("\n")
        with suppress(Exception):
            self._commits.discard(driver)
        return f"{found}\n" if found else ""

    @contextmanager
    def _loaded(
        self,
        driver: Any,  # noqa: ANN401 - as above
        text: str,
        mode: ConfigMode,
    ) -> Iterator[None]:
        """The candidate, which is gone when what is done with it fails."""
        try:
            self._commits.load(driver, text, mode)
            yield
        except BaseException:
            with suppress(Exception):
                self._commits.discard(driver)
            raise

    async def _do(self, stage: Stage, act: Callable[[Any], T], timeout: float, doing: str) -> T:
        def spoken(driver: Any) -> T:  # noqa: ANN401 - as above
            try:
                return act(driver)
            except Exception as error:
                raise refused_change(self._device, stage, error, self._candidate) from error

        try:
            return await in_session(
                self._target, self._host_keys, spoken, timeout=max(timeout, 0.1), doing=doing
            )
        except DeviceError as error:
            raise at_stage(error, stage) from error

    def _same(self, one: str, other: str) -> bool:
        platform = self._device.platform
        return normalise(platform, one) == normalise(platform, other)

    def _reverts_in(self) -> float:
        if self._reverts_at is None:
            return 0.0
        return max(self._reverts_at - asyncio.get_running_loop().time(), 0.0)

    def _by_itself(self) -> str:
        seconds = math.ceil(self._reverts_in())
        if not seconds:
            return ""
        return f"; the device takes the change back by itself within {seconds} seconds"

    def _mismatch(self, stage: Stage, said: str, diff: str) -> DeviceError:
        lines = [line for line in diff.splitlines() if line.startswith(("+", "-"))]
        lines = [
            line
            for line in lines
            if not line.startswith(("+++", "---")) and line[1:].strip() not in _ENDS
        ] or [diff.strip()]
        shown = "; ".join(line[:_LONGEST_SHOWN] for line in lines[:_MOST_SHOWN])
        more = f"; and {len(lines) - _MOST_SHOWN} more" if len(lines) > _MOST_SHOWN else ""
        return DeviceError(self._device.name, stage, "mismatch", f"{said}: {shown}{more}")
