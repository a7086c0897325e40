-- The next time of a task; null when it is off.
UPDATE tasks SET next_run_at = %(next_run_at)s WHERE id = %(id)s
