-- The same of runs that deleted tasks left.
SELECT id, scheduled_for
FROM task_runs
WHERE task_id IS NULL
  AND ended_at IS NOT NULL AND log_removed_at IS NULL AND state <> 'missed'
  AND (scheduled_for, id) > (%(after_time)s, %(after_id)s::uuid)
  AND scheduled_for < %(before)s AND ended_at < %(before)s
ORDER BY scheduled_for, id
LIMIT %(limit)s
