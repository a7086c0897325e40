"""Why a device refused a change, in its own words, out of what NAPALM raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from netstacks_tasks.devices.napalm_errors import chain, napalm_error
from netstacks_tasks.errors import DeviceError
from netstacks_tasks.models.causes import Cause, Stage
from netstacks_tasks.models.inventory import Device

_REFUSALS: Final = frozenset(
    {
        "CommandError",  # pyeapi's
        "RpcError",  # PyEZ's
        "NapalmException",
        "NXAPICommandError",
        "IOSXRException",
        "SCPException",
    }
)
_TAKEN: Final = frozenset({"LockError", "SessionLockedException"})
_LONGEST_LINE: Final = 80
_LONGEST: Final = 200


def refused_change(
    device: Device, stage: Stage, error: Exception, candidate: str = ""
) -> DeviceError:
    """The error as one of the device, at a stage of its change.

    Args:
        device: which one.
        stage: what was being done.
        error: what a driver raised, or what became of it already.
        candidate: the configuration that was being loaded, to name its line.
    """
    known = napalm_error(device, error, opened=True)
    if known.cause != "internal":
        return at_stage(known, stage)
    links = list(chain(error))
    if not any(_kinds(link) & _REFUSALS for link in links):
        return at_stage(known, stage)
    cause: Cause = "rejected"
    said = next(filter(None, (_words(link, candidate) for link in reversed(links))), "")
    if any(_kinds(link) & _TAKEN for link in links):
        cause = "busy"
        said = f"its configuration is in use by another session: {said}"
    return DeviceError(device.name, stage, cause, said or "the device refused it without a word")


def at_stage(error: DeviceError, stage: Stage) -> DeviceError:
    """The error, with the stage of the change where it only said that a command failed."""
    if error.stage != "command":
        return error
    return DeviceError(error.device, stage, error.cause, error.detail)


def _kinds(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _words(error: BaseException, candidate: str) -> str:
    kinds = _kinds(error)
    if "CommandError" in kinds:
        return _of_eapi(error, candidate)
    if "NXAPICommandError" in kinds:
        return _of_nxapi(error, candidate)
    if "RpcError" in kinds:
        return _of_rpc(error, candidate)
    return _short(str(error)) if kinds & _REFUSALS else ""


def _of_eapi(error: Any, candidate: str) -> str:  # noqa: ANN401 - pyeapi is untyped
    """`CLI command 3 of 5 'x' failed: invalid command`, and why."""
    text = str(error.error_text)
    command, _, failed = text.partition("' failed: ")
    outputs = [entry for entry in error.output or [] if isinstance(entry, dict)]
    reasons = [str(said) for entry in outputs for said in entry.get("errors", [])]
    said = _short("; ".join(reasons) or failed or text)
    quoted = command.partition(" '")[2]
    return f"{_placed(quoted, _lines_that_are(quoted, candidate))}{said}" if quoted else said


def _of_nxapi(error: Any, candidate: str) -> str:  # noqa: ANN401 - NAPALM's is untyped
    command = str(error.command).strip()
    return f"{_placed(command, _lines_that_are(command, candidate))}{_short(str(error.message))}"


def _of_rpc(error: Any, candidate: str) -> str:  # noqa: ANN401 - PyEZ is untyped
    faults = [fault for fault in error.errs or [] if isinstance(fault, dict)]
    worst = [fault for fault in faults if fault.get("severity") == "error"] or faults
    if not worst:
        return _short(str(error.message or ""))
    fault = worst[0]
    said = _short(fault.get("message") or "")
    element = fault.get("bad_element") or ""
    if fault.get("edit_path"):
        said += f" in {_short(fault['edit_path'])}"
    if not element:
        return said
    return f"{_placed(element, _lines_with(element, candidate))}{said}"


def _placed(quoted: str, lines: list[tuple[int, str]]) -> str:
    if len(lines) != 1:
        return f"{quoted[:_LONGEST_LINE]!r}: "
    number, line = lines[0]
    return f"line {number} of the rendered configuration, {line[:_LONGEST_LINE]!r}: "


def _lines_that_are(command: str, candidate: str) -> list[tuple[int, str]]:
    found = [(number, line) for number, line in _numbered(candidate) if line == command.strip()]
    return found[:1]


def _lines_with(element: str, candidate: str) -> list[tuple[int, str]]:
    return [
        (number, line)
        for number, line in _numbered(candidate)
        if element in line.rstrip(";{").split()
    ]


def _numbered(candidate: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(candidate.splitlines(), start=1):
        yield number, line.strip()


def _short(text: str) -> str:
    # IOS XR's agent repeats all of what it was sent.
    return " ".join(text.partition("Original call was")[0].split())[:_LONGEST]
