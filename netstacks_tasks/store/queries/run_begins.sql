-- A run works, for the first time or again.
UPDATE task_runs
SET state = 'running', started_at = COALESCE(started_at, now()), ended_at = NULL,
    attempts = GREATEST(attempts, %(attempt)s), updated_at = now()
WHERE id = %(run_id)s
