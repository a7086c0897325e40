-- A new task; the trigger announces it.
INSERT INTO tasks (id, name, task_type, cron_expression, timezone, enabled, max_retries,
                   retry_delay_seconds, timeout_seconds, missed_runs, missed_window_seconds,
                   parameters, next_run_at)
VALUES (%(id)s, %(name)s, %(task_type)s, %(cron_expression)s, %(timezone)s, %(enabled)s,
        %(max_retries)s, %(retry_delay_seconds)s, %(timeout_seconds)s, %(missed_runs)s,
        %(missed_window_seconds)s, %(parameters)s, %(next_run_at)s)
RETURNING *
