"""How Arista's driver makes a change: in named sessions, which outlive a connection."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any

from netstacks_tasks.devices.napalm_commits import Commits
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.rollout import ConfigMode


class EosCommits(Commits):
    """The driver would save with every commit and every return; here only `save` does."""

    timer_step = 1
    named = True
    _PREFIX = "netstacks_"

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._left: set[str] = set()

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - NAPALM's is untyped
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
