-- Runs that are over, with their attempts.
DELETE FROM task_runs WHERE id = ANY(%(runs)s) AND ended_at IS NOT NULL
