"""How the drivers of Cisco's platforms make a change: by files on the device, or by its commits."""

from __future__ import annotations

import secrets
from typing import Any

from netstacks_tasks.devices.napalm_commits import Commits, check_none_waits
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.rollout import ConfigMode


class FileCommits(Commits):
    """Candidates and what was before them are files on the device's flash.

    They have names of their own, so that no older one is ever gone back to, and
    are removed when nobody needs them any more.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._name = f"netstacks-{secrets.token_hex(4)}"
        self._files: set[str] = set()

    @property
    def candidate(self) -> str:
        """The file of the candidate."""
        return f"{self._name}-candidate"

    @property
    def before(self) -> str:
        """The file of what was in force before the first commit."""
        return f"{self._name}-before"

    def commit(self, driver: Any, seconds: int | None) -> None:  # noqa: ANN401 - NAPALM's is untyped
        later = f"{self._name}-later"
        driver.rollback_cfg = later if self.before in self._files else self.before
        self._files.add(driver.rollback_cfg)
        super().commit(driver, seconds)

    def untidy(self, *, settled: bool) -> bool:
        return settled and bool(self._files)

    def tidy(self, driver: Any) -> None:  # noqa: ANN401 - as above
        for name in sorted(self._files):
            self.remove(driver, name)
        self._files.clear()

    def remove(self, driver: Any, name: str) -> None:  # noqa: ANN401 - as above
        """Remove a file."""
        raise NotImplementedError

    def copy(self, driver: Any, text: str) -> None:  # noqa: ANN401 - as above
        """Copy a whole configuration to the device."""
        driver.candidate_cfg = self.candidate
        self._files.add(self.candidate)
        open_for_copying(driver, self.device)
        super().load(driver, text, "replace")


class IosCommits(FileCommits):
    """Only to replace: lines are added on the command line. Its archive is needed."""

    timer_step = 60

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401, ARG002 - as above
        self.copy(driver, text)

    def discard(self, driver: Any) -> None:  # noqa: ANN401 - as above
        # The driver's own way configures the device, which a dry run must not.
        self.remove(driver, self.candidate)
        self._files.discard(self.candidate)

    def check_free(self, driver: Any) -> None:  # noqa: ANN401 - as above
        check_none_waits(driver, self.device)

    def pending(self, driver: Any) -> bool:  # noqa: ANN401 - as above
        return bool(driver.has_pending_commit())

    def confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        # The driver's own confirmation saves as well.
        driver.device.send_command("configure confirm")
        if driver.has_pending_commit():
            said = "it refused `configure confirm`"
            raise DeviceError(self.device.name, "save", "rejected", said)

    def save(self, driver: Any) -> None:  # noqa: ANN401 - as above
        answer = str(driver.device.save_config())
        if "[OK]" not in answer:
            said = " ".join(answer.split())[-200:] or "nothing"
            raise DeviceError(self.device.name, "save", "storage", f"it answered {said}")

    def remove(self, driver: Any, name: str) -> None:  # noqa: ANN401 - as above
        driver.device.send_command(f"delete /force {driver.dest_file_system}/{name}")


class NxosCommits(FileCommits):
    """A checkpoint before each commit.

    The driver would save with every commit and every return; here only `save`
    does.
    """

    checkpoint = True
    whole = False

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - as above
        if mode == "merge":
            super().load(driver, text, mode)
        elif driver.platform == "nxos":
            raise DeviceError(
                self.device.name,
                "compare",
                "unsupported",
                "its driver copies a whole configuration over SSH without a look at the host "
                "key: give the device the platform nxos_ssh, or choose the mode merge",
            )
        else:
            self.copy(driver, text)

    def difference(self, driver: Any) -> str:  # noqa: ANN401 - as above
        # The commands that lead to it, which have no mark.
        lines = super().difference(driver).splitlines()
        return "".join(f"+{line}\n" for line in lines if line.strip())

    def discard(self, driver: Any) -> None:  # noqa: ANN401 - as above
        super().discard(driver)
        self._files.discard(self.candidate)

    def commit(self, driver: Any, seconds: int | None) -> None:  # noqa: ANN401 - as above
        _save_nothing(driver)
        super().commit(driver, seconds)

    def save(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver._copy_run_start()

    def take_back(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver.rollback_cfg = self.before
        _save_nothing(driver)
        super().take_back(driver)

    def remove(self, driver: Any, name: str) -> None:  # noqa: ANN401 - as above
        driver._delete_file(name)


class IosXrCommits(Commits):
    """A list of commits, each of which lasts and can be taken back."""

    checkpoint = True


def open_for_copying(driver: Any, device: Device) -> None:  # noqa: ANN401 - as above
    """Give netmiko a second connection for the copy: the first is in use.

    Its host key is checked as that of the first one.
    """
    from netstacks_tasks.devices.netmiko_watch import WatchedSocket  # noqa: PLC0415

    driver.device.sock = WatchedSocket.connect_to(device, driver.timeout)


def _save_nothing(driver: Any) -> None:  # noqa: ANN401 - as above
    # It has no switch for it.
    driver._copy_run_start = lambda: None
