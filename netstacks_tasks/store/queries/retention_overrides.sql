-- What tasks have of their own.
SELECT task_id, run_days, runs_kept, log_days, version_days, versions_kept
FROM task_retention
WHERE %(task_id)s::uuid IS NULL OR task_id = %(task_id)s
