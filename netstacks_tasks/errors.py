"""Every error this package raises on purpose.

One root, so that a caller can catch `NetstacksError` and know that its text
is fit to show to a person: it names what was wrong and how to mend it, and
never holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netstacks_tasks.models.causes import Cause, Stage
from netstacks_tasks.models.model_causes import ModelCause


class NetstacksError(Exception):
    """Something in NetStacks Scheduled Tasks went wrong."""


class ConfigurationError(NetstacksError):
    """A setting, a connection or an installed part is missing or unusable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with an input.

    `field` is a dotted path (`parameters.destination`); `location` says where
    the input stood (`inventory.csv:12`) and is empty for a single document.
    """

    field: str
    message: str
    location: str = ""

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        return f"{where}{self.field}: {self.message}" if self.field else f"{where}{self.message}"


class InvalidInput(NetstacksError):
    """The input was refused and nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[tuple[Problem, ...]]]:
        # Prefect carries a run's error from one process to another.
        return type(self), (self.problems,)

    @classmethod
    def single(cls, field: str, message: str) -> InvalidInput:
        """The common case: one field, one message."""
        return cls([Problem(field=field, message=message)])


class InUse(InvalidInput):
    """Something else relies on it: that has to be changed or deleted first."""


class AlreadyEnded(InvalidInput):
    """A run is over: there is nothing left to end."""


class EditedMeanwhile(InvalidInput):
    """Somebody else changed it since it was read."""

    @classmethod
    def of(cls, kind: str, name: str) -> EditedMeanwhile:
        """The refusal for an item of a kind."""
        message = f"the {kind} {name!r} was changed meanwhile: read it again, then change that"
        return cls([Problem(field="", message=message)])


class NotFound(NetstacksError):
    """No such task, run, device, snapshot or other row."""

    def __init__(self, kind: str, key: object) -> None:
        self.kind = kind
        self.key = key
        super().__init__(f"no {kind} {str(key)!r}")

    def __reduce__(self) -> tuple[type[NotFound], tuple[str, object]]:
        return type(self), (self.kind, self.key)


class Unreachable(NetstacksError):
    """Something that is needed does not answer; the same may work later."""


class StoreUnavailable(Unreachable):
    """PostgreSQL cannot be reached; the driver's error is the `__cause__`."""


class SyncError(NetstacksError):
    """Prefect's deployments could not be made equal to the task table."""


class TaskBusy(NetstacksError):
    """Another run of the same task holds its lock."""


class DeviceError(NetstacksError):
    """One device could not be worked on.

    Carries the device's name, the stage it failed at and the root cause, so
    that a table can be built without parsing text.
    """

    def __init__(self, device: str, stage: Stage, cause: Cause, detail: str) -> None:
        self.device = device
        self.stage: Stage = stage
        self.cause: Cause = cause
        self.detail = detail
        super().__init__(f"{device}: {stage}: {cause}: {detail}")

    def __reduce__(self) -> tuple[type[DeviceError], tuple[str, ...]]:
        return type(self), (self.device, self.stage, self.cause, self.detail)


class DeviceTimeout(DeviceError, TimeoutError):
    """A device did not answer in time."""

    def __init__(self, device: str, stage: Stage, detail: str) -> None:
        super().__init__(device, stage, "timed_out", detail)

    def __reduce__(self) -> tuple[type[DeviceError], tuple[str, ...]]:
        return type(self), (self.device, self.stage, self.detail)


class ModelError(NetstacksError):
    """A language model's endpoint did not give a reply that can be used.

    `cause` tells which kind of trouble, `retry_after` how many seconds the
    endpoint asks to wait, when it does.
    """

    def __init__(self, cause: ModelCause, detail: str, retry_after: float | None = None) -> None:
        self.cause: ModelCause = cause
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(detail)

    def __reduce__(self) -> tuple[type[ModelError], tuple[str, str, float | None]]:
        return type(self), (self.cause, self.detail, self.retry_after)


class TemplateFault(NetstacksError):
    """A template of a stack gives no configuration."""

    def __init__(self, template: str, line: int | None, detail: str) -> None:
        self.template = template
        self.line = line
        self.detail = detail
        where = f"template {template!r}" if line is None else f"template {template!r}, line {line}"
        super().__init__(f"{where}: {detail}")

    def __reduce__(self) -> tuple[type[TemplateFault], tuple[str, int | None, str]]:
        return type(self), (self.template, self.line, self.detail)


class RunFailed(NetstacksError):
    """A run ended with failed devices; raised once, at the flow's edge."""

    def __init__(self, message: str, failed: Sequence[str]) -> None:
        self.failed = tuple(failed)
        super().__init__(message)

    def __reduce__(self) -> tuple[type[RunFailed], tuple[str, tuple[str, ...]]]:
        return type(self), (str(self), self.failed)


class RunTimedOut(RunFailed):
    """An attempt's time was over before its work was."""


class AccessDenied(NetstacksError):
    """Whoever asked may not have or do that."""


class NotSignedIn(AccessDenied):
    """Nobody has shown who is asking, or what was shown is not right any more."""


class RoleTooLow(AccessDenied):
    """Who asks is known, and may not do this."""

    def __init__(self, role: str, needed: str) -> None:
        self.role = role
        self.needed = needed
        super().__init__(f"this needs the role {needed}, and yours is {role}: ask an administrator")

    def __reduce__(self) -> tuple[type[RoleTooLow], tuple[str, str]]:
        return type(self), (self.role, self.needed)


class ForgedRequest(AccessDenied):
    """A request that changes something did not come from our own page."""


class TooManyAttempts(AccessDenied):
    """Wrong passwords, too many of them; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many wrong passwords: try again in {retry_after} s")

    def __reduce__(self) -> tuple[type[TooManyAttempts], tuple[int]]:
        return type(self), (self.retry_after,)
