-- What the next runs are computed from, for tasks that are on.
SELECT id, name, task_type, cron_expression, timezone FROM tasks WHERE enabled ORDER BY lower(name), id
