-- Tasks whose time has passed or is not known: what next and missed times are
-- computed from.
SELECT id, name, task_type, cron_expression, timezone, enabled, missed_runs,
       missed_window_seconds, deployment_id, next_run_at, revision,
       GREATEST(missed_checked_at, updated_at) AS checked_at
FROM tasks
WHERE next_run_at <= %(now)s
   OR next_run_at IS NULL AND enabled
   OR id IN (SELECT task_id FROM due_tasks)
