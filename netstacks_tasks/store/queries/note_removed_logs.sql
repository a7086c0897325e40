-- Prefect has nothing more of these runs.
UPDATE task_runs SET log_removed_at = now()
WHERE id = ANY(%(runs)s) AND ended_at IS NOT NULL AND log_removed_at IS NULL
