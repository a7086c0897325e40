-- Those of some runs whose log should be in Prefect.
SELECT id FROM task_runs WHERE id = ANY(%(runs)s) AND log_removed_at IS NULL
