"""How a change is loaded, committed, confirmed and taken back through a NAPALM driver.

The drivers differ most where it matters most: the modules of the platforms say
what has to be done with each so that nothing is saved that was not verified,
nothing is taken back that is not ours, and nothing stays on the device.
"""

from __future__ import annotations

import math
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
    whole: ClassVar[bool] = True
    """Whether a commit that is refused has changed nothing."""
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


def check_none_waits(driver: Any, device: Device) -> None:  # noqa: ANN401 - as above
    """Raises `DeviceError`: a commit that is not ours waits for its confirmation."""
    if driver.has_pending_commit():
        said = "a commit of somebody else waits for its confirmation"
        raise DeviceError(device.name, "apply", "busy", said)
