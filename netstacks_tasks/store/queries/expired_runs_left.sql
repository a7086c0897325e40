-- Runs that deleted tasks left, and that ended long ago, the oldest first.
SELECT id, scheduled_for
FROM task_runs
WHERE task_id IS NULL
  AND (scheduled_for, id) > (%(after_time)s, %(after_id)s::uuid)
  AND scheduled_for < %(before)s AND ended_at < %(before)s
ORDER BY scheduled_for, id
LIMIT %(limit)s
