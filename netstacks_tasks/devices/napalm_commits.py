"""How each of NAPALM's drivers loads, commits, confirms and takes back a change.

The drivers differ most where it matters most. Here stands what has to be done
with each of them so that nothing is saved that was not verified, nothing is
taken back that is not ours, and nothing stays on the device.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final

from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.rollout import ConfigMode

_LONGEST_SECONDS: Final = 7200
"""As long as IOS waits at most."""
_SPARE_SECONDS: Final = 15.0


class Commits:
    """One change through one driver; every call is made in the thread of a session.

    As it stands it is for drivers whose commits last at once and need no
    confirmation; the rest says what it does in another way.
    """

    timer_step: ClassVar[int] = 0
    """The device waits for a confirmation a multiple of so many seconds; 0: it cannot."""
    checkpoint: ClassVar[bool] = False
    """Whether the last commit, which was ours, can be taken back without a confirmation."""

    named: ClassVar[bool] = False
    """Whether a commit that waits tells that it is ours."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def timer(self, seconds: float) -> int:
        """How long the device shall wait for the confirmation of a change.

        Args:
            seconds: what the rest of the change may take.

        Returns:
            A little more than that, rounded up to what the device can, at most
            two hours.
        """
        step = self.timer_step
        return min(math.ceil((seconds + _SPARE_SECONDS) / step) * step, _LONGEST_SECONDS)

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - NAPALM's is untyped
        """Make the candidate configuration."""
        if mode == "replace":
            driver.load_replace_candidate(config=text)
        else:
            driver.load_merge_candidate(config=text)

    def difference(self, driver: Any) -> str:  # noqa: ANN401 - as above
        """What the candidate would change."""
        return str(driver.compare_config() or "")

    def discard(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """Throw the candidate away."""
        driver.discard_config()

    def commit(self, driver: Any, seconds: int | None) -> None:  # noqa: ANN401 - as above
        """Put the candidate into force; with `seconds` it must be confirmed within them."""
        if seconds is None:
            driver.commit_config()
        else:
            driver.commit_config(revert_in=seconds)

    def check_free(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """Raises `DeviceError`: a commit of somebody else waits for its confirmation."""

    def pending(self, driver: Any) -> bool:  # noqa: ANN401, ARG002 - as above
        """Whether a commit waits for its confirmation."""
        return False

    def confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """Make the commit that waits last."""

    def save(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """Keep what is in force over the next boot."""

    def take_back(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """Take back the commit that waits, or the last one where there is a checkpoint."""
        driver.rollback()

    def untidy(self, *, settled: bool) -> bool:  # noqa: ARG002 - for others
        """Whether something is left on the device that nobody needs.

        Args:
            settled: the change is kept, or taken back, or was never made.
        """
        return False

    def tidy(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """Remove what may be left of candidates; what waits for its confirmation stays."""


class EosCommits(Commits):
    """Arista: named sessions, which outlive a connection.

    The driver would save with every commit and every return; here only `save`
    does.
    """

    timer_step = 1
    named = True
    _PREFIX = "netstacks_"

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._left: set[str] = set()

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - as above
        self._clear_away(driver)
        driver.config_session = f"{self._PREFIX}{secrets.token_hex(4)}"
        self._left.add(driver.config_session)
        # eAPI takes no empty command; in a banner an empty line is a line.
        if not any(line.strip() == "EOF" for line in text.splitlines()):
            text = "".join(f"{line}\n" for line in text.splitlines() if line.strip())
        super().load(driver, text, mode)

    def discard(self, driver: Any) -> None:  # noqa: ANN401 - as above
        # The driver threw a refused candidate away, and forgot its name, itself.
        name = driver.config_session
        driver.discard_config()
        if name is None:
            self._left.clear()
        self._left.discard(name)

    def commit(self, driver: Any, seconds: int | None) -> None:  # noqa: ANN401 - as above
        name = driver.config_session
        if seconds is None:
            self._run(driver, f"configure session {name} commit")
        else:
            driver.commit_config(revert_in=seconds)
        # Else its end would be the end of the change.
        driver.config_session = None
        self._left.discard(name)

    def pending(self, driver: Any) -> bool:  # noqa: ANN401 - as above
        # One that was cut off may be about to be committed.
        self.tidy(driver)
        return bool(self._waiting(driver))

    def confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        for name in self._waiting(driver):
            self._run(driver, f"configure session {name} commit")

    def save(self, driver: Any) -> None:  # noqa: ANN401 - as above
        self._run(driver, "write memory")

    def take_back(self, driver: Any) -> None:  # noqa: ANN401 - as above
        for name in self._waiting(driver):
            self._run(driver, f"configure session {name} abort")

    def untidy(self, *, settled: bool) -> bool:  # noqa: ARG002 - as above
        return bool(self._left)

    def tidy(self, driver: Any) -> None:  # noqa: ANN401 - as above
        for name in sorted(self._left):
            # One that the device does not know is no session any more.
            with suppress(Exception):
                self._run(driver, f"configure session {name} abort")
            self._left.discard(name)

    def _clear_away(self, driver: Any) -> None:  # noqa: ANN401 - as above
        """End the sessions of a run that was killed: they would keep everybody out."""
        shown = driver.device.run_commands(["show configuration sessions"])[0]["sessions"]
        for name, session in shown.items():
            if name.startswith(self._PREFIX) and session.get("state") == "pending":
                self._run(driver, f"configure session {name} abort")

    def _waiting(self, driver: Any) -> list[str]:  # noqa: ANN401 - as above
        found = driver._get_pending_commits()
        return [name for name in found if name.startswith(self._PREFIX)]

    def _run(self, driver: Any, command: str) -> None:  # noqa: ANN401 - as above
        driver.device.run_commands([command], encoding="text")


class JunosCommits(Commits):
    """Juniper: one candidate for everyone, so that nothing is done to it without its lock."""

    timer_step = 60
    _SET: Final = frozenset({"set", "delete", "activate", "deactivate", "rename", "insert"})

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - as above
        if (
            mode == "replace"
            and text.split(maxsplit=1)[:1]
            and text.split(maxsplit=1)[0] in self._SET
        ):
            raise DeviceError(
                self.device.name,
                "compare",
                "template",
                "set commands only add to a configuration: render the whole of it with braces, "
                "or choose the mode merge",
            )
        super().load(driver, text, mode)

    def discard(self, driver: Any) -> None:  # noqa: ANN401 - as above
        # Without the lock it is somebody else's candidate.
        if driver.locked:
            driver.discard_config()

    def check_free(self, driver: Any) -> None:  # noqa: ANN401 - as above
        # Any commit would confirm the one that waits.
        _check_none_waits(driver, self.device)

    def pending(self, driver: Any) -> bool:  # noqa: ANN401 - as above
        # A commit that is still under way holds the lock.
        driver.device.cu.lock()
        driver.locked = True
        return bool(driver.has_pending_commit())

    def confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver.confirm_commit()


class IosCommits(Commits):
    """Cisco IOS: files on its flash, and the archive for going back."""

    timer_step = 60

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - as above
        open_for_copying(driver, self.device)
        super().load(driver, text, mode)

    def check_free(self, driver: Any) -> None:  # noqa: ANN401 - as above
        _check_none_waits(driver, self.device)

    def pending(self, driver: Any) -> bool:  # noqa: ANN401 - as above
        return bool(driver.has_pending_commit())

    def confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        # The driver's own confirmation saves as well.
        driver.device.send_command("configure confirm")
        if driver.has_pending_commit():
            raise DeviceError(
                self.device.name, "save", "rejected", "it refused `configure confirm`"
            )

    def save(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver.device.save_config()


class NxosCommits(Commits):
    """Cisco NX-OS: a checkpoint file before each commit.

    It has a name of its own, so that no older one is ever gone back to. The
    driver would save with every commit and every return; here only `save` does.
    """

    checkpoint = True

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._files: list[str] = []
        self._name = f"netstacks-{secrets.token_hex(4)}"

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - as above
        if mode == "replace":
            if driver.platform == "nxos":
                raise DeviceError(
                    self.device.name,
                    "compare",
                    "unsupported",
                    "its driver copies a whole configuration over SSH without a look at the host "
                    "key: give the device the platform nxos_ssh, or choose the mode merge",
                )
            driver.candidate_cfg = f"{self._name}-candidate"
            self._files.append(driver.candidate_cfg)
            open_for_copying(driver, self.device)
        super().load(driver, text, mode)

    def difference(self, driver: Any) -> str:  # noqa: ANN401 - as above
        # The commands that lead to it, which have no mark.
        lines = super().difference(driver).splitlines()
        return "".join(f"+{line}\n" for line in lines if line.strip())

    def commit(self, driver: Any, seconds: int | None) -> None:  # noqa: ANN401 - as above
        driver.rollback_cfg = f"{self._name}-before"
        self._files.append(driver.rollback_cfg)
        self._saving_nothing(driver)
        super().commit(driver, seconds)

    def save(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver._copy_run_start()

    def take_back(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver.rollback_cfg = f"{self._name}-before"
        self._saving_nothing(driver)
        super().take_back(driver)

    def untidy(self, *, settled: bool) -> bool:
        return settled and bool(self._files)

    def tidy(self, driver: Any) -> None:  # noqa: ANN401 - as above
        for name in dict.fromkeys(self._files):
            driver._delete_file(name)
        self._files.clear()

    def _saving_nothing(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver._copy_run_start = _pass


class IosXrCommits(Commits):
    """Cisco IOS XR: a list of commits, each of which lasts and can be taken back."""

    checkpoint = True


def _check_none_waits(driver: Any, device: Device) -> None:  # noqa: ANN401 - as above
    if driver.has_pending_commit():
        said = "a commit of somebody else waits for its confirmation"
        raise DeviceError(device.name, "apply", "busy", said)


def open_for_copying(driver: Any, device: Device) -> None:  # noqa: ANN401 - as above
    """Give netmiko a second connection for the copy: the first is in use.

    Its host key is checked as that of the first one.
    """
    from netstacks_tasks.devices.netmiko_watch import WatchedSocket  # noqa: PLC0415

    driver.device.sock = WatchedSocket.connect_to(device.host, device.port, driver.timeout)


def _pass() -> None:
    pass


COMMITS: Final[Mapping[str, type[Commits]]] = {
    "eos": EosCommits,
    "junos": JunosCommits,
    "ios": IosCommits,
    "nxos": NxosCommits,
    "nxos_ssh": NxosCommits,
    "iosxr": IosXrCommits,
}
