"""Turns what went wrong into one clear message and an exit code.

0 done; 1 it failed; 2 the input or the command was wrong and nothing was
written; 3 the database, Prefect or a device cannot be reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netstacks_tasks.cli.output import one_line, print_json, write

if TYPE_CHECKING:
    from netstacks_tasks.errors import NetstacksError

_FROM_PYDANTIC = "Value error, "
_NOUNS = (
    *("task", "run", "device", "group", "credential", "script", "snapshot", "model"),
    *("stack", "instance", "user", "token"),
)
FAILED, BAD_INPUT, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130


def tell(error: Exception, *, as_json: bool) -> int:
    """Say on standard error what went wrong; returns the exit code."""
    from netstacks_tasks.errors import NetstacksError

    if isinstance(error, NetstacksError):
        return _tell(type(error).__name__, _code(error), _problems(error), as_json=as_json)
    # The command line's own errors differ in kind from release to release of typer.
    message = getattr(error, "format_message", None)
    if message is not None:
        return _tell_usage(error, message(), as_json=as_json)
    kind = type(error).__name__
    text = f"an unexpected {kind}: please report it with what `netstacks --debug ...` prints"
    return _tell(kind, FAILED, [_problem("", text)], as_json=as_json)


def _tell_usage(error: Exception, message: str, *, as_json: bool) -> int:
    if message.startswith("Usage:"):
        write(message + "\n", error=True)
        return BAD_INPUT
    command = getattr(getattr(error, "ctx", None), "command_path", "netstacks")
    text = f"{message.replace(_FROM_PYDANTIC, '').rstrip('.')}: see `{command} --help`"
    return _tell("UsageError", BAD_INPUT, [_problem("", text)], as_json=as_json)


def _tell(kind: str, code: int, problems: list[dict[str, Any]], *, as_json: bool) -> int:
    if as_json:
        print_json({"error": kind, "exit_code": code, "problems": problems}, error=True)
        return code
    for problem in problems:
        parts = [problem["location"], problem["field"], problem["message"]]
        write(f"netstacks: {one_line(': '.join(part for part in parts if part))}\n", error=True)
    return code


def _problems(error: NetstacksError) -> list[dict[str, Any]]:
    from netstacks_tasks.errors import InvalidInput, NotFound

    if isinstance(error, NotFound):
        # "device group" -> group
        noun = next((noun for noun in _NOUNS if error.kind.endswith(noun)), None)
        hint = f": `netstacks {noun} list` shows what there is" if noun else ""
        return [_problem("", f"{error}{hint}")]
    if not isinstance(error, InvalidInput):
        return [_problem("", str(error))]
    return [_problem(one.field, one.message, one.location) for one in error.problems]


def _problem(field: str, message: str, location: str = "") -> dict[str, Any]:
    return {"field": field, "message": message, "location": location}


def _code(error: NetstacksError) -> int:
    from netstacks_tasks.errors import DeviceError, InvalidInput, NotFound, Unreachable

    if isinstance(error, InvalidInput | NotFound):
        return BAD_INPUT
    if isinstance(error, Unreachable):
        return UNREACHABLE
    if isinstance(error, DeviceError) and error.stage in {"resolve", "connect"}:
        return UNREACHABLE
    return FAILED
