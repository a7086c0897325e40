"""A long history in Prefect's database: copies of what its API made."""

from __future__ import annotations

from typing import Final

import httpx
import psycopg

_DEPLOYMENTS: Final = """
    INSERT INTO deployment
    SELECT copied.* FROM deployment AS one, generate_series(1, %(deployments)s - 1) AS n,
    jsonb_populate_record(one, jsonb_build_object(
        'id', md5('deployment ' || n)::uuid, 'name', 'Backup site-' || n %% 400 || ' no ' || n,
        'created', now() - n * interval '1 second')) AS copied
"""
_RUNS: Final = """
    CREATE TEMPORARY TABLE these AS SELECT id, row_number() OVER () - 1 AS n FROM deployment;
    CREATE TEMPORARY TABLE made AS
    SELECT number AS n, gen_random_uuid() AS id, gen_random_uuid() AS state_id,
           these.id AS deployment_id, now() - number * (interval '33 days' / %(runs)s) AS at
    FROM generate_series(1, %(runs)s - 1) AS number
    JOIN these ON these.n = number %% %(deployments)s;
    INSERT INTO flow_run
    SELECT copied.* FROM flow_run AS one, made, jsonb_populate_record(one, jsonb_build_object(
        'id', made.id, 'name', 'run-' || made.n, 'deployment_id', made.deployment_id,
        'state_id', made.state_id, 'idempotency_key', made.id,
        'created', made.at, 'updated', made.at, 'expected_start_time', made.at,
        'start_time', made.at, 'end_time', made.at + interval '40 seconds',
        'state_timestamp', made.at)) AS copied;
    INSERT INTO flow_run_state
    SELECT copied.* FROM flow_run_state AS one, made,
    jsonb_populate_record(one, jsonb_build_object(
        'id', made.state_id, 'flow_run_id', made.id, 'created', made.at, 'updated', made.at,
        'timestamp', made.at)) AS copied
    WHERE one.id = (SELECT state_id FROM flow_run WHERE id = %(run_id)s)
"""


def fill_prefect(client: httpx.Client, url: str, deployments: int, runs: int) -> None:
    """Make one of each by the API, and the others after its likeness, as the administrator."""
    flow = _made(client, "flows/", name="backup")
    deployment = _made(client, "deployments/", name="Backup", flow_id=flow)
    run = _made(
        client,
        "flow_runs/",
        flow_id=flow,
        deployment_id=deployment,
        state={"type": "COMPLETED", "name": "Completed"},
    )
    _copy(url, {"deployments": deployments, "runs": runs, "run_id": run})


def _made(client: httpx.Client, path: str, **fields: object) -> str:
    answer = client.post(path, json=fields)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _copy(url: str, values: dict[str, object]) -> None:
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        # Without the checks of every single row: what is copied is right.
        connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        connection.execute(_DEPLOYMENTS, values)
        connection.execute(_RUNS, values)
        connection.execute("VACUUM ANALYZE")
