-- An edit: a new revision, which the trigger announces, and to be synced again.
UPDATE tasks
SET name = %(name)s, task_type = %(task_type)s, cron_expression = %(cron_expression)s,
    timezone = %(timezone)s, enabled = %(enabled)s, max_retries = %(max_retries)s,
    retry_delay_seconds = %(retry_delay_seconds)s, timeout_seconds = %(timeout_seconds)s,
    missed_runs = %(missed_runs)s, missed_window_seconds = %(missed_window_seconds)s,
    parameters = %(parameters)s, next_run_at = %(next_run_at)s,
    revision = revision + 1, updated_at = now(), synced_hash = NULL
WHERE id = %(id)s
RETURNING *
