"""Whatever is sent to the API, it answers as its description says, and never with a 5xx.

A longer run: `FUZZ_EXAMPLES=200 pytest -n 0 -s tests/integration/api/test_fuzz.py`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from netstacks_tasks.embedded.stack import Stack
from tests.integration.api import fuzzed
from tests.served import served, settings_for

EXAMPLES: Final = os.environ.get("FUZZ_EXAMPLES")
"""By chance, for each operation; without, only what the description's limits suggest is sent."""
PROGRAM: Final = (sys.executable, "-m", "schemathesis.cli")
"""Its settings are in `schemathesis.toml`; they take the token from the environment."""
SETTINGS: Final = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.timeout(3600)
async def test_the_api_bears_whatever_is_sent(
    prefect_stack: Stack, database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path, prefect_stack.api_url)
    # Nobody serves this pool: what is started is not run.
    async with served(settings.model_copy(update={"work_pool": "fuzzed"})) as site:
        await fuzzed.fill(site)
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, "--config-file", str(SETTINGS), "run", f"{site.url}/api/v1/openapi.json",
            *(("--max-examples", EXAMPLES) if EXAMPLES else ("--phases", "coverage")),
            cwd=tmp_path,
            env={**os.environ, "API_TOKEN": site.tokens["admin"]},
        )  # fmt: skip
        assert await process.wait() == 0, "schemathesis found faults: see what it printed"
