"""Puts a run's report into Prefect."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.utilities.urls import url_for

from flows._report import Diff, escape, report, table
from netstacks_tasks.models.result import DeviceResult


async def publish(
    logger: logging.Logger | logging.LoggerAdapter[logging.Logger],
    *,
    task_id: UUID,
    title: str,
    results: Sequence[DeviceResult],
    diffs: Sequence[Diff],
    run_id: UUID,
    deployment_id: UUID | None,
    markdown: str | None = None,
) -> None:
    """Create the table and the report; the results are in the history already.

    `markdown` takes the report's place; without results there is no table then.

    The keys are the task's, so that the page shows its earlier ones beside it.
    """
    links = {"This run": url_for("flow-run", obj_id=run_id)}
    if deployment_id is not None:
        links["The task's deployment"] = url_for("deployment", obj_id=deployment_id)
    known = {name: url for name, url in links.items() if url}
    told = markdown or report(title, results, diffs=diffs, links=known)
    described = " · ".join(f"[{name}]({url})" for name, url in known.items())
    try:
        if markdown is None or results:
            await acreate_table_artifact(
                table=table(results),
                key=f"results-{task_id}",
                description=f"{escape(title)}\n\n{described}",
            )
        await acreate_markdown_artifact(
            markdown=told, key=f"report-{task_id}", description=f"{escape(title)}\n\n{described}"
        )
    except Exception as error:
        logger.warning(
            "the artifacts were not created (%s); what happened is in the history and the log",
            type(error).__name__,
        )
