"""A long history, made by the database itself, for the page to find its way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

_MADE_WITH: Final = """
    SET session_replication_role = replica; SET synchronous_commit = off;
    SET maintenance_work_mem = '256MB'
"""
"""Without the checks and the triggers of every single row: what is made is right."""

_INDEXES: Final = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('task_runs', 'run_attempts', 'device_results', 'config_snapshots',
                        'audit_log')
      AND indexname NOT LIKE '%_pkey'
"""
_TASKS: Final = """
    INSERT INTO credentials (id, name, block_name)
    VALUES (md5('login')::uuid, 'tacacs-netops', 'tacacs-netops');
    INSERT INTO device_groups (id, name)
    SELECT md5('group ' || n)::uuid, 'group-' || n FROM generate_series(0, 49) AS n;
    INSERT INTO devices (id, name, host, platform, site, credential_id)
    SELECT md5('device ' || n)::uuid, 'edge-' || n, '192.0.2.1', 'ios', 'site-' || n %% 40,
           md5('login')::uuid
    FROM generate_series(0, %(devices)s::integer - 1) AS n;
    INSERT INTO device_group_members (group_id, device_id)
    SELECT md5('group ' || n %% 50)::uuid, md5('device ' || n)::uuid
    FROM generate_series(0, %(devices)s::integer - 1) AS n;
    INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled, max_retries,
                       retry_delay_seconds, timeout_seconds, missed_runs, parameters, next_run_at)
    SELECT md5('task ' || n)::uuid, initcap(kind) || ' site-' || n %% 400 || ' no ' || n, type,
           CASE n %% 4 WHEN 0 THEN '*/15 * * * *' WHEN 1 THEN n %% 60 || ' */6 * * *'
                       WHEN 2 THEN n %% 60 || ' ' || n / 60 %% 24 || ' * * *'
                       ELSE n %% 60 || ' ' || n / 60 %% 24 || ' * * 1-5' END,
           (ARRAY['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Tokyo'])[n / 4 %% 4 + 1],
           n %% 20 <> 0, 3, 60, 600, 'run_latest', parameters || jsonb_build_object('type', type),
           CASE WHEN n %% 20 <> 0 THEN now() + n %% 1440 * interval '1 minute' END
    FROM generate_series(0, %(tasks)s::integer - 1) AS n
    CROSS JOIN LATERAL (SELECT * FROM (VALUES
        ('backup', 'backup', 0, 60, jsonb_build_object(
            'target_type', 'device_group', 'target_id', md5('group ' || n %% 50)::uuid,
            'destination', 'configs/' || n %% 50)),
        ('reachability', 'health_check', 60, 80, jsonb_build_object(
            'checks', jsonb_build_array('ping', 'ssh'), 'credential_id', md5('login')::uuid)),
        ('script', 'custom_script', 80, 90, jsonb_build_object('script', repeat('print(1)\n', 40))),
        ('rollout', 'deployment', 90, 95, jsonb_build_object(
            'stack_instance_id', md5('instance')::uuid)),
        ('report', 'agent_task', 95, 100, jsonb_build_object(
            'prompt', 'Summarize the health of all BGP peers.'))
        ) AS kinds (kind, type, low, high, parameters)
        WHERE n / 4 %% 100 >= low AND n / 4 %% 100 < high) AS chosen;
    UPDATE tasks SET synced_hash = 'x', synced_at = now(), deployment_id = id
"""
_RUNS: Final = """
    INSERT INTO task_runs (id, task_id, task_name, task_type, trigger, state, scheduled_for,
                           started_at, ended_at, attempts, message)
    SELECT gen_random_uuid(), tasks.id, name, task_type, 'schedule', state, due,
           CASE WHEN state <> 'missed' THEN due + interval '2 seconds' END,
           CASE WHEN state <> 'running' THEN due + interval '40 seconds' END,
           (state <> 'missed')::integer,
           CASE WHEN state IN ('completed', 'running') THEN ''
                ELSE '2 of 40 devices failed: edge-7 running: connect/refused: port 22 refuses' END
    FROM generate_series(1, %(rounds)s::integer) AS round
    CROSS JOIN (SELECT *, row_number() OVER (ORDER BY id) AS number FROM tasks) AS tasks
    CROSS JOIN LATERAL (
        SELECT now() - (%(rounds)s::integer - round) * interval '8 hours'
                     - number %% 480 * interval '1 minute' AS due,
               (number * 7919 + round * 104729) %% 1000 AS draw) AS drawn
    CROSS JOIN LATERAL (
        SELECT CASE WHEN draw < 950 THEN CASE WHEN round = %(rounds)s AND draw < 10 THEN 'running'
                                              ELSE 'completed' END
                    WHEN draw < 980 THEN 'failed' WHEN draw < 990 THEN 'missed'
                    WHEN draw < 995 THEN 'cancelled' ELSE 'crashed' END AS state) AS chosen;
    INSERT INTO newest_runs
    SELECT DISTINCT ON (task_id) task_id, id, state, scheduled_for, started_at
    FROM task_runs WHERE scheduled_for > now() - interval '2 days'
    ORDER BY task_id, scheduled_for DESC, id DESC
"""
_DETAILS: Final = """
    INSERT INTO run_attempts (run_id, attempt, started_at, ended_at, outcome, error)
    SELECT id, 1, started_at, ended_at, 'completed', '' FROM (
        SELECT * FROM task_runs WHERE started_at IS NOT NULL
        ORDER BY scheduled_for DESC LIMIT %(details)s) AS recent;
    INSERT INTO device_results (run_id, attempt, device_id, device_name, item, ok, summary)
    SELECT id, 1, md5('device ' || n)::uuid, 'edge-' || n, 'running', true, 'unchanged'
    FROM (SELECT * FROM task_runs ORDER BY scheduled_for DESC LIMIT %(details)s / 4) AS recent
    CROSS JOIN generate_series(0, 3) AS n;
    INSERT INTO config_snapshots (id, device_id, device_name, platform, task_id, destination,
                                  source, content, sha256, line_count, captured_at)
    SELECT gen_random_uuid(), md5('device ' || n %% %(devices)s)::uuid,
           'edge-' || n %% %(devices)s, 'ios', md5('task 0')::uuid, 'configs/' || n %% 50,
           CASE WHEN n %% 100 = 99 THEN 'startup' ELSE 'running' END, 'hostname edge',
           md5(n::text), 1, now() - n * interval '1 minute'
    FROM generate_series(0, %(details)s / 4) AS n;
    INSERT INTO audit_log (at, actor, via, action, kind, object_id, object_name)
    SELECT now() - (%(details)s / 4 - n) * interval '1 minute',
           CASE WHEN n %% 1000 = 0 THEN 'user:anna' ELSE 'token:ci' END, 'api', 'edited',
           CASE WHEN n %% 500 = 0 THEN 'user' ELSE 'task' END,
           md5('task ' || n %% 1000)::uuid, 'Backup'
    FROM generate_series(0, %(details)s / 4) AS n
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is."""

    tasks: int = 10_000
    runs: int = 1_000_000
    details: int = 200_000
    """Attempts, and results of devices; a quarter as many versions and entries of the audit log."""
    devices: int = 2_000


def fill(url: str, size: Size) -> None:
    """Make it, as the administrator, in a database that has the schema and nothing else."""
    values = {
        "tasks": size.tasks,
        "rounds": size.runs // size.tasks,
        "details": size.details,
        "devices": size.devices,
    }
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(_MADE_WITH)
        connection.execute(_TASKS, values)
        # Indexes cost half as much when they are made at the end.
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for statements in (_RUNS, _DETAILS):
            connection.execute(statements, values)
        for _, made in indexes:
            connection.execute(made)
        connection.execute("VACUUM ANALYZE")
