"""What a forked child does: become the process of one flow run, or of its hooks."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import resource
import runpy
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from netstacks_tasks import private_memory
from netstacks_tasks.worker.messages import Hooks, Order
from netstacks_tasks.worker.tracing import start_tracing

_DEFAULTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
_FIRST_TO_GO = "300"
"""Added for the kernel's choice of whom to kill for memory: a run before the worker or a server."""


def become(order: Order, output: int) -> NoReturn:
    """Carry out the order in this process, which ends with it."""
    code = 1
    try:
        _set_up(order, output)
        code = _run_hooks(order.hooks) if order.hooks is not None else _run_engine()
    except BaseException:
        traceback.print_exc()
    finally:
        _end(code)


def _set_up(order: Order, output: int) -> None:
    os.setpgid(0, 0)
    signal.set_wakeup_fd(-1)
    for number in _DEFAULTS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _redirect(output if order.shown else None)
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({name: value.get_secret_value() for name, value in order.environment.items()})
    time.tzset()
    os.chdir(order.directory)
    _limit(order.memory_limit_mib)
    _reread_settings(before)


def _redirect(output: int | None) -> None:
    # Over the pipes to the worker.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing if output is None else output, 1)
    if output is None:
        os.dup2(nothing, 2)
    else:
        os.close(output)
    os.close(nothing)


def _limit(memory_mib: int | None) -> None:
    if memory_mib is not None:
        size = memory_mib * 1024 * 1024
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    # Linux only, and not where a container forbids it.
    with contextlib.suppress(OSError), private_memory.lifted():
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)


def _reread_settings(before: Mapping[str, str]) -> None:
    from prefect.context import refresh_global_settings_context  # noqa: PLC0415
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415

    refresh_global_settings_context()
    if _about_logging(before) != _about_logging(os.environ):
        # A fifth of a short run's work.
        setup_logging()


def _about_logging(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(("PREFECT_LOGGING_", "PREFECT_DEBUG_", "PREFECT_TEST_"))
    }


def _run_engine() -> int:
    """What `python -m prefect.engine` does; its exit code."""
    start_tracing()
    sys.argv[:] = ["prefect.engine"]
    sys.modules.pop("prefect.engine", None)
    try:
        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _run_hooks(hooks: Hooks) -> int:
    from prefect.client.schemas.objects import FlowRun, State  # noqa: PLC0415
    from prefect.flows import load_flow_from_flow_run  # noqa: PLC0415
    from prefect.runner._hook_runner import HookRunner  # noqa: PLC0415

    runner = HookRunner(resolve_flow=load_flow_from_flow_run)
    flow_run = FlowRun.model_validate(hooks.flow_run)
    state = State.model_validate(hooks.state)
    run = {
        "cancellation": runner.run_cancellation_hooks,
        "crashed": runner.run_crashed_hooks,
    }[hooks.kind]
    asyncio.run(run(flow_run, state))
    return 0


def _end(code: int) -> NoReturn:
    """End as an interpreter does, but for taking every module apart: that copies what is shared."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        code = code or 1
    os._exit(code)
