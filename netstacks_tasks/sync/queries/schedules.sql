-- What next and missed times are computed from.
SELECT id, name, task_type, cron_expression, timezone, enabled, missed_runs,
       missed_window_seconds, deployment_id, next_run_at,
       GREATEST(missed_checked_at, updated_at) AS checked_at
FROM tasks
