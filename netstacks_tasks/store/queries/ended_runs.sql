-- Runs that ended since a time, and those of some that are over by now.
SELECT id, task_type, state, started_at, ended_at
FROM task_runs
WHERE ended_at > %(since)s
UNION
SELECT id, task_type, state, started_at, ended_at
FROM task_runs
WHERE id = ANY(%(ids)s) AND ended_at IS NOT NULL
