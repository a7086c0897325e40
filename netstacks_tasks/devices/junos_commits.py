"""How Juniper's driver makes a change: there is one candidate, and it is everybody's."""

from __future__ import annotations

from typing import Any, Final

from netstacks_tasks.devices.napalm_commits import Commits, check_none_waits
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.rollout import ConfigMode


class JunosCommits(Commits):
    """Nothing is done to the candidate without its lock."""

    timer_step = 60
    _SET: Final = frozenset({"set", "delete", "activate", "deactivate", "rename", "insert"})

    def load(self, driver: Any, text: str, mode: ConfigMode) -> None:  # noqa: ANN401 - NAPALM's is untyped
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
        check_none_waits(driver, self.device)

    def pending(self, driver: Any) -> bool:  # noqa: ANN401 - as above
        # A commit that is still under way holds the lock.
        driver.device.cu.lock()
        driver.locked = True
        return bool(driver.has_pending_commit())

    def confirm(self, driver: Any) -> None:  # noqa: ANN401 - as above
        driver.confirm_commit()
