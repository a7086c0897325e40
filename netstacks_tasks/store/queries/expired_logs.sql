-- Runs of a task that ended long ago and of which Prefect still has the log, the oldest first;
-- never the one that began last.
SELECT id, scheduled_for
FROM task_runs
WHERE task_id = %(task_id)s
  AND ended_at IS NOT NULL AND log_removed_at IS NULL AND state <> 'missed'
  AND (scheduled_for, id) > (%(after_time)s, %(after_id)s::uuid)
  AND scheduled_for < %(before)s AND ended_at < %(before)s
  AND id IS DISTINCT FROM (
      SELECT id FROM task_runs WHERE task_id = %(task_id)s AND started_at IS NOT NULL
      ORDER BY scheduled_for DESC, id DESC LIMIT 1)
ORDER BY scheduled_for, id
LIMIT %(limit)s
